/* A page is what sim/report/page makes of two JSON objects that stand in it: `run`, which is that
 * of --json, and `log`:
 *
 *  nodes      [{name, kind}]; numbers of nodes below are places in this list, -1 = none
 *  sampled    null, or of requests, datagrams and failed (requests) how many are here with what
 *             was sent, and as requests_of, datagrams_of, failed_of of how many; run.requests has
 *             all that failed
 *  only       null, or what --only chose
 *  words      {fates, reasons, events}: fates and events below are places in these lists
 *  datagrams  [sent_ns, from, to, client, n, try, copy, carriage, size, due_ns, arrived_ns or -1,
 *             fate, reason, kind, id, text, null or {bit, cut}, order, order of arrival or -1],
 *             copies that a link made too. kind: request, reply, plain, raw. text: octets, a
 *             character for each; it may be shorter than size. bit: the flipped one, -1 = none
 *  events     [t_ns, event, node, client, n, try, detail, order]
 *  rules      [line, text]: the scenario's faults
 *  series     {step_ns, in_flight, queue: {NODE}}: the most at once in each step. queue.broker:
 *             requests that it has no answer to yet; others: requests that wait for a worker
 *  latency    null, or {cdf: [ns, share], histogram: [from_ns, to_ns, count]}
 *  tries      [tries, requests, expected or null]
 *  losses     [links, sent, lost, low, high, expected]; the bounds of theory may be null
 *
 * An order is a place in the run's log, which tells what came first among equal times. The last
 * four are of all requests, whatever is shown. */
#include "report/page.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "report/json_parts.h"
#include "report/page_parts.h"
#include "report/page_text.h"

/* When the texts shown have more octets than PAGE_TEXTS_MAX, each is cut to PAGE_TEXT_SHORT. */
#define PAGE_TEXTS_MAX  1000000
#define PAGE_TEXT_SHORT 64
#define PAGE_TEXT_WHOLE UINT32_MAX

/* ---- JSON inside HTML ------------------------------------------------------------------------ */

/* A stream's write (context = the FILE behind it): what could mean something to HTML is written as
 * JSON's escape. All of it stands in JSON's strings. */
static ssize_t page_write_escaped(void *context, const char *bytes, size_t size)
{
    FILE *out = context;
    size_t begin = 0;

    for (size_t i = 0; i < size; i++) {
        if (bytes[i] == '<' || bytes[i] == '>' || bytes[i] == '&' || bytes[i] == 0x7f) {
            fwrite(bytes + begin, 1, i - begin, out);
            fprintf(out, "\\u%04x", (unsigned)bytes[i]);
            begin = i + 1;
        }
    }
    fwrite(bytes + begin, 1, size - begin, out);
    return ferror(out) ? 0 : (ssize_t)size;
}

void page_put_octets(struct page *page, const uint8_t *bytes, size_t size)
{
    fputc('"', page->out);
    for (size_t i = 0; i < size && i < page->text_max; i++) {
        if (bytes_is_printable(bytes[i]) && bytes[i] != '"' && bytes[i] != '\\') {
            fputc(bytes[i], page->out);
        } else {
            fprintf(page->out, "\\u%04x", bytes[i]);
        }
    }
    fputc('"', page->out);
}

void page_put_words(struct page *page, const char *text)
{
    json_t *value = json_parts_string(text);

    if (value == NULL || json_dumpf(value, page->out, JSON_ENCODE_ANY | JSON_ENSURE_ASCII) != 0) {
        page->failed = true;
    }
    json_decref(value);
}

void page_put_real(struct page *page, double value)
{
    if (isfinite(value)) {
        fprintf(page->out, "%.9g", value);
    } else {
        fputs("null", page->out);
    }
}

/* ---- the lesser parts of `log` --------------------------------------------------------------- */

static void page_nodes(struct page *page)
{
    static const char *const kinds[] = {[NODE_KIND_BROKER] = "broker",
                                        [NODE_KIND_SERVER] = "server",
                                        [NODE_KIND_CLIENT] = "client"};
    const struct scenario *scenario = page->look->run->scenario;

    fputs("{\"nodes\":[", page->out);
    for (uint32_t i = 0; i < scenario->node_count; i++) {
        if (page->sample.places[i] != PAGE_SAMPLE_NONE) {
            fputs(page->sample.places[i] > 0 ? ",{\"name\":" : "{\"name\":", page->out);
            page_put_words(page, scenario->nodes[i].name);
            fprintf(page->out, ",\"kind\":\"%s\"}", kinds[scenario->nodes[i].kind]);
        }
    }
    fputs("]", page->out);
}

static void page_sampled(struct page *page)
{
    const struct page_sample *sample = &page->sample;

    if (!sample->sampled) {
        fputs(",\"sampled\":null", page->out);
        return;
    }
    fprintf(page->out, ",\"sampled\":{\"requests\":%" PRIu64 ",\"requests_of\":%" PRIu64,
            sample->share_requests.drawn, sample->share_requests.all);
    fprintf(page->out, ",\"datagrams\":%" PRIu64 ",\"datagrams_of\":%" PRIu64,
            sample->share_datagrams.drawn, sample->share_datagrams.all);
    fprintf(page->out, ",\"failed\":%" PRIu64 ",\"failed_of\":%" PRIu64 "}",
            sample->share_failed.drawn, sample->share_failed.all);
}

/* Adds words to a list, or dots where it is long enough. False: it is. */
static bool page_add_only(char text[512], const char *words)
{
    size_t used = strlen(text);

    snprintf(text + used, 512 - used, "%s%s", used > 0 ? "," : "", used < 400 ? words : "...");
    return used < 400;
}

/* What --only chose: its nodes by name, then its requests. */
static void page_only(struct page *page)
{
    const struct report_only *only = page->look->only;
    const struct scenario *scenario = page->look->run->scenario;
    char text[512] = "";
    char words[CLIENT_NAME_MAX + 32];
    bool room = true;

    fputs(",\"only\":", page->out);
    for (uint32_t i = 0; only != NULL && room && i < scenario->node_count; i++) {
        if (scenario_in_bitmap(only->nodes, i)) {
            room = page_add_only(text, scenario->nodes[i].name);
        }
    }
    for (uint32_t i = 0; only != NULL && room && i < only->range_count; i++) {
        const struct report_only_range *range = &only->ranges[i];
        const char *name = scenario->nodes[range->client].name;
        snprintf(words, sizeof words, "%s/%u..%u", name, range->first, range->last);
        if (range->first == range->last) {
            snprintf(words, sizeof words, "%s/%u", name, range->first);
        }
        room = page_add_only(text, words);
    }
    page_put_words(page, only == NULL ? NULL : text);
}

static void page_rules(struct page *page)
{
    const struct scenario *scenario = page->look->run->scenario;

    fputs(",\"rules\":[", page->out);
    for (uint32_t i = 0; i < scenario->rule_count; i++) {
        fprintf(page->out, "%s[%u,", i > 0 ? "," : "", scenario->rules[i].line);
        page_put_words(page, scenario->rules[i].text);
        fputs("]", page->out);
    }
    fputs("]", page->out);
}

/* ---- the page -------------------------------------------------------------------------------- */

static bool page_has_node(const void *context, uint32_t node)
{
    const struct page_sample *sample = context;

    return sample->places[node] != PAGE_SAMPLE_NONE;
}

static bool page_has_request(const void *context, uint32_t client, uint32_t n)
{
    return page_sample_has_request(context, client, n);
}

/* The object of --json; where the page shows a part of the run, with the requests of that part. */
static void page_put_run(struct page *page)
{
    const struct json_choice choice = {page_has_node, page_has_request, &page->sample};
    bool all = !page->sample.sampled && page->look->only == NULL && page->sample.names_all;

    if (!json_write(page->out, page->look->run, all ? NULL : &choice)) {
        page->failed = true;
    }
}

static void page_put_log(struct page *page)
{
    page_nodes(page);
    page_sampled(page);
    page_only(page);
    page_log(page);
    page_rules(page);
    page_series(page);
    page_plots(page);
    fputs("}\n", page->out);
}

/* How much of each text there is room for. */
static uint32_t page_text_max(const struct page *page)
{
    const struct trace_log *log = page->look->log;
    uint64_t size = 0;

    for (uint64_t i = 0; i < page->flights.count; i++) {
        if (page->sample.shown[i]) {
            size += log->records[page->flights.items[i].original].bytes_size;
        }
    }
    return size > PAGE_TEXTS_MAX ? PAGE_TEXT_SHORT : PAGE_TEXT_WHOLE;
}

/* Writes one of the objects as an element of its own. */
static void page_put_data(struct page *page, FILE *out, const char *id,
                          void (*put)(struct page *page))
{
    fprintf(out, "<script type=\"application/json\" id=\"%s\">", id);
    page->out = fopencookie(out, "w", (cookie_io_functions_t){.write = page_write_escaped});
    if (page->out == NULL) {
        page->failed = true;
        return;
    }
    put(page);
    bool bad = ferror(page->out) != 0;
    if (fclose(page->out) != 0 || bad) {
        page->failed = true;
    }
    fputs("</script>\n", out);
}

bool report_page(FILE *out, const struct report_look *look)
{
    struct page page = {.look = look};

    if (!report_flights_init(&page.flights, look->log)) {
        return false;
    }
    if (!page_sample_init(&page.sample, look, &page.flights)) {
        report_flights_free(&page.flights);
        return false;
    }
    page.text_max = page_text_max(&page);
    fwrite(page_text_before, 1, page_text_before_size, out);
    page_put_data(&page, out, "run", page_put_run);
    page_put_data(&page, out, "log", page_put_log);
    fwrite(page_text_after, 1, page_text_after_size, out);
    page_sample_free(&page.sample);
    report_flights_free(&page.flights);
    return !page.failed && fflush(out) == 0 && !ferror(out);
}
