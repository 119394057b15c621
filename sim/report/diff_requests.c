#include "report/diff_parts.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/time.h"

/* Latencies that are nearer than that are the same. */
#define REQUESTS_REAL_NS    (10 * NS_PER_MS)
#define REQUESTS_VIRTUAL_NS (100 * NS_PER_US)

/* The first pair that differs, and how many do; of those that only one run has, the other's is
 * NULL.
 */
struct requests_found {
    const struct diff_request *first[2];
    uint64_t count;
};

struct requests_tally {
    uint64_t compared; /* that both have */
    uint64_t undecided;
    struct requests_found ends;    /* they end otherwise */
    struct requests_found spans;   /* they end alike, and take another time */
    struct requests_found only[2]; /* only A has them, only B */
    const struct diff_names *names;
    bool real;
};

/* ---- in order -------------------------------------------------------------------------------- */

static int requests_by_number(const void *left, const void *right)
{
    const struct diff_request *a = left;
    const struct diff_request *b = right;

    if (a->client != b->client) { /* a rank, while they are sorted */
        return a->client < b->client ? -1 : 1;
    }
    return a->n < b->n ? -1 : a->n > b->n;
}

/* Names become ranks, and the requests are put in order. */
static void requests_sort(const struct diff_names *names, struct diff_request *requests,
                          uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        requests[i].client = names->ranks[requests[i].client];
    }
    if (count > 0) {
        qsort(requests, count, sizeof *requests, requests_by_number);
    }
}

/* And back. */
static bool requests_name(const struct diff_names *names, struct diff_requests *requests)
{
    uint32_t *named = calloc(names->count + 1u, sizeof *named);

    if (named == NULL) {
        return false;
    }
    for (uint32_t i = 0; i < names->count; i++) {
        named[names->ranks[i]] = i;
    }
    for (int side = 0; side < 2; side++) {
        for (uint32_t i = 0; i < requests->counts[side]; i++) {
            requests->items[side][i].client = named[requests->items[side][i].client];
        }
    }
    free(named);
    return true;
}

/* ---- comparing ------------------------------------------------------------------------------- */

static void requests_note(struct requests_found *found, const struct diff_request *a,
                          const struct diff_request *b)
{
    if (found->count == 0) {
        found->first[0] = a;
        found->first[1] = b;
    }
    found->count++;
}

static void requests_compare(struct requests_tally *tally, const struct diff_request *a,
                             const struct diff_request *b)
{
    uint64_t near_ns = tally->real ? REQUESTS_REAL_NS : REQUESTS_VIRTUAL_NS;

    if ((a != NULL && a->undecided) || (b != NULL && b->undecided)) {
        tally->undecided++;
        return;
    }
    if (a == NULL || b == NULL) {
        requests_note(&tally->only[a == NULL], a, b);
        return;
    }
    tally->compared++;
    if (a->outcome != b->outcome || a->code != b->code || a->tries != b->tries ||
        a->executions != b->executions) {
        requests_note(&tally->ends, a, b);
        return;
    }
    uint64_t apart_ns = a->latency_ns > b->latency_ns ? a->latency_ns - b->latency_ns
                                                      : b->latency_ns - a->latency_ns;
    if (apart_ns > near_ns) {
        requests_note(&tally->spans, a, b);
    }
}

/* Goes through both lists in step. */
static void requests_walk(struct requests_tally *tally, const struct diff_requests *requests)
{
    uint32_t a = 0;
    uint32_t b = 0;

    while (a < requests->counts[0] || b < requests->counts[1]) {
        const struct diff_request *left = a < requests->counts[0] ? &requests->items[0][a] : NULL;
        const struct diff_request *right = b < requests->counts[1] ? &requests->items[1][b] : NULL;
        int order = left == NULL ? 1 : right == NULL ? -1 : requests_by_number(left, right);
        requests_compare(tally, order <= 0 ? left : NULL, order >= 0 ? right : NULL);
        a += order <= 0;
        b += order >= 0;
    }
}

/* ---- telling --------------------------------------------------------------------------------- */

/* "answered after 2 tries and executed once" */
static void requests_say_end(struct sentence *sentence, const struct diff_request *request,
                             bool executions)
{
    char times[WORDS_MAX];

    switch ((enum outcome)request->outcome) {
    case OUTCOME_ANSWERED:
        sentence_add(sentence, "answered");
        break;
    case OUTCOME_ERROR:
        sentence_add(sentence, "error %" PRIu32, request->code);
        break;
    case OUTCOME_TIMED_OUT:
        sentence_add(sentence, "timed out");
        break;
    case OUTCOME_CANCELLED:
        sentence_add(sentence, "cancelled");
        break;
    case OUTCOME_OPEN:
        sentence_add(sentence, "without an end");
        break;
    }
    sentence_add(sentence, " after %" PRIu32 " %s", request->tries,
                 request->tries == 1 ? "try" : "tries");
    if (executions) {
        tell_times(times, request->executions);
        sentence_add(sentence,
                     request->executions == 0 ? " and never executed" : " and executed %s", times);
    }
}

static void requests_say_first(struct sentence *sentence, const struct requests_tally *tally)
{
    const struct diff_request *a = tally->ends.first[0];
    const struct diff_request *b = tally->ends.first[1];
    bool executions = a->executions != b->executions;

    sentence_add(sentence, "%s/%" PRIu32 ": ", tally->names->names[a->client], a->n);
    requests_say_end(sentence, a, executions);
    sentence_add(sentence, " in A, ");
    requests_say_end(sentence, b, executions);
    sentence_add(sentence, " in B");
}

/* Those that end otherwise. */
static void requests_tell_ends(struct out *out, const struct requests_tally *tally)
{
    struct sentence sentence;

    sentence_begin(&sentence);
    if (tally->compared == 0) {
        sentence_add(&sentence, tally->undecided > 0 ? "No request can be compared."
                                                     : "No request is in both.");
    } else if (tally->ends.count == 0) {
        sentence_add(&sentence, "No request ends otherwise: ");
        if (tally->compared == 1) {
            sentence_add(&sentence, "the only one has");
        } else {
            sentence_add(&sentence, "all %" PRIu64 " have", tally->compared);
        }
        sentence_add(&sentence, " the same outcome, code, tries and executions in both.");
    } else {
        sentence_add(&sentence,
                     "%" PRIu64 " of %" PRIu64 " request%s end%s otherwise. The first is ",
                     tally->ends.count, tally->compared, tally->compared == 1 ? "" : "s",
                     tally->ends.count == 1 ? "s" : "");
        requests_say_first(&sentence, tally);
        sentence_add(&sentence, ".");
    }
    tell_paragraph(out, 2, sentence.text);
}

/* Those that one of the runs does not have. */
static void requests_tell_only(struct out *out, const struct requests_tally *tally, int side)
{
    const struct requests_found *only = &tally->only[side];
    const struct diff_request *first = only->first[side];
    struct sentence sentence;

    if (only->count == 0) {
        return;
    }
    sentence_begin(&sentence);
    sentence_add(&sentence, "%" PRIu64 " request%s only in %c. The first is %s/%" PRIu32 ": ",
                 only->count, only->count == 1 ? " is" : "s are", 'A' + side,
                 tally->names->names[first->client], first->n);
    requests_say_end(&sentence, first, false);
    sentence_add(&sentence, ".");
    tell_paragraph(out, 2, sentence.text);
}

/* Those that end alike at another time. */
static void requests_tell_spans(struct out *out, const struct requests_tally *tally)
{
    const struct diff_request *a = tally->spans.first[0];
    const struct diff_request *b = tally->spans.first[1];
    struct sentence sentence;
    char span[2][WORDS_MAX];

    if (tally->spans.count == 0) {
        return;
    }
    words_span(span[0], a->latency_ns);
    words_span(span[1], b->latency_ns);
    sentence_begin(&sentence);
    sentence_add(&sentence,
                 "%" PRIu64 " of those that end alike take%s another time%s. The first is "
                 "%s/%" PRIu32 ": answered after %s in A, after %s in B (%" PRIu32 " %s in both).",
                 tally->spans.count, tally->spans.count == 1 ? "s" : "",
                 tally->real ? " (by more than 10 ms)" : "", tally->names->names[a->client], a->n,
                 span[0], span[1], a->tries, a->tries == 1 ? "try" : "tries");
    tell_paragraph(out, 2, sentence.text);
}

bool diff_tell_requests(struct diff *diff, struct diff_requests *requests)
{
    struct out *out = &diff->out;
    struct requests_tally tally = {.names = &diff->names, .real = requests->real};

    if (!diff_names_rank(&diff->names)) {
        return diff_fail(diff, REPORT_DIFF_FAILED, "no memory is left");
    }
    requests_sort(&diff->names, requests->items[0], requests->counts[0]);
    requests_sort(&diff->names, requests->items[1], requests->counts[1]);
    requests_walk(&tally, requests);
    if (!requests_name(&diff->names, requests)) {
        return diff_fail(diff, REPORT_DIFF_FAILED, "no memory is left");
    }
    out_heading(out, "Requests");
    out_line(out);
    requests_tell_ends(out, &tally);
    requests_tell_spans(out, &tally);
    requests_tell_only(out, &tally, 0);
    requests_tell_only(out, &tally, 1);
    if (tally.undecided > 0) {
        out_pad_to(out, 2);
        out_wrap_format(out, 2,
                        "%" PRIu64 " more %s undecided in one of the runs (a timer and a reply "
                        "passed within 10 ms, or the kernel dropped something), and left out.",
                        tally.undecided, tally.undecided == 1 ? "is" : "are");
        out_line(out);
    }
    requests->first_client = DIFF_NONE;
    if (tally.ends.count > 0) {
        requests->first_client = tally.ends.first[0]->client;
        requests->first_n = tally.ends.first[0]->n;
    }
    if (tally.ends.count + tally.spans.count + tally.only[0].count + tally.only[1].count > 0) {
        diff->result = REPORT_DIFF_PARTED;
    }
    return true;
}
