#!/bin/bash
# The stand-alone programs: what they answer, every mix of ours and plain ones, how they end, what
# they say.
. "$(dirname "$0")/lib.sh"
peers=$build/tests/peers

# start_servers ours|plain: sets $upper and $lower, their ports, and $servers, their numbers.
start_servers()
{
    servers=()
    for op in toupper tolower; do
        if [ "$1" = ours ]; then
            serve "$op" "$build/udp_$op" --port 0
        else
            serve "$op" "$peers/plain_server" "$op"
        fi
        servers+=("$pid")
        [ "$op" = toupper ] && upper=$port || lower=$port
    done
}

# start_broker ours|plain ours|plain [OPTION...]: a broker of the first kind for the servers of the
# second kind that were started. Sets $broker, its port, and $broker_pid.
start_broker()
{
    local kind=$1 plain=()
    [ "$2" = plain ] && plain=(--plain-servers)
    shift 2
    if [ "$kind" = ours ]; then
        serve broker "$build/udp_broker" --port 0 --server "toupper=127.0.0.1:$upper" \
            --server "tolower=127.0.0.1:$lower" "${plain[@]}" "$@"
    else
        serve broker "$peers/plain_broker" "$upper" "$lower"
    fi
    broker=$port
    broker_pid=$pid
}

# stop_all: the servers and the broker; those of ours must end with status 0.
stop_all()
{
    stop "$broker_pid"
    local one
    for one in "${servers[@]}"; do
        stop "$one"
    done
}

# ---- what a person types ------------------------------------------------------------------------

start_servers ours
start_broker ours ours -v
printf 'SIM1 R 0123456789abcdef 1 200 00000000 x' >"/dev/udp/127.0.0.1/$broker" # of a wrong sum
run bash -c "printf 'toupper:hello' | nc -u -w1 127.0.0.1 $broker"
expect "nc gets HELLO from the broker" "$out" = HELLO
run bash -c "printf 'hello' | nc -u -w1 127.0.0.1 $upper"
expect "nc gets HELLO from the server" "$out" = HELLO
run bash -c "printf 'nobody:hello\n' | nc -u -w1 127.0.0.1 $broker"
expect "nc is told of an unknown operation" "$out" = "Error: unknown op"

run "$build/udp_client" 127.0.0.1 "$broker" toupper:hello 'tolower:HeLLo, World' toupper:
expect "requests as arguments are answered" "$status" = 0
expect "an answer a line, in order" "$out" = $'HELLO\nhello, world'
expect "nothing else is said" "$err" = ""

run bash -c "printf 'toupper:one\n\ntolower:TWO\ntoupper:three' |
    '$build/udp_client' 127.0.0.1 $broker"
expect "lines of standard input are requests, the last one too" "$out" = $'ONE\ntwo\nTHREE'
expect "and all were answered" "$status" = 0

run bash -c "printf 'toupper:one\nnonsense\nnobody:x\ntoupper:two\n' |
    '$build/udp_client' 127.0.0.1 $broker"
expect "a failed request does not stop the others" "$out" = $'ONE\nTWO'
expect "but is remembered" "$status" = 1
expect_match "a line that is no request is named" "$err" "'nonsense' is no request"
expect_match "an error has its code and its reason" "$err" 'nobody:x: 404 unknown op'

run bash -c "{ head -c 5000 /dev/zero; printf '\ntoupper:three\n'; } |
    '$build/udp_client' 127.0.0.1 $broker"
expect "after a line that is too long the next one is answered" "$out" = THREE
expect_match "and it is named" "$err" 'is too long: a text has at most 1024 octets'
if ! grep -qE '^CMAKE_C_FLAGS:.*-fsanitize' "$build/CMakeCache.txt"; then
    run bash -c "ulimit -v 65536; head -c 256M /dev/zero | '$build/udp_client' 127.0.0.1 $broker"
    expect "one that is larger than the memory is no less named" "$status" = 1
    expect_match "by the same words" "$err" 'is too long: a text has at most 1024 octets'
fi

run bash -c "printf 'toupper:\\xff\\x1b[31m\\xc3\\xa4\n' | '$build/udp_client' 127.0.0.1 $broker"
expect "bytes of any value come back as they are" \
    "$(od -An -tx1 "$scratch/out" | tr -d ' \n')" = ff1b5b33314dc3a40a
if command -v script >/dev/null; then
    run env SHELL=/bin/sh script -qec \
        "'$build/udp_client' 127.0.0.1 $broker 'toupper:"$'\e'"[31m'" /dev/null
    expect_match "on a terminal control characters are made visible" "$out" '\\x1b\[31M'
fi

run bash -c "stdbuf -oL '$build/udp_client' 127.0.0.1 $broker toupper:one >/dev/full"
expect "an answer that cannot be printed is no success" "$status" = 3

run "$build/udp_client" --plain localhost "$broker" nobody:x
expect "a plain error fails" "$status" = 1
expect_match "and is shown" "$err" 'nobody:x: Error: unknown op'

stop "$broker_pid"
expect "the broker ends on SIGTERM with status 0" "$status" = 0
expect_match "with -v it shows what it received" "$(cat "$scratch/broker.err")" \
    ' <- 127\.0\.0\.1:[0-9]+ +"toupper:hello"$'
expect_match "and what it sent" "$(cat "$scratch/broker.err")" \
    ' -> 127\.0\.0\.1:[0-9]+ +"HELLO"$'
expect_match "with -v it says what it counted" "$(tail -n 1 "$scratch/broker.err")" \
    '^udp_broker: [0-9]+ received, [0-9]+ sent, 1 rejected: 1 corrupt; 3 errors sent: 1 of 404, 2 plain; 0 not sent, 0 dropped'
stop "${servers[0]}"
expect "a server ends on SIGTERM with status 0" "$status" = 0
expect "without -v it says nothing more" "$(wc -l <"$scratch/toupper.err")" = 1
stop "${servers[1]}" INT
expect "or on SIGINT" "$status" = 0

# ---- every mix ----------------------------------------------------------------------------------

for server_kind in ours plain; do
    start_servers "$server_kind"
    for broker_kind in ours plain; do
        start_broker "$broker_kind" "$server_kind"
        for client_kind in ours plain; do
            mix="$client_kind client, $broker_kind broker, $server_kind servers"
            client=("$peers/plain_client")
            [ "$client_kind" = ours ] && client=("$build/udp_client" 127.0.0.1)
            [ "$client_kind$broker_kind" = oursplain ] && client+=(--plain)
            run "${client[@]}" "$broker" 'toupper:Hello 1' 'tolower:Hello 2'
            expect "$mix: answered" "$out" = $'HELLO 1\nhello 2'
            expect "$mix: status 0" "$status" = 0
        done
        stop "$broker_pid"
    done
    stop "${servers[0]}"
    stop "${servers[1]}"
done

# ---- many at once through plain servers ---------------------------------------------------------

texts=()
answers=""
for n in $(seq 50); do
    texts+=("toupper:request $n")
    answers+="REQUEST $n"$'\n'
done
serve reverse "$peers/plain_server" toupper 50
upper=$port
lower=1 # nobody's for sure: a port given back may be the next client's, who is then taken for a server
servers=("$pid")
start_broker ours plain -v
run "$peers/plain_client" "$broker" "${texts[@]}"
expect "50 requests at once, answered in reverse, keep their answers" "$out" = "${answers%?}"

# The same with 50 clients of ours, each a program of its own.
clients=()
for n in $(seq 50); do
    "$build/udp_client" 127.0.0.1 "$broker" --timeout 20s "toupper:client $n" \
        >"$scratch/client.$n" 2>&1 &
    clients+=("$!")
done
wrong=0
for n in $(seq 50); do
    wait "${clients[n - 1]}" || wrong=$((wrong + 1))
    [ "$(cat "$scratch/client.$n")" = "CLIENT $n" ] || wrong=$((wrong + 1))
done
expect "and so do those of 50 clients of ours" "$wrong" = 0
stop "$broker_pid"
stop "${servers[0]}"

# A request that was given up takes its socket with it.
serve slow "$peers/plain_server" toupper 3
upper=$port
servers=("$pid")
start_broker ours plain
run "$build/udp_client" 127.0.0.1 "$broker" --tries 1 --timeout 100ms toupper:lost
expect "a request that the server sits on fails" "$status" = 1
expect_match "with words about it" "$err" 'toupper:lost: nobody answered at .* after 1 try in [0-9.]+ m?s'
run "$peers/plain_client" "$broker" toupper:second toupper:third
expect "its answer, when it comes, is taken for no other's" "$out" = $'SECOND\nTHIRD'
stop_all

# ---- nobody there, and what else goes wrong -----------------------------------------------------

serve gone "$build/udp_toupper" --port 0
stop "$pid"
run "$build/udp_client" 127.0.0.1 "$port" --timeout 20ms toupper:hello
expect "nobody there: status 1" "$status" = 1
expect_match "and the remedy" "$err" \
    "nobody answered at 127.0.0.1:$port after 5 tries in [0-9.]+ m?s: is udp_broker running\?"

for span in 10000000ns 10000us 10ms 0.01s 10.000ms; do
    run "$build/udp_client" 127.0.0.1 "$port" --tries 1 --timeout "$span" toupper:hello
    expect_match "a timeout of $span is as it says" "$err" 'after 1 try in [0-9]+ ms'
done

serve first "$build/udp_broker" --port 0 --server toupper=127.0.0.1:1
for program in udp_broker udp_toupper udp_tolower; do
    run "$build/$program" --port "$port"
    expect "$program on a port in use: status 3" "$status" = 3
    expect_match "$program names the port" "$err" "port $port is in use"
done
run "$build/udp_client" 127.0.0.1 "$port" --timeout 10ms --tries 2 toupper:x
expect "a broker without its servers: status 1" "$status" = 1
stop "$pid"

for program in udp_broker udp_toupper udp_tolower udp_client; do
    run "$build/$program" --version
    expect_match "$program --version" "$out" "^$program [0-9]+\.[0-9]+\.[0-9]+$"
    run "$build/$program" --help
    expect "$program --help: status 0" "$status" = 0
    expect_match "$program --help teaches" "$out" 'to(upper:hello|lower:HELLO)'
    case $program in
    udp_toupper) letters=capital ;;
    udp_tolower) letters=small ;;
    *) letters=. ;;
    esac
    expect_match "$program --help says what it does" "$out" "$letters"
    expect_no_match "$program --help fits 80 columns" "$out" '.{81}'
    run "$build/$program" --nonsense
    expect "$program: an unknown option: status 2" "$status" = 2
    run bash -c "'$build/$program' --help >&-"
    expect "$program: a closed standard output is no crash" "$status" -lt 4
    run bash -c "'$build/$program' --help >/dev/full"
    expect "$program: a full device: status 3" "$status" = 3
    run bash -c "stdbuf -oL '$build/$program' --help >/dev/full"
    expect "$program: and line by line, as to a terminal" "$status" = 3
    expect_match "$program: with the reason" "$err" 'cannot write: No space left'
done

# usage PATTERN COMMAND...: it ends with status 2 and says so.
usage()
{
    local pattern=$1
    shift
    run "$@"
    expect "$*: status 2" "$status" = 2
    expect_match "$*: says why" "$err" "$pattern"
}
usage 'HOST and PORT' "$build/udp_client"
usage 'from 1 to 65535' "$build/udp_client" 127.0.0.1 0 toupper:x
usage 'is no request' "$build/udp_client" 127.0.0.1 8082 'Toupper:x'
usage 'at most 1024' "$build/udp_client" 127.0.0.1 8082 "toupper:$(printf '%01025d' 0)"
usage 'span with its unit' "$build/udp_client" --timeout 500 127.0.0.1 8082 toupper:x
for span in 0ms 601s 11m 1h 1.s .5s 1,5s '5 s' 5sec -1s 99999999999999999999s 1e3ms; do
    usage 'span with its unit' "$build/udp_client" --timeout "$span" 127.0.0.1 8082 toupper:x
done
usage 'from 1 to 99' "$build/udp_client" --tries 100 127.0.0.1 8082 toupper:x
usage 'host' "$build/udp_client" 'no such host' 8082 toupper:x
usage 'OP=HOST:PORT' "$build/udp_broker" --server 127.0.0.1:8080
usage 'HOST:PORT' "$build/udp_broker" --server toupper=8080
usage "broker's own address" "$build/udp_broker" --server toupper=127.0.0.1:8082
usage 'another machine' "$build/udp_broker" --server toupper=192.0.2.1:8080
usage 'from 0 to 65535' "$build/udp_toupper" --port 65536
usage 'no arguments' "$build/udp_toupper" 8080
mapfile -t never < <(seq -f '--never-answer=127.0.0.1:%g' 62)
usage 'at most 61 addresses' "$build/udp_toupper" "${never[@]}" 8080
usage 'no arguments' "$build/udp_toupper" "${never[@]:1}" 8080

# ---- other addresses than loopback --------------------------------------------------------------

serve open "$build/udp_toupper" --port 0 --bind 0.0.0.0
expect_match "a server that others can reach says so" "$(cat "$scratch/open.err")" \
    'warning: other machines can reach 0.0.0.0'
run "$peers/plain_client" "$port" hello
expect "and answers" "$out" = HELLO
stop "$pid"
serve own "$build/udp_toupper" --port 0
expect_no_match "one that they cannot does not" "$(cat "$scratch/own.err")" warning
stop "$pid"
run "$build/udp_tolower" --port 0 --bind 192.0.2.1
expect "an address of another machine: status 3" "$status" = 3

# ---- the broker's own leg -----------------------------------------------------------------------

serve tries "$peers/plain_server" toupper 3
upper=$port
servers=("$pid")
start_broker ours plain --timeout 20ms --tries 3
run "$build/udp_client" 127.0.0.1 "$broker" --tries 1 --timeout 5s toupper:again
expect "the broker asks again until the server answers" "$out" = AGAIN
stop_all
serve tries "$peers/plain_server" toupper 2
upper=$port
servers=("$pid")
start_broker ours plain --tries 2
run "$build/udp_client" 127.0.0.1 "$broker" --tries 1 --timeout 5s toupper:again
expect "with tries it has a timer, whatever that is" "$out" = AGAIN
stop_all

finish cli/standalone
