#!/bin/bash
# together: yes
# --explore and --shrink by the command line: what they find, say, write and end with.
. "$(dirname "$0")/simrun_lib.sh"

write two <<'END'
world virtual
network delay 1ms
client c  timeout 20ms tries 3
  send 2 toupper "number {n}"
expect "everyone is served" answered = 100%
END
write lossy <<'END'
network loss 10% delay 2ms 1ms
clients 4  timeout 60ms tries 2
  send 25 toupper "hello from {client}, number {n}"
expect "everyone is served" answered = 100%
END

# ---- explore --------------------------------------------------------------------------------------

run "$simrun" two.txt --explore 2
expect "three tries survive any two losses" "$status" = 0
expect "and it says after how many runs" "$out" = \
    'no way to lose up to 2 datagrams breaks this (67 runs, 0 losses that could not matter left out)'

run "$simrun" two.txt --explore 2 -q
expect "quiet: nothing is said of what holds" "$status,$out,$err" = 0,,

run "$simrun" two.txt --explore 3
expect "three losses break it" "$status" = 1
expect_match "it says how many it takes" "$out" '^3 lost datagrams break this, and no fewer \(71 runs\)$'
expect "it says which" "$(grep -cE '^  lose c -> broker of c/1 try [123]$' <<<"$out")" = 3
expect_match "it says what fails" "$out" '^fails: answered = 100% \(1 of 2; c/1 timed out\)$'
expect_match "it says how to have it as a scenario" "$out" '^next: add --shrink FILE'

{ cat two.txt && echo 'expect answered = 0'; } >never.txt
run "$simrun" never.txt --explore 2
expect "what fails by itself needs no loss" "$status,$(head -n 1 <<<"$out")" = \
    "1,this fails even if nothing is lost"

run "$simrun" two.txt --explore 3 --shrink three.txt
expect "the counterexample is written" "$status" = 1
run "$simrun" three.txt
expect "and fails by itself" "$status" = 1
run "$simrun" three.txt --world real
expect "in the real world, too" "$status" = 1
expect "it has one request left" "$(grep -c '^  send 1 toupper' three.txt)" = 1
expect "and three faults" "$(grep -c '^link c -> broker drop 1 of request c/1 try [123]$' three.txt)" = 3

run "$simrun" two.txt --explore 2 --set 'network loss 30%'
expect "losses by chance do not happen" "$status" = 0
expect_match "and it says so" "$out" '^chance is switched off: only the losses that are tried happen$'

run "$simrun" two.txt --explore 1 --set 'network duplicate of request 2' --set 'client c tries 1'
expect_match "a copy is a datagram of its own" "$out" '^1 lost datagram breaks this, and no fewer'

run "$simrun" two.txt --explore 2 --set 'client c tries 1 plain' \
    --set 'link c -> broker duplicate 1-2'
expect_match "a plain one has its number" "$out" '^  lose c -> broker, its datagram number 1$'
expect_match "and so has its copy" "$out" '^  lose c -> broker, its datagram number 1, the copy$'
run "$simrun" two.txt --explore 2 --set 'network loss burst 10% 3'
expect_match "chance with a memory is off, too" "$out" '^chance is switched off'

run "$simrun" two.txt --explore 12
expect "too many runs are refused" "$status" = 2
expect_match "with their number" "$err" '^simrun: losing up to 12 of 8 datagrams would take about [0-9]+ runs'
expect_match "and the remedy" "$err" '--max-runs [0-9]{7}'
run "$simrun" two.txt --explore 2 --max-runs 70
expect "the limit may be lowered" "$status" = 2
run "$simrun" two.txt --explore 2 --max-runs 71
expect "or just suffice" "$status" = 0

run timeout --preserve-status -s INT 1 "$simrun" two.txt --set 'client c tries 9' --explore 8 \
    --max-runs 4000000000
expect "a signal ends it" "$status" = 130
expect_match "with what is known" "$out" \
    '^stopped after [0-9]+ runs: no way to lose up to [0-9]+ datagrams? breaks this; beyond that nothing is known$'

write long <<'END'
world virtual
network loss 10% delay 1ms
clients 4000 timeout 20ms tries 2
  send 2000 toupper "x"
expect answered = 0%
END
run timeout --preserve-status -s INT 1 "$simrun" long.txt --explore 1 --max-runs 4000000000
expect "so does one in the first run" "$status" = 130
expect_match "of which nothing is known" "$out" '^stopped in the first run: nothing is known$'

# ---- shrink ---------------------------------------------------------------------------------------

run "$simrun" lossy.txt --world virtual --shrink small.txt
expect "shrink ends like the run" "$status" = 1
expect_match "it says what failed" "$out" '^fails: answered = 100% \([0-9]+ of 100'
expect_match "it says what is left" "$out" \
    '^shrunk from [0-9]+ to 2 faults, to 1 client and 1 request, in [0-9]+ runs$'
expect_match "it says what comes next" "$out" '^next: simrun small.txt -v$'
run "$simrun" lossy.txt --world virtual --shrink '-a small.txt'
expect_match "so that a shell and simrun take the name as one" "$out" \
    "^next: simrun './-a small.txt' -v\$"
run "$simrun" small.txt --shrink "it's small.txt"
next=$(sed -n 's/^next: simrun //p' <<<"$out")
eval "run '$simrun' $next"
expect "which can be pasted, whatever the file is called" "$status,$err" = 1,
expect_match "the file says where it comes from" "$(cat small.txt)" \
    '^# Cut down from: simrun lossy.txt --seed 1 --world virtual$'
run "$simrun" small.txt
expect "what is left fails by itself" "$status" = 1
run "$simrun" --check small.txt
expect "and can be explained" "$status" = 0

run "$simrun" lossy.txt --shrink - --world virtual
expect "to standard output goes the scenario alone" "$out" = "$(cat small.txt)"
expect_match "and the report to standard error" "$err" '^shrunk from '

echo kept >kept.txt
run "$simrun" lossy.txt --set 'client * tries 9' --shrink kept.txt
expect "what was there stays" "$(cat kept.txt) $(ls | grep -c 'kept.txt')" = 'kept 1'
run "$simrun" lossy.txt --set 'client * tries 9' --shrink none.txt
expect "what holds is not shrunk" "$status" = 0
expect_match "it says so" "$out" 'holds in the virtual world with seed 1: there is nothing to shrink$'
expect "and nothing is written" "$(ls none.txt 2>/dev/null)" = ''

run timeout --preserve-status -s INT 1 "$simrun" long.txt --shrink none.txt
expect "a signal in the first run ends it" "$status" = 130
expect "and leaves open whether it fails" "$out" = \
    'stopped in the first run: whether it fails is not known'
expect "with nothing written" "$(ls none.txt 2>/dev/null)" = ''

run "$simrun" lossy.txt --world virtual --shrink /dev/full
expect "a full device is the machine's no" "$status" = 3
expect_match "and it says so" "$err" '/dev/full'
run "$simrun" lossy.txt --world virtual --shrink missing/small.txt
expect "so is a folder that is not there" "$status" = 3
expect "which costs no search" "$out" = ''

finish cli/prove
