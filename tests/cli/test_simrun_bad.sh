#!/bin/bash
# together: yes
# What is wrong with a scenario is said at its place, with a remedy, and nothing starts.
. "$(dirname "$0")/simrun_lib.sh"

# Where each bad line is put: below a client with one request.
write_around()
{
    printf 'clients 8\n  send toupper "hello"\n%s\n' "$1" >"$scratch/bad.txt"
}

# run_bad: runs bad.txt, which must end with status 2 and leave no trace of a run.
run_bad()
{
    run "$simrun" "$scratch/bad.txt" --json "$report" --events "$scratch/events"
    expect "'$1' is a bad scenario" "$status" = 2
    expect "'$1' starts nothing" "$out$(ls "$scratch" | grep -E '^(report|events)')" = ""
    rm -f "$report" "$scratch/events"
}

# expect_caret TEXT COLUMN: the line is shown below the first message, and a caret below its column.
expect_caret()
{
    local shown caret
    shown=$(sed -n 2p <<<"$err")
    caret=$(sed -n 3p <<<"$err")
    expect "'$1' is shown" "$shown" = "  $1"
    expect "'$1' has its caret" "$caret" = "$(printf '%*s' $((2 + $2)) '^')"
}

# Each line: in which column the mistake is, what must be said of it, the bad line itself.
while IFS='|' read -r column pattern bad; do
    write_around "$bad"
    run_bad "$bad"
    expect_match "'$bad' is an error at its place" "$(head -n 1 <<<"$err")" \
        "^$scratch/bad.txt:3:$column: error: .*$pattern"
    expect_caret "$bad" "$column"
done <<'END'
1|unknown directive .*network|netwrok loss 10%
14|10%|network loss 10
14|no blank|network loss 10 %
14|0% to 100%|network loss 101%
14|percentage|network loss -1%
14|percentage|network loss lots
15|1\.5ms|network delay 1,5ms
15|ns us ms s m h|network delay 2
15|ns us ms s m h|network delay 10mbps
19|needs a jitter|network delay 1ms distribution uniform
36|uniform|network delay 1ms 2ms distribution weird
9|one of: loss|network
9|did you mean .?loss|network lose 10%
9|loss delay duplicate down corrupt|network explode 10%
17|nothing to chance|network loss 0% 25%
17|would never draw again|network loss 5% 100%
20|p13 \+ p14 is more than 100%|network loss state 60% 10% 5% 10% 50%
20|p31 \+ p32 is more than 100%|network loss state 5% 60% 50%
20|at least one datagram passes|network loss burst 60% 1
23|from 1 to|network loss burst 5% 0.5
19|nothing to chance|network delay 1ms 25%
9|needs a delay|network reorder 25%
27|forbids what .reorder|network delay 5ms ordered reorder 25%
14|write down|network rate 0kbit
14|8mbit|network rate 8mbps
15|limit is from 1|network limit 0
13|mtu is from 68|network mtu 20
16|wifi 3g satellite|network preset moon
15|not simulated|network netem slot 20ms
21|without a unit|network netem delay 100
28|one value too many|network netem corrupt 0.1% 5%
20|takes no more values|network corrupt 5% 10%
19|like 10%|network duplicate
14|curly|network loss “10%”
14|which datagrams|network drop
14|from 1|network drop 0
14|list|network drop 7-5
14|list|network drop 2,,3
24|request|network drop 1 of each
25|1 request|network drop of request c1/9
25|nobody|network drop of request nobody/1
6|blanks: c1 -> broker|link c1->broker loss 1%
6|did you mean broker -> toupper|link c1 -> toupper loss 1%
6|only to the broker|link toupper -> tolower loss 1%
6|did you mean .?c1|link c9 -> broker loss 1%
6|x\*|link x* <-> broker loss 1%
9|A -> B|link c1 broker loss 1%
19|one of: loss|link c1 -> broker
6|whole number|seed -1
6|18446744073709551615|seed 18446744073709551616
6|whole number|seed ten
7|did you mean .?real|world reel
12|24h|time-limit 25h
12|more than 0|time-limit 0s
7|curly|title “hello”
7|closing quote|title "hello
9|escape|title "a\q"
9|escape|title "a\x4"
15|behind|title "hello" world
13|65535|port broker 70000
6|brokr|port brokr 8080
9|from 1 to|clients 0
9|4096|clients 5000
9|already|clients 2
8|letter|client al!ce
8|31 characters|client abcdefghijklmnopqrstuvwxyz0123456
8|choose another|client send
14|did you mean .?timeout|client alice timout 5ms
22|longer than 0|client alice timeout 0ms
20|1 to 99|client alice tries 100
20|1 to 99|client alice tries 0
22|0 to 98|client alice retries 99
22|constant linear exponential|client alice backoff quadratic
34|1 to 100|client alice backoff exponential 0.5
21|none coap full equal decorrelated|client alice jitter sometimes
23|600s|client alice deadline 601s
21|from 1|client alice window 0
8|from 1|  send 0 toupper "hello"
16|text|  send toupper
16|text|  send toupper hello
17|brace|  send toupper "{nme}"
23|1b\.\.600b|  send toupper random 5
23|smaller|  send toupper random 10b..5b
24|behind|  send toupper "hello" evry 5ms
8|unit|  wait 5
8|like|  wait
7|text|  raw hello
8|did you mean .?toupper|server toper
8|toupper tolower echo count|server reverse
24|unit|server toupper service 5
24|1 to|server toupper workers 0
22|whole number|server toupper queue -1
41|did you mean .?exponential|server toupper service 5ms distribution exponental
16|1 to|broker pending 0
8|timeout tries|broker window 3
4|unit|at 5 network loss 1%
7|one of: link network note|at 1s
7|link network note|at 1s explode
7|no length|at 1s for 1s note "hello"
13|at least 1ms|at 1s every 0s network loss 1%
23|from 1|at 1s every 5ms times 0 network loss 1%
8|one of: requests answered|expect
17|one of: = !=|expect answered
8|did you mean .?answered|expect answerd = 100%
17|=|expect answered == 100%
19|no blank|expect answered = 100 %
19|like 10%|expect answered ~ 10
19|smaller|expect answered = 5..1
8|did you mean .?latency|expect latency.p95 < 1ms
22|[56]0?ms|expect latency.p99 < 5
20|c9|expect answered of c9 = 1
23|c1/3|expect latency.p50 of toupper < 5ms
17|c1/3|expect reply of c1 = "HELLO"
17|1 request|expect reply of c1/2 = "HELLO"
24|text|expect reply of c1/1 = HELLO
26|answered error timed-out|expect outcome of c1/1 = perfect
16|did you mean .?right-text|expect promise right-txt broken
27|broken|expect promise right-text kept
24|2s\.\.5s|expect answered during 5s..1s = 1
17|late stale spoofed|expect rejected.weird = 0
15|code|expect errors.999 = 0
8|closing quote|expect "everyone answered = 100%
END

# ---- seconds ------------------------------------------------------------------------------------

# A second one of what may stand once names the first.
while IFS='|' read -r column pattern first second; do
    printf '%s\n%s\n' "$first" "$second" >"$scratch/bad.txt"
    run_bad "$second"
    expect_match "a second '$second' names the first" "$(head -n 1 <<<"$err")" \
        "^$scratch/bad.txt:2:$column: error: .*$pattern"
    expect_caret "$second" "$column"
done <<'END'
1|line 1|seed 1|seed 2
1|line 1|title "a"|title "b"
1|line 1|world real|world real
1|line 1|time-limit 5s|time-limit 6s
1|line 1|broker pending 5|broker pending 6
1|line 1|server toupper|server toupper
6|line 1|port broker 47001|port broker 47002
14|broker|port broker 47001|port toupper 47001
8|line 1|client alice|client alice
END

# ---- words of later versions --------------------------------------------------------------------

# They are unknown words, with what there is instead, never knobs that do nothing.
while read -r bad; do
    write_around "$bad"
    run_bad "$bad"
    expect_match "'$bad' names what there is instead" "$(head -n 1 <<<"$err")" \
        "^$scratch/bad.txt:3:[0-9]+: error: .*(known are|did you mean|like 10%)"
done <<'END'
server toupper dedup 5s
server toupper replicas 2
server toupper balance random
server toupper plain
broker dedup on
broker adaptive
client alice preset dns
client alice budget 10%
client alice hedge 5ms
END

# ---- bytes --------------------------------------------------------------------------------------

# bad_bytes COLUMN CELL PATTERN SENTENCE FORMAT: a file of one line that printf makes; its caret
# stands below CELL of a terminal, where some characters are two wide.
bad_bytes()
{
    printf "$5" >"$scratch/bad.txt"
    run_bad "$4"
    expect_match "$4: said at its place" "$(head -n 1 <<<"$err")" \
        "^$scratch/bad.txt:1:$1: error: .*$3"
    expect "$4: the caret is there" "$(sed -n 3p <<<"$err")" = "$(printf '%*s' $((2 + $2)) '^')"
}
bad_bytes 9 9 'x00' "a NUL" 'title "a\0b"\n'
bad_bytes 9 9 'x1b' "an escape" 'title "a\033[31m"\n'
bad_bytes 9 9 'UTF-8' "a byte that is not UTF-8" 'title "a\377b"\n'
bad_bytes 14 14 'behind' "behind an accent" 'title "caf\303\251" x\n'
bad_bytes 13 16 'behind' "behind three wide characters" 'title "\346\227\245\346\234\254\350\252\236" x y\n'
bad_bytes 15 15 '10%' "behind a byte order mark and a tab" '\357\273\277\tnetwork loss 10\r\n'
expect_no_match "no escape reaches the terminal" "$err" $'\033'

# ---- all at once --------------------------------------------------------------------------------

cat >"$scratch/bad.txt" <<'END'
network loss 10
clients 8
  send toupper hello
expect answerd = 100%
END
run_bad "three mistakes"
expect "all mistakes of a file in one go, in order of line" \
    "$(grep -oE '^[^ ]*bad.txt:[0-9]+:[0-9]+: error' <<<"$err" | cut -d: -f2 | tr '\n' ' ')" = "1 3 4 "
for n in $(seq 50); do echo "nonsense$n"; done >"$scratch/bad.txt"
run_bad "fifty mistakes"
expect "at most twenty" "$(grep -c ': error: ' <<<"$err")" = 20

write good <<'END'
client alice
  send toupper "hello"
END
echo nonsense >"$scratch/bad.txt"
run "$simrun" "$scratch/good.txt" "$scratch/bad.txt" "$scratch/good.txt" --json "$report"
expect "nothing starts until every file is right" "$status" = 2
expect "nothing at all" "$out$(ls "$report" 2>/dev/null)" = ""
run "$simrun" "$scratch/good.txt" --set 'network loss 10'
expect "a mistake of --set is one too" "$status" = 2
expect_match "and has its place" "$(head -n 1 <<<"$err")" "^--set 'network loss 10':1:14: error: .*10%"
run "$simrun" "$scratch/good.txt" --set 'send toupper "hello"'
expect "--set takes no step" "$status" = 2
expect_match "and says so" "$err" 'no step'

# ---- limits -------------------------------------------------------------------------------------

# limit SENTENCE PATTERN: bad.txt is over a limit, which is named.
limit()
{
    run_bad "$1"
    expect_match "$1 has its own error" "$(grep ': error: ' <<<"$err" | head -n 1)" "$2"
}
head -c 1048577 /dev/zero | tr '\0' '#' >"$scratch/bad.txt"
limit "a file above 1 MiB" '1 MiB|1048576'
printf '# %*s\n' 4096 x >"$scratch/bad.txt"
limit "a line above 4096 bytes" "4,?096"
for n in $(seq 10001); do echo 'at 1s note "x"'; done >"$scratch/bad.txt"
limit "more than 10,000 directives" '10,?000'
write_around "  send toupper \"$(printf '%1025s' x)\""
limit "a text above 1024 bytes" '1,?024'
write_around '  send toupper random 1b..1025b'
limit "a random text above 1024 bytes" '1,?024'
write_around 'clients 100001 as d'
limit "more clients than any world holds" '100,?000'

finish cli/simrun_bad
