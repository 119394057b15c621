#!/bin/bash
# The same seed again: every datagram meets the same fate, every decided request the same end, in
# the real world and in the virtual one, whatever else is changed.
. "$(dirname "$0")/lib.sh"
peers=$build/tests/peers

cat >"$scratch/repeat.txt" <<'END'
title   "Five hundred milliseconds are a long time"
seed    5
network loss 10% delay 2ms 1ms
clients 8  timeout 500ms tries 8 backoff constant window 25
  send 25 toupper "hello from {client}, number {n}"
  send 25 tolower random 1b..200b
END

# What is changed in each run; all run at the same time, for they wait more than they work.
names=(first second virtual seed duplicate delay client)

# run_one NAME: leaves NAME.json, NAME.events and NAME.status.
run_one()
{
    local change=()
    case $1 in
    virtual) change=(--world virtual) ;;
    seed) change=(--seed 6) ;;
    duplicate) change=(--set 'network duplicate 5%') ;;
    delay) change=(--set 'network delay 6ms 3ms') ;;
    client) change=(--set 'clients 9') ;;
    esac
    timeout -k 5 60 "$build/simrun" -q "$scratch/repeat.txt" "${change[@]}" \
        --json "$scratch/$1.json" --events "$scratch/$1.events" >"$scratch/$1.out" 2>&1
    echo $? >"$scratch/$1.status"
}

# stood_still NAME: the machine stopped for so long in this run that a reply which had left came
# after the timer: more than 250 ms behind the send that it answers.
stood_still()
{
    "$peers/simrun_json" "$scratch/$1.json" 'requests/outcome=answered/latency_ns' >"$scratch/spans"
    "$peers/simrun_json" "$scratch/$1.json" 'requests/outcome=answered/tries' >"$scratch/tries"
    paste "$scratch/spans" "$scratch/tries" |
        awk '{ rest = $1 - ($2 - 1) * 500e6; if (rest < 0 || rest > 250e6) late = 1 }
             END { exit !late }'
}

run_all()
{
    local name
    for name in "$@"; do
        run_one "$name" &
    done
    wait
}
run_all "${names[@]}"
for again in 1 2 3; do
    late=()
    for name in "${names[@]}"; do
        ! stood_still "$name" || late+=("$name")
    done
    [ ${#late[@]} -eq 0 ] || run_all "${late[@]}"
done

for name in "${names[@]}"; do
    expect "$name ends with status 0" "$(cat "$scratch/$name.status")" = 0
    undecided=$("$peers/simrun_json" "$scratch/$name.json" undecided)
    expect "$name leaves at most 1 % undecided" "$undecided" -le 4
done

# same A B KIND: something was compared, and nothing differs.
same()
{
    out=$("$peers/simrun_compare" "$scratch/$1" "$scratch/$2" "$3")
    expect_match "$1 and $2 have the same $3" "$out" "^$3: [1-9][0-9]{2,} compared, 0 differ$"
}
# other A B KIND: much differs.
other()
{
    out=$("$peers/simrun_compare" "$scratch/$1" "$scratch/$2" "$3")
    expect_match "$1 and $2 have another $3" "$out" "^$3: [1-9][0-9]{2,} compared, [1-9][0-9]+ differ$"
}

for kind in requests lost delayed duplicated; do
    same first second "$kind"
    same first virtual "$kind"
    same first client "$kind"
done
same first duplicate lost
same first duplicate delayed
other first duplicate duplicated
same first delay requests
same first delay lost
other first delay delayed
other first seed lost
other first seed delayed
other first seed requests

finish cli/simrun_repeat
