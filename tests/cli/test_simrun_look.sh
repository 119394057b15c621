#!/bin/bash
# together: yes
# What people look at by the command line: chart, story, pace, a part of it, a comparison.
. "$(dirname "$0")/simrun_lib.sh"

write run <<'END'
title "The first reply is lost"
world virtual
link broker -> c1 drop 1
network delay 2ms
clients 2 timeout 50ms tries 3
  send 2 toupper "hello from {client}, number {n}"
expect "all" answered = 100%
END
sed 's/^world virtual$//' run.txt >real.txt

# refused WORDS PATTERN ARGUMENT...: bad usage, which says what would be right; nothing is run.
refused()
{
    run "$simrun" "${@:3}"
    expect "$1: status 2" "$status" = 2
    expect_match "$1: says why" "$err" "$2"
    expect "$1: nothing is run" "$out" = ""
}

# ---- chart and story ----------------------------------------------------------------------------

run "$simrun" run.txt --ladder
expect "a chart changes no status" "$status" = 0
expect_match "it has the loss" "$out" 'drop ✗'
expect_match "and the report comes last" "$(tail -n 1 <<<"$out")" '^PASS  1 of 1 expectation'
run "$simrun" run.txt --ladder --only c1/1 -q
expect_no_match "--only leaves others out of the chart" "$out" 'c2/1|c1/2'
expect_match "and has what was named" "$out" 'c1/1 answered'
run "$simrun" run.txt --ladder=mermaid -q
expect_match "Mermaid's text begins as it must" "$out" '^sequenceDiagram$'
run "$simrun" run.txt --ladder=picture
expect "there are two kinds of chart" "$status,$err" = \
    "2,simrun: --ladder 'picture': text or mermaid"

run "$simrun" run.txt --why c1/1 -q
expect_match "the story has its end" "$out" 'answered after 2 tries'
expect_match "and the loss" "$out" 'lost'
run "$simrun" run.txt --set 'client c1 tries 1'
next=$(sed -n 's/^next: simrun //p' "$scratch/out")
expect "a request that failed is what to look at next" "$next" = \
    "run.txt --seed 1 --set 'client c1 tries 1' --why c1/1"
eval "run \"\$simrun\" $next"
expect_match "which tells why" "$out" '^c1/1: timed-out after 1 try'
refused "the story of nobody" 'no client is called c9|c9' run.txt --why c9/1
refused "a request that is not in the script" '1 to 2' run.txt --why c1/3
refused "the story in two scenarios" 'give one scenario' run.txt run.txt --why c1/1

# ---- a part of it -------------------------------------------------------------------------------

run "$simrun" run.txt -v --only c2/2 -q
refused "-v and -q" 'leave one out' run.txt -v --only c2/2 -q
run "$simrun" run.txt -v --only c2/2
expect_match "-v shows what was named" "$out" 'answered +c2/2'
expect_no_match "and no other request" "$out" '(send|answered|timeout) +(c1/|c2/1)'
run "$simrun" run.txt --events events --only c1/1..2 -q
expect "events of one client alone" "$(json client events | sort -u | tr '\n' ' ')" = "c1 "
expect "of two requests" "$(json event events | grep -c '^begin$')" = 2
refused "--only of nobody" 'c9' run.txt -v --only c9
refused "--only with nothing to show" 'give one of them' run.txt --only c1

# ---- pace ---------------------------------------------------------------------------------------

run "$simrun" run.txt -v
fast=$out
run "$simrun" run.txt --pace 1000000
expect "at any pace all is shown, in the same order" "$out" = "$fast"
begin=$(date +%s%N)
run "$simrun" run.txt --pace 0.5 -v
took=$(($(date +%s%N) - begin))
expect "half as fast as it happened takes twice as long" "$took" -ge 130000000
expect "and shows the same" "$out" = "$fast"
if command -v script >/dev/null; then
    keys=$(grep -c ' ms  ' <<<"$fast")
    run bash -c "printf ' %.0s' {1..$((keys + 50))} | script -qec \
        '$simrun run.txt --color never --pace step' /dev/null | tr -d '\r'"
    expect "key by key all is shown, too" "$(grep -c ' ms  ' "$scratch/out")" = "$keys"
    expect_match "and what the keys do is said" "$out" 'any key: the next event, c: no more'
    run bash -c "script -qec '$simrun run.txt --color never --pace 1' /dev/null </dev/null"
    expect_match "a paced run shows its progress" "$out" 'of 4 requests +[0-9.]+ s'
    expect_no_match "which is gone before the next event" "$out" \
        'of 4 requests +[0-9.]+ s +[0-9.]+ ms'
    run bash -c "printf 'xc' | script -qec '$simrun run.txt --color never --pace step' /dev/null"
    expect_match "c is the last key" "$out" 'PASS  1 of 1'
fi
start slow "$peers/simrun_child" exec "$simrun" run.txt --pace 0.0001 --events -
await slow 'begin +c2/1' || fail "the slowest run is under way" "$(cat "$scratch/slow.err")"
stop "$pid" INT
expect "a signal ends the slowest run" "$status" = 130
expect_match "with its report" "$(tail -n 1 "$scratch/slow.err")" '^FAIL  '
refused "a pace of the real world" 'add --world virtual' real.txt --pace 1
refused "no pace at all" 'like 0.1' run.txt --pace 0
refused "a pace of words" 'like 0.1' run.txt --pace slow
refused "a pace beyond all" 'like 0.1' run.txt --pace 1000000.1

# ---- where it goes ------------------------------------------------------------------------------

run "$simrun" run.txt --pcap - -q --ladder --only c1/1
expect "a capture may go to standard output" "$(od -An -tx1 -N4 "$scratch/out" | tr -d ' ')" = 0a0d0d0a
expect_match "the chart then goes to standard error" "$err" 'c1/1 answered'
refused "two files to standard output" 'both write to standard output' run.txt --html - --pcap -
refused "a page of two runs" '--out DIR' run.txt run.txt --html page.html
refused "a page of many seeds" 'shows one run' run.txt --seed 1..9 --html page.html
refused "a chart of a search" 'is of one run' run.txt --verify --ladder
refused "a chart without a trace" '--trace off' run.txt --trace off --ladder
refused "--keep alone" '--out DIR' run.txt --keep all
refused "half an option" 'unknown option .--ladd.; did you mean --ladder' run.txt --ladd
run "$simrun" run.txt --html /dev/full -q
expect "a page that does not fit is the machine's fault" "$status" = 3
expect_match "and says so" "$err" 'cannot write the page to /dev/full: No space left'
run "$simrun" run.txt --pcap nowhere/x.pcapng -q
expect "neither does a folder that is not there run anything" "$status" = 3
expect_match "and says which" "$err" 'cannot write the capture to nowhere/x.pcapng'

# ---- two runs -----------------------------------------------------------------------------------

run "$simrun" run.txt --json a.json --events a.events -q
run "$simrun" run.txt --json b.json --events b.events -q --set 'client * timeout 20ms'
run "$simrun" --diff a.json a.json
expect "a run does not differ from itself" "$status" = 0
run "$simrun" --diff a.events a.events
expect "nor do its events" "$status" = 0
run "$simrun" --diff a.json b.json
expect "another timeout makes another run" "$status" = 1
run "$simrun" --diff a.events b.events
expect "and other events" "$status" = 1
expect_match "the first request that parts is named" "$out" 'c1/1'
refused "one file" 'simrun --diff A B' --diff a.json
refused "JSON and events" '.' --diff a.json a.events
run "$simrun" --diff a.json missing.json
expect "a file that is not there" "$status" = 3
expect_match "is named" "$err" 'missing.json'

finish cli/simrun_look
