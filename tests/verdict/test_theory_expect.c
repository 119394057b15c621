/* What `~` accepts, and how likely an expectation is to fail by chance. */
#include "verdict/theory.h"

#include <math.h>

#include "verdict/parsed.h"

/* 8 clients with 50 requests each, 10 % loss on every hop, 4 tries. */
#define LOSSY                                                                                      \
    "network loss 10% delay 2ms 1ms\nclients 8 timeout 60ms tries 4\n"                             \
    " send 25 toupper \"x\"\n send 25 tolower \"Y\"\n"

/* The first expectation of a scenario and the line. */
static double chance_in(const char *head, const char *expect_line)
{
    struct scenario scenario;
    char text[512];
    double probability = -1;

    snprintf(text, sizeof text, "%s%s\n", head, expect_line);
    parsed_init(&scenario, text);
    if (!theory_chance_of_failure(&scenario, &scenario.expectations[0], &probability)) {
        probability = NAN;
    }
    scenario_free(&scenario);
    return probability;
}

static double chance_of(const char *expect_line)
{
    return chance_in(LOSSY, expect_line);
}

static void all_of_400_answered_fails_by_chance_nearly_always(void)
{
    double each = 1 - pow(1 - pow(0.9, 4), 4);

    CU_ASSERT_DOUBLE_EQUAL(chance_of("expect answered = 100%"), 1 - pow(each, 400), 1e-9);
    CU_ASSERT_DOUBLE_EQUAL(chance_of("expect failed = 0"), 1 - pow(each, 400), 1e-9);
    CU_ASSERT_DOUBLE_EQUAL(chance_of("expect answered = 400"), 1 - pow(each, 400), 1e-9);
    CU_ASSERT_DOUBLE_EQUAL(chance_of("expect answered of c1,c2 = 100%"), 1 - pow(each, 100), 1e-9);
    CU_ASSERT_DOUBLE_EQUAL(chance_of("expect answered != 400"), pow(each, 400), 1e-9);
}

static void clients_whose_links_differ_are_not_taken_for_each_other(void)
{
    static const char head[] = "link a -> broker loss 10%\nlink b -> broker loss 20%\n"
                               "client a timeout 60ms tries 1\n send toupper \"x\"\n"
                               "client b timeout 60ms tries 1\n send toupper \"x\"\n";

    CU_ASSERT_DOUBLE_EQUAL(chance_in(head, "expect answered = 100%"), 1 - 0.9 * 0.8, 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(chance_in(head, "expect answered = 0"), 1 - 0.1 * 0.2, 1e-12);
}

static void generous_expectations_hardly_ever_fail(void)
{
    CU_ASSERT(chance_of("expect answered >= 90%") < 1e-9);
    CU_ASSERT(chance_of("expect timed-out <= 30") < 1e-6);
    CU_ASSERT(chance_of("expect tries < 800") < 1e-6);
    CU_ASSERT(chance_of("expect tries per request = 1..2") < 1e-6);
    CU_ASSERT(chance_of("expect sent > 1600") < 1e-6);
    CU_ASSERT(chance_of("expect duplicate-executions > 0") < 1e-6);
}

static void the_middle_is_missed_half_of_the_time(void)
{
    double below = chance_of("expect tries < 601"); /* E = 601.1 */
    double above = chance_of("expect tries >= 601");

    CU_ASSERT(below > 0.4 && below < 0.6);
    CU_ASSERT_DOUBLE_EQUAL(below + above, 1, 1e-9);
    /* A client's 50 first tries are none of its retries. */
    CU_ASSERT_DOUBLE_EQUAL(chance_of("expect retries of c1 <= 25"),
                           chance_of("expect tries of c1 <= 75"), 1e-12);
    CU_ASSERT(chance_of("expect retries of c1 <= 25") > 0.3);
}

static void what_cannot_be_lost_is_lost_for_certain(void)
{
    CU_ASSERT(chance_of("expect lost = 0") > 0.999999);
    CU_ASSERT(chance_of("expect retries = 0") > 0.999999);
    CU_ASSERT_DOUBLE_EQUAL(chance_of("expect failed < 0"), 1, 0); /* no count is that small */
}

static void about_fails_as_rarely_as_alpha_if_it_is_true(void)
{
    CU_ASSERT(chance_of("expect lost of clients -> broker ~ 10%") <= 1.1e-6);
    CU_ASSERT(chance_of("expect lost of clients -> broker ~ 20%") > 0.9);
    CU_ASSERT(chance_of("expect answered ~ 98.6%") <= 2e-6);
    CU_ASSERT(chance_of("expect answered ~ 80%") > 0.99);
}

static void theory_is_silent_about_what_it_does_not_know(void)
{
    CU_ASSERT(isnan(chance_of("expect latency.p99 < 100ms")));
    CU_ASSERT(isnan(chance_of("expect rejected = 0")));
    CU_ASSERT(isnan(chance_of("expect answered during 0s..1s = 100%")));
    CU_ASSERT(isnan(chance_of("expect tries of c1/3 = 1")));
    CU_ASSERT(isnan(chance_of("expect tries ~ theory")));
    CU_ASSERT(isnan(chance_of("expect lost = 10%")));
    CU_ASSERT(isnan(chance_of("expect outcome of c1/3 = answered")));
}

static void a_network_without_loss_fails_never_or_always(void)
{
    struct scenario scenario;
    double probability = -1;

    parsed_init(&scenario, "clients 8\n send 50 toupper \"x\"\nexpect answered = 100%\n"
                           "expect tries = 401\n");
    CU_ASSERT(theory_chance_of_failure(&scenario, &scenario.expectations[0], &probability));
    CU_ASSERT_DOUBLE_EQUAL(probability, 0, 0);
    CU_ASSERT(theory_chance_of_failure(&scenario, &scenario.expectations[1], &probability));
    CU_ASSERT_DOUBLE_EQUAL(probability, 1, 0);
    scenario_free(&scenario);
}

/* What the expectation accepts, in LOSSY; false: theory cannot say, and why. */
static bool accepts(const char *expect_line, double *low, double *high, char why[160])
{
    struct scenario scenario;
    char text[512];

    snprintf(text, sizeof text, "%s%s\n", LOSSY, expect_line);
    parsed_init(&scenario, text);
    bool good = theory_accepts(&scenario, &scenario.expectations[0], low, high, why);
    scenario_free(&scenario);
    return good;
}

static void theory_accepts_a_range_around_its_means(void)
{
    static const struct {
        const char *line;
        double mean;  /* for 400 requests */
        double width; /* ten standard deviations, or so */
    } cases[] = {{"expect tries ~ theory", 601.1, 170},
                 {"expect answered ~ theory", 394.4, 30},
                 {"expect failed ~ theory", 5.6, 30},
                 {"expect executions ~ theory", 486.9, 120},
                 {"expect executions of toupper ~ theory", 243.5, 80},
                 {"expect sent ~ theory", 2067.3, 420},
                 {"expect sent of clients -> broker ~ theory", 601.1, 170},
                 {"expect tries per request ~ theory", 1.5028, 0.5},
                 {"expect tries of broker ~ theory", 541.0, 140}};

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        double low = NAN, high = NAN;
        char why[160] = "";
        CU_ASSERT_FATAL(accepts(cases[i].line, &low, &high, why));
        CU_ASSERT(low < cases[i].mean && high > cases[i].mean);
        CU_ASSERT(high - low < cases[i].width && high - low > cases[i].width / 4);
    }
}

/* A request that the broker's last 504 ends has failed, but it has not timed out. */
static void a_broker_that_gives_up_leaves_fewer_to_time_out(void)
{
    const char *asks = "broker timeout 8ms tries 2 backoff constant\n";
    double a_try = 0.25 * (1 - 0.75 * 0.75); /* is answered: q = 0.5 */
    double gives_up = 0.25 * 0.75 * 0.75;
    char lines[256];
    double low, high;
    char why[160];

    snprintf(lines, sizeof lines, "network loss 50%%\n%sexpect timed-out ~ theory", asks);
    CU_ASSERT_FATAL(accepts(lines, &low, &high, why));
    CU_ASSERT_DOUBLE_EQUAL((low + high) / 2, 400 * pow(1 - a_try, 3) * (1 - a_try - gives_up), 2);
    snprintf(lines, sizeof lines, "network loss 50%%\n%sexpect failed ~ theory", asks);
    CU_ASSERT_FATAL(accepts(lines, &low, &high, why));
    CU_ASSERT_DOUBLE_EQUAL((low + high) / 2, 400 * pow(1 - a_try, 4), 2);

    /* Every try reaches the broker, and every reply the client. */
    snprintf(lines, sizeof lines,
             "network loss 0%%\nlink broker -> servers loss 50%%\n%sexpect timed-out ~ theory",
             asks);
    CU_ASSERT_FATAL(accepts(lines, &low, &high, why));
    CU_ASSERT_EQUAL(low, 0);
    CU_ASSERT_EQUAL(high, 0);
}

static void about_accepts_as_many_as_there_will_be_trials(void)
{
    double low, high;
    uint64_t least, most;
    char why[160];

    CU_ASSERT_FATAL(accepts("expect answered ~ 98.6%", &low, &high, why));
    theory_binomial_bounds(400, 0.986, THEORY_ALPHA, &least, &most);
    CU_ASSERT(low >= (double)least && low <= (double)least);
    CU_ASSERT(high >= (double)most && high <= (double)most);
    CU_ASSERT_FATAL(accepts("expect lost of clients -> broker ~ 10%", &low, &high, why));
    theory_binomial_bounds(601, 0.1, THEORY_ALPHA, &least, &most);
    CU_ASSERT(low >= (double)least && low <= (double)least);
    CU_ASSERT(high >= (double)most && high <= (double)most);
}

static void what_is_not_known_in_advance_is_said(void)
{
    double low, high;
    char why[160];

    CU_ASSERT_FALSE(accepts("at 1s network loss 5%\nexpect lost ~ 10%", &low, &high, why));
    CU_ASSERT_STRING_EQUAL(why, "how many will be sent is not known in advance: faults change "
                                "during the run (line 5)");
    CU_ASSERT_FALSE(accepts("at 1s network loss 5%\nexpect tries ~ theory", &low, &high, why));
    CU_ASSERT_STRING_EQUAL(why, "faults change during the run (line 5)");
}

/* Why `~` has nothing to say of the first expectation; "" if it has. */
static void refusal_of(const char *faults, const char *expect_line, char why[160])
{
    struct scenario scenario;
    char text[512];
    double low;
    double high;

    snprintf(text, sizeof text,
             "network %s\nclients 8 timeout 600ms tries 4\n send 25 toupper \"x\"\n%s\n", faults,
             expect_line);
    parsed_init(&scenario, text);
    if (theory_accepts(&scenario, &scenario.expectations[0], &low, &high, why)) {
        why[0] = '\0';
    }
    scenario_free(&scenario);
}

static void faults_with_memory_are_refused_with_the_reason(void)
{
    static const struct {
        const char *faults;
        const char *expect;
        const char *why;
    } REFUSED[] = {
        {"loss burst 10% 4", "expect lost ~ 10%",
         "loss burst has a memory (line 1), so that datagrams do not fare each for itself"},
        {"loss 10% 25%", "expect lost of clients -> broker ~ 10%",
         "loss with a correlation has a memory (line 1), so that datagrams do not fare each for "
         "itself"},
        {"duplicate 10% 25%", "expect duplicated ~ 10%",
         "duplicate with a correlation has a memory (line 1), so that datagrams do not fare each "
         "for itself"},
        {"delay 10ms reorder 10% 90%", "expect reordered ~ 3%",
         "reorder has a memory (line 1), so that datagrams do not fare each for itself"},
        {"delay 10ms 2ms", "expect reordered ~ 20%",
         "jitter lets neighbours overtake each other (line 1), so that datagrams do not fare each "
         "for itself"},
        {"delay 10ms reorder 10%", "expect reordered ~ 3%", ""},
        {"delay 10ms 2ms", "expect lost ~ 10%", ""},
        {"loss gemodel 5%", "expect answered ~ 10%",
         "loss gemodel has a memory (line 1), so that requests do not fare each for itself"},
        {"loss burst 10% 4\nnetwork loss 10%", "expect lost ~ 10%", ""}, /* it is no more */
        {"loss 10%\nat 1s link c1 -> broker loss 10% 25%", "expect lost of c1 -> broker ~ 10%",
         "loss with a correlation has a memory (line 2), so that datagrams do not fare each for "
         "itself"},
        {"loss state 5%", "expect tries ~ theory", "c1 -> broker has a memory (loss state)"},
        {"delay 1ms rate 1mbit", "expect tries ~ theory", "c1 -> broker has a memory (rate)"},
        {"corrupt 1%", "expect tries ~ theory", "c1 -> broker damages datagrams"},
        {"mtu 500", "expect tries ~ theory", "c1 -> broker has an mtu"},
        {"delay 9ms 2ms distribution exponential", "expect tries ~ theory", ""},
        {"delay 90ms 20ms distribution exponential", "expect tries ~ theory",
         "delays and service can take longer than the timeout of c"},
    };

    for (size_t i = 0; i < HARNESS_COUNT(REFUSED); i++) {
        char why[160];
        refusal_of(REFUSED[i].faults, REFUSED[i].expect, why);
        CU_ASSERT_STRING_EQUAL(why, REFUSED[i].why);
        if (strcmp(why, REFUSED[i].why) != 0) {
            printf("%s: %s\n", REFUSED[i].faults, why);
        }
    }
}

int main(void)
{
    static const struct harness_test tests[] = {
        HARNESS_TEST(faults_with_memory_are_refused_with_the_reason),
        HARNESS_TEST(all_of_400_answered_fails_by_chance_nearly_always),
        HARNESS_TEST(clients_whose_links_differ_are_not_taken_for_each_other),
        HARNESS_TEST(generous_expectations_hardly_ever_fail),
        HARNESS_TEST(the_middle_is_missed_half_of_the_time),
        HARNESS_TEST(what_cannot_be_lost_is_lost_for_certain),
        HARNESS_TEST(about_fails_as_rarely_as_alpha_if_it_is_true),
        HARNESS_TEST(theory_is_silent_about_what_it_does_not_know),
        HARNESS_TEST(a_network_without_loss_fails_never_or_always),
        HARNESS_TEST(theory_accepts_a_range_around_its_means),
        HARNESS_TEST(a_broker_that_gives_up_leaves_fewer_to_time_out),
        HARNESS_TEST(about_accepts_as_many_as_there_will_be_trials),
        HARNESS_TEST(what_is_not_known_in_advance_is_said),
    };
    return harness_run("verdict/theory_expect", tests, HARNESS_COUNT(tests));
}
