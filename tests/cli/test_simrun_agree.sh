#!/bin/bash
# together: yes
# Promise 15: whatever is written of a run tells the same. Counts are made anew from the events, the
# JSON, JUnit's XML, the page and the capture of every shipped scenario.
. "$(dirname "$0")/simrun_lib.sh"

# run_all WORD...: runs simrun with everything that it can write, and compares; sets $told.
run_all()
{
    run "$simrun" "$@" --events events.jsonl --json run.json --junit junit.xml --html page.html \
        --pcap capture.pcapng -q
    told=$("$peers/simrun_agree" events.jsonl run.json junit.xml page.html capture.pcapng 2>&1)
}

for scenario in "$root"/scenarios/*.txt; do
    name=$(basename "$scenario" .txt)
    [ "$sanitized" = no ] || [ "$name" != ten_thousand_clients ] || continue
    run_all "$scenario" --world virtual
    expect "$name: it holds" "$status" = 0
    expect "$name: all agree" "$told" = "25 counts agree"
done

for name in loss10 lost_reply no_retry; do
    run_all "$root/scenarios/$name.txt"
    expect "$name, in the real world: all agree" "$told" = "25 counts agree"
done

# Where nothing holds: most is lost, copied or damaged, requests fail in every way, and it is cut
# short before its end.
write bad <<'END'
title "<b>\"\xe2\x80\xae"
world virtual
time-limit 900ms
network loss 30% delay 1ms 2ms duplicate 10% corrupt 5% truncate 2%
server toupper service 40ms queue 1
clients 5 timeout 60ms tries 2
  send 10 toupper "</script><script>\x00\xff"
  send 2 nobody "is there"
  wait 1s
  send 9 echo random 1b..600b
client rude
  raw "\x00\x01</script>"
client old plain timeout 50ms tries 1
  send 5 tolower "OLD"
at 100ms for 100ms crash toupper
at 300ms for 100ms partition clients | broker
expect "</script>" answered = 100%
expect "</script>" failed = 0
END
run_all bad.txt
expect "a run that goes wrong ends with 1" "$status" = 1
expect "a run that goes wrong: all agree" "$told" = "25 counts agree"

# What finds a difference is worth as much as what it finds.
sed -i '0,/"event":"lost"/s//"event":"note"/' events.jsonl
expect_match "an event less is found" \
    "$("$peers/simrun_agree" events.jsonl run.json junit.xml page.html capture.pcapng)" \
    '^[23] of 25 counts differ$'

finish cli/simrun_agree
