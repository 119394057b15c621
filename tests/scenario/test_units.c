/* Quantities: exact where they are right, and a remedy for each wrong spelling. */
#include "base/prng.h"
#include "base/time.h"
#include "parse_story.h"
#include "scenario/parse.h"

static void refuses(const char *line, const char *expected)
{
    story_refuses(STORY_CLIENTS, line, expected);
}

static uint64_t ns_of(const char *text)
{
    uint64_t span_ns = TIME_NEVER;

    return parse_duration_text(text, strlen(text), &span_ns) ? span_ns : TIME_NEVER;
}

static uint64_t q63_of(const char *text)
{
    uint64_t q63 = UINT64_MAX;

    return parse_percent_text(text, strlen(text), &q63) ? q63 : UINT64_MAX;
}

static void a_duration_is_exact_in_every_unit(void)
{
    CU_ASSERT_EQUAL(ns_of("0ms"), 0);
    CU_ASSERT_EQUAL(ns_of("7ns"), 7);
    CU_ASSERT_EQUAL(ns_of("7us"), 7000);
    CU_ASSERT_EQUAL(ns_of("1.5ms"), 1500000);
    CU_ASSERT_EQUAL(ns_of("0.000000001s"), 1);
    CU_ASSERT_EQUAL(ns_of("2m"), 120 * NS_PER_S);
    CU_ASSERT_EQUAL(ns_of("1.25h"), 4500 * NS_PER_S);
}

static void what_is_no_duration_is_refused_in_silence(void)
{
    static const char *const TEXTS[] = {"",     "ms",   "10",    "10 ms",   "1,5ms", ".5ms",
                                        "5.ms", "-1ms", "1e3ms", "10sec",   "0.5ns", "1.5.0ms",
                                        "10MS", "1ms ", "0x1ms", "5124096h"};

    for (size_t i = 0; i < HARNESS_COUNT(TEXTS); i++) {
        CU_ASSERT_EQUAL(ns_of(TEXTS[i]), TIME_NEVER);
    }
}

static void a_percentage_is_rounded_to_the_nearest_fraction(void)
{
    CU_ASSERT_EQUAL(q63_of("0%"), 0);
    CU_ASSERT_EQUAL(q63_of("50%"), PROBABILITY_ONE / 2);
    CU_ASSERT_EQUAL(q63_of("100%"), PROBABILITY_ONE);
    CU_ASSERT_EQUAL(q63_of("100.000000000%"), PROBABILITY_ONE);
    CU_ASSERT_EQUAL(q63_of("10%"), UINT64_C(922337203685477581)); /* ...580.8 */
    CU_ASSERT_EQUAL(q63_of("0.3%"), UINT64_C(27670116110564327)); /* ...327.4 */
    CU_ASSERT_EQUAL(q63_of("0.000000001%"), UINT64_C(92233720));  /* 92233720.4 */
}

static void what_is_no_percentage_is_refused_in_silence(void)
{
    static const char *const TEXTS[] = {
        "", "%", "10", "10 %", "0,3%", "100.000000001%", "101%", "-1%", "1%%", "0.0000000001%"};

    for (size_t i = 0; i < HARNESS_COUNT(TEXTS); i++) {
        CU_ASSERT_EQUAL(q63_of(TEXTS[i]), UINT64_MAX);
    }
}

static void a_decimal_number_is_the_nearest_double(void)
{
    double value = -1;

    CU_ASSERT_TRUE(parse_decimal_word("1.5028", 6, &value));
    CU_ASSERT_EQUAL(value, 1.5028);
    CU_ASSERT_TRUE(parse_decimal_word("399", 3, &value));
    CU_ASSERT_EQUAL(value, 399.0);
    CU_ASSERT_FALSE(parse_decimal_word("1,5", 3, &value));
    CU_ASSERT_FALSE(parse_decimal_word("1.5x", 4, &value));
    CU_ASSERT_FALSE(parse_decimal_word("", 0, &value));
}

static void a_wrong_percentage_is_told_what_to_write(void)
{
    refuses("network loss 10", "f:3:14: error: loss is a percentage and needs its sign: 10%");
    refuses("network loss 10 %", "f:3:14: error: no blank before the sign: 10%");
    refuses("network loss 0,3%", "f:3:14: error: loss takes a decimal point, not a comma: 0.3%");
    refuses("network loss 101%",
            "f:3:14: error: a percentage is from 0% to 100%, with up to 9 decimals");
    refuses("network loss -1%",
            "f:3:14: error: a percentage is from 0% to 100%, with up to 9 decimals");
    refuses("network loss 1.0000000001%",
            "f:3:14: error: a percentage is from 0% to 100%, with up to 9 decimals");
    refuses("network loss", "f:3:14: error: expected loss here, like 10%");
}

static void a_wrong_duration_is_told_what_to_write(void)
{
    refuses("network delay 10", "f:3:15: error: delay needs its unit (ns us ms s m h): 10ms?");
    refuses("network delay 1,5ms",
            "f:3:15: error: delay takes a decimal point, not a comma: 1.5ms");
    refuses("network delay 10 ms", "f:3:15: error: no blank before the unit: 10ms");
    refuses("network delay 10x",
            "f:3:15: error: unknown unit in '10x'; delay is given in ns us ms s m h");
    refuses("network delay 1.0000000001s",
            "f:3:15: error: '1.0000000001s' is finer than the smallest unit");
    refuses("network delay 99999999999999999999ms",
            "f:3:15: error: '99999999999999999999ms' is too large");
    refuses("network delay 0.5ns", "f:3:15: error: '0.5ns' is finer than the smallest unit");
    refuses("network delay 9999999999h", "f:3:15: error: '9999999999h' is too large");
    refuses("network delay \"10ms\"", "f:3:15: error: expected delay here, like 60ms");
}

static void a_unit_of_elsewhere_is_told_ours(void)
{
    refuses("network delay 10sec", "f:3:15: error: unknown unit in '10sec'; did you mean 10s?");
    refuses("network delay 1.5Minutes",
            "f:3:15: error: unknown unit in '1.5Minutes'; did you mean 1.5m?");
    refuses("network delay 10MS", "f:3:15: error: unknown unit in '10MS'; did you mean 10ms?");
    refuses("network delay 5\xc2\xb5s",
            "f:3:15: error: unknown unit in '5\xc2\xb5s'; did you mean 5us?");
    refuses("network delay 10ms 2S", "f:3:20: error: unknown unit in '2S'; did you mean 2s?");
    refuses("send toupper random 1b..1kib",
            "f:3:25: error: unknown unit in '1kib'; did you mean 1kb?");
}

static void a_unit_of_another_kind_is_no_remedy(void)
{
    refuses("network delay 10bytes",
            "f:3:15: error: unknown unit in '10bytes'; delay is given in ns us ms s m h");
    refuses("send toupper random 1b..9sec",
            "f:3:25: error: unknown unit in '9sec'; a text is given in b kb mb");
}

static void a_wrong_count_is_told_its_range(void)
{
    refuses("client b tries 100", "f:3:16: error: tries is from 1 to 99");
    refuses("client b tries 0", "f:3:16: error: tries is from 1 to 99");
    refuses("client b tries 1.5", "f:3:16: error: expected tries as a whole number, not '1.5'");
    refuses("client b tries", "f:3:16: error: expected tries here, like 5");
}

static void the_largest_seed_needs_every_digit(void)
{
    struct story story;

    story_read(&story, STORY_CLIENTS, "seed 18446744073709551615");
    CU_ASSERT_TRUE_FATAL(story.good);
    CU_ASSERT_EQUAL(story.scenario.seed, UINT64_MAX);
    story_end(&story);
    refuses("seed 18446744073709551616", "f:3:6: error: seed is from 0 to 18446744073709551615");
}

static void what_is_formatted_reads_back_as_itself(void)
{
    static const uint64_t SPANS_NS[] = {
        0, 1, 999, 1500, 60 * NS_PER_MS, 1500 * NS_PER_MS, 3600 * NS_PER_S, NS_PER_S + 1};
    static const char *const PERCENTS[] = {"0%", "0.3%", "10%", "99.999999999%", "100%"};
    char text[64];

    for (size_t i = 0; i < HARNESS_COUNT(SPANS_NS); i++) {
        CU_ASSERT_EQUAL(scenario_format_duration(text, sizeof text, SPANS_NS[i]), strlen(text));
        CU_ASSERT_EQUAL(ns_of(text), SPANS_NS[i]);
    }
    for (size_t i = 0; i < HARNESS_COUNT(PERCENTS); i++) {
        scenario_format_percent(text, sizeof text, q63_of(PERCENTS[i]));
        CU_ASSERT_STRING_EQUAL(text, PERCENTS[i]);
    }
}

static void a_duration_is_in_the_largest_unit_that_fits(void)
{
    static const struct {
        uint64_t ns;
        const char *text;
    } SPANS[] = {
        {0, "0ms"},
        {1500 * NS_PER_US, "1.5ms"},
        {1500 * NS_PER_MS, "1.5s"},
        {59 * NS_PER_S, "59s"},
        {60 * NS_PER_S, "1m"},
        {90 * NS_PER_S, "90s"}, /* no minutes and a half */
        {300 * NS_PER_S, "5m"},
        {300 * NS_PER_S + NS_PER_MS, "300.001s"},
        {3600 * NS_PER_S, "1h"},
        {5400 * NS_PER_S, "90m"},
        {86400 * NS_PER_S, "24h"},
        {TIME_NEVER, "never"},
    };
    char text[64];

    for (size_t i = 0; i < HARNESS_COUNT(SPANS); i++) {
        scenario_format_duration(text, sizeof text, SPANS[i].ns);
        CU_ASSERT_STRING_EQUAL(text, SPANS[i].text);
    }
}

static void thousandths_have_the_decimals_that_they_need(void)
{
    static const struct {
        uint32_t milli;
        const char *text;
    } NUMBERS[] = {{2000, "2"}, {1500, "1.5"}, {1001, "1.001"}, {0, "0"}, {50, "0.05"}};
    char text[64];

    for (size_t i = 0; i < HARNESS_COUNT(NUMBERS); i++) {
        CU_ASSERT_EQUAL(scenario_format_milli(text, sizeof text, NUMBERS[i].milli), strlen(text));
        CU_ASSERT_STRING_EQUAL(text, NUMBERS[i].text);
    }
}

int main(void)
{
    static const struct harness_test tests[] = {
        HARNESS_TEST(a_duration_is_exact_in_every_unit),
        HARNESS_TEST(what_is_no_duration_is_refused_in_silence),
        HARNESS_TEST(a_percentage_is_rounded_to_the_nearest_fraction),
        HARNESS_TEST(what_is_no_percentage_is_refused_in_silence),
        HARNESS_TEST(a_decimal_number_is_the_nearest_double),
        HARNESS_TEST(a_wrong_percentage_is_told_what_to_write),
        HARNESS_TEST(a_wrong_duration_is_told_what_to_write),
        HARNESS_TEST(a_unit_of_elsewhere_is_told_ours),
        HARNESS_TEST(a_unit_of_another_kind_is_no_remedy),
        HARNESS_TEST(a_wrong_count_is_told_its_range),
        HARNESS_TEST(the_largest_seed_needs_every_digit),
        HARNESS_TEST(what_is_formatted_reads_back_as_itself),
        HARNESS_TEST(a_duration_is_in_the_largest_unit_that_fits),
        HARNESS_TEST(thousandths_have_the_decimals_that_they_need),
    };

    return harness_run("scenario/units", tests, HARNESS_COUNT(tests));
}
