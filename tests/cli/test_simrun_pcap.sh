#!/bin/bash
# together: yes
# --pcap, as tshark reads it with our dissector: the frames of every shipped scenario and of hostile
# ones are those of the events, whole and with the right sums; lost ones say so; requests and replies
# are linked; and no datagram upsets the dissector.
. "$(dirname "$0")/simrun_lib.sh"

if ! command -v tshark >/dev/null; then
    echo "cli/simrun_pcap: left out: there is no tshark"
    pass "without tshark there is nothing to check"
    finish cli/simrun_pcap
fi

FRAMES_MAX=5000 # of a capture are looked at one by one; counted are all
capture=$scratch/run.pcapng
events=$scratch/events
fields=$scratch/fields

# dissect OPTION...: tshark on the capture, with the dissector; its output is in $fields.
dissect()
{
    timeout -k 5 120 tshark -n -X "lua_script:$root/tools/simrun.lua" -r "$capture" "$@" \
        >"$fields" 2>"$scratch/tshark.err"
}

# sent: of the events, what a capture's frames should be, a line each: the time in seconds, the id
# (- where the bytes have none that is known), the client's request (-), copy, and why it was lost.
sent()
{
    awk '
        function value(key,    found) {
            if (!match($0, "\"" key "\":(\"[^\"]*\"|[0-9]+)")) return "-"
            found = substr($0, RSTART + length(key) + 3, RLENGTH - length(key) - 3)
            gsub(/"/, "", found)
            return found
        }
        function put() { if (line != "") print line, id, name, copy, lost }
        /"event":"(send|duplicated)"/ {
            put()
            t = value("t_ns")
            line = sprintf("%d.%09d", substr(t, 1, length(t) - 9), substr("000000000" t, length(t) + 1))
            id = value("id")
            name = value("n") == "-" ? "-" : value("client") "/" value("n")
            copy = value("copy") == 0 ? "-" : value("copy")
            lost = "-"
        }
        /"event":"corrupted"/ { id = "-" } # its bytes may say anything
        /"event":"lost"/ { lost = value("reason") }
        END { put() }' "$events" | head -n "$FRAMES_MAX"
}

# check NAME: that the capture is what the events and the report say.
check()
{
    local name=$1
    # Every field is one word but the comment, which is the last; "-" stands for none.
    dissect -c "$FRAMES_MAX" -o ip.check_checksum:TRUE -o udp.check_checksum:TRUE -T fields \
        -e frame.time_epoch -e simrun.id -e simrun.request -e simrun.copy -e simrun.lost \
        -e ip.checksum.status -e udp.checksum.status -e _ws.malformed -e _ws.lua.error \
        -e simrun.crc.good -e simrun.damaged -e udp.length -e frame.comment -E separator=/t
    expect "$name: tshark reads it" $? = 0
    expect_no_match "$name: without a word of complaint" "$(cat "$scratch/tshark.err")" -i \
        'error|lua|damaged|cut short|malformed'
    awk -F '\t' -v OFS='\t' '{ for (i = 1; i <= NF; i++) if ($i == "") $i = "-"; print }' \
        "$fields" >"$scratch/seen"
    expect "$name: every sum is good" "$(cut -f 6,7 "$scratch/seen" | sort -u | tr '\t' ' ')" = "1 1"
    expect "$name: nothing is malformed, and no Lua fails" \
        "$(cut -f 8,9 "$scratch/seen" | sort -u | tr '\t' ' ')" = "- -"
    expect "$name: a bad CRC is where a link did damage, or in a raw datagram" \
        "$(awk -F '\t' '$10 == 0 && $11 == "-" && $13 !~ /^raw /' "$scratch/seen" | wc -l)" = 0
    sent >"$scratch/sent"
    # Where the events know no id (raw, plain, damaged), what the bytes say is not compared. Nothing
    # is asked about an empty datagram (8 octets, UDP's header).
    cut -f 1-5,12 "$scratch/seen" | tr '\t' ' ' |
        paste -d ' ' - "$scratch/sent" | awk '{
            if ($8 == "-") $2 = "-"
            same = $6 == 8 || ($2 == $8 && $3 == $9 && $4 == $10 && $5 == $11)
            if ($1 != $7 || !same || NF != 11) print
        }' >"$scratch/differ"
    expect "$name: the frames are those of the events" "$(head -n 3 "$scratch/differ")" = ""
}

# words TEXT: how often it stands in the capture.
words()
{
    LC_ALL=C grep -aoE "$1" "$capture" | wc -l
}

# counts NAME: that the frames are as many as the report says, lost ones and copies among them.
counts()
{
    expect "$1: as many frames as were sent" \
        "$(capinfos -M -r -T -c "$capture" 2>"$scratch/capinfos.err" | cut -f 2)" = \
        "$(($(json metrics/sent) + $(json metrics/duplicated)))"
    expect "$1: as many comments of losses as losses" "$(words ', lost on ')" = \
        "$(json metrics/lost)"
    expect "$1: as many copies as were made" "$(words ', copy [0-9]+ made by the link')" = \
        "$(json metrics/duplicated)"
}

# ---- what is shipped ----------------------------------------------------------------------------

for scenario in "$root"/scenarios/*.txt; do
    name=$(basename "$scenario" .txt)
    run "$simrun" --world virtual "$scenario" --pcap "$capture" --json "$report" --events "$events"
    check "$name"
    counts "$name"
done

# ---- what is hostile ----------------------------------------------------------------------------

write hostile <<'END'
title   "<script> \x1b[31m \xe2\x80\xae"
seed    5
network delay 1ms 500us duplicate 20% corrupt 15% truncate 10% loss 10%
client c1  timeout 50ms tries 5 window 4
  send 40 toupper "a{n} <script>alert(1)</script> \x00\x01\x1b[31m\xff\xfe \\ \xe2\x80\xae"
  send 40 echo random 0b..1000b
  send nobody "there"
client c2  window 4
  raw "SIM"
  raw "SIM1"
  raw "SIM1 "
  raw "SIM1 Q"
  raw "SIM1 Q "
  raw "SIM1 R 9f3a61c07be2d415 1"
  raw "SIM1 Q 0000000000000000 1 1 00000000 a:b"
  raw "SIM1 Q 9f3a61c07be2d415 1 5000 8b4e036f toupper:hello"
  raw "SIM1 R 9f3a61c07be2d415 1 404 ec5ca393 unknown op"
  raw "SIM1 R 9f3a61c07be2d415 1 099 ec5ca393 "
  raw "SIM1 Q 9f3a61c07be2d415 99 999999 8b4e036f toupper:hello"
  raw "SIM1 Q 9f3a61c07be2d415 1 5000 8b4e036f "
  raw "SIM1 Q 9f3a61c07be2d415 1 5000 8b4e036"
  raw "SIM1 Q 9f3a61c07be2d415 1 5000 8b4e036f TOUPPER:hello"
  raw "SIM7 Q 9f3a61c07be2d415 1 what"
  raw "SIM1 Q \x00\x00\x00%s%n"
  raw ""
  raw ":"
  raw "a:"
  raw "Error: no"
  raw "\x00"
  raw "\xff\xfe\xfd"
client old  plain timeout 50ms
  send 9 tolower "PLAIN \x00\x1b"
END
run "$simrun" --world virtual "$scratch/hostile.txt" --pcap "$capture" --json "$report" \
    --events "$events"
check hostile
counts hostile
dissect -V
expect_no_match "nothing raw reaches the screen" "$(cat "$fields")" -a $'[\x01-\x08\x0b-\x1f\x7f]'
expect_match "a bad CRC is an error of ours" "$(cat "$fields")" \
    '\[Expert Info \(Error/Checksum\): The CRC does not hold\]'
expect_match "what is no envelope is a warning of ours" "$(cat "$fields")" \
    '\[Expert Info \(Warning/Protocol\): Not what the protocol says: the id is not 16'
expect_match "a retry is noted" "$(cat "$fields")" '\[Expert Info \(Note/Sequence\): A retry: try 2\]'
expect_match "an error reply is one" "$(cat "$fields")" \
    '\[Expert Info \(Warning/Response\): Error 404: unknown op\]'
expect_match "bytes are escaped" "$(cat "$fields")" \
    '^    Text: a7 <script>alert\(1\)</script> \\x00\\x01\\x1B\[31m\\xFF\\xFE \\\\ \\xE2\\x80\\xAE$'

run "$simrun" --world real "$scratch/hostile.txt" --pcap "$capture" --json "$report" \
    --events "$events"
check "in the real world"
counts "in the real world"

# ---- what a student reads -----------------------------------------------------------------------

run "$simrun" --world virtual "$root/scenarios/lost_reply.txt" --pcap "$capture"
dissect -2 -T fields -e simrun.kind -e simrun.try -e simrun.code -e simrun.op -e simrun.text \
    -e simrun.request_in -e simrun.response_in -e simrun.time -e simrun.lost -E separator=,
cat >"$scratch/wanted" <<'END'
request,1,,count,pay 100 euros,,,,
request,1,,count,pay 100 euros,,3,,
reply,1,200,,1,2,,0.000000000,drop
request,2,,count,pay 100 euros,,7,,
request,2,,count,pay 100 euros,,6,,
reply,2,200,,2,5,,0.000000000,
reply,2,200,,2,4,,0.000000000,
END
expect "requests and replies are linked, each on its hop" \
    "$(diff "$scratch/wanted" "$fields")" = ""
dissect -Y 'simrun.request == "student/1" && simrun.lost == "drop"' -T fields -e _ws.col.Info
expect_match "the story of a request can be filtered, and read" "$(cat "$fields")" \
    '^reply [0-9a-f]{16} try 1 200 1 \[student/1, lost: drop\]$'
expect "it is one frame" "$(wc -l <"$fields")" = 1

run "$simrun" --world virtual "$root/scenarios/lost_reply.txt" --pcap "$scratch/again.pcapng"
expect "a run's capture repeats byte for byte" \
    "$(cmp "$capture" "$scratch/again.pcapng" 2>&1)" = ""

finish cli/simrun_pcap
