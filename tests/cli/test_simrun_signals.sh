#!/bin/bash
# threads: yes
# SIGINT and SIGTERM end a run early, with a valid report of what there was; so does the time limit.
. "$(dirname "$0")/simrun_lib.sh"

# Three requests at once, then one that nobody answers, then a long wait, then two that never begin.
write long <<'END'
at 0s link broker -> late* down
client early
  send 3 toupper "hello"
  wait 60s
  send 2 tolower "NEVER"
client later  start 60s
  send toupper "never"
client late1  timeout 60s tries 1 deadline 60s
  send toupper "no answer"
expect "all" answered = 100%
END

# start_long NAME [OPTION...]: starts it, and waits until its four requests were executed.
start_long()
{
    local name=$1
    shift
    # -v goes to standard error, for `await`, where the events go to standard output.
    start "$name" "$peers/simrun_child" exec "$simrun" -v long.txt --events - \
        --json "$report" "$@"
    await "$name" 'late1 +[^ ]+ begin' && await "$name" 'early/3 .*answered|answered +early/3' &&
        await "$name" 'execute +late1/1' || fail "$name is under way" "$(tail -n 5 "$scratch/$name.err")"
}

for signal in INT TERM; do
    number=$([ $signal = INT ] && echo 130 || echo 143)
    start_long "$signal"
    stop "$pid" $signal
    err=$(cat "$scratch/$signal.err")
    expect "SIG$signal: status $number" "$status" = $number
    expect_match "SIG$signal: the report says that it is partial" "$err" "SIG$signal.*partial"
    expect_match "SIG$signal: and ends with its verdict" "$(tail -n 1 <<<"$err")" '^FAIL  0 of 1 expectation'
    expect "SIG$signal: JSON is whole" "$(json status),$(json end),$(json passed)" = $number,signal,false
    expect "SIG$signal: what was done counts" "$(json metrics/answered)" = 3
    expect "SIG$signal: what was open or not begun is cancelled" "$(json metrics/cancelled)" = 4
    expect "SIG$signal: each request has its outcome" \
        "$(json 'requests/*/outcome' | sort | uniq -c | tr -s ' \n' ' ')" = ' 3 answered 4 cancelled '
    expect_no_match "SIG$signal: no promise is broken" "$(json 'promises/*/verdict')" broken
    json event "$scratch/$signal.out" >"$scratch/words"
    expect "SIG$signal: the events are whole" "$(grep -c '^answered$' "$scratch/words")" = 3
    expect "SIG$signal: it did not take a minute" "$(json duration_ns)" -lt 50000000000
done

# A run that has no time to end well is no crash either: signals at any moment of its start.
for round in 1 2 3 4 5 6 7 8; do
    start quick "$peers/simrun_child" exec "$simrun" long.txt --json "$report.$round"
    until [[ $(readlink "/proc/$pid/exe") = *simrun ]]; do :; done
    stop "$pid"
    expect "a signal during the start ends it" "$status" = 143
    expect "and leaves no half a report" \
        "$([ ! -e "$report.$round" ] || json status "$report.$round" | grep -v '^143$')" = ""
done

# ---- the second one -----------------------------------------------------------------------------

# The report of three hundred clients does not fit into a pipe that nobody reads: the first signal
# ends the run, and only the second can end the process.
write crowd <<'END'
clients 300
  wait 60s
  send toupper "never"
END
# threads: how many the process has.
threads()
{
    awk '$1 == "Threads:" { found = $2 } END { print found + 0 }' "/proc/$pid/status" 2>/dev/null
}
mkfifo "$scratch/pipe"
exec 8<>"$scratch/pipe"
start crowd bash -c 'exec "$@" >&8' - "$peers/simrun_child" exec "$simrun" crowd.txt \
    --json -
until [ "$(threads)" -gt 300 ] || ! kill -0 "$pid"; do :; done
kill -TERM "$pid"
until [ "$(threads)" -lt 100 ] || ! kill -0 "$pid"; do :; done
expect "the first signal does not end a process that has a report to write" \
    "$(kill -0 "$pid" && echo lives)" = lives
stop "$pid"
expect "the second does" "$status" = 143
exec 8>&-

# signal_report SIGNAL SCENARIO...: runs them with JSON of three hundred clients, which does not fit
# into its pipe: when it has begun the report is under way, and the signal comes. The rest is read
# into $report. Sets $status.
mkfifo "$scratch/report.pipe"
signal_report()
{
    local signal=$1 first
    shift
    exec 8<>"$scratch/report.pipe"
    start report "$peers/simrun_child" exec "$simrun" --world virtual --json "$scratch/report.pipe" "$@"
    read -r -n 1 -u 8 first
    kill "-$signal" "$pid"
    { printf '%s' "$first" && cat; } <"$scratch/report.pipe" >"$report" 8>&- &
    exec 8>&-
    wait "$pid"
    status=$?
    wait $!
}
signal_report TERM crowd.txt
expect "a signal that meets a report under way ends the process" "$status" = 143
expect "when JSON has been written to its end" "$(json end),$(json metrics/answered)" = done,300
expect_match "and the report" "$(tail -n 1 "$scratch/report.out")" '^PASS'

# Of many short runs, none of which looks at signals, no other begins.
signal_report INT crowd.txt crowd.txt crowd.txt crowd.txt
expect "a signal between two runs ends them all" "$status" = 130
expect "with what has been run" "$(json end)" = done

# ---- the time limit -----------------------------------------------------------------------------

run "$simrun" long.txt --set 'time-limit 300ms' --json "$report"
expect "the time limit is status 1" "$status" = 1
expect_match "and is said" "$out" 'the time limit of 300ms was reached'
expect "what was done counts" "$(json metrics/answered)" = 3
expect "the rest is cancelled" "$(json metrics/cancelled)" = 4
expect "with its outcome in the list" "$(json 'requests/outcome=cancelled/n' | wc -l)" = 4
expect "JSON says how it ended" "$(json end)" = time-limit
expect_no_match "no promise is broken" "$(json 'promises/*/verdict')" broken
run "$simrun" long.txt long.txt --set 'time-limit 100ms' --json "$report"
expect "of several runs each has its limit" "$(json end | tr '\n' ' ')" = "time-limit time-limit "

finish cli/simrun_signals
