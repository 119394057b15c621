#include "verdict/theory.h"

#include <math.h>

#include "verdict/parsed.h"
#include "verdict/theory_parts.h"

/* What all ways through the tries of a request come to, one by one. */
struct enumerated {
    double answered;
    double tries;
    double datagrams;
    double executions;
    double executed_twice;
};

static void enumerate(struct enumerated *sums, const double loss[4], unsigned tries_left,
                      double probability, struct enumerated so_far)
{
    double passed = probability;

    if (tries_left == 0) {
        sums->tries += probability * so_far.tries;
        sums->datagrams += probability * so_far.datagrams;
        sums->executions += probability * so_far.executions;
        sums->executed_twice += so_far.executions >= 2 ? probability : 0;
        return;
    }
    so_far.tries++;
    for (unsigned hop = 0; hop < 4; hop++) {
        so_far.datagrams++;
        so_far.executions += hop == 2;
        enumerate(sums, loss, tries_left - 1, passed * loss[hop], so_far);
        passed *= 1 - loss[hop];
    }
    sums->answered += passed;
    enumerate(sums, loss, 0, passed, so_far);
}

static void the_oracles_are_those_of_the_protocol(void)
{
    static const struct {
        const char *text;
        double answered, tries, datagrams, executions, twice;
    } cases[] = {
        {"network loss 10%\nclient c1 timeout 50ms tries 4\n send 10 toupper \"x\"\n", 0.98601,
         1.5028, 5.1683, 1.2173, 0.1855},
        {"network loss 20%\nclient c1 timeout 50ms tries 4\n send 10 toupper \"x\"\n", 0.87850,
         2.1448, 6.3314, 1.3727, 0.3110},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct scenario scenario;
        struct theory theory;
        char why[160];
        parsed_init(&scenario, cases[i].text);
        CU_ASSERT_FATAL(theory_of_group(&scenario, 0, OP_TOUPPER, &theory, why));
        CU_ASSERT_EQUAL(theory.tries, 4);
        CU_ASSERT_DOUBLE_EQUAL(theory.answered, cases[i].answered, 5e-6);
        CU_ASSERT_DOUBLE_EQUAL(theory.tries_mean, cases[i].tries, 5e-5);
        CU_ASSERT_DOUBLE_EQUAL(theory.datagrams, cases[i].datagrams, 5e-5);
        CU_ASSERT_DOUBLE_EQUAL(theory.executions, cases[i].executions, 5e-5);
        CU_ASSERT_DOUBLE_EQUAL(theory.executed_twice, cases[i].twice, 5e-5);
        scenario_free(&scenario);
    }
}

static void four_different_hops_agree_with_counting_every_way(void)
{
    static const double loss[4] = {0.1, 0.2, 0.3, 0.05};
    struct enumerated sums = {.answered = 0};
    struct enumerated none = {.answered = 0};
    struct scenario scenario;
    struct theory theory;
    char why[160];

    parsed_init(&scenario, "link c1 -> broker loss 10%\nlink broker -> toupper loss 20%\n"
                           "link toupper -> broker loss 30%\nlink broker -> c1 loss 5%\n"
                           "client c1 timeout 50ms tries 3\n send 10 toupper \"x\"\n");
    CU_ASSERT_FATAL(theory_of_group(&scenario, 0, OP_TOUPPER, &theory, why));
    enumerate(&sums, loss, 3, 1, none);
    CU_ASSERT_DOUBLE_EQUAL(theory.answered, sums.answered, 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(theory.tries_mean, sums.tries, 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(theory.datagrams, sums.datagrams, 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(theory.executions, sums.executions, 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(theory.executed_twice, sums.executed_twice, 1e-12);
    scenario_free(&scenario);
}

/* protocol.md: P(executed >= 2) = v (1 - v^n - n q^2 v^(n-1)), and E[executions] = P / q^2. */
static void executions_agree_with_the_closed_formulas(void)
{
    for (unsigned n = 1; n <= 99; n += 7) {
        double q = 0.85;
        double v = 1 - q * q;
        double answered = 1 - pow(1 - pow(q, 4), n);
        const struct theory_tries tries = {.hop_loss = {1 - q, 1 - q, 1 - q, 1 - q}, .tries = n};
        const struct theory_weights executions = {.passed = {0, 1}};
        struct sum_spread spread;
        double twice = v * (1 - pow(v, n) - n * q * q * pow(v, n - 1));
        theory_spread_of_tries(&tries, &executions, &spread);
        CU_ASSERT_DOUBLE_EQUAL(sum_spread_mean(&spread), answered / (q * q), 1e-12);
        CU_ASSERT_DOUBLE_EQUAL(1 - spread.p[0] - spread.p[1], twice, 1e-12);
    }
}

/* protocol.md: P(answered) = 1 - (1 - q^2 (1 - (1-q^2)^m))^n; and for each try that reaches the
 * broker, with probability q: (1 - (1-q^2)^m) / q^2 sends to the server, a share q of which is
 * executed and replied to, and a reply or a 504 to the client. */
static void a_broker_that_asks_again_has_its_closed_formulas(void)
{
    for (unsigned m = 1; m <= 8; m += 2) {
        for (unsigned n = 1; n <= 9; n += 4) {
            double q = 0.75;
            double replied = 1 - pow(1 - q * q, m);
            double asks = replied / (q * q);
            double answered = 1 - pow(1 - q * q * replied, n);
            double sends = answered / (q * q * replied);
            char text[256];
            struct scenario scenario;
            struct theory theory;
            char why[160] = "";
            snprintf(text, sizeof text,
                     "network loss 25%%\nbroker timeout 10ms tries %u backoff constant\n"
                     "client c1 timeout 100ms tries %u\n send 10 toupper \"x\"\n",
                     m, n);
            parsed_init(&scenario, text);
            CU_ASSERT(theory_of_group(&scenario, 0, OP_TOUPPER, &theory, why));
            CU_ASSERT_STRING_EQUAL(why, "");
            CU_ASSERT_EQUAL(theory.broker_asks, m);
            CU_ASSERT_DOUBLE_EQUAL(theory.answered, answered, 1e-12);
            CU_ASSERT_DOUBLE_EQUAL(theory.tries_mean, sends, 1e-12);
            CU_ASSERT_DOUBLE_EQUAL(theory.executions, sends * q * asks * q, 1e-12);
            CU_ASSERT_DOUBLE_EQUAL(theory.datagrams, sends * (1 + q * (asks * (1 + q) + 1)), 1e-11);
            scenario_free(&scenario);
        }
    }
}

static void a_broker_whose_network_is_perfect_asks_once(void)
{
    struct scenario scenario;
    struct theory theory;
    char why[160] = "";

    parsed_init(&scenario, "broker timeout 10ms tries 3\nclient c1\n send 10 toupper \"x\"\n");
    CU_ASSERT(theory_of_group(&scenario, 0, OP_TOUPPER, &theory, why));
    CU_ASSERT_DOUBLE_EQUAL(theory.answered, 1, 0);
    CU_ASSERT_DOUBLE_EQUAL(theory.datagrams, 4, 0);
    CU_ASSERT_DOUBLE_EQUAL(theory.executions, 1, 0);
    scenario_free(&scenario);
}

static void a_network_without_loss_is_certain(void)
{
    struct scenario scenario;
    struct theory_total total;
    char why[160];

    parsed_init(&scenario, "clients 3\n send 5 toupper \"x\"\n send 2 tolower \"Y\"\n");
    CU_ASSERT_FATAL(theory_of_scenario(&scenario, &total, why));
    CU_ASSERT(total.uniform);
    CU_ASSERT_DOUBLE_EQUAL(total.requests, 21, 0);
    CU_ASSERT_DOUBLE_EQUAL(total.answered_mean, 21, 0);
    CU_ASSERT_DOUBLE_EQUAL(total.tries_mean, 21, 0);
    CU_ASSERT_DOUBLE_EQUAL(total.datagrams_mean, 84, 0);
    CU_ASSERT_DOUBLE_EQUAL(total.executions_mean, 21, 0);
    CU_ASSERT_DOUBLE_EQUAL(total.tries_variance, 0, 0);
    scenario_free(&scenario);
}

static void groups_add_up_by_their_requests(void)
{
    struct scenario scenario;
    struct theory_total total;
    struct theory near, far;
    char why[160];

    parsed_init(&scenario, "link far* <-> broker loss 30%\n"
                           "clients 2 as near timeout 50ms tries 2\n send 10 toupper \"x\"\n"
                           "clients 3 as far timeout 50ms tries 4\n send 20 toupper \"x\"\n");
    CU_ASSERT_FATAL(theory_of_scenario(&scenario, &total, why));
    CU_ASSERT_FATAL(theory_of_group(&scenario, 0, OP_TOUPPER, &near, why));
    CU_ASSERT_FATAL(theory_of_group(&scenario, 1, OP_TOUPPER, &far, why));
    CU_ASSERT(!total.uniform);
    CU_ASSERT_DOUBLE_EQUAL(total.requests, 80, 0);
    CU_ASSERT_DOUBLE_EQUAL(total.answered_mean, 20 + 60 * far.answered, 1e-9);
    CU_ASSERT_DOUBLE_EQUAL(total.tries_mean, 20 * near.tries_mean + 60 * far.tries_mean, 1e-9);
    CU_ASSERT_DOUBLE_EQUAL(total.tries_variance, 60 * far.tries_variance, 1e-9);
    CU_ASSERT_DOUBLE_EQUAL(total.executed_twice_mean, 60 * far.executed_twice, 1e-9);
    scenario_free(&scenario);
}

static void later_lines_win_and_clear_removes(void)
{
    struct scenario scenario;
    struct theory theory;
    char why[160];

    parsed_init(&scenario,
                "network loss 50% drop 1\nlink * <-> * clear\nlink c1 -> broker loss 5%\n"
                "link c1 -> broker loss 10%\n"
                "client c1 timeout 50ms tries 4\n send 10 toupper \"x\"\n");
    CU_ASSERT_FATAL(theory_of_group(&scenario, 0, OP_TOUPPER, &theory, why));
    CU_ASSERT_DOUBLE_EQUAL(theory.hop_loss[0], 0.1, 1e-15);
    CU_ASSERT_DOUBLE_EQUAL(theory.hop_loss[1], 0, 0);
    CU_ASSERT_DOUBLE_EQUAL(theory.hop_loss[3], 0, 0);
    scenario_free(&scenario);
}

static void where_its_conditions_fail_theory_says_why(void)
{
    static const struct {
        const char *text;
        const char *why;
    } cases[] = {
        {"at 1s network loss 10%\nclient c1\n send toupper \"x\"\n",
         "faults change during the run (line 1)"},
        {"broker timeout 100ms tries 2 backoff constant\nclient c1 timeout 200ms\n"
         " send toupper \"x\"\n",
         "the broker can ask for longer than the timeout of c1"},
        {"network delay 25ms\nbroker timeout 50ms tries 2 backoff constant\nclient c1\n"
         " send toupper \"x\"\n",
         "delays and service can take longer than the broker's timeout"},
        {"broker timeout 50ms tries 3\nclient c1\n send count \"x\"\n",
         "the broker's 504 ends what may not be executed twice"},
        {"broker timeout 1ms tries 50 backoff constant\nclient c1\n send toupper \"x\"\n",
         "the tries of c1 and of the broker are too many"},
        {"network duplicate 1%\nclient c1\n send toupper \"x\"\n",
         "c1 -> broker duplicates datagrams"},
        {"link broker -> toupper drop 1\nclient c1\n send toupper \"x\"\n",
         "broker -> toupper has exact faults"},
        {"link toupper -> broker down\nclient c1\n send toupper \"x\"\n",
         "toupper -> broker is down"},
        {"link c2 -> broker loss 10%\nclients 3\n send toupper \"x\"\n",
         "the links of c differ from client to client"},
        {"client c1 timeout 50ms tries 3 deadline 150ms\n send toupper \"x\"\n",
         "the deadline of c1 can end before its last wait"},
        {"network delay 20ms 5ms\nclient c1 timeout 100ms\n send toupper \"x\"\n",
         "delays and service can take longer than the timeout of c1"},
        {"server toupper service 30ms workers 2\nclients 5 timeout 90ms\n send toupper \"x\"\n",
         "delays and service can take longer than the timeout of c"},
        {"server toupper service 1ms workers 2 queue 2\nclients 5\n send toupper \"x\"\n",
         "the queue of toupper can fill"},
        {"broker pending 4\nclients 5\n send toupper \"x\"\n", "the broker's table can fill"},
        {"network loss 1%\nbroker pending 9\nclients 5\n send 2 toupper \"x\"\n",
         "the broker's table can fill"},
        {"network loss 1%\nbroker pending 67\nclient c1 timeout 100ms tries 2 deadline 10s window "
         "2\n"
         " send 100 toupper \"x\"\n",
         "the broker's table can fill"},
        {"client c1 plain\n send toupper \"x\"\n",
         "c1 speaks the plain form, where no reply is matched by id"},
        {"client c1\n send toupper \"x\"\n raw \"toupper:y\"\n", "c1 sends raw datagrams"},
        {"client c1\n send reverse \"x\"\n", "c1 asks for an operation that no server has"},
        {"client c1\n wait 1s\n", "no script has a request"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct scenario scenario;
        struct theory_total total;
        char why[160] = "";
        parsed_init(&scenario, cases[i].text);
        CU_ASSERT_FALSE(theory_of_scenario(&scenario, &total, why));
        CU_ASSERT_STRING_EQUAL(why, cases[i].why);
        scenario_free(&scenario);
    }
}

static void delays_and_service_below_the_timeout_are_no_obstacle(void)
{
    struct scenario scenario;
    struct theory_total total;
    char why[160];

    parsed_init(&scenario, "network loss 10% delay 20ms 4ms\nat 1s note \"here\"\n"
                           "server toupper service 1ms workers 2\n"
                           "clients 5 timeout 100ms jitter coap\n send toupper \"x\"\n");
    CU_ASSERT(theory_of_scenario(&scenario, &total, why));
    scenario_free(&scenario);
}

/* One that is given up is in it until its deadline, and the next one too. */
static void a_table_with_room_for_those_given_up_is_no_obstacle(void)
{
    static const char *const fit[] = {
        "broker pending 5\nclients 5\n send 9 toupper \"x\"\n",
        "network loss 1%\nbroker pending 5\nclients 5\n send 1 toupper \"x\"\n",
        "network loss 1%\nbroker pending 10\nclients 5\n send 9 toupper \"x\"\n",
        "network loss 1%\nbroker pending 5 tries 2 timeout 20ms\nclients 5\n"
        " send 9 toupper \"x\"\n",
        /* 10.001 s of life, 300 ms apart, twice */
        "network loss 1%\nbroker pending 68\n"
        "client c1 timeout 100ms tries 2 deadline 10s window 2\n send 100 toupper \"x\"\n",
    };

    for (size_t i = 0; i < sizeof fit / sizeof fit[0]; i++) {
        struct scenario scenario;
        struct theory_total total;
        char why[160] = "";
        parsed_init(&scenario, fit[i]);
        CU_ASSERT(theory_of_scenario(&scenario, &total, why));
        CU_ASSERT_STRING_EQUAL(why, "");
        scenario_free(&scenario);
    }
}

int main(void)
{
    static const struct harness_test tests[] = {
        HARNESS_TEST(the_oracles_are_those_of_the_protocol),
        HARNESS_TEST(four_different_hops_agree_with_counting_every_way),
        HARNESS_TEST(executions_agree_with_the_closed_formulas),
        HARNESS_TEST(a_broker_that_asks_again_has_its_closed_formulas),
        HARNESS_TEST(a_broker_whose_network_is_perfect_asks_once),
        HARNESS_TEST(a_network_without_loss_is_certain),
        HARNESS_TEST(groups_add_up_by_their_requests),
        HARNESS_TEST(later_lines_win_and_clear_removes),
        HARNESS_TEST(where_its_conditions_fail_theory_says_why),
        HARNESS_TEST(a_table_with_room_for_those_given_up_is_no_obstacle),
        HARNESS_TEST(delays_and_service_below_the_timeout_are_no_obstacle),
    };
    return harness_run("verdict/theory", tests, HARNESS_COUNT(tests));
}
