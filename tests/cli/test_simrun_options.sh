#!/bin/bash
# together: yes
# The command line: help, what goes where, what is wrong with it, which status it ends with.
. "$(dirname "$0")/simrun_lib.sh"

write hello <<'END'
# Does the answer come back?
title "Hello"
client alice
  send 3 toupper "hello from {client}, number {n}"
expect "all" answered = 100%
END
write wrong <<'END'
client alice
  send 3 toupper "hello"
expect "none" answered = 0
END
write warned <<'END'
client alice
  send reverse "hello"
END
hello=hello.txt
wrong=wrong.txt

# ---- what it says about itself ------------------------------------------------------------------

run "$simrun"
expect "bare simrun is bad usage" "$status" = 2
expect "it prints five lines" "$(wc -l <"$scratch/err"),$out" = 5,
run "$simrun" --version
expect "--version is a line" "$status,$err" = 0,
expect_match "with a number" "$out" '^simrun [0-9]+\.[0-9]+\.[0-9]+$'
run "$simrun" --help
expect "--help is printed" "$status,$err" = 0,
help=$out
run "$simrun" -h
expect "-h is the same" "$out" = "$help"
expect "it fits 80 columns" "$(awk 'length($0) > 80' "$scratch/out")" = ""
for option in --seed --world --set --cpus --spin --trace --json --events --strict --check --list \
    --color --version --help -v -q; do
    expect_match "--help knows $option" "$help" "(^|[ ,])$option"
done
topics=$(grep -A 2 'or more about:' <<<"$help" | tr '\n' ' ' |
    sed -e 's/.*more about://' -e 's/Exit.*//')
expect "it names its topics" "$(wc -w <<<"$topics")" -ge 8
for topic in $topics; do
    run "$simrun" "--help=$topic"
    expect "--help=$topic is printed" "$status,$err" = 0,
    expect "--help=$topic has something to say" "$(wc -l <"$scratch/out")" -ge 5
    expect "--help=$topic fits 80 columns" "$(awk 'length($0) > 80' "$scratch/out")" = ""
done
run "$simrun" --help=nonsense
expect "an unknown topic is bad usage" "$status,$err" = "2,simrun: --help has no topic 'nonsense'"
expect_match "and the known ones are named" "$out$err" 'faults'

run "$simrun" --list
expect "--list is printed" "$status,$err" = 0,
expect "a line for each scenario" "$(wc -l <"$scratch/out")" = "$(ls "$root"/scenarios/*.txt | wc -l)"
while read -r path title; do
    expect "$path is there" "$(grep -c '^title' "$path"),${title:+titled}" = 1,titled
done < <(cd "$scratch" && "$simrun" --list)

# ---- usage --------------------------------------------------------------------------------------

# bad_usage PATTERN WORD...: status 2, a line that matches, nothing on standard output.
bad_usage()
{
    local pattern=$1
    shift
    run "$simrun" "$@"
    expect "$* is bad usage" "$status,$out" = 2,
    expect_match "$*: says what is wrong" "$err" "^simrun: .*$pattern"
}
bad_usage 'did you mean --seed' --sed 5 "$hello"
bad_usage 'did you mean --events' --evnets "$hello"
bad_usage 'simrun --help' --nonsense "$hello"
bad_usage 'simrun --help' -x "$hello"
bad_usage 'wants a value' "$hello" --json
bad_usage 'wants a value' "$hello" --set
bad_usage 'whole number' --seed ten "$hello"
bad_usage 'whole number' --seed -1 "$hello"
bad_usage '18446744073709551615' --seed 18446744073709551616 "$hello"
bad_usage 'real or virtual' --world reel "$hello"
bad_usage 'like 0' --cpus none "$hello"
bad_usage 'may not use' --cpus 1000 "$hello"
bad_usage 'off or full' --trace half "$hello"
bad_usage 'auto, always or never' --color sometimes "$hello"
bad_usage 'leave one out' -q -v "$hello"
bad_usage 'leave one out' --trace off -v "$hello"
bad_usage 'leave one out' --trace off --events "$scratch/events" "$hello"
bad_usage 'both write to standard output' --json - --events - "$hello"
bad_usage 'both write to .*twice' --json "$scratch/twice" --events "$scratch/twice" "$hello"
bad_usage 'would overwrite the scenario' "$hello" --json "$hello"
bad_usage 'would overwrite the scenario' "$hello" --html "./$hello"
bad_usage 'shrink would overwrite the scenario' "$hello" --shrink "$hello"
run "$simrun" "$hello" --world virtual --json "$scratch/a.json"
for option in --json --events --html --pcap --junit --out --shrink; do
    bad_usage "$option writes what came of a run, and --diff runs nothing: leave one out" \
        --diff "$scratch/a.json" "$scratch/a.json" "$option" "$scratch/lost"
done
bad_usage 'json writes what came of a run, and --list' --list --json "$scratch/lost"
bad_usage 'junit writes what came of a run, and --models' --models --junit "$scratch/lost"
run "$simrun" "$hello" --world virtual --json /dev/null --events /dev/null
expect "a device takes several files" "$status" = 0
bad_usage 'once' - -
bad_usage 'which scenario' -q
bad_usage 'which scenario' --check
bad_usage "no file '.*nowhere.txt'.*--list" "$scratch/nowhere.txt"
bad_usage 'did you mean .*scenarios/loss10.txt' loss10
bad_usage 'did you mean .*scenarios/hello.txt' helo.txt
bad_usage 'directory' "$scratch"
(cd "$root" && "$simrun" loss10 2>"$scratch/err")
expect_match "a suggestion is written as from here" "$(cat "$scratch/err")" \
    'did you mean scenarios/loss10.txt'

# ---- check --------------------------------------------------------------------------------------

run "$simrun" --check "$hello" --json "$report"
expect "--check ends with status 0" "$status,$err" = 0,
expect "--check runs nothing" "$(ls "$report" 2>/dev/null)" = ""
expect_match "--check has the title" "$out" '^Hello$'
expect_match "--check has the question" "$out" 'Does the answer come back'
expect_match "--check tells the defaults" "$out" 'timeout 500ms, tries 5, backoff exponential 2'
run "$simrun" --check "$wrong" "$hello"
expect "--check of several tells of each" "$status,$(grep -c '^Who runs' <<<"$out")" = 0,2
run "$simrun" --check "$scratch/warned.txt"
expect "a warning is no error" "$status" = 0
expect_match "but is given" "$err" 'warned.txt:2:8: warning: .*reverse'
run "$simrun" --check --strict "$scratch/warned.txt"
expect "unless --strict" "$status" = 2
run "$simrun" "$scratch/warned.txt"
expect "a run with a warning" "$status" = 0
expect_match "gives it" "$err" 'warned.txt:2:8: warning: '
run "$simrun" --strict "$scratch/warned.txt"
expect "--strict does not run it" "$status,$out" = 2,
for scenario in "$root"/scenarios/*.txt; do
    run "$simrun" --check "$scenario"
    expect "--check of $(basename "$scenario")" "$status" = 0
    expect "which fits 80 columns" "$(LC_ALL=C awk 'length($0) > 80' "$scratch/out")" = ""
done

# ---- status -------------------------------------------------------------------------------------

run "$simrun" "$wrong"
expect "an expectation that fails is status 1" "$status" = 1
expect_match "its place is given" "$out" 'wrong.txt:3: FAIL answered = 0 \(3\)$'
expect_match "and what to look at next" "$out" '^next: simrun [^ ]*wrong.txt --seed 1 -v$'
expect_match "and how to repeat it" "$out" '^repeat: simrun [^ ]*wrong.txt --seed 1$'
expect_match "the verdict is last" "$(tail -n 1 <<<"$out")" '^FAIL  0 of 1 expectation held'
run "$simrun" "$wrong" "$hello"
expect "one failure of two is a failure" "$status" = 1
expect "both are run" "$(grep -cE '^(PASS|FAIL)  ' <<<"$out")" = 2
run "$simrun" "$wrong" "$scratch/nowhere.txt"
expect "bad usage is stronger, and nothing starts" "$status,$out" = 2,
run "$simrun" "$wrong" "$hello" --json /dev/full
expect "the machine's no is stronger than a failure" "$status" = 3
write lesson <<'END'
client alice
  send toupper "hello"
expect promise right-text broken
END
run "$simrun" lesson.txt
expect "a promise that is kept though a break is expected is status 1" "$status" = 1
run "$simrun" "$wrong" --set 'time-limit 50ms' --set 'client alice start 10s'
expect "the time limit is status 1" "$status" = 1
expect_match "and is said" "$out" 'FAIL the time limit of 50ms was reached'

# ---- quiet, colour ------------------------------------------------------------------------------

run "$simrun" -q "$hello"
expect "-q says nothing of success" "$status,$out,$err" = 0,,
run "$simrun" -q "$hello" "$wrong"
expect "-q tells of failures" "$status" = 1
expect "of them alone" "$(wc -l <"$scratch/out")" -le 3
expect_match "with their place" "$out" 'wrong.txt:3: FAIL '

escape=$'\033'
run "$simrun" "$hello"
expect_no_match "no colour where it is no terminal" "$out" "$escape"
run "$simrun" --color always "$hello"
expect_match "--color always has colour" "$out" "$escape\\["
expect_match "and words" "$out" 'PASS'
run "$simrun" --color never "$hello"
expect_no_match "--color never has none" "$out" "$escape"
run env NO_COLOR=1 "$simrun" --color always "$hello"
expect_match "what is asked for is stronger than NO_COLOR" "$out" "$escape\\["
if command -v script >/dev/null; then
    run env TERM=xterm script -qec "'$simrun' '$hello'" /dev/null
    expect_match "on a terminal there is colour" "$out" "$escape\\["
    run env TERM=xterm NO_COLOR=1 script -qec "'$simrun' '$hello'" /dev/null
    expect_no_match "unless NO_COLOR" "$out" "$escape\\[[0-9;]*m"
    run env TERM=xterm script -qec "'$simrun' --color never '$hello'" /dev/null
    expect_no_match "or --color never" "$out" "$escape\\[[0-9;]*m"
fi
run env LC_ALL=C "$simrun" "$hello"
expect "without UTF-8 the report is plain ASCII" "$(LC_ALL=C grep -c '[^ -~]' "$scratch/out")" = 0

# ---- changes from the command line --------------------------------------------------------------

run "$simrun" "$hello" --json "$report" --seed 77 --set 'client alice tries 2' --set 'seed 5'
expect "--seed is stronger than --set" "$(json seed)" = 77
expect "the command that repeats it has all" "$(json command)" = \
    "simrun $hello --seed 77 --set 'client alice tries 2' --set 'seed 5'"
cp "$hello" ./-hello.txt
run "$simrun" --world virtual --json "$report" -- -hello.txt
expect "nor does a scenario become an option" "$(json command)" = \
    "simrun ./-hello.txt --seed 1 --world virtual"
run "$simrun" "$hello" --json "$report" --set 'seed 5'
expect "--set is stronger than the file" "$(json seed)" = 5
set_rules=(--world virtual --set 'link * <-> * drop 9 limit 500' --set 'at 1ms note "x"')
run "$simrun" "$hello" "${set_rules[@]}" --set 'expect failed = 0'
expect_match "the place of what --set says is --set" "$out" "--set chooses datagrams by"
expect_match "when it has a memory" "$out" "limit \(--set\) goes by the order"
expect_match "when it is a fault" "$out" "not judged: quiet: the network has faults \(--set\)"
expect_match "and one that lasts" "$(tr -s ' \n' ' ' <<<"$out")" "to the end of the run \(--set\)"
run "$simrun" "$hello" "${set_rules[@]}" --set 'expect failed = 0' --check
expect_match "or an event" "$out" "^  at 1ms: note \"x\" \(--set\)$"
expect_match "or an expectation" "$out" "^  --set  failed = 0$"
run "$simrun" "$hello" --world virtual --set 'at 1ms network down' --set 'expect tries ~ theory' -q
expect_match "tries are no part of the requests" "$out" "FAIL tries ~ theory \(3; theory does not"
run "$simrun" "$hello" --json "$report" --seed random
first=$(json seed)
run "$simrun" "$hello" --json "$report" --seed random
expect "a random seed is another one each time" "$(json seed)" != "$first"
expect_match "and is told" "$out" "^  seed +$(json seed)$"
run "$simrun" "$hello" --json "$report" --world virtual
expect "--world decides the world" "$(json world)" = virtual
run "$simrun" "$hello" --json "$report" --trace off
expect "--trace off holds what can be counted" "$status,$(json metrics/answered)" = 0,3
expect_match "and leaves out the requests" "$(json requests)" 'nothing at requests'
cpu=$(sed -E 's/.*: *([0-9]+).*/\1/' <<<"$(taskset -cp $$ 2>/dev/null)")
run "$simrun" "$hello" --json "$report" --cpus "${cpu:-0}"
expect_match "--cpus decides the place" "$(json placement)" "cpu ${cpu:-0} \\(--cpus\\)"
run "$simrun" "$hello" --cpus "${cpu:-0}-${cpu:-0}" -q
expect "a range of processors may be one" "$status" = 0
run "$simrun" "$hello" --spin --set 'network delay 1ms'
expect "--spin runs" "$status" = 0
sed '1i world virtual' "$hello" >"$scratch/virtual.txt"
for option in --spin "--cpus ${cpu:-0}"; do
    run "$simrun" "$hello" "$scratch/virtual.txt" $option
    expect "$option has no meaning in the virtual world" "$status,$out" = 2,
    expect "it says where, and what to do" "$err" = "simrun: $scratch/virtual.txt: the virtual world \
has no threads: leave out ${option% *}, or add --world real"
    run "$simrun" "$hello" $option --world virtual --vary 'network delay {1ms,2ms}'
    expect "$option is not silently ignored for --world virtual" "$status,$err" = "2,simrun: \
$hello: the virtual world has no threads: leave out ${option% *}"
    run "$simrun" "$hello" $option --explore 1
    expect "nor where all runs are virtual" "$status" = 2
    expect_match "as it says" "$err" 'of the real world, which --explore and --shrink never enter'
done

finish cli/simrun_options
