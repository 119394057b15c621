/* The oracles of protocol.md over 200,000 requests in the virtual world: at 5, 10, 20 and 30 %,
 * with one loss for all hops and with another on each, and with a broker that asks again by itself.
 * The seeds are fixed, so that nothing here happens by chance. */
#include "world/virtual.h"

#include <math.h>

#include "verdict/theory.h"
#include "virtual_story.h"

#if defined(__SANITIZE_ADDRESS__)
#define ORACLE_SLOW 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define ORACLE_SLOW 1
#endif
#endif

/* Of each of the hundred clients. Sanitizers take their time. */
#ifdef ORACLE_SLOW
#define ORACLE_EACH 200
#else
#define ORACLE_EACH 2000
#endif
#define ORACLE_REQUESTS (100 * (uint64_t)ORACLE_EACH)

/* Losses on the four hops, in tenths of a percent; sends of the broker for each try, 0 = it has no
 * timer. */
struct oracle {
    unsigned loss[4];
    unsigned broker_tries;
};

/* Of the client; fewer where the broker asks again, so that there are failures to be counted. */
static unsigned oracle_tries(const struct oracle *oracle)
{
    return oracle->broker_tries > 0 ? 3 : 4;
}

static void oracle_write(const struct oracle *oracle, char *text, size_t size)
{
    static const char *const links[4] = {"clients -> broker", "broker -> servers",
                                         "servers -> broker", "broker -> clients"};
    size_t used = (size_t)snprintf(text, size, "time-limit 24h\n");

    for (unsigned hop = 0; hop < 4; hop++) {
        used += (size_t)snprintf(text + used, size - used, "link %s loss %u.%u%% delay 2ms 1ms\n",
                                 links[hop], oracle->loss[hop] / 10, oracle->loss[hop] % 10);
    }
    if (oracle->broker_tries > 0) {
        used += (size_t)snprintf(text + used, size - used,
                                 "broker timeout 20ms tries %u backoff constant\n",
                                 oracle->broker_tries);
    }
    snprintf(
        text + used, size - used,
        "clients 100 timeout 200ms tries %u backoff constant\n  send %u toupper \"x {n}\"\n"
        "expect answered ~ theory\nexpect tries ~ theory\nexpect sent ~ theory\n"
        "expect executions ~ theory\nexpect lost of clients -> broker ~ theory\n"
        "expect lost of broker -> servers ~ theory\nexpect lost of servers -> broker ~ theory\n"
        "expect lost of broker -> clients ~ theory\n",
        oracle_tries(oracle), ORACLE_EACH);
}

/* P(answered), by the formula of the page, with each loss `factor` times as high. */
static double oracle_answered(const struct oracle *oracle, double factor)
{
    unsigned asks = oracle->broker_tries > 0 ? oracle->broker_tries : 1;
    double q[4];

    for (unsigned hop = 0; hop < 4; hop++) {
        q[hop] = 1 - factor * oracle->loss[hop] / 1000;
    }
    double replied = 1 - pow(1 - q[1] * q[2], asks);
    return 1 - pow(1 - q[0] * replied * q[3], oracle_tries(oracle));
}

/* Whether so many answers are within the bound around the formula. */
static bool oracle_allows(const struct oracle *oracle, double factor, double answered)
{
    uint64_t low;
    uint64_t high;

    theory_binomial_bounds(ORACLE_REQUESTS, oracle_answered(oracle, factor), THEORY_ALPHA, &low,
                           &high);
    return answered >= (double)low && answered <= (double)high;
}

static void oracle_run(const struct oracle *oracle)
{
    char text[2048];
    struct story story;

    oracle_write(oracle, text, sizeof text);
    story_run(&story, text);
    CU_ASSERT_EQUAL(story_metric(&story, METRIC_REQUESTS), (double)ORACLE_REQUESTS);
    CU_ASSERT(story.verdict.theory_holds);
    for (uint32_t i = 0; i < story.scenario.expectation_count; i++) {
        const struct expectation_result *result = &story.verdict.expectations[i];
        if (!result->held) {
            printf("%s%s: %s, %s\n", text, story.scenario.expectations[i].text, result->shown,
                   result->why);
        }
        CU_ASSERT(result->held);
    }
    story_expect_promises_kept(&story);

    double answered = story_metric(&story, METRIC_ANSWERED);
    CU_ASSERT(oracle_allows(oracle, 1, answered));
#ifndef ORACLE_SLOW
    /* What is wrong by 20 % is rejected. */
    CU_ASSERT(!oracle_allows(oracle, 1.2, answered));
    CU_ASSERT(!oracle_allows(oracle, 0.8, answered));
#endif
    story_free(&story);
}

static void one_loss_for_all_hops(void)
{
    static const struct oracle oracles[] = {
        {{50, 50, 50, 50}, 0},
        {{100, 100, 100, 100}, 0},
        {{200, 200, 200, 200}, 0},
        {{300, 300, 300, 300}, 0},
    };

    for (size_t i = 0; i < HARNESS_COUNT(oracles); i++) {
        oracle_run(&oracles[i]);
    }
}

static void another_loss_on_each_hop(void)
{
    static const struct oracle oracles[] = {
        {{50, 25, 100, 75}, 0},
        {{100, 300, 5, 200}, 0},
        {{200, 50, 150, 100}, 0},
        {{300, 0, 400, 50}, 0},
    };

    for (size_t i = 0; i < HARNESS_COUNT(oracles); i++) {
        oracle_run(&oracles[i]);
    }
}

static void a_broker_that_asks_again(void)
{
    static const struct oracle oracles[] = {
        {{50, 50, 50, 50}, 2},     {{100, 100, 100, 100}, 3}, {{200, 200, 200, 200}, 2},
        {{300, 300, 300, 300}, 4}, {{100, 350, 200, 150}, 3},
    };

    for (size_t i = 0; i < HARNESS_COUNT(oracles); i++) {
        oracle_run(&oracles[i]);
    }
}

int main(void)
{
    static const struct harness_test tests[] = {
        HARNESS_TEST(one_loss_for_all_hops),
        HARNESS_TEST(another_loss_on_each_hop),
        HARNESS_TEST(a_broker_that_asks_again),
    };
    return harness_run("world/oracles", tests, HARNESS_COUNT(tests));
}
