#!/bin/bash
# together: yes
# --models, and what --check says of the network's models: words, and the same in tc's.
. "$(dirname "$0")/simrun_lib.sh"

# ---- the evidence --------------------------------------------------------------------------------

run "$simrun" --models
expect "--models ends with status 0" "$status" = 0
expect_match "all are within their bounds" "$(tail -n 1 <<<"$out")" \
    '^PASS  ([0-9]+) of \1 within their bounds$'
expect "it fits 80 columns" "$(LC_ALL=C awk 'length > 80' <<<"$out")" = ""
for words in 'loss 20% 75%' 'loss gemodel 5% 25%' 'loss burst 10% 4' 'loss state 5% 40% 20% 60% 2%' \
    'delay 20ms 5ms distribution paretonormal' 'duplicate 20% loss 10%' 'corrupt 5%' 'truncate 5%' \
    'delay 10ms reorder 50% gap 3' 'rate 1mbit' 'mtu 576'; do
    expect "it shows $words" "$(grep -cFx "$words" <<<"$out")" = 1
done
first=$out
run "$simrun" --models
expect "the evidence is the same each time" "$out" = "$first"

# ---- --check -------------------------------------------------------------------------------------

# check FAULTS: what --check says of a network with them, on one line.
check()
{
    printf 'network %s\nclients 2\n  send 3 toupper "x"\n' "$1" >"$scratch/check.txt"
    run "$simrun" --check "$scratch/check.txt"
    expect "--check of '$1' ends with status 0" "$status" = 0
    expect "--check of '$1' fits 80 columns" "$(LC_ALL=C awk 'length > 80' <<<"$out")" = ""
    said=$(tr -s ' \n' ' ' <<<"$out")
}

# says WORDS: the latest --check says so.
says()
{
    [[ $said = *"$1"* ]] && pass || fail "--check says: $1" "$out"
}

check 'loss burst 10% 4 delay 5ms 2ms 25% distribution normal ordered'
says 'loss 10% in bursts of 4 in the mean'
says 'delay 5ms, spread by 2ms (normal) (25% repeat the one before), in order'
says 'tc qdisc add dev X root netem delay 5ms 2ms 25% distribution normal loss gemodel 2.777777778% 25%'
says 'ours alone: ordered'
says 'unlike netem: a correlation keeps the rate'
check 'preset 3g'
says 'delay 75ms, spread by 20ms (normal)'
says 'a line of 2mbit a second, room for 300 datagrams'
says 'netem delay 75ms 20ms 50% distribution normal loss 0.5% rate 2mbit limit 300'
check 'netem delay 100ms 10ms 25% loss gemodel 1% 10%'
says 'netem delay 100ms 10ms 25% loss gemodel 1% 10% 100% 0%'
says '9.09% in the long run, in bursts of 10 in the mean'
check 'loss state 5% 40% 20% 60% 2%'
says 'The run 6 requests by 2 clients'
says 'loss by four states (p13 5%, p31 40%, p32 20%, p23 60%, p14 2%): 12.2% in the long run'
check 'corrupt 1% truncate 2% mtu 576 delay 1ms 1ms distribution exponential'
says 'one bit flipped in 1%, the end cut off in 2%'
says 'ours alone: truncate, mtu, distribution exponential'
check 'delay 10ms reorder 25% 50% gap 5'
says 'after each 4 delayed ones the next is sent at once with 25%'
says 'reorder 25% 50% gap 5'
says "no limit where none is given (netem's default: 1000)"
check 'truncate 5%'
says 'there is no line that means the same'
check 'drop 1 of each request'
says 'there is no line that means the same ours alone: datagrams chosen one by one'
check 'delay 5m'
says 'every link: delay 5m The same'
says 'netem delay 300s'

# ---- what a run says of memory ----------------------------------------------------------------

printf 'world virtual\nnetwork loss 10%% 25%%\nclient c\n  send 100 toupper "x"\nexpect lost ~ 10%%\n' \
    >"$scratch/memory.txt"
run "$simrun" "$scratch/memory.txt" --json "$report"
expect "~ is refused where the fault has memory" "$status" = 1
expect_match "with the reason" "$(tr -s ' \n' ' ' <<<"$out")" \
    'loss with a correlation has a memory \(line 2\), so that datagrams do not fare each for itself'
expect_match "the exception is named" "$(json 'exceptions/*')" \
    'loss with a correlation \(line 2\) goes by the order of datagrams on the link'

# ---- a failure is cut down to the bit that was flipped ---------------------------------------------

cat >"$scratch/flip.txt" <<'END'
seed 2
world virtual
network corrupt 3% loss 1% delay 5ms 2ms distribution pareto
clients 4  timeout 60ms tries 1
  send 20 toupper "x"
expect answered = 100%
END
run "$simrun" "$scratch/flip.txt" --shrink "$scratch/small.txt"
expect_match "the failure is found and cut down" "$(cat "$scratch/small.txt")" \
    '(corrupt|drop) [0-9]+ of request'
run "$simrun" "$scratch/small.txt"
expect "and fails again by itself" "$status" = 1

finish cli/simrun_models
