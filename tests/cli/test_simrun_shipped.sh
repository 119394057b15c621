#!/bin/bash
# The scenarios that come with simrun: each holds, loss10 says what it must, a thousand clients fit.
. "$(dirname "$0")/simrun_lib.sh"

# run_shipped NAME: runs it; its ports, if it fixes any, may be another program's here, and are then
# changed.
run_shipped()
{
    local scenario=$root/scenarios/$1.txt
    run_calm "$scenario"
    if [ "$status" = 3 ] && [[ $err = *'is in use'* ]]; then
        run_calm "$scenario" --set 'port broker 28082' --set 'port toupper 28080' \
            --set 'port tolower 28081'
    fi
}

for scenario in "$root"/scenarios/*.txt; do
    name=$(basename "$scenario" .txt)
    case $name in
    loss10 | thousand_clients) continue ;; # below
    esac
    run_shipped "$name"
    expect "$name ends with status 0" "$status" = 0
    [ "$status" = 0 ] || fail "$name" "$(grep -A 2 FAIL <<<"$out")"
    expect "$name holds" "$(json passed)" = true
    expect_match "$name says so last" "$(tail -n 1 <<<"$out")" '^PASS  [0-9]+ of [0-9]+ expectations? held'
    expect_no_match "$name breaks no promise" "$(json 'promises/*/verdict')" broken
    expect_match "$name asks a question first" "$(head -n 1 "$scenario")" '^# .*\?'
done

# ---- one in ten ---------------------------------------------------------------------------------

run_shipped loss10
expect "loss10 ends with status 0" "$status" = 0
expect_match "it names its seed" "$out" '^  seed +10$'
expect_match "it names its world" "$out" '^  world +real: loopback sockets, wall clock$'
expect_match "it names where its threads ran" "$out" '^  placement +11 threads on '
expect_match "it says how to repeat it" "$out" 'repeat: simrun [^ ]*loss10.txt --seed 10$'
expect "it knows each link, both ways" "$(json links/#)" = 20
while read -r from to sent lost; do
    expect_match "$from -> $to is shown with $sent sent and $lost lost" "$out" \
        "^  $from -> $to +$sent +$lost +[0-9.]+%"
done < <(paste -d ' ' <(json 'links/*/from') <(json 'links/*/to') <(json 'links/*/sent') \
    <(json 'links/*/lost'))
expect "each lost as many as one in ten allows" \
    "$("$peers/simrun_links" "$report" 0.1)" = "20 links, 0 outside"
expect "which is fewer than nine in ten would" \
    "$("$peers/simrun_links" "$report" 0.9 | tail -n 1)" = "20 links, 20 outside"
expect "the report fits 80 columns" \
    "$(LC_ALL=C tr -d '\200-\277' <<<"$out" | LC_ALL=C awk 'length > 80')" = ""

# ---- a thousand ---------------------------------------------------------------------------------

run "$peers/simrun_child" peak "$scratch/peak" "$simrun" "$root/scenarios/thousand_clients.txt" \
    --json "$report"
expect "a thousand clients end with status 0" "$status" = 0
expect "all are answered" "$(json metrics/answered)" = 10000
expect "every promise judged is kept" "$(json 'promises/*/verdict' | grep -vx not-judged | sort -u)" = kept
# Those that the kernel dropped are shown where they were, and add up.
drops=$(json metrics/kernel-drops)
expect "the links know of each kernel drop" "$(json 'links/*/kernel_drops' | sum)" = "$drops"
expect "the nodes too" "$(json 'nodes/*/kernel_drops' | sum)" = "$drops"
[ "$drops" = 0 ] || expect_match "the report too" "$out" "$drops"
[ "$sanitized" = yes ] || expect "in 150 MB of memory" "$(cat "$scratch/peak")" -lt $((150 * 1000))

# ---- a hundred thousand, in virtual time ---------------------------------------------------------

# peak_of N: the memory, in KiB, of N clients that all begin at once.
peak_of()
{
    {
        printf 'world virtual\nnetwork loss 10%% delay 2ms 1ms\n'
        printf 'clients %s  timeout 60ms tries 12 cap 120ms\n  send 2 toupper "hello"\n' "$1"
    } >"$scratch/crowd.txt"
    "$peers/simrun_child" peak "$scratch/peak" "$simrun" "$scratch/crowd.txt" -q >&2
    cat "$scratch/peak"
}
[ "$sanitized" = yes ] || expect "each takes less than 1 KiB, all promises judged" \
    $((($(peak_of 100000) - $(peak_of 1000)) * 1024 / 99000)) -lt 1024

finish cli/simrun_shipped
