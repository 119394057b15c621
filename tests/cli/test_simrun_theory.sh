#!/bin/bash
# threads: yes
# Twenty thousand requests where one datagram in five is lost, on real sockets: what is measured is
# what theory says, within bounds that one run in a million breaks by chance (and this seed does
# not).
. "$(dirname "$0")/simrun_lib.sh"

each=100
[ "$sanitized" = no ] || each=10
requests=$((200 * each))

write theory <<END
title   "One datagram in five is lost, and four tries are all there is"
seed    34
network loss 20%
clients 100  timeout 300ms tries 4 backoff constant window unlimited
  send $each toupper "hello from {client}, number {n}" every 15ms distribution exponential
  send $each tolower "HELLO FROM {client}, NUMBER {n}" every 15ms distribution exponential
expect "answered"             answered ~ theory
expect "tries"                tries ~ theory
expect "datagrams"            sent ~ theory
expect "executions"           executions ~ theory
expect "to the broker"        lost of clients -> broker ~ 20%
expect "from the broker"      lost of broker -> clients ~ 20%
expect "to the servers"       lost of broker -> servers ~ 20%
expect "from the servers"     lost of servers -> broker ~ 20%
END

run "$simrun" "$scratch/theory.txt" --json "$report"
expect "all agrees with theory" "$status" = 0
expect "there were $requests requests" "$(json metrics/requests)" = "$requests"
for label in answered tries datagrams executions 'to the broker' 'from the broker' \
    'to the servers' 'from the servers'; do
    expect "$label: within the bound" "$(json "expectations/label=$label/held")" = true
    expect_match "which is shown" "$out" "accepts [0-9]+ to [0-9]+"
done
expect "no promise is broken" "$(json 'promises/*/verdict' | grep -vx not-judged | sort -u)" = kept

# The theory is that of the page on the protocol, to its last digit.
while read -r name wanted; do
    expect "theory: $name a request" "$(printf '%.4f' "$(json "theory/per_request/$name")")" = "$wanted"
done <<'END'
answered 0.8785
tries 2.1448
datagrams 6.3314
executions 1.3727
executed_twice 0.3110
END

# And the same is measured, by other means: within 5 standard deviations of a mean of so many.
near()
{
    awk -v measured="$2" -v wanted="$3" -v deviation="$4" -v n="$requests" 'BEGIN {
        gap = measured / n - wanted; limit = 5 * deviation / sqrt(n)
        print gap <= limit && -gap <= limit ? "near" : measured / n }' >"$scratch/near"
    expect "$1" "$(cat "$scratch/near")" = near
}
near "answered" "$(json metrics/answered)" 0.87850 0.327
near "tries" "$(json metrics/tries)" 2.1448 1.162
near "datagrams" "$(json metrics/sent)" 6.3314 2.60
near "executions" "$(json metrics/executions)" 1.3727 0.82

finish cli/simrun_theory
