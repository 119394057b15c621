-- Wireshark's dissector for what simrun speaks on UDP: envelopes (`SIM1 Q ...`, `SIM1 R ...`) and
-- the plain form (`toupper:hello`).
--
-- Once:         wireshark -X lua_script:tools/simrun.lua run.pcapng
--               tshark    -X lua_script:tools/simrun.lua -r run.pcapng
-- For good:     copy it into the folder that Help > About Wireshark > Folders calls
--               "Personal Lua Plugins" (mostly ~/.local/lib/wireshark/plugins).
--
-- It takes UDP ports 8080 to 8082, what begins like an envelope, and all that simrun has captured
-- itself. Where another protocol has a port that the kernel chose for a node: switch on "Try
-- heuristic sub-dissectors first" in UDP's preferences (-o udp.try_heuristic_first:TRUE).
--
-- Display filters:
--   simrun.request == "c1/3"       one request through both hops (captures that simrun has written)
--   simrun.lost                    what links lost; simrun.lost == "down" by reason
--   simrun.damaged, simrun.copy    what links changed, and what they made copies of
--   simrun.id == "9f3a61c07be2d415"
--                                  by the id on the wire (it is another one behind the broker)
--   simrun.try > 1                 retries
--   simrun.code >= 400             error replies
--   simrun.crc.good == 0           damaged envelopes
--   simrun.time > 0.05             replies that took longer than 50 ms
-- A request shows its reply in tshark only with -2, for it comes later in the file.

local simrun = Proto("simrun", "simrun")

-- ---- fields ------------------------------------------------------------------------------------

local WORDS_OF_CODES = {
    [200] = "ok",
    [400] = "malformed",
    [404] = "unknown op",
    [408] = "expired before it was executed",
    [409] = "id reused with another payload",
    [413] = "too large",
    [429] = "busy",
    [500] = "server failed",
    [503] = "no healthy server",
    [504] = "no answer in time",
    [505] = "unknown version",
}

local fields = {
    kind = ProtoField.string("simrun.kind", "Kind"),
    version = ProtoField.uint8("simrun.version", "Version"),
    id = ProtoField.string("simrun.id", "Id"),
    try = ProtoField.uint8("simrun.try", "Try", base.DEC, nil, nil,
        "Which send of the client's this is; replies echo it"),
    ttl = ProtoField.uint32("simrun.ttl", "Time to live (ms)", base.DEC, nil, nil,
        "What is left of the client's deadline"),
    code = ProtoField.uint16("simrun.code", "Code", base.DEC, WORDS_OF_CODES),
    crc = ProtoField.uint32("simrun.crc", "CRC-32C", base.HEX),
    crc_good = ProtoField.bool("simrun.crc.good", "CRC is good"),
    op = ProtoField.string("simrun.op", "Operation"),
    text = ProtoField.string("simrun.text", "Text", base.ASCII,
        "Bytes that are not printable ASCII are written \\xHH"),
    request_in = ProtoField.framenum("simrun.request_in", "Request in frame", base.NONE,
        frametype.REQUEST),
    response_in = ProtoField.framenum("simrun.response_in", "Response in frame", base.NONE,
        frametype.RESPONSE),
    time = ProtoField.relative_time("simrun.time", "Response time"),
    request = ProtoField.string("simrun.request", "Request", base.ASCII,
        "client/number, from the frame's comment"),
    copy = ProtoField.uint8("simrun.copy", "Copy", base.DEC, nil, nil,
        "Made by the link, from the frame's comment"),
    damaged = ProtoField.string("simrun.damaged", "Damaged", base.ASCII,
        "What the link changed, from the frame's comment"),
    lost = ProtoField.string("simrun.lost", "Lost", base.ASCII,
        "Why the link lost it, from the frame's comment"),
}
simrun.fields = fields

local experts = {
    retry = ProtoExpert.new("simrun.expert.retry", "A retry", expert.group.SEQUENCE,
        expert.severity.NOTE),
    again = ProtoExpert.new("simrun.expert.again", "The same once more", expert.group.SEQUENCE,
        expert.severity.NOTE),
    code = ProtoExpert.new("simrun.expert.code", "An error reply", expert.group.RESPONSE_CODE,
        expert.severity.WARN),
    lost = ProtoExpert.new("simrun.expert.lost", "Lost on the way", expert.group.SEQUENCE,
        expert.severity.WARN),
    crc = ProtoExpert.new("simrun.expert.crc", "The CRC does not hold", expert.group.CHECKSUM,
        expert.severity.ERROR),
    bad = ProtoExpert.new("simrun.expert.bad", "Not what the protocol says", expert.group.PROTOCOL,
        expert.severity.WARN),
}
simrun.experts = experts

-- What simrun writes into the frame's comment: "c1/3 try 2, lost on broker -> toupper: loss". There
-- is nothing to read where Wireshark needs no tree, as when it goes through a file first.
local frame_comment = Field.new("frame.comment")

-- ---- CRC-32C -----------------------------------------------------------------------------------

-- An operator where Lua has one (5.3), else a library's: `bit` or, in plain 5.2, `bit32`. All else
-- is arithmetic, which costs less than a call.
local library = bit or bit32
local bxor = library and library.bxor or load("return function(a, b) return a ~ b end")()

local crc_table = {}
for octet = 0, 255 do
    local crc = octet
    for _ = 1, 8 do
        local low = crc % 2
        crc = (crc - low) / 2
        if low == 1 then
            crc = bxor(crc, 0x82f63b78) % 0x100000000
        end
    end
    crc_table[octet] = crc
end

-- The sum of the string, from 0 to 2^32-1.
local function crc32c(text)
    local crc = 0xffffffff
    for i = 1, #text do
        local low = crc % 256
        crc = bxor((crc - low) / 256, crc_table[bxor(low, text:byte(i))]) % 0x100000000
    end
    return 0xffffffff - crc
end

-- ---- reading -----------------------------------------------------------------------------------

local DATAGRAM_MAX, TEXT_MAX, OP_MAX, TTL_MAX = 1200, 1024, 32, 600000
local ID_DIGITS, CRC_DIGITS = 16, 8

-- A decimal number without a leading zero at `from`: its text and the place behind it, or nil.
local function read_decimal(text, from, digits_max)
    local digits = text:match("^[0-9]+", from)
    if digits == nil or #digits > digits_max or (#digits > 1 and digits:sub(1, 1) == "0") then
        return nil
    end
    return digits, from + #digits
end

-- That many digits of lower-case hexadecimal at `from`, or nil.
local function read_hex(text, from, count)
    local digits = text:match("^[0-9a-f]+", from)
    return digits and #digits >= count and digits:sub(1, count) or nil
end

-- An operation's name at `from`, or nil.
local function read_op(text, from)
    local op = text:match("^([a-z][a-z0-9_-]*):", from)
    return op and #op <= OP_MAX and op or nil
end

-- What a datagram that begins with "SIM" says. `parts` gets each part that could be read as
-- {from, size, value}, counted from 1; `bad` says what is wrong. As strict as simrun itself.
local function read_envelope(text)
    local found = { parts = {} }
    local parts = found.parts
    local version, kind = text:match("^SIM([0-9]) ([QR]) ")
    if version == nil then
        found.bad = "it begins with SIM, yet is no envelope"
        return found
    end
    found.kind = kind == "Q" and "request" or "reply"
    parts.version = { 4, 1, tonumber(version) }
    parts.kind = { 6, 1, found.kind }

    local at = 8
    local id = read_hex(text, at, ID_DIGITS)
    if id == nil or not id:find("[^0]") then
        found.bad = "the id is not 16 hexadecimal digits"
        return found
    end
    parts.id = { at, ID_DIGITS, id }
    at = at + ID_DIGITS
    local try, behind = read_decimal(text, at + 1, 2)
    if text:sub(at, at) ~= " " or try == nil or try == "0" then
        found.bad = "the try is not a number from 1 to 99"
        return found
    end
    parts.try = { at + 1, #try, tonumber(try) }
    at = behind
    if version ~= "1" then
        found.bad = "version " .. version .. " is not known"
        return found
    end

    local number
    number, behind = read_decimal(text, at + 1, found.kind == "request" and 6 or 3)
    local value = tonumber(number)
    if text:sub(at, at) ~= " " or value == nil or (found.kind == "request" and value > TTL_MAX)
        or (found.kind == "reply" and value < 100) then
        found.bad = found.kind == "request" and "the time to live is not a number up to 600000"
            or "the code is not a number from 100 to 999"
        return found
    end
    parts[found.kind == "request" and "ttl" or "code"] = { at + 1, #number, value }
    at = behind + 1
    local crc = read_hex(text, at, CRC_DIGITS)
    if text:sub(behind, behind) ~= " " or crc == nil
        or text:sub(at + CRC_DIGITS, at + CRC_DIGITS) ~= " " then
        found.bad = "the CRC is not 8 hexadecimal digits"
        return found
    end
    parts.crc = { at, CRC_DIGITS, tonumber(crc, 16) }
    found.crc = crc32c(text:sub(1, at - 1) .. ("0"):rep(CRC_DIGITS) .. text:sub(at + CRC_DIGITS))
    at = at + CRC_DIGITS + 1

    if found.kind == "request" then
        local op = read_op(text, at)
        if op == nil then
            found.bad = "there is no operation before the text"
            return found
        end
        parts.op = { at, #op, op }
        at = at + #op + 1
    end
    parts.text = { at, #text - at + 1, text:sub(at) }
    if #text - at + 1 > TEXT_MAX then
        found.bad = "the text has more than 1024 bytes"
    end
    return found
end

-- What a datagram without an envelope says. Only what goes to the broker is known to be a request.
local function read_plain(text, to_broker)
    local op = to_broker and read_op(text, 1)
    if text == "" then
        return { kind = "empty", parts = {} }
    elseif op then
        return {
            kind = "plain request",
            parts = { op = { 1, #op, op }, text = { #op + 2, #text - #op - 1, text:sub(#op + 2) } },
        }
    end
    return {
        kind = text:find("^Error:") and "plain error" or "plain text",
        parts = { text = { 1, #text, text } },
    }
end

-- Printable ASCII as it is, but `\\` for a backslash; all else as \xHH: nothing that a datagram
-- says reaches the screen raw.
local function escape(text)
    return (text:gsub("[\\%z\1-\31\127-\255]", function(octet)
        return octet == "\\" and "\\\\" or string.format("\\x%02X", octet:byte())
    end))
end

local function shorten(text, max)
    return #text <= max and text or text:sub(1, max) .. "..."
end

-- ---- requests and their replies ----------------------------------------------------------------

-- By client, server, id and try. Plain tables of numbers: a capture may have a million of them.
local first_frame = { request = {}, reply = {} } -- the first of each kind
local first_seconds = {} -- when the first request was sent
local more_requests = {} -- those with the same key behind it, as lists of {frame, seconds}
local lost_frames = {}   -- by frame: true where its comment says that it was lost

function simrun.init()
    first_frame = { request = {}, reply = {} }
    first_seconds, more_requests, lost_frames = {}, {}, {}
end

-- Notes a sound envelope when it is seen first; returns what its request and replies are noted by.
local function note_frame(pinfo, found)
    local source = tostring(pinfo.src) .. " " .. pinfo.src_port
    local target = tostring(pinfo.dst) .. " " .. pinfo.dst_port
    local ends = found.kind == "request" and source .. " " .. target or target .. " " .. source
    local key = ends .. " " .. found.parts.id[3] .. " " .. found.parts.try[3]
    local first = first_frame[found.kind]
    if found.lost then
        lost_frames[pinfo.number] = true
    end
    if first[key] == nil then
        first[key] = pinfo.number
        first_seconds[key] = found.kind == "request" and pinfo.rel_ts or first_seconds[key]
    elseif found.kind == "request" and not pinfo.visited then
        more_requests[key] = more_requests[key] or {}
        table.insert(more_requests[key], { pinfo.number, pinfo.rel_ts })
    end
    return key
end

-- The request that a reply answers, as frame and seconds: the first that was not lost.
local function request_before(key, number)
    local frame, seconds = first_frame.request[key], first_seconds[key]
    for _, more in ipairs(frame and lost_frames[frame] and more_requests[key] or {}) do
        if not lost_frames[more[1]] then
            frame, seconds = more[1], more[2]
            break
        end
    end
    if frame and frame < number then
        return frame, seconds
    end
end

local function add_response_time(tree, seconds)
    local whole = math.floor(seconds)
    local nanoseconds = math.floor((seconds - whole) * 1e9 + 0.5)
    if nanoseconds >= 1e9 then
        whole, nanoseconds = whole + 1, 0
    end
    tree:add(fields.time, NSTime.new(whole, nanoseconds)):set_generated()
end

local function add_links(tree, pinfo, found)
    local key = note_frame(pinfo, found)
    if first_frame[found.kind][key] < pinfo.number then
        tree:add_proto_expert_info(experts.again, "The same " .. found.kind .. " once more")
    end
    if found.kind == "reply" then
        local request, seconds = request_before(key, pinfo.number)
        if request then
            tree:add(fields.request_in, request):set_generated()
            add_response_time(tree, pinfo.rel_ts - seconds)
        end
    else
        local reply = first_frame.reply[key]
        if reply and reply > pinfo.number and not found.lost then
            tree:add(fields.response_in, reply):set_generated()
        end
    end
end

-- ---- the tree ----------------------------------------------------------------------------------

-- The frame's comment and, if it is one of simrun's, the node that the datagram goes to.
local function read_target()
    local comment = frame_comment()
    local text = comment and tostring(comment.value) or ""
    return text, text:match("^[^,]+, [^,]+ %-> ([A-Za-z0-9_-]+)")
end

local function read_comment(found, text)
    found.request = text:match("^([A-Za-z0-9_-]+/[0-9]+) try ")
    found.copy = tonumber(text:match(", copy ([0-9]+) made by the link"))
    found.damaged = text:match(", (bit [0-7] of byte .*)$") or text:match(", (cut from .*)$")
    found.damaged = found.damaged and found.damaged:gsub(", held back.*", "")
    found.lost = text:match(", lost on [^:]+: ([a-z]+)")
end

local ORDER = { "kind", "version", "id", "try", "ttl", "code", "crc", "op", "text" }

local function add_parts(tree, buffer, found)
    for _, name in ipairs(ORDER) do
        local part = found.parts[name]
        if part and part[2] > 0 then
            local value = type(part[3]) == "string" and escape(part[3]) or part[3]
            tree:add(fields[name], buffer(part[1] - 1, part[2]), value)
        elseif part then
            tree:add(fields[name], "")
        end
        if name == "crc" and part and found.crc then
            local good = found.crc == part[3]
            local item = tree:add(fields.crc_good, buffer(part[1] - 1, part[2]), good)
            item:set_generated()
            if not good then
                item:append_text(string.format(" (it should be 0x%08x)", found.crc))
            end
        end
    end
    if found.parts.kind == nil and found.kind then
        tree:add(fields.kind, found.kind):set_generated()
    end
end

local function add_comment(tree, found)
    for _, name in ipairs({ "request", "copy", "damaged", "lost" }) do
        if found[name] then
            tree:add(fields[name], found[name]):set_generated()
        end
    end
end

local function add_notes(tree, found)
    local parts = found.parts
    if found.crc and found.crc ~= parts.crc[3] then
        tree:add_proto_expert_info(experts.crc)
    end
    if found.bad then
        tree:add_proto_expert_info(experts.bad, "Not what the protocol says: " .. found.bad)
    end
    if found.kind == "request" and parts.try and parts.try[3] > 1 then
        tree:add_proto_expert_info(experts.retry, "A retry: try " .. parts.try[3])
    end
    if parts.code and parts.code[3] >= 400 then
        tree:add_proto_expert_info(experts.code, string.format("Error %d: %s", parts.code[3],
            WORDS_OF_CODES[parts.code[3]] or "not known"))
    end
    if found.lost then
        tree:add_proto_expert_info(experts.lost, "Lost on the way: " .. found.lost)
    end
end

-- "request 9f3a61c07be2d415 try 2 toupper:hello [c1/3, lost: loss]"
local function describe(found)
    local parts = found.parts
    local words = { found.kind or "malformed" }
    if parts.id then
        words[#words + 1] = parts.id[3]
    end
    if parts.try then
        words[#words + 1] = "try " .. parts.try[3]
    end
    if parts.code then
        words[#words + 1] = tostring(parts.code[3])
    end
    if parts.text then
        local op = parts.op and parts.op[3] .. ":" or ""
        words[#words + 1] = op .. shorten(escape(parts.text[3]), 60)
    end
    if found.crc and found.crc ~= parts.crc[3] then
        words[#words + 1] = "[bad CRC]"
    elseif found.bad and found.kind then
        words[#words + 1] = "[malformed]"
    end
    local notes = {}
    notes[#notes + 1] = found.request
    notes[#notes + 1] = found.copy and "copy"
    notes[#notes + 1] = found.damaged and "damaged"
    notes[#notes + 1] = found.lost and "lost: " .. found.lost
    if #notes > 0 then
        words[#words + 1] = "[" .. table.concat(notes, ", ") .. "]"
    end
    return table.concat(words, " ")
end

local BROKER_PORT = 8082

function simrun.dissector(buffer, pinfo, root)
    local size = buffer:captured_len()
    local cut_short = size < buffer:reported_len()
    local text = size > 0 and buffer:raw(0, size) or ""
    local comment, target = read_target()
    local to_broker = target == "broker" or target == nil and pinfo.dst_port == BROKER_PORT
    local found = text:sub(1, 3) == "SIM" and read_envelope(text) or read_plain(text, to_broker)

    read_comment(found, comment)
    if buffer:reported_len() > DATAGRAM_MAX then
        found.bad = "it has more than 1200 bytes"
    end
    if cut_short then
        found.crc = nil -- who captured it has not kept all of it
    end
    local description = describe(found)
    pinfo.cols.protocol:set("simrun")
    pinfo.cols.info:set(description)

    local tree = root:add(simrun, buffer(), "simrun: " .. description)
    add_parts(tree, buffer, found)
    add_comment(tree, found)
    if found.crc and found.crc == found.parts.crc[3] then
        add_links(tree, pinfo, found)
    end
    add_notes(tree, found)
    return size
end

-- ---- where it is asked -------------------------------------------------------------------------

local ports = DissectorTable.get("udp.port")
for port = 8080, 8082 do
    ports:add(port, simrun)
end

simrun:register_heuristic("udp", function(buffer, pinfo, root)
    local envelope = buffer:captured_len() >= 5 and buffer:raw(0, 5) == "SIM1 "
    local _, target = read_target()
    if not envelope and not target then
        return false
    end
    simrun.dissector(buffer, pinfo, root)
    return true
end)
