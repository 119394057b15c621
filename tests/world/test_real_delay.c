/* Delays as the real world measures them: from the sender's clock to the receiver's, thread to
 * thread, over a socket.
 *
 * A datagram may come late, since a machine has other things to do, and no test may say how late.
 * So each link delays every other datagram by a constant: what those are late by is the
 * scheduler's error, measured in the same run, on the same threads and sockets, between the very
 * datagrams that it is needed for. The distribution that was asked for, made wider by that error,
 * must hold the one that was measured. */
#include "world/evidence_parts.h"

#include <math.h>
#include <stdlib.h>

#include "virtual_story.h"

/* Of each kind; a client sends twice as many. */
#define DELAYS 5000u

#define CONSTANT_NS (60 * NS_PER_MS)

/* A right distribution is further from the asked one than this once in a million, on one side
 * (Massart 1990): sqrt(ln(1 / 1e-6) / 2n). */
#define DELAYS_BOUND sqrt(log(1e6) / (2.0 * DELAYS))

/* Steps of the scheduler's error that are tried. */
#define LATE_STEPS 100

static const char *const ASKED[] = {
    "delay 60ms 40ms",
    "delay 80ms 15ms distribution normal",
    "delay 60ms 30ms distribution pareto",
    "delay 60ms 30ms distribution paretonormal",
    "delay 30ms 20ms distribution exponential",
};
#define LINKS (sizeof ASKED / sizeof ASKED[0])

/* What one link did: sent when, and how long each took, by the request's number. */
struct measured {
    uint64_t sent_ns[2 * DELAYS + 1];
    uint64_t took_ns[2 * DELAYS + 1]; /* UINT64_MAX: it never came */
    uint64_t spread_ns[DELAYS];       /* those of odd numbers, by chance, sorted */
    uint64_t late_ns[DELAYS];         /* what the others took more than CONSTANT_NS, sorted */
};

struct measuring {
    uint32_t first_client; /* its node; link i is that of client first + i */
    struct measured *links;
};

static void measuring_take(void *context, const struct trace_record *record, const uint8_t *bytes)
{
    struct measuring *measuring = context;

    (void)bytes;
    if (record->to != NODE_BROKER || record->n == 0 || record->from != record->client) {
        return;
    }
    struct measured *link = &measuring->links[record->client - measuring->first_client];
    if (record->event == TRACE_SEND) {
        link->sent_ns[record->n] = record->t_ns;
    } else if (record->event == TRACE_DELIVER) {
        link->took_ns[record->n] = record->t_ns - link->sent_ns[record->n];
    }
}

/* A client for each distribution, whose requests nobody executes: the broker refuses them. */
static char *delays_text(void)
{
    char *text;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    fputs("seed 3\n", out);
    for (unsigned i = 0; i < LINKS; i++) {
        fprintf(out, "client c%u timeout 60s tries 1 window unlimited\n", i);
        fprintf(out, "  send %u nobody \"x\" every 500us\n", 2 * DELAYS);
        fprintf(out, "link c%u -> broker %s\n", i, ASKED[i]);
        for (unsigned n = 2; n <= 2 * DELAYS; n += 2) {
            bool first = n % 1000 == 2; /* a line has 4096 octets at most */
            if (first) {
                fprintf(out, "link c%u -> broker delay 60ms ", i);
            }
            fprintf(out, "%s%u%s", first ? "" : ",", n, n % 1000 == 0 ? "\n" : "");
        }
    }
    fclose(out);
    return text;
}

static int compare_u64(const void *a, const void *b)
{
    const uint64_t *left = a;
    const uint64_t *right = b;

    return *left < *right ? -1 : *left > *right;
}

static void measured_sort(struct measured *link)
{
    for (unsigned i = 0; i < DELAYS; i++) {
        uint64_t took_ns = link->took_ns[2 * i + 2];
        link->spread_ns[i] = link->took_ns[2 * i + 1];
        link->late_ns[i] = took_ns == UINT64_MAX ? took_ns : time_since(CONSTANT_NS, took_ns);
    }
    qsort(link->spread_ns, DELAYS, sizeof link->spread_ns[0], compare_u64);
    qsort(link->late_ns, DELAYS, sizeof link->late_ns[0], compare_u64);
}

/* The least share that must be there by then: whoever was delayed by `took - late` at most, and was
 * no later than `late`, is. */
static double least_below(const struct measured *link, const struct fault_set *set, double took_ns)
{
    double least = 0;

    for (unsigned step = 1; step <= LATE_STEPS; step++) {
        unsigned rank = step * (DELAYS / LATE_STEPS) - 1;
        double late_share = 1 - (rank + 1.0) / DELAYS;
        double below = evidence_delay_below(set, took_ns - (double)link->late_ns[rank]);
        least = fmax(least, below - late_share);
    }
    return least;
}

/* Whether the measured delays follow the faults of the set. */
static bool measured_follows(const struct measured *link, const struct fault_set *set)
{
    for (unsigned i = 0; i < DELAYS; i++) {
        double took_ns = (double)link->spread_ns[i];
        double early = (i + 1.0) / DELAYS - evidence_delay_below(set, took_ns);
        double late = least_below(link, set, took_ns) - (double)i / DELAYS;
        if (early > DELAYS_BOUND || late > 2 * DELAYS_BOUND) { /* two shares were measured */
            return false;
        }
    }
    return true;
}

/* Whether the machine was on time: else it might hide a fault of a fifth. */
static bool measured_on_time(const struct measured *link)
{
    return link->late_ns[DELAYS * 97 / 100] < 2 * NS_PER_MS;
}

static struct fault_set wrong_by_a_fifth(const struct fault_set *set)
{
    struct fault_set twin = *set;

    twin.delay_ns += twin.delay_ns / 5;
    twin.jitter_ns += twin.jitter_ns / 5;
    return twin;
}

static void measured_delays_follow_the_distribution_that_was_asked_for(void)
{
    struct scenario_overrides overrides = {.world_given = true, .world = WORLD_REAL};
    struct scenario_messages messages = {.items = NULL};
    struct measuring measuring = {.links = calloc(LINKS, sizeof *measuring.links)};
    struct run_options options = {.events = {.take = measuring_take, .context = &measuring}};
    char error[RUN_ERROR_MAX] = "";
    char *text = delays_text();
    struct story story;

    CU_ASSERT_PTR_NOT_NULL_FATAL(measuring.links);
    for (unsigned i = 0; i < LINKS; i++) {
        memset(measuring.links[i].took_ns, 0xff, sizeof measuring.links[i].took_ns);
    }
    bool good =
        scenario_parse(&story.scenario, "delays", text, strlen(text), &overrides, &messages);
    CU_ASSERT_FATAL(good);
    scenario_messages_free(&messages);
    measuring.first_client = story.scenario.groups[0].first_node;
    CU_ASSERT_EQUAL_FATAL(
        run_scenario(&story.scenario, &options, &story.verdict, &story.facts, error), 0);
    story_expect_promises_kept(&story);
    for (unsigned i = 0; i < LINKS; i++) {
        const struct fault_set *set =
            &story.scenario.rules[11 * i].faults; /* and ten of constants */
        struct fault_set twin = wrong_by_a_fifth(set);
        struct measured *link = &measuring.links[i];
        measured_sort(link);
        CU_ASSERT_TRUE_FATAL(set->jitter_ns > 0);
        CU_ASSERT_TRUE(measured_follows(link, set));
        CU_ASSERT_TRUE(!measured_on_time(link) || !measured_follows(link, &twin));
        if (getenv("DELAYS_SHOW") != NULL) {
            printf("%s: late by %.3f ms (median), %.3f ms (97 of 100)\n", ASKED[i],
                   (double)link->late_ns[DELAYS / 2] / 1e6,
                   (double)link->late_ns[DELAYS * 97 / 100] / 1e6);
        }
    }
    story_free(&story);
    free(text);
    free(measuring.links);
}

int main(void)
{
    static const struct harness_test tests[] = {
        HARNESS_TEST(measured_delays_follow_the_distribution_that_was_asked_for),
    };

    return harness_run("world/real_delay", tests, HARNESS_COUNT(tests));
}
