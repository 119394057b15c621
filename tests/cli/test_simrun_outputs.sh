#!/bin/bash
# threads: yes
# What a run prints and writes: the report, --json, --events, -v, standard input as a scenario,
# several scenarios; and that they agree.
. "$(dirname "$0")/simrun_lib.sh"

write lossy <<'END'
title   "One in five"
seed    3
network loss 20% delay 1ms 500us duplicate 5%
clients 4  timeout 300ms tries 6 backoff constant window 20
  send 10 toupper "hello from {client}, number {n}"
  send 10 count random 1b..40b
client rude
  raw "nonsense"
  send nobody "is there"
client old  plain timeout 300ms
  send tolower "PLAIN"
expect "some are answered"   answered >= 60
expect "a code"              errors.404 of rude = 1
END
lossy=$scratch/lossy.txt

run_calm "$lossy"
expect "a lossy run ends with status 0" "$status" = 0

# ---- events -------------------------------------------------------------------------------------

json t_ns "$scratch/events" >"$scratch/times"
expect "every line of --events is JSON with a time" \
    "$(wc -l <"$scratch/times")" = "$(wc -l <"$scratch/events")"
expect "in order of time" "$(sort -n "$scratch/times" | cmp - "$scratch/times" && echo sorted)" = sorted
expect "nothing happens behind the end" "$(tail -n 1 "$scratch/times")" -le "$(json duration_ns)"
json event "$scratch/events" | sort | uniq -c >"$scratch/words"
# event WORD: how many there were.
event()
{
    awk -v word="$1" '$2 == word { found = $1 } END { print found + 0 }' "$scratch/words"
}
expect "a begin for each request" "$(event begin)" = "$(json metrics/requests)"
expect "an end for each request" "$(($(event answered) + $(event failed)))" = "$(json metrics/requests)"
expect "an answered for each answer" "$(event answered)" = "$(json metrics/answered)"
expect "a send for each datagram sent" "$(event send)" = "$(json metrics/sent)"
expect "a copy for each that was duplicated" "$(event duplicated)" = "$(json metrics/duplicated)"
expect "a loss for each that was lost" "$(event lost)" = "$(json metrics/lost)"
expect "a delivery for each that was delivered" "$(event deliver)" = "$(json metrics/delivered)"
expect "an execution for each" "$(event execute)" = "$(json metrics/executions)"
expect "a retry for each" "$(event retry)" = "$(json metrics/retries)"
# An error reply is taken, not rejected, though the page has no other word for it.
refused=$(grep -c '"event":"rejected".*"code":' "$scratch/events")
expect "a rejection for each" "$(($(event rejected) - refused))" = "$(json metrics/rejected)"
expect_no_match "no word that the page does not have" "$(awk '{ print $2 }' "$scratch/words")" \
    -v '^(begin|send|lost|duplicated|corrupted|delayed|deliver|execute|timeout|retry|answered|failed|rejected|absorbed|replayed|crash|restart|pause|resume|partition|heal|fault|note|error)$'

# ---- report and JSON ----------------------------------------------------------------------------

expect "what was sent is the sum over the links" "$(json 'links/*/sent' | sum)" = "$(json metrics/sent)"
expect "so are losses" "$(json 'links/*/lost' | sum)" = "$(json metrics/lost)"
expect "each link's datagrams add up" \
    "$(paste <(json 'links/*/sent') <(json 'links/*/duplicated') <(json 'links/*/delivered') \
        <(json 'links/*/lost') <(json 'links/*/kernel_drops') <(json 'links/*/in_flight') |
        awk '$1 + $2 != $3 + $4 + $5 + $6' | wc -l)" = 0
expect "every request is listed" "$(json requests/#)" = "$(json metrics/requests)"
expect "with its tries" "$(json 'requests/*/tries' | sum)" = "$(json metrics/tries)"
for name in scenario title version command; do
    expect "JSON has $name" "$(json $name)" != ""
done
expect "the seed is a string" "$(grep -c '"seed":"3"' "$report")" = 1
expect "passed and status agree" "$(json passed),$(json status)" = true,0
for metric in answered requests tries executions; do
    expect_match "the report shows $metric" "$out" "^  $metric +$(json metrics/$metric)( |$)"
done
expect "JSON is one line" "$(wc -l <"$report")" = 1
expect "its last byte is a line feed" "$(tail -c 1 "$report" | od -An -c | tr -d ' ')" = '\n'

write empty <<'END'
client alice  timeout 10ms tries 1
  send toupper "hello"
network down
expect "a value that does not exist" latency.p99 < 1s
END
run "$simrun" "$scratch/empty.txt" --json "$report"
expect "p99 of nothing fails" "$status" = 1
expect "p99 of nothing is null" "$(json metrics/latency.p99_ns)" = null

# ---- to standard output -------------------------------------------------------------------------

run "$simrun" "$lossy" --world virtual --json -
cp "$scratch/out" "$scratch/stdout.json"
expect "--json - writes to standard output" "$(json seed "$scratch/stdout.json")" = 3
expect_match "and the report to standard error" "$err" '^PASS  2 of 2 expectations held'
run "$simrun" "$lossy" --events - --world virtual
cp "$scratch/out" "$scratch/stdout.events"
expect "--events - too" "$(json event "$scratch/stdout.events" | grep -c '^begin$')" = 82
expect_match "with the report elsewhere" "$err" '^PASS  2 of 2 expectations held'
run "$simrun" - --json "$report" --world virtual <"$lossy"
expect "standard input can be the scenario" "$status,$(json metrics/requests)" = 0,82
expect_match "which is called -" "$out" '^repeat: simrun - --seed 3 --world virtual$'
run bash -c "echo 'network loss 10' | '$simrun' -"
expect_match "in messages too" "$err" '^-:1:14: error: '

# ---- several ------------------------------------------------------------------------------------

run "$simrun" "$lossy" "$scratch/empty.txt" "$lossy" --world virtual --json "$report" \
    --events "$scratch/events"
expect "several scenarios write a JSON object a line" "$(wc -l <"$report")" = 3
expect "in their order" "$(json status | tr '\n' ' ')" = "0 1 0 "
expect "and all their events" "$(json event "$scratch/events" | grep -c '^begin$')" = 165

# ---- as it happens ------------------------------------------------------------------------------

run_calm -v "$lossy"
expect "-v ends with the same report" "$status,$(tail -n 1 <<<"$out" | cut -c 1-4)" = 0,PASS
for word in send lost duplicated deliver execute timeout retry answered rejected; do
    expect_match "-v shows what is $word" "$out" "^ +[0-9.]+ ms +[a-z0-9]+ +[^ ]+ $word"
done
expect "-v shows each delivery" "$(grep -cE '^ +[0-9.]+ ms +[a-z0-9]+ +[^ ]+ deliver' <<<"$out")" = \
    "$(json metrics/delivered)"

# ---- counting only ------------------------------------------------------------------------------

write counted <<'END'
network loss 20% delay 1ms
clients 4  timeout 300ms tries 9 backoff constant window unlimited
  send 50 toupper "hello from {client}, number {n}"
expect answered >= 150
END
run "$simrun" "$scratch/counted.txt" --trace off --json "$report"
expect "--trace off judges what can be counted" "$status,$(json 'expectations/0/held')" = 0,true
expect "--trace off counts requests" "$(json metrics/requests)" = 200
expect "--trace off counts datagrams by link" "$(json 'links/*/sent' | sum)" = "$(json metrics/sent)"
expect "--trace off says what it cannot judge" \
    "$(json 'promises/name=right-text/verdict')" = not-judged

finish cli/simrun_outputs
