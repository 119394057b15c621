#!/bin/bash
# Ten thousand hostile datagrams at each of the stand-alone programs: none crashes, none takes a
# wrong one, all go on answering, each datagram is counted by its reason.
. "$(dirname "$0")/lib.sh"
peers=$build/tests/peers
count=10000

# An address and a port that nothing else has: where a forged neighbour sends from.
address=127.$(($$ / 65536 % 128 + 1)).$(($$ / 256 % 256)).$(($$ % 256))
forged=9000

# expect_counts NAME: its last line has each count that the thrower printed, and no other reason.
expect_counts()
{
    local line expected found
    line=$(tail -n 1 "$scratch/$1.err")
    while read -r expected; do
        [ "$expected" = "thrower: done" ] || expect_match "$1 counted $expected" "$line" "[: ]$expected[,;]"
    done <<<"$out"
    expected=$(grep -cE '^[0-9]+ ' <<<"$out")
    found=$(grep -oE '[0-9]+ (late|stale|spoofed|corrupt|malformed|truncated|version|wrong-kind|plain|of [0-9]+)' \
        <<<"$line" | wc -l)
    expect "$1 counted nothing for another reason" "$found" = "$expected"
    expect_match "$1 lost none" "$line" ' 0 dropped by the kernel'
}

serve toupper "$build/udp_toupper" --port 0 -v --never-answer "$address:$forged"
upper=$port
upper_pid=$pid
serve tolower "$build/udp_tolower" --port 0 -v --never-answer "$address:$forged"
lower_pid=$pid
serve broker "$build/udp_broker" --port 0 -v --server "toupper=127.0.0.1:$upper" \
    --server "tolower=127.0.0.1:$port" --server "neighbour=$address:$forged"
broker=$port
broker_pid=$pid

# ---- at the broker ------------------------------------------------------------------------------

run "$peers/thrower" broker "$broker" "$count"
expect_match "$count hostile datagrams at the broker" "$out" '^thrower: done$'
expect "and not one wrong answer" "$status" = 0
stop "$broker_pid"
expect "the broker lives to end with status 0" "$status" = 0
expect_counts broker

# ---- at a server --------------------------------------------------------------------------------

# What the broker's probes did at this server is over; only its own part is counted.
run "$peers/thrower" server "$upper" "$count"
expect_match "$count hostile datagrams at a server" "$out" '^thrower: done$'
expect "and each answer a right one" "$status" = 0
stop "$upper_pid"
expect "the server lives to end with status 0" "$status" = 0
expect_counts toupper

# ---- from a forged neighbour --------------------------------------------------------------------

serve toupper "$build/udp_toupper" --port 0 -v --never-answer "$address:$forged"
upper=$port
upper_pid=$pid
serve broker "$build/udp_broker" --port 0 -v --server "toupper=127.0.0.1:$upper" \
    --server "neighbour=$address:$forged"
broker=$port
broker_pid=$pid
run "$peers/thrower" neighbour "$broker" "$address" "$forged"
expect_match "nested requests from a server's address are no requests" "$out" '^thrower: done$'
run "$peers/thrower" neighbour "$upper" "$address" "$forged"
expect_match "nor from an address that a server never answers" "$out" '^thrower: done$'
stop "$broker_pid"
expect_match "the broker counts them" "$(tail -n 1 "$scratch/broker.err")" \
    ' 400 rejected: 300 malformed, 100 wrong-kind; 0 errors'
stop "$upper_pid"
expect_match "the server too" "$(tail -n 1 "$scratch/toupper.err")" ' 400 rejected: 400 spoofed; 0 errors'
stop "$lower_pid"
expect_match "and no one has woken the other" "$(tail -n 1 "$scratch/tolower.err")" ': 0 received'

# ---- at a client --------------------------------------------------------------------------------

serve evil "$peers/evil_broker"
run bash -c "printf 'toupper:%s\n' 1 2 3 4 5 | '$build/udp_client' -v 127.0.0.1 $port"
expect "a client takes only what is true" "$out" = $'TRUE\nTRUE\nTRUE\nTRUE\nTRUE'
expect "and all its requests are answered" "$status" = 0
for reason in corrupt malformed truncated version wrong-kind stale spoofed; do
    expect_match "it rejects as $reason" "$err" "rejected: $reason"
done
stop "$pid"

finish cli/standalone_hostile
