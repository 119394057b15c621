#!/bin/bash
# --verify of the scenarios that come with simrun: both worlds agree, or, where a scenario is of the
# virtual one, two runs are the same; and what it says if something rightly differs.
. "$(dirname "$0")/simrun_lib.sh"

# verify NAME WORD...: runs it; its ports, if it fixes any, may be another program's here, and are
# then changed.
verify()
{
    local scenario=$root/scenarios/$1.txt
    shift
    run "$simrun" "$scenario" --verify "$@"
    if [ "$status" = 3 ] && [[ $err = *'is in use'* ]]; then
        run "$simrun" "$scenario" --verify "$@" --set 'port broker 27082' \
            --set 'port toupper 27080' --set 'port tolower 27081'
    fi
}

for scenario in "$root"/scenarios/*.txt; do
    name=$(basename "$scenario" .txt)
    smaller=()
    # Sanitizers take their time.
    [ "$name$sanitized" != ten_thousand_clientsyes ] || smaller=(--set 'clients 1000')
    [ "$name$sanitized" != thousand_clientsyes ] || smaller=(--set 'clients 200')
    verify "$name" "${smaller[@]}"
    expect "$name: nothing differs" "$status" = 0
    [ "$status" = 0 ] || fail "$name" "$out" "$err"
    if grep -qE '^world +virtual$' "$scenario"; then
        expect_match "$name is run twice" "$out" 'two virtual runs are the same, record by record$'
        expect_match "$name has records" "$out" '^  [1-9][0-9]+ records$'
    else
        expect_match "$name is run in both worlds" "$out" 'the real and the virtual world agree$'
        expect_match "$name has datagrams to compare" "$out" '^  [1-9][0-9]* datagrams compared'
    fi
done

verify backoff_and_jitter
expect_match "a timed fault may race, and it says so" "$out" \
    'may rightly differ here: timed faults race with the datagrams'
verify loss10 --world virtual
expect_match "any scenario can be run twice in the virtual world" "$out" \
    'two virtual runs are the same'

finish cli/simrun_verify
