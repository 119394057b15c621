#!/bin/bash
# threads: yes
# Ten thousand hostile datagrams at the broker, the servers and a client of a running simrun: it
# takes none for true, its own requests are answered as if nothing were, each is counted by its
# reason, every promise is kept.
. "$(dirname "$0")/simrun_lib.sh"

count=10000
[ "$sanitized" = no ] || count=3000

# Long enough for all that is thrown.
write town <<'END'
clients 4 as native  timeout 2s tries 5
  send 600 toupper "hello from {client}, number {n}" every 100ms
client counter  timeout 2s tries 5
  send 600 count "once" every 100ms
END

# ports: of the running simrun's sockets, in the order in which they were opened. Where others come
# and go while the list is read, a line of it can be missed: it is read again.
ports()
{
    local fd inode looks port
    for fd in $(ls "/proc/$pid/fd" | sort -n); do
        inode=$(readlink "/proc/$pid/fd/$fd")
        [[ $inode = socket:* ]] || continue
        inode=${inode//[!0-9]/} port=
        for ((looks = 0; looks < 100 && ${#port} == 0; looks++)); do
            port=$(awk -v inode="$inode" '$10 == inode { print substr($2, 10) }' /proc/net/udp)
        done
        printf '%d\n' "0x$port"
    done
}

# begin NAME [OPTION...]: starts it, and waits until all threads are at work.
begin()
{
    local name=$1
    shift
    start "$name" bash -c 'exec "$@" >&2' - "$peers/simrun_child" exec "$simrun" -v town.txt \
        --json "$report" --events "$scratch/events" "$@"
    await "$name" 'answered' || fail "$name is under way" "$(tail -n 5 "$scratch/$name.err")"
}

# end NAME: ends it by a signal, and sees that nothing has gone wrong.
end()
{
    stop "$pid"
    expect "$1: it ends with a report" "$status,$(json status)" = 143,143
    expect_no_match "$1: no promise is broken" "$(json 'promises/*/verdict')" broken
    expect "$1: no answer is wrong" "$(json metrics/wrong)" = 0
    expect "$1: no error is taken for an answer" "$(json metrics/error)" = 0
    expect "$1: its own requests were answered" "$(json metrics/answered)" -ge 5
    expect "$1: none was given up" "$(json metrics/timed-out)" = 0
}

# ---- from outside, where no port is fixed --------------------------------------------------------

begin closed
mapfile -t opened < <(ports)
expect "a socket for each node" "${#opened[@]}" = 9
for node in 0 1 2 3 4 8; do
    run "$peers/simrun_throw" "${opened[node]}" $((count / 5))
    expect "thrown at socket $node" "$status,$out" = "0,thrown: $((count / 5))"
done
end closed
expect "each was counted as foreign" "$(json 'nodes/*/foreign' | sum)" = $((6 * (count / 5)))
expect "as a reason to reject" "$(json metrics/rejected.foreign)" = $((6 * (count / 5)))
expect "and no other" "$(json metrics/rejected)" = "$(($(json metrics/rejected.foreign) + $(json metrics/rejected.late)))"

# ---- from outside, where strangers are welcome --------------------------------------------------

# Below those that the kernel chooses, and others than in any other test.
broker=25082 upper=25080 native=25081
open=(--set "port broker $broker" --set "port toupper $upper" --set "port native1 $native")

# rejected NODE REASON: how many it counted.
rejected()
{
    "$peers/simrun_json" "$report" "nodes/name=$1/rejected/$2" | sed 's/.*nothing at.*/0/'
}

begin broker "${open[@]}"
run "$peers/thrower" broker "$broker" "$count"
expect_match "$count hostile datagrams at the broker" "$out" '^thrower: done$'
expect "good ones between them are answered right" "$status" = 0
end broker
while read -r number reason; do
    expect "the broker counts $number $reason" "$(rejected broker "$reason")" = "$number"
done < <(grep -E '^[0-9]+ [a-z-]+$' <<<"$out" | grep -v ' plain$')

begin server "${open[@]}"
run "$peers/thrower" server "$upper" "$count"
expect_match "$count hostile datagrams at a server" "$out" '^thrower: done$'
expect "good ones between them are answered right, too" "$status" = 0
thrown=$out
end server
# Bare texts, which a stand-alone server answers, and plain errors are malformed in a run. Another
# version is rejected and told so: it is in two lines of what the thrower prints, all else in one.
for reason in corrupt truncated version; do
    expect "the server counts as many $reason" "$(rejected toupper $reason)" = \
        "$(awk -v word=$reason '$2 == word { n = $1 } END { print n + 0 }' <<<"$thrown")"
done
errors=$(awk '$2 == "of" && $3 != 505 { n += $1 } END { print n + 0 }' <<<"$thrown")
expect "and each of $count once" "$(($(json 'nodes/name=toupper/rejected/*' | sum) + errors))" = "$count"

begin client "${open[@]}"
run "$peers/simrun_throw" "$native" "$count"
expect "$count hostile datagrams at a client" "$status,$out" = "0,thrown: $count"
end client
expect "the client takes nothing that is not from the broker" \
    "$(($(rejected native1 spoofed) + $(rejected native1 truncated)))" = "$count"

finish cli/simrun_hostile
