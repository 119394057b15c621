#!/bin/bash
# When the machine says no: ports, descriptors, files, closed streams. Status 3 with a remedy, and
# nothing half-written.
. "$(dirname "$0")/simrun_lib.sh"

write hello <<'END'
client alice
  send 3 toupper "hello from {client}, number {n}"
expect answered = 100%
END
write hundred <<'END'
clients 100
  send toupper "hello from {client}"
expect answered = 100%
END
hello=$scratch/hello.txt

# ---- ports --------------------------------------------------------------------------------------

serve server "$peers/plain_server" toupper
sed "1i port toupper $port" "$hello" >"$scratch/port.txt"
run "$simrun" "$scratch/port.txt" --json "$report"
expect "a port in use is the machine's no" "$status" = 3
expect_match "it names the port and who wanted it" "$err" "port $port .*in use.*toupper wants it"
expect_match "it says what to do" "$err" 'or choose another port'
expect "nothing is reported" "$out$(ls "$report" 2>/dev/null)" = ""
run "$simrun" "$hello" "$scratch/port.txt" --json "$report"
expect "in a later scenario too" "$status" = 3
expect_match "those before were run" "$out" '^PASS  1 of 1 expectation held'
sed "1i port alice $port" "$hello" >"$scratch/client.txt"
run "$simrun" "$scratch/client.txt"
expect_match "a client's port as well" "$err" "port $port .*alice wants it"
stop "$pid"
run "$simrun" "$scratch/port.txt" --json "$report"
expect "the same port, given back, is taken" "$status" = 0
expect "and it is that port" "$(json 'nodes/name=toupper/port')" = "$port"

# ---- descriptors --------------------------------------------------------------------------------

run bash -c "ulimit -n 16; exec '$simrun' '$scratch/hundred.txt' --json '$report.new'"
expect "too few descriptors are the machine's no" "$status" = 3
expect_match "it says how many are needed" "$err" '103 nodes need [0-9]+ descriptors.* may have 16'
expect_match "it says what to do" "$err" 'ulimit -Hn [0-9]+.*fewer clients'
expect "nothing is reported" "$out$(ls "$report.new"* 2>/dev/null)" = ""
run bash -c "ulimit -Sn 16; exec '$simrun' '$scratch/hundred.txt'"
expect "a soft limit is raised without being asked" "$status" = 0
run bash -c "ulimit -n 16; exec '$simrun' -q '$scratch/hundred.txt' --world virtual"
expect "the virtual world needs none" "$status" = 0

# ---- files --------------------------------------------------------------------------------------

for option in --json --events; do
    run "$simrun" -q "$hello" $option /dev/full
    expect "$option /dev/full fails" "$status" = 3
    expect_match "$option /dev/full says so" "$err" 'cannot write .*/dev/full: No space left on device'
done
expect "the device is still there" "$(stat -c %F /dev/full)" = "character special file"

run "$simrun" "$hello" --json "$scratch/nowhere/report.json"
expect "a directory that is not there fails" "$status" = 3
expect_match "it says which" "$err" 'nowhere/report.json: No such file or directory'
expect "before anything is run" "$out" = ""
run "$simrun" "$hello" --json "$report" --events "$scratch/nowhere/events"
expect "the second file is tried before anything is run, too" "$status,$out" = 3,
run "$simrun" "$hello" --json "$scratch"
expect "a directory is no file" "$status" = 3

echo "what was there" >"$scratch/old.json"
run "$simrun" -q "$hello" --json "$scratch/old.json" --events /dev/full
expect "when one file fails" "$status" = 3
expect "the other is left as it was" "$(cat "$scratch/old.json")" = "what was there"
expect "with nothing beside it" "$(ls "$scratch" | grep -c '^old')" = 1
chmod 640 "$scratch/old.json"
run "$simrun" -q "$hello" --json "$scratch/old.json"
expect "a run that succeeds replaces it" "$(json passed "$scratch/old.json")" = true
expect "and keeps its rights" "$(stat -c %a "$scratch/old.json")" = 640
ln -s old.json "$scratch/link.json"
run "$simrun" -q "$hello" --json "$scratch/link.json"
expect "a report through a symbolic link" "$status" = 0
expect "leaves the link" "$(stat -c %F "$scratch/link.json")" = "symbolic link"
mkfifo "$scratch/pipe"
cat "$scratch/pipe" >"$scratch/through.json" &
reader=$!
run "$simrun" -q "$hello" --json "$scratch/pipe"
wait "$reader"
expect "a pipe is written in place" "$(json passed "$scratch/through.json")" = true
expect "and stays one" "$(stat -c %F "$scratch/pipe")" = fifo

# ---- standard streams ---------------------------------------------------------------------------

# Each of these ends by itself, not by a signal.
while IFS='|' read -r wanted redirections sentence; do
    run bash -c "'$simrun' '$hello' $redirections"
    expect "$sentence" "$status" = "$wanted"
done <<END
0|>&-|a closed standard output is no crash
0|2>&-|nor is a closed standard error
0|<&- >&- 2>&-|nor all closed
3|>/dev/full|a full one fails
3|--json - >/dev/full|a report that does not fit fails
3|--events - >/dev/full|nor events
0|-v >&-|with -v nothing changes
3|-v >/dev/full|except that a full one fails
END
for words in --check --help --list --version; do
    run bash -c "'$simrun' $words '$hello' >/dev/full"
    expect "$words to a full output fails" "$status" = 3
    run bash -c "'$simrun' $words '$hello' >&-"
    expect "$words to a closed one is no crash" "$status" = 0
done
for words in '' -v '--json -' '--events -'; do
    run bash -c "'$simrun' '$hello' $words 2>&1 | head -n 1; exit \${PIPESTATUS[0]}"
    expect "a reader that leaves is no crash ($words)" "$status" -lt 4
done
run bash -c "'$simrun' - --json '$report' <&-"
expect "no standard input is an empty scenario, or none to read" "$status" -lt 3

finish cli/simrun_machine
