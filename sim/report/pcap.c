#include "report/pcap.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "report/out.h"
#include "report/pcap_parts.h"
#include "report/sentence.h"

#define PCAP_LOOPBACK     UINT32_C(0x7f000001) /* 127.0.0.1 */
#define PCAP_CLIENTS      UINT32_C(0x7f010000) /* client 1 is 127.1.0.1 */
#define PCAP_BROKER_PORT  8082
#define PCAP_TOUPPER_PORT 8080
#define PCAP_TOLOWER_PORT 8081
#define PCAP_OTHERS_PORT  8083  /* and what follows */
#define PCAP_CLIENT_PORT  49152 /* and what follows: RFC 6335's ports for everyone */
#define PCAP_CLIENT_PORTS 16384
#define PCAP_LISTED_MAX   24  /* clients whose places the section's comment lists */
#define PCAP_LINKTYPE_RAW 101 /* a frame begins with its IPv4 header */

/* ---- where the nodes are --------------------------------------------------------------------- */

/* Whether a node before `node`, or one with a port of its own, has this port on 127.0.0.1. */
static bool place_is_taken(const struct scenario *scenario, const struct pcap_place *places,
                           uint32_t node, uint16_t port)
{
    for (uint32_t i = 0; i <= scenario->server_count; i++) {
        if (scenario->nodes[i].port == port || (i < node && places[i].port == port)) {
            return true;
        }
    }
    return false;
}

/* The port of the broker or a server in the virtual world: its own, or its usual one, or else the
 * first that is free. */
static uint16_t place_port(const struct scenario *scenario, const struct pcap_place *places,
                           uint32_t node)
{
    uint16_t port = PCAP_BROKER_PORT;

    if (scenario->nodes[node].port != 0) {
        return scenario->nodes[node].port;
    }
    if (scenario->nodes[node].kind == NODE_KIND_SERVER) {
        enum op op = scenario->servers[scenario->nodes[node].index].op;
        port = op == OP_TOUPPER   ? PCAP_TOUPPER_PORT
               : op == OP_TOLOWER ? PCAP_TOLOWER_PORT
                                  : PCAP_OTHERS_PORT;
    }
    for (bool usual = true; place_is_taken(scenario, places, node, port); usual = false) {
        port = usual && port < PCAP_OTHERS_PORT ? PCAP_OTHERS_PORT : (uint16_t)(port + 1);
    }
    return port;
}

/* Where each node is: owned by the caller. NULL: no memory. */
static struct pcap_place *places_make(const struct report_run *run)
{
    const struct scenario *scenario = run->scenario;
    struct pcap_place *places = calloc(scenario->node_count, sizeof *places);

    if (places == NULL) {
        return NULL;
    }
    for (uint32_t node = 0; node < scenario->node_count; node++) {
        uint32_t client = node - scenario->server_count; /* from 1 */
        places[node].address = PCAP_LOOPBACK;
        if (run->facts->world == WORLD_REAL) {
            places[node].port = run->facts->nodes[node].port;
        } else if (scenario->nodes[node].kind != NODE_KIND_CLIENT) {
            places[node].port = place_port(scenario, places, node);
        } else {
            places[node].address = PCAP_CLIENTS + client;
            places[node].port = (uint16_t)(PCAP_CLIENT_PORT + (client - 1) % PCAP_CLIENT_PORTS);
        }
    }
    return places;
}

/* "c1 127.1.0.1:49152" */
static void place_describe(struct sentence *sentence, const char *name,
                           const struct pcap_place *place)
{
    sentence_add(sentence, "%s %u.%u.%u.%u:%u", name, place->address >> 24,
                 place->address >> 16 & 255, place->address >> 8 & 255, place->address & 255,
                 place->port);
}

/* ---- what stands before the frames ----------------------------------------------------------- */

/* Text from outside, made safe. */
static void section_add_safe(struct sentence *sentence, const char *text)
{
    char form[OUT_FORM_MAX];
    unsigned columns;

    for (size_t left = strlen(text); left > 0;) {
        size_t size = out_next_character((const uint8_t *)text, left, true, form, &columns);
        sentence_add(sentence, "%s", form);
        text += size;
        left -= size;
    }
}

static void section_describe(struct sentence *sentence, const struct report_run *run,
                             const struct pcap_place *places)
{
    const struct scenario *scenario = run->scenario;
    uint32_t hubs = 1 + scenario->server_count;
    uint32_t listed = hubs + PCAP_LISTED_MAX;

    sentence_begin(sentence);
    if (scenario->title != NULL) {
        section_add_safe(sentence, scenario->title);
        sentence_add(sentence, "\n");
    }
    sentence_add(sentence,
                 "A run of simrun in the %s world, seed %" PRIu64
                 ". A frame stands at the time when its "
                 "sender handed the datagram to its link, counted from the start of the run, which "
                 "is 1970-01-01 00:00:00 UTC here. Its comment says whose request it belongs to, "
                 "and what the link did to it: what was lost is here too.\nNodes: ",
                 run->facts->world == WORLD_REAL ? "real" : "virtual", scenario->seed);
    for (uint32_t node = 0; node < scenario->node_count && node < listed; node++) {
        sentence_add(sentence, "%s", node == 0 ? "" : ", ");
        place_describe(sentence, scenario->nodes[node].name, &places[node]);
    }
    if (scenario->node_count > listed) {
        sentence_add(sentence, ", and %u more clients", scenario->node_count - listed);
    }
    sentence_add(sentence, ".\nRepeat: ");
    section_add_safe(sentence, run->command);
}

static void section_put(struct pcap_writer *writer, const struct report_run *run,
                        const struct pcap_place *places)
{
    static const char name[] = "simrun " SIMRUN_VERSION;
    struct sentence comment;

    section_describe(&comment, run, places);
    pcap_begin_block(writer, PCAP_SECTION_HEADER);
    pcap_put_32(writer, UINT32_C(0x1a2b3c4d)); /* the order of bytes */
    pcap_put_16(writer, 1);                    /* version 1.0 */
    pcap_put_16(writer, 0);
    pcap_put_32(writer, UINT32_MAX); /* the section's length: to the end */
    pcap_put_32(writer, UINT32_MAX);
    pcap_put_option(writer, PCAP_OPTION_COMMENT, comment.text,
                    bytes_utf8_cut(comment.text, sizeof comment.text - OUT_FORM_MAX));
    pcap_put_option(writer, PCAP_OPTION_USERAPPL, name, sizeof name - 1);
    pcap_put_end_of_options(writer);
    pcap_end_block(writer);
}

static void interface_put(struct pcap_writer *writer, enum scenario_world world)
{
    static const char text[] = "all links of the run, each datagram as it leaves its sender";
    static const uint8_t nanoseconds = 9;
    const char *name = world == WORLD_REAL ? "simrun real" : "simrun virtual";

    pcap_begin_block(writer, PCAP_INTERFACE);
    pcap_put_16(writer, PCAP_LINKTYPE_RAW);
    pcap_put_16(writer, 0);
    pcap_put_32(writer, 0); /* no frame is cut short */
    pcap_put_option(writer, PCAP_OPTION_IF_NAME, name, strlen(name));
    pcap_put_option(writer, PCAP_OPTION_IF_TEXT, text, sizeof text - 1);
    pcap_put_option(writer, PCAP_OPTION_TSRESOL, &nanoseconds, 1);
    pcap_put_end_of_options(writer);
    pcap_end_block(writer);
}

static void names_end(struct pcap_writer *writer)
{
    pcap_put_32(writer, 0); /* the end of the records; there are no options */
    pcap_end_block(writer);
}

/* The clients' names, where each has an address of its own: in as many blocks as it takes. */
static void names_put(struct pcap_writer *writer, const struct scenario *scenario,
                      const struct pcap_place *places)
{
    bool open = false;

    for (uint32_t node = 1 + scenario->server_count; node < scenario->node_count; node++) {
        const char *name = scenario->nodes[node].name;
        size_t size = strlen(name) + 1;
        uint32_t address = places[node].address;
        uint8_t octets[4] = {(uint8_t)(address >> 24), (uint8_t)(address >> 16),
                             (uint8_t)(address >> 8), (uint8_t)address};
        if (open && pcap_block_size(writer) + size > PCAP_BLOCK_MAX - 64) {
            names_end(writer);
            open = false;
        }
        if (!open) {
            pcap_begin_block(writer, PCAP_NAME_RESOLUTION);
            open = true;
        }
        pcap_put_16(writer, PCAP_NAME_RECORD_IPV4);
        pcap_put_16(writer, (uint16_t)(sizeof octets + size));
        pcap_put_octets(writer, octets, sizeof octets);
        pcap_put_octets(writer, name, size);
        pcap_put_padding(writer);
    }
    if (open) {
        names_end(writer);
    }
}

/* ---- frames ---------------------------------------------------------------------------------- */

/* Whether `record` is the original of a datagram: the latest that was handed to the same link. */
static bool frames_is_original(const struct trace_record *record,
                               const struct trace_record *datagram)
{
    return record->event == TRACE_SEND && record->from == datagram->from &&
           record->to == datagram->to;
}

static void frames_put(struct pcap_writer *writer, const struct report_look *look,
                       const struct pcap_place *places)
{
    const struct trace_log *log = look->log;
    struct pcap_frame frame = {.scenario = look->run->scenario};
    uint16_t sends = 0;

    for (uint64_t i = 0; i < log->record_count && !writer->failed; i++) {
        uint64_t original = i;
        frame.record = &log->records[i];
        if (frame.record->event != TRACE_SEND && frame.record->event != TRACE_DUPLICATED) {
            continue;
        }
        if (frame.record->event == TRACE_SEND) {
            sends++;
        }
        frame.identification = sends;
        /* One step back, or a few: copies are made at once. */
        while (original > 0 && !frames_is_original(&log->records[original], frame.record)) {
            if (log->records[original--].event == TRACE_SEND) {
                frame.identification--;
            }
        }
        frame.bytes = trace_log_bytes(log, original);
        frame.from = places[frame.record->from];
        frame.to = places[frame.record->to];
        pcap_put_frame(writer, &frame);
    }
}

bool report_pcap(FILE *out, const struct report_look *look)
{
    struct pcap_place *places = places_make(look->run);
    struct pcap_writer writer;

    if (places == NULL) {
        return false;
    }
    pcap_writer_init(&writer, out);
    section_put(&writer, look->run, places);
    interface_put(&writer, look->run->facts->world);
    if (look->run->facts->world == WORLD_VIRTUAL) {
        names_put(&writer, look->run->scenario, places);
    }
    frames_put(&writer, look, places);
    free(places);
    return pcap_writer_finish(&writer);
}
