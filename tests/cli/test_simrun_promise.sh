#!/bin/bash
# together: yes
# A defect in the system under test: a promise is broken, which is status 4 and said in words.
. "$(dirname "$0")/simrun_lib.sh"

# broken DEFECT WORD...: runs simrun with that defect planted, and with a report for machines.
broken()
{
    local defect=$1
    shift
    run env PLANTED="$defect" "$peers/simrun_planted" "$@" --json "$report"
}

write lossy <<'END'
title "One in ten is lost"
network loss 10% delay 2ms
clients 3  timeout 30ms tries 9
  send 20 toupper "from {client}, number {n}"
expect "everyone is served" answered = 100%
END
write calm <<'END'
world virtual
clients 3  timeout 30ms tries 9
  send 20 toupper "from {client}, number {n}"
expect "everyone is served" answered = 100%
END

# ---- one run --------------------------------------------------------------------------------------

for world in virtual real; do
    broken wrong-text lossy.txt --world "$world"
    expect "$world: a wrong answer is status 4" "$status" = 4
    expect_match "$world: the promise is named" "$out" '^  BROKEN right-text$'
    expect_match "$world: with what broke it" "$out" \
        '^        at [0-9.]+ms: c[123]/[0-9]+: toupper was answered with the wrong text'
    expect_match "$world: the last line says so" "$(tail -n 1 <<<"$out")" '^FAIL .*promise'
    expect "$world: the report for machines says so" "$(json passed),$(json status)" = false,4
    expect_match "$world: and which it is" "$(paste -d ' ' <(json 'promises/*/name') \
        <(json 'promises/*/verdict'))" '^right-text broken$'
done

run "$simrun" lossy.txt --world virtual
expect "without the defect the same is right" "$status" = 0

# ---- promises that are judged by what no fault can be the cause of --------------------------------

broken executes-twice lossy.txt --world virtual
expect "an execution too many is status 4" "$status" = 4
broken loses-unprovoked calm.txt
expect "a loss that no fault is for is status 4" "$status" = 4
expect_match "and breaks quiet" "$out" '^  BROKEN quiet$'
expect_match "it says which link lost what" "$out" '^        at .*: c1/13: c1 -> broker lost a datagram$'
broken loses-unprovoked calm.txt --set 'link broker -> servers loss 10%'
expect "even where another link loses" "$status" = 4

# ---- with others, and by the search ---------------------------------------------------------------

broken loses-unprovoked calm.txt --set 'client * tries 1' -q
expect "4 wins over 1" "$status" = 4
expect_match "quiet: what failed is said" "$out" 'promise quiet'
broken wrong-text lossy.txt --seed 1..20 --world virtual
expect "a sweep ends with 4, too" "$status" = 4
expect_match "and names the seed's command" "$out" 'next: simrun lossy.txt --seed [0-9]+'
run env PLANTED=wrong-text "$peers/simrun_planted" --random --seed 1..200
expect "random scenarios find it" "$status" = 4
run env PLANTED=wrong-text "$peers/simrun_planted" lossy.txt --shrink small.txt
expect "--shrink ends with it" "$status" = 4
run env PLANTED=wrong-text "$peers/simrun_planted" small.txt
expect "and what it wrote breaks the promise again" "$status" = 4

finish cli/simrun_promise
