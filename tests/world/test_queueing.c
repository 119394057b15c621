/* A server under load against the theory of queues, and Little's law exactly. */
#include <math.h>
#include <stdlib.h>

#include "virtual_story.h"

/* Requests of each run: the mean of so many lies well within 4 % of its expectation, and a service
 * or a load that is wrong by 20 % far outside. */
#define REQUESTS 200000
#define BOUND    0.04

/* What is at the server: records of one client's requests, each sent once. */
struct station {
    uint32_t server;
    uint32_t count;    /* there now */
    uint64_t last_ns;  /* of the latest change */
    uint64_t area_ns;  /* sum of count over time: what Little's law calls L * T */
    uint64_t stay_ns;  /* sum of the stays: lambda * T * W */
    uint64_t *came_ns; /* owned; of each request */
    uint64_t served;
};

static void station_take(void *context, const struct trace_record *record, const uint8_t *bytes)
{
    struct station *station = context;
    bool comes = record->event == TRACE_DELIVER && record->node == station->server;
    bool goes = record->event == TRACE_SEND && record->node == station->server;

    (void)bytes;
    if (!comes && !goes) {
        return;
    }
    station->area_ns += station->count * (record->t_ns - station->last_ns);
    station->last_ns = record->t_ns;
    if (comes) {
        station->count++;
        station->came_ns[record->n] = record->t_ns;
    } else {
        station->count--;
        station->stay_ns += record->t_ns - station->came_ns[record->n];
        station->served++;
    }
}

/* Runs REQUESTS of one client, one every 10 ms on average, at a server of these words. Little's
 * identity must hold to the nanosecond: every request that came has gone. */
static void queue_run(struct story *story, const char *server, struct station *station)
{
    char text[512];

    snprintf(text, sizeof text,
             "time-limit 24h\nserver toupper %s\n"
             "client c1 window unlimited timeout 600s deadline 600s tries 1\n"
             "  send %u toupper \"x\" every 10ms distribution exponential\n",
             server, REQUESTS);
    *station = (struct station){.server = 1};
    station->came_ns = calloc(REQUESTS + 1, sizeof *station->came_ns);
    CU_ASSERT_PTR_NOT_NULL_FATAL(station->came_ns);
    story_run_to(story, text, (struct trace_sink){.take = station_take, .context = station});
    CU_ASSERT_EQUAL_FATAL(story_node(story, "toupper"), station->server);
    CU_ASSERT_EQUAL(station->count, 0);
    CU_ASSERT_EQUAL(station->served, REQUESTS);
    CU_ASSERT_EQUAL(station->area_ns, station->stay_ns);
    story_expect_promises_kept(story);
    free(station->came_ns);
}

static void expect_near(double value, double expected, const char *what)
{
    bool near = fabs(value - expected) <= BOUND * expected;

    CU_ASSERT_TRUE(near);
    if (!near) {
        printf("%s is %g, not %g\n", what, value, expected);
    }
}

/* The mean stay of requests, in ms. */
static double mean_stay_ms(const struct station *station)
{
    return (double)station->stay_ns / (double)station->served / 1e6;
}

static void one_worker_with_random_service_is_m_m_1(void)
{
    struct story story;
    struct station station;
    double arrivals = 0.1; /* a ms */
    double services = 1.0 / 7;

    queue_run(&story, "service 7ms distribution exponential queue 60000", &station);
    CU_ASSERT_EQUAL(story_metric(&story, METRIC_ANSWERED), REQUESTS);
    expect_near(mean_stay_ms(&station), 1 / (services - arrivals), "the stay");
    expect_near((double)station.area_ns / (double)station.last_ns, arrivals / (services - arrivals),
                "the number there");
    story_free(&story);
}

/* Stays of M/M/1 are exponential: the p-quantile is W ln(1 / (1 - p)). */
static void its_stays_are_exponential(void)
{
    struct story story;
    struct station station;
    double mean_ms = 1 / (1.0 / 5 - 0.1);

    queue_run(&story, "service 5ms distribution exponential queue 60000", &station);
    const struct latency *latency = story.verdict.tally.latency;
    expect_near((double)latency_quantile_ns(latency, 0.5) / 1e6, mean_ms * log(2), "the median");
    expect_near((double)latency_quantile_ns(latency, 0.9) / 1e6, mean_ms * log(10), "the 90th");
    expect_near((double)latency_quantile_ns(latency, 0.99) / 1e6, mean_ms * log(100), "the 99th");
    story_free(&story);
}

/* Pollaczek and Khinchine: the wait is half as long as with exponential service. */
static void one_worker_with_constant_service_is_m_d_1(void)
{
    struct story story;
    struct station station;
    double load = 0.7;

    queue_run(&story, "service 7ms queue 60000", &station);
    expect_near(mean_stay_ms(&station), 7 + load * 7 / (2 * (1 - load)), "the stay");
    story_free(&story);
}

/* Erlang's C: the chance to wait for one of two workers. */
static void two_workers_are_m_m_2(void)
{
    struct story story;
    struct station station;
    double offered = 1.4; /* 14 ms of work every 10 ms */
    double load = offered / 2;
    double all_busy = offered * offered / 2 / (1 - load);
    double waits = all_busy / (1 + offered + all_busy);

    queue_run(&story, "service 14ms distribution exponential workers 2 queue 60000", &station);
    expect_near(mean_stay_ms(&station), 14 + waits * 14 / (2 * (1 - load)), "the stay");
    story_free(&story);
}

/* Room for K in all: of those who come, as many are turned away as find K there. */
static void a_bounded_queue_is_m_m_1_k(void)
{
    static const double loads[] = {0.8, 1.25};
    static const char *const servers[] = {"service 8ms distribution exponential queue 4",
                                          "service 12500us distribution exponential queue 4"};
    const int room = 5;

    for (unsigned i = 0; i < 2; i++) {
        struct story story;
        struct station station;
        double full = (1 - loads[i]) * pow(loads[i], room) / (1 - pow(loads[i], room + 1));
        queue_run(&story, servers[i], &station);
        expect_near(story_metric(&story, METRIC_ERROR) / REQUESTS, full, "the share turned away");
        CU_ASSERT_EQUAL(tally_node(&story.verdict.tally, story_node(&story, "c1"))
                            .errors[tally_code_index(429)],
                        (uint64_t)story_metric(&story, METRIC_ERROR));
        story_free(&story);
    }
}

int main(void)
{
    static const struct harness_test tests[] = {
        HARNESS_TEST(one_worker_with_random_service_is_m_m_1),
        HARNESS_TEST(its_stays_are_exponential),
        HARNESS_TEST(one_worker_with_constant_service_is_m_d_1),
        HARNESS_TEST(two_workers_are_m_m_2),
        HARNESS_TEST(a_bounded_queue_is_m_m_1_k),
    };

    return harness_run("world/queueing", tests, HARNESS_COUNT(tests));
}
