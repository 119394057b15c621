#include "report/diff_parts.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/prng.h"
#include "base/time.h"

/* Instants and delays that are nearer than that are the same. */
#define TRACES_NEAR_NS NS_PER_MS

/* The first datagram that differs in some way, and how many do. */
struct traces_found {
    const struct diff_datagram *first[2]; /* of A, of B; NULL: that run has none such */
    uint64_t count;
};

struct traces_tally {
    struct traces_found fates;   /* lost, copied, damaged otherwise, or not there at all */
    struct traces_found delays;  /* held back for another time */
    struct traces_found moments; /* sent at another time */
    uint64_t alike;
    uint32_t client; /* only datagrams of this request; DIFF_NONE: all */
    uint32_t n;
};

/* ---- comparing ------------------------------------------------------------------------------- */

static uint64_t traces_identity(const struct diff_datagram *datagram)
{
    uint64_t key =
        prng_draw(diff_key(datagram->from, datagram->to), diff_key(datagram->client, datagram->n));
    return prng_draw(key, (uint64_t)datagram->carriage << 32 | (uint32_t)datagram->try << 16 |
                              datagram->copy);
}

static bool traces_are_one(const struct diff_datagram *a, const struct diff_datagram *b)
{
    return a->from == b->from && a->to == b->to && a->client == b->client && a->n == b->n &&
           a->carriage == b->carriage && a->try == b->try && a->copy == b->copy;
}

static uint64_t traces_apart_ns(uint64_t a_ns, uint64_t b_ns)
{
    return a_ns > b_ns ? a_ns - b_ns : b_ns - a_ns;
}

/* When a pair first was: where they part is ordered by that. */
static uint64_t traces_at_ns(const struct diff_datagram *a, const struct diff_datagram *b)
{
    return a == NULL ? b->t_ns : b == NULL ? a->t_ns : time_min(a->t_ns, b->t_ns);
}

static void traces_note(struct traces_found *found, const struct diff_datagram *a,
                        const struct diff_datagram *b)
{
    if (found->count == 0 || traces_at_ns(a, b) < traces_at_ns(found->first[0], found->first[1])) {
        found->first[0] = a;
        found->first[1] = b;
    }
    found->count++;
}

static void traces_compare(struct traces_tally *tally, const struct diff_datagram *a,
                           const struct diff_datagram *b)
{
    const struct diff_datagram *some = a != NULL ? a : b;

    if (tally->client != DIFF_NONE && (some->client != tally->client || some->n != tally->n)) {
        return;
    }
    if (a == NULL || b == NULL || a->lost != b->lost || a->damage != b->damage) {
        traces_note(&tally->fates, a, b);
        return;
    }
    tally->alike++;
    if (traces_apart_ns(a->delay_ns, b->delay_ns) > TRACES_NEAR_NS) {
        traces_note(&tally->delays, a, b);
    }
    if (traces_apart_ns(a->t_ns, b->t_ns) > TRACES_NEAR_NS) {
        traces_note(&tally->moments, a, b);
    }
}

/* Finds each datagram of A in B. False: no memory. */
static bool traces_walk(struct traces_tally *tally, const struct diff_trace *a,
                        const struct diff_trace *b)
{
    struct map index = {.slots = NULL};
    uint8_t *met = calloc(b->datagram_count + 1u, 1);
    bool good = met != NULL && map_init(&index, UINT32_C(1) << 30) == 0;

    for (uint32_t i = 0; good && i < b->datagram_count; i++) {
        good = map_put(&index, traces_identity(&b->datagrams[i]), i);
    }
    for (uint32_t i = 0; good && i < a->datagram_count; i++) {
        uint32_t found = map_get(&index, traces_identity(&a->datagrams[i]));
        bool there = found != MAP_NONE && met[found] == 0 &&
                     traces_are_one(&a->datagrams[i], &b->datagrams[found]);
        traces_compare(tally, &a->datagrams[i], there ? &b->datagrams[found] : NULL);
        if (there) {
            met[found] = 1;
        }
    }
    for (uint32_t i = 0; good && i < b->datagram_count; i++) {
        if (met[i] == 0) {
            traces_compare(tally, NULL, &b->datagrams[i]);
        }
    }
    map_free(&index);
    free(met);
    return good;
}

/* ---- telling --------------------------------------------------------------------------------- */

/* "try 1 of c3/7 on broker -> toupper" */
static void traces_say_which(struct sentence *sentence, const struct diff *diff,
                             const struct diff_datagram *datagram)
{
    char(*names)[DIFF_NAME_MAX] = diff->names.names;

    if (datagram->copy > 0) {
        sentence_add(sentence, "a copy of ");
    }
    if (datagram->client == DIFF_NONE) {
        sentence_add(sentence, "datagram %" PRIu32 " of nobody's", datagram->n);
    } else {
        sentence_add(sentence, "try %u of %s/%" PRIu32, datagram->try, names[datagram->client],
                     datagram->n);
    }
    sentence_add(sentence, " on %s -> %s", names[datagram->from], names[datagram->to]);
    if (datagram->carriage > 0) {
        sentence_add(sentence, " (carried there %" PRIu32 " time%s before)", datagram->carriage,
                     datagram->carriage == 1 ? "" : "s");
    }
}

/* "lost (loss)" */
static void traces_say_fate(struct sentence *sentence, const struct diff *diff,
                            const struct diff_datagram *datagram)
{
    if (datagram == NULL) {
        sentence_add(sentence, "never sent");
    } else if (datagram->lost != DIFF_NONE) {
        sentence_add(sentence, "lost (%s)", diff->names.names[datagram->lost]);
    } else if (datagram->damage > UINT16_MAX) {
        sentence_add(sentence, "cut to %" PRIu32 " octets", datagram->damage - UINT16_MAX - 1);
    } else if (datagram->damage > 0) {
        sentence_add(sentence, "delivered with bit %" PRIu32 " flipped", datagram->damage - 1);
    } else {
        sentence_add(sentence, "delivered");
    }
}

static void traces_say(struct diff *diff, const struct sentence *sentence)
{
    tell_paragraph(&diff->out, 2, sentence->text);
}

static void traces_tell_fates(struct diff *diff, const struct traces_tally *tally)
{
    const struct diff_datagram *a = tally->fates.first[0];
    const struct diff_datagram *b = tally->fates.first[1];
    struct sentence sentence;
    char at[WORDS_MAX];

    sentence_begin(&sentence);
    if (tally->fates.count == 0) {
        sentence_add(&sentence, "The network did the same to all %" PRIu64 " datagrams in both.",
                     tally->alike);
        traces_say(diff, &sentence);
        return;
    }
    tell_instant(at, traces_at_ns(a, b));
    sentence_add(&sentence, "The first datagram with another fate, at %s, is ", at);
    traces_say_which(&sentence, diff, a != NULL ? a : b);
    sentence_add(&sentence, ": ");
    traces_say_fate(&sentence, diff, a);
    sentence_add(&sentence, " in A, ");
    traces_say_fate(&sentence, diff, b);
    sentence_add(&sentence, " in B. %" PRIu64 " datagrams have another fate, %" PRIu64 " the same.",
                 tally->fates.count, tally->alike);
    traces_say(diff, &sentence);
}

/* Where the same datagrams take another time, or leave at another. */
static void traces_tell_times(struct diff *diff, const struct traces_found *found, bool delays)
{
    const struct diff_datagram *a = found->first[0];
    const struct diff_datagram *b = found->first[1];
    struct sentence sentence;
    char times[2][WORDS_MAX];

    if (found->count == 0) {
        return;
    }
    sentence_begin(&sentence);
    sentence_add(&sentence, delays ? "The first that takes another time is "
                                   : "The first that leaves at another time is ");
    traces_say_which(&sentence, diff, a);
    if (delays) {
        words_span(times[0], a->delay_ns);
        words_span(times[1], b->delay_ns);
        sentence_add(&sentence, ": held back for %s in A, for %s in B", times[0], times[1]);
    } else {
        tell_instant(times[0], a->t_ns);
        tell_instant(times[1], b->t_ns);
        sentence_add(&sentence, ": at %s in A, at %s in B", times[0], times[1]);
    }
    sentence_add(&sentence, " (%" PRIu64 " in all, by more than 1 ms).", found->count);
    traces_say(diff, &sentence);
}

/* The first datagram of the first request that ends otherwise. */
static bool traces_tell_why(struct diff *diff, const struct diff_requests *requests)
{
    struct traces_tally tally = {.client = requests->first_client, .n = requests->first_n};
    struct sentence sentence;

    if (!traces_walk(&tally, &diff->files[0].trace, &diff->files[1].trace)) {
        return diff_fail(diff, REPORT_DIFF_FAILED, "no memory is left");
    }
    if (tally.fates.count == 0) {
        return true;
    }
    const struct diff_datagram *a = tally.fates.first[0];
    const struct diff_datagram *b = tally.fates.first[1];
    sentence_begin(&sentence);
    sentence_add(&sentence, "%s/%" PRIu32 " parts at ", diff->names.names[requests->first_client],
                 requests->first_n);
    traces_say_which(&sentence, diff, a != NULL ? a : b);
    sentence_add(&sentence, ": ");
    traces_say_fate(&sentence, diff, a);
    sentence_add(&sentence, " in A, ");
    traces_say_fate(&sentence, diff, b);
    sentence_add(&sentence, " in B.");
    traces_say(diff, &sentence);
    return true;
}

static void traces_tell_one(struct diff *diff, const struct diff_file *file)
{
    struct out *out = &diff->out;
    char letter[2] = {file->letter, '\0'};
    char span[WORDS_MAX];

    words_span(span, file->trace.end_ns);
    out_painted(out, OUT_BOLD, letter);
    out_text(out, "  ");
    out_cut(out, OUT_WIDTH - 3, file->path, true);
    out_line(out);
    out_pad_to(out, 3);
    out_format(out, "%" PRIu64 " events of %" PRIu32 " request%s in %s", file->trace.events,
               file->trace.request_count, file->trace.request_count == 1 ? "" : "s", span);
    out_line(out);
}

/* ---- what is counted ------------------------------------------------------------------------- */

/* The mean and the largest latency; UINT64_MAX: nothing was answered. */
static void traces_latencies(const struct diff_trace *trace, uint64_t *mean_ns, uint64_t *max_ns)
{
    double sum_ns = 0;
    uint64_t answered = 0;
    uint64_t longest_ns = 0;

    for (uint32_t i = 0; i < trace->request_count; i++) {
        uint64_t latency_ns = trace->requests[i].latency_ns;
        if (latency_ns != UINT64_MAX) {
            answered++;
            sum_ns += (double)latency_ns;
            longest_ns = latency_ns > longest_ns ? latency_ns : longest_ns;
        }
    }
    *mean_ns = answered == 0 ? UINT64_MAX : (uint64_t)(sum_ns / (double)answered);
    *max_ns = answered == 0 ? UINT64_MAX : longest_ns;
}

static bool traces_tell_counts(struct diff *diff)
{
    static const char *const names[DIFF_COUNT_COUNT] = {[DIFF_REQUESTS] = "requests",
                                                        [DIFF_ANSWERED] = "answered",
                                                        [DIFF_FAILED] = "failed",
                                                        [DIFF_TIMEOUTS] = "timeouts",
                                                        [DIFF_RETRIES] = "retries",
                                                        [DIFF_EXECUTIONS] = "executions",
                                                        [DIFF_SENT] = "sent",
                                                        [DIFF_LOST] = "lost",
                                                        [DIFF_DUPLICATED] = "duplicated",
                                                        [DIFF_CORRUPTED] = "corrupted",
                                                        [DIFF_DELIVERED] = "delivered",
                                                        [DIFF_REJECTED] = "rejected"};
    const struct diff_trace *a = &diff->files[0].trace;
    const struct diff_trace *b = &diff->files[1].trace;
    struct diff_table table = {.out = &diff->out, .heading = "Counted from the events"};
    uint64_t mean_ns[2];
    uint64_t max_ns[2];

    traces_latencies(a, &mean_ns[0], &max_ns[0]);
    traces_latencies(b, &mean_ns[1], &max_ns[1]);
    for (unsigned i = 0; i < DIFF_COUNT_COUNT; i++) {
        diff_table_row(&table, names[i], false, a->counts[i], b->counts[i]);
    }
    diff_table_row(&table, "latency.mean", true, mean_ns[0], mean_ns[1]);
    diff_table_row(&table, "latency.max", true, max_ns[0], max_ns[1]);
    diff_table_row(&table, "duration", true, a->end_ns, b->end_ns);
    return diff_table_end(&table);
}

bool diff_tell_traces(struct diff *diff)
{
    struct diff_trace *a = &diff->files[0].trace;
    struct diff_trace *b = &diff->files[1].trace;
    struct diff_requests requests = {.items = {a->requests, b->requests},
                                     .counts = {a->request_count, b->request_count},
                                     .real = true}; /* perhaps: the events do not say */
    struct traces_tally tally = {.client = DIFF_NONE};

    traces_tell_one(diff, &diff->files[0]);
    traces_tell_one(diff, &diff->files[1]);
    if (!traces_walk(&tally, a, b)) {
        return diff_fail(diff, REPORT_DIFF_FAILED, "no memory is left");
    }
    out_heading(&diff->out, "Datagrams");
    out_line(&diff->out);
    traces_tell_fates(diff, &tally);
    traces_tell_times(diff, &tally.delays, true);
    traces_tell_times(diff, &tally.moments, false);
    if (!diff_tell_requests(diff, &requests)) {
        return false;
    }
    if (requests.first_client != DIFF_NONE && !traces_tell_why(diff, &requests)) {
        return false;
    }
    bool counts = traces_tell_counts(diff);
    if (tally.fates.count + tally.delays.count + tally.moments.count > 0 || counts) {
        diff->result = REPORT_DIFF_PARTED;
    }
    return true;
}
