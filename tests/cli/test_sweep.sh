#!/bin/bash
# together: yes
# Sweeps, shards, --vary and --random by the command line.
. "$(dirname "$0")/lib.sh"

export LC_ALL=C # lines are counted in bytes
simrun=$build/simrun
merge=$build/merge_sweeps
cat >"$scratch/lossy.txt" <<'END'
title "Lossy"
world virtual
network loss 10% delay 2ms 1ms
clients 4  timeout 60ms tries 12 cap 120ms
  send 5 toupper "hello"
expect tries ~ theory
END

# json FILE: what does not depend on the clock.
json()
{
    sed 's/"speed":{[^}]*}//' "$1"
}

cd "$scratch" || exit 2
run "$simrun" lossy.txt --seed 1..40 --json two.json
expect "a sweep that holds ends with 0" "$status" = 0
expect_match "it says how many seeds were done" "$out" 'done +40 of 40 seeds in .* jobs?$'
expect_match "and ends with the verdict" "$(tail -n 1 <<<"$out")" \
    '^PASS  0 of 40 seeds failed, 1 of 1 expectation held$'
expect_match "and how to repeat it" "$out" '^repeat: simrun lossy.txt --seed 1\.\.40$'
expect "no line is wider than 80" "$(awk 'length > 80' <<<"$out" | wc -l)" = 0

run "$simrun" lossy.txt --seed 1..40 -j 1 --json one.json
expect "one job gives the same object" "$(json one.json)" = "$(json two.json)"

for i in 1 2 3; do
    run "$simrun" lossy.txt --seed 1..40 --shard $i/3 --json shard$i.json -q
    expect "a quiet shard says nothing" "$out" = ""
done
run "$merge" shard2.json shard3.json shard1.json --json merged.json
expect "the merged sweep holds" "$status" = 0
expect_match "all seeds are there" "$out" '40 of 40 seeds'
metrics='s/.*"metrics":\({[^}]*}\).*/\1/'
expect "its sums are those of the whole" "$(sed "$metrics" merged.json)" = \
    "$(sed "$metrics" two.json)"
run "$merge" shard3.json shard1.json --json part.json
expect_match "without a shard seeds are missing" "$out" '  done +27 of 40 seeds$'
run "$merge" part.json shard2.json
expect_match "which may come later" "$out" '  done +40 of 40 seeds$'
run "$merge" merged.json shard1.json
expect "a seed twice is refused" "$status" = 2
expect_match "with the reason" "$err" 'shard1.json: has seeds that an earlier file has, too'
run "$simrun" lossy.txt --seed 41..50 --set 'network loss 5%' --json other.json -q
run "$merge" shard1.json other.json
expect "another scenario is refused" "$status" = 2
run "$merge" lossy.txt
expect "what is no sweep is refused" "$status" = 2
run "$merge" "$scratch"
expect "nor is a folder" "$status,$err" = "2,merge_sweeps: $scratch: cannot be read: Is a directory"
run bash -c "'$merge' --help >/dev/full"
expect "help that cannot be written is the machine's no" "$status" = 3

run "$simrun" lossy.txt --seed 1..1000 --set 'expect "few" tries <= 33' --max-failures 2
expect "a failing expectation ends with 1" "$status" = 1
expect_match "at the maximum of failures" "$out" '^stopped after 2 failures, at seed '
next=$(grep -m 1 'next: ' <<<"$out" | sed 's/.*next: simrun //')
eval "run '$simrun' $next"
expect "the command shown repeats the failure" "$status" = 1
expect_match "in the expectation that was named" "$out" 'tries <= 33'

# refused SENTENCE PATTERN ARGUMENT...: bad usage, with this remedy.
refused()
{
    local sentence=$1 pattern=$2
    shift 2
    run "$simrun" "$@"
    expect "$sentence: status" "$status" = 2
    expect_match "$sentence: remedy" "$err" "$pattern"
}
refused "the real world is not swept" 'add --world virtual' "$root/scenarios/hello.txt" --seed 1..5
refused "seeds go up" 'the first is above the last' lossy.txt --seed 5..1
refused "seeds are numbers" 'two whole numbers' lossy.txt --seed 1..x
refused "shards are some of several" '1/4 \.\.\. 4/4' lossy.txt --seed 1..9 --shard 4/3
refused "jobs are for sweeps" 'give several seeds' lossy.txt -j 2
refused "events are of one run" 'give one --seed' lossy.txt --seed 1..9 --events -
refused "--vary wants a list" 'in braces' lossy.txt --vary 'network loss 5%'
refused "every value is checked first" "loss is a percentage" \
    lossy.txt --vary 'network loss {1%,2%,3}'
refused "a row's seed is chosen once" '.--vary .seed \.\.\.. both choose seeds: leave one out' \
    lossy.txt --vary 'seed {1,2}' --seed 5
refused "or by the sweep" 'both choose seeds' lossy.txt --vary ' seed {1,2}' --seed 1..5
refused "and its world" 'both choose the world' lossy.txt --vary 'world {real,virtual}' --world real
refused "--random takes no scenario" 'leave out .lossy.txt' --random lossy.txt

run "$simrun" lossy.txt --vary 'network loss {0%,20%}' --vary 'client * tries {2,12}' --json v.json
expect_match "a row for each combination" "$out" '^  20%, 12 .* PASS$'
expect "four of them" "$(grep -cE '^  (0|20)%, (2|12) .*(PASS|FAIL)$' <<<"$out")" = 4
expect "and an object for each" "$(wc -l <v.json)" = 4
expect "no row is wider than 80" "$(awk 'length > 80' <<<"$out" | wc -l)" = 0
run "$simrun" lossy.txt --vary 'network loss {0%,5%}' --seed 1..20 --json v.json
expect "rows may be sweeps" "$(grep -c '"done":20' v.json)" = 2

run "$simrun" lossy.txt --vary 'network loss {5%,burst 5% 3}'
expect_match "a row to which theory does not apply says so" "$out" \
    '^burst 5% 3: FAIL line 6: tries ~ theory \(theory does not apply: '
run "$simrun" lossy.txt --vary 'time-limit {30ms,5m}' --json v.json
expect_match "a row that was cut short is not shown beside theory" "$out" \
    '^  30ms  *[0-9.]+%  *-  *[0-9.]+  *-  *[0-9.]+  *- .* FAIL$'
expect_match "and one that was not, is" "$out" '^  5m  *100%  *[>0-9.]+%  *[0-9.]+  *[0-9.]+ '
expect_match "its failure names the limit" "$out" '^30ms: FAIL the time limit of 30ms was reached$'
run "$simrun" "$root/scenarios/lab_timeout.txt" --vary 'client c* timeout {15ms,240ms}' \
    --vary 'network loss {1%,10%,30%}'
expect_match "the table that a shipped scenario asks for has theory in its last row" "$out" \
    '^  240ms, 30%  *92.7%  *93.6% '
expect "and no row of it is cut short" "$(grep -c 'time limit' <<<"$out")" = 0
run timeout --preserve-status -s INT 1 "$simrun" lossy.txt --vary 'clients {4000,4001}' \
    --set 'network loss 10%' --seed 1..1000000
expect "a signal ends the table" "$status" = 130
expect_match "with a row that says so" "$out" '^4000: FAIL ended by SIGINT$'
expect_match "as does the table" "$out" '^ended by SIGINT: this table is partial$'

{
    cat lossy.txt
    printf 'expect reply of c1/1 = "'
    printf '\303\244%.0s' {1..200}
    echo '"'
} >umlauts.txt
run env LC_ALL=C.UTF-8 "$simrun" umlauts.txt --seed 1..2
expect "a sweep with a long expectation fails" "$status" = 1
expect "which is not cut within a character" "$(grep -cF '\xc3' <<<"$out")" = 0

run "$simrun" --random --seed 1..30
expect "random scenarios break no promise" "$status" = 0
expect_match "promises alone are judged" "$out" '^PASS  0 of 30 seeds failed, no expectations'
run "$simrun" --random --seed 7 -v
expect_match "one is shown before it is run" "$out" '^# A random scenario'
expect_match "and can be repeated" "$out" '^repeat: simrun --random --seed 7$'

start long "$simrun" lossy.txt --seed 0..18446744073709551614
until [ "$(find "/proc/$pid/task" -mindepth 1 -maxdepth 1 | wc -l)" -ne 1 ]; do
    : # until it has its workers (or has died)
done
stop "$pid" TERM
expect "a signal ends a sweep" "$status" = 143
expect_match "with a report that says so" "$(cat "$scratch/long.out")" 'this report is partial'

finish cli/sweep
