#!/bin/bash
# together: yes
# --junit and GitHub's annotations: by the schema, whatever is run and however it ends.
. "$(dirname "$0")/simrun_lib.sh"

schema=$root/tests/report/junit.xsd
junit=$scratch/junit.xml
checked=yes
if ! command -v xmllint >/dev/null; then
    checked=no
    echo "left out: what xmllint would say of the XML: it is not here"
fi

# expect_valid SENTENCE: the latest file is as the schema wants it, and its heads count what follows.
expect_valid()
{
    local found
    [ "$checked" = no ] || if found=$(xmllint --noout --schema "$schema" "$junit" 2>&1); then
        pass "$1: by the schema"
    else
        fail "$1: by the schema" "$(head -n 5 <<<"$found")"
    fi
    for found in tests:testcase failures:failure errors:error skipped:skipped; do
        expect "$1: as many ${found%:*} as the heads say" \
            "$(sed -n "s/^  <testsuite .* ${found%:*}=\"\([0-9]*\)\".*/\1/p" "$junit" | sum)" = \
            "$(grep -cE "^ +<${found#*:}[ >]" "$junit")"
    done
}

# ---- what came with it --------------------------------------------------------------------------

run "$simrun" "$root"/scenarios/[!t]*.txt --world virtual --junit "$junit" --json "$report"
expect "the shipped scenarios hold" "$status" = 0
expect_valid "the shipped scenarios"
expect "a suite for each" "$(grep -c '<testsuite ' "$junit")" = "$(wc -l <"$report")"
expect "a case for each expectation" "$(grep -c 'classname=".*\.expectations"' "$junit")" = \
    "$(json 'expectations/#' | sum)"
expect "a case for each promise" "$(grep -c 'classname=".*\.promises"' "$junit")" = \
    "$(json 'promises/#' | sum)"
cp "$junit" "$scratch/before.xml"
run "$simrun" "$root"/scenarios/[!t]*.txt --world virtual --junit "$junit"
expect "a repetition writes the same" "$(cmp "$junit" "$scratch/before.xml" && echo same)" = same

# ---- what fails ---------------------------------------------------------------------------------

write lossy <<'END'
title   "One in five"
seed    3
world   virtual
network loss 20% delay 1ms 500us
clients 4  timeout 50ms tries 3
  send 10 toupper "hello from {client}, number {n}"
expect "all, and more" answered = 100%
expect "all, and more" answered < 5
expect "some" answered > 5
expect sent ~ theory
END
run "$simrun" lossy.txt --junit "$junit"
expect "a run that fails ends with 1" "$status" = 1
expect_valid "a run that fails"
expect "with a failure for each expectation that did not hold" "$(grep -c '<failure ' "$junit")" = 2
expect_match "of another name each" "$(cat "$junit")" 'name="all, and more \(2\)"'
expect_match "which names the command" "$(cat "$junit")" '^repeat: simrun lossy.txt --seed 3</failure>$'
command=$(sed -n 's/^repeat: simrun \(.*\)<\/failure>$/\1/p' "$junit" | head -n 1)
eval "run '$simrun' $command"
expect "which fails again" "$status" = 1

run "$simrun" lossy.txt --set 'time-limit 20ms' --junit "$junit"
expect "a run that is cut short ends with 1" "$status" = 1
expect_valid "a run that is cut short"
expect_match "has an error" "$(cat "$junit")" '<error message="the time limit of 20ms was reached" type="end">'

run "$simrun" lossy.txt --trace off --junit "$junit"
expect_valid "a run without trace"
expect_match "says what was not judged" "$(cat "$junit")" 'name="right-text" time="0.000000">$'

# ---- several ------------------------------------------------------------------------------------

run "$simrun" lossy.txt --seed 1..40 --max-failures 9 --junit "$junit" --json "$report"
expect "a sweep that fails ends with 1" "$status" = 1
expect_valid "a sweep that fails"
expect "it has a case for each seed that was done" "$(grep -c 'name="seed [0-9]*"' "$junit")" = \
    "$(json seeds/done)"
run "$simrun" lossy.txt --seed 1..40 --shard 2/2 --set 'client * tries 99' --junit "$junit"
expect_valid "a shard"
run "$simrun" lossy.txt --seed 1..10001 --set 'clients 1' -q --junit "$junit" --max-failures 100000
expect_valid "a sweep of very many"
expect_match "has one case for all that passed" "$(cat "$junit")" 'name="[0-9]+ other seeds"'
run "$simrun" --random --seed 1..20 --junit "$junit"
expect_valid "random scenarios"
run "$simrun" lossy.txt --vary 'network loss {0%,20%,0.5%}' --junit "$junit"
expect_valid "rows of --vary"
expect "a suite for each row" "$(grep -c '<testsuite ' "$junit")" = 3
run "$simrun" lossy.txt --vary 'network loss {0%,20%}' --seed 1..3 --junit "$junit"
expect_valid "rows that are sweeps"

# ---- what means harm ----------------------------------------------------------------------------

name=$'./-<b>&"\'\x01\xff\u202e%,::\n]]>.txt'
cat >"$name" <<'END'
title "</property>\x01\x1b[31m\xff\xfe &amp; <![CDATA[ \r\n\t\"'"
world virtual
clients 1 timeout 10ms tries 1
  send toupper "<script>alert(1)</script>\x00\xff"
expect "</testcase>\x08\n::error::x" answered = 0
expect reply of c1/1 = "]]>\x00 \x7f<!--"
END
run "$simrun" "$name" --junit "$junit"
expect "what means harm runs" "$status" = 1
expect_valid "what means harm"
expect "nothing got out of its place" "$(grep -c '<testcase' "$junit")" = \
    "$(grep -o 'tests="[0-9]*"' "$junit" | tr -dc 0-9)"
expect "no byte that XML cannot hold" "$(LC_ALL=C tr -d '\n\40-\377' <"$junit" | wc -c)" = 0
run env GITHUB_ACTIONS=true "$simrun" "$name" -q
expect_match "an annotation for each failure" "$out" \
    '^::error file=\./-<b>&"'"'"'\\x01\\xff\\xe2\\x80\\xae%25%2C%3A%3A\\x0a]]>\.txt,line=5,title=</testcase>\\x08\\x0a%3A%3Aerror%3A%3Ax::answered = 0 \(1\)%0Arepeat: '
expect "and no other" "$(grep -c '^::' <<<"$out")" = 2

# ---- annotations --------------------------------------------------------------------------------

run env GITHUB_ACTIONS=true "$simrun" lossy.txt
expect "an annotation for each failure of a run" "$(grep -c '^::error file=lossy.txt,line=' <<<"$out")" = 2
run env GITHUB_ACTIONS=true "$simrun" lossy.txt --seed 1..40
expect_match "and for each seed that failed" "$out" '^::error file=lossy.txt,title=seed [0-9]+::'
run env GITHUB_ACTIONS= "$simrun" lossy.txt
expect_no_match "none where GitHub is not" "$out" '^::'
run env GITHUB_ACTIONS=true "$simrun" "$root/scenarios/hello.txt" --world virtual
expect_no_match "none where nothing failed" "$out" '^::'

# ---- where it goes ------------------------------------------------------------------------------

run "$simrun" lossy.txt --junit -
cp "$scratch/out" "$junit"
expect_valid "standard output"
run "$simrun" lossy.txt --junit "$scratch/none/junit.xml"
expect "a file that cannot be made ends with 3" "$status" = 3
expect "before anything runs" "$out" = ""
run "$simrun" lossy.txt --junit /dev/full
expect "so does one that is full" "$status" = 3
expect_match "with the reason" "$err" 'cannot write .*/dev/full: No space left'

finish cli/simrun_junit
