/* Models, limits, presets and netem's own lines, by what they mean: the same words again. */
#include "base/time.h"
#include "parse_story.h"
#include "scenario/write.h"

/* The faults of the first rule as canonical words; "" if the line is wrong. */
static void words_of(const char *line, char words[512])
{
    struct story story;
    FILE *out = fmemopen(words, 512, "w");

    words[0] = '\0';
    story_read(&story, STORY_CLIENTS, line);
    CU_ASSERT_TRUE(story.good);
    if (!story.good) {
        printf("%s", story.messages.items[0].text);
    }
    if (story.good) {
        (void)scenario_write_faults(out, &story.scenario.rules[0].faults, true);
    }
    fclose(out);
    story_end(&story);
}

/* A line, what it means, and that what it means is read as the same. */
static void assert_means(const char *line, const char *expected)
{
    char words[512];
    char again[512];
    char second[600];

    words_of(line, words);
    CU_ASSERT_STRING_EQUAL(words, expected);
    if (strcmp(words, expected) != 0) {
        printf("%s:%s\n", line, words);
    }
    snprintf(second, sizeof second, "network%s", words);
    words_of(second, again);
    CU_ASSERT_STRING_EQUAL(again, words);
}

static void every_model_takes_its_values_and_defaults(void)
{
    assert_means("network loss 10% 25%", " loss 10% 25%");
    assert_means("network loss gemodel 1%", " loss gemodel 1% 99% 100% 0%");
    assert_means("network loss gemodel 1% 10% 70% 0.1%", " loss gemodel 1% 10% 70% 0.1%");
    assert_means("network loss state 5%", " loss state 5% 95% 0% 100% 0%");
    assert_means("network loss state 5% 40% 20% 60% 2%", " loss state 5% 40% 20% 60% 2%");
    assert_means("network loss burst 10% 2.5", " loss burst 10% 2.5");
    assert_means("network delay 10ms 2ms 25% distribution pareto ordered",
                 " delay 10ms 2ms 25% distribution pareto ordered");
    assert_means("network delay 10ms ordered", " delay 10ms ordered");
    assert_means("network duplicate 1% 50%", " duplicate 1% 50%");
    assert_means("network corrupt 1% truncate 2%", " corrupt 1% truncate 2%");
    assert_means("network delay 5ms reorder 25% 50% gap 5", " delay 5ms reorder 25% 50% gap 5");
    assert_means("network rate 1.5mbit limit 10 mtu 576", " rate 1.5mbit limit 10 mtu 576");
    assert_means("network rate 2500kbit", " rate 2.5mbit");
}

static void a_burst_is_a_gemodel_by_its_results(void)
{
    struct story story;

    story_read(&story, STORY_CLIENTS, "network loss burst 20% 4");
    CU_ASSERT_TRUE_FATAL(story.good);
    const struct loss_chain *chain = story.scenario.rules[0].faults.chain;
    CU_ASSERT_EQUAL(chain->r_q63, PROBABILITY_ONE / 4);
    CU_ASSERT_EQUAL(chain->p_q63 >> 8, (PROBABILITY_ONE / 16) >> 8); /* r RATE / (1 - RATE) */
    CU_ASSERT_EQUAL(chain->bad_loss_q63, PROBABILITY_ONE);
    CU_ASSERT_EQUAL(chain->good_loss_q63, 0);
    story_end(&story);
}

static void exact_corruption_chooses_like_any_exact_fault(void)
{
    struct story story;

    story_read(&story, STORY_CLIENTS, "network corrupt 2,5-7 corrupt of request c1/2 try 1");
    CU_ASSERT_TRUE_FATAL(story.good);
    const struct fault_set *faults = &story.scenario.rules[0].faults;
    CU_ASSERT_EQUAL_FATAL(faults->exact_count, 2);
    CU_ASSERT_EQUAL(faults->exact[0].kind, EXACT_CORRUPT);
    CU_ASSERT_EQUAL(faults->exact[0].range_count, 2);
    CU_ASSERT_EQUAL(faults->exact[1].which, EXACT_OF_REQUEST);
    CU_ASSERT_EQUAL(faults->set, 0);
    story_end(&story);
}

static void netem_lines_mean_what_tc_means(void)
{
    assert_means("link c1 -> broker netem delay 100ms 10ms 25% loss gemodel 1% 10%",
                 " loss gemodel 1% 10% 100% 0% delay 100ms 10ms 25%");
    assert_means("network netem loss random 3 delay 1000us", " loss 3% delay 1ms");
    assert_means("network netem loss 3% 25", " loss 3% 25%");
    assert_means("network netem drop 3% 25", " loss 3% 25%");
    assert_means("network netem loss state 1 2 3 4 5", " loss state 1% 2% 3% 4% 5%");
    assert_means("network netem limit 50 latency 10msec 2msecs distribution normal",
                 " delay 10ms 2ms distribution normal limit 50");
    assert_means("network netem distribution pareto delay 1sec 20usecs",
                 " delay 1s 20us distribution pareto");
    assert_means("network netem corrupt 0.1% duplicate 1 10", " duplicate 1% 10% corrupt 0.1%");
    assert_means("network netem delay 10ms reorder 25% 50% gap 5",
                 " delay 10ms reorder 25% 50% gap 5");
    assert_means("network netem gap 5 delay 10ms reorder 25%", " delay 10ms reorder 25% gap 5");
    assert_means("network netem gap 5 delay 10ms", " delay 10ms reorder 100% gap 5");
    assert_means("network netem distribution normal gap 5 reorder 25% delay 10ms 2ms",
                 " delay 10ms 2ms distribution normal reorder 25% gap 5");
    assert_means("network netem rate 1Mbit", " rate 1mbit");
    assert_means("network netem rate 500000", " rate 500kbit");
}

static void netem_knows_what_netem_knows(void)
{
    static const struct {
        const char *line;
        const char *says;
    } WRONG[] = {
        {"network netem", "f:3:15: error: expected netem's arguments, as for tc: delay 100ms 10ms"},
        {"network netem truncate 5%",
         "f:3:15: error: unknown option of netem 'truncate'; known are: limit delay distribution "
         "loss corrupt duplicate reorder gap rate"},
        {"network netem delay", "f:3:21: error: expected delay here, like 60ms"},
        {"network netem delay 10furlongs",
         "f:3:21: error: unknown unit in '10furlongs'; delay is given in ns us ms s m h"},
        {"network netem reorder 25%", "f:3:15: error: reorder sends some datagrams at once, ahead "
                                      "of delayed ones: it needs a delay"},
        {"network netem rate 1mbps", "f:3:20: error: mbps are bytes a second in tc, and bits "
                                     "elsewhere: write rate as 1mbit, or "
                                     "eight times that"},
        {"network netem delay 1ms gap", "f:3:29: error: expected a value behind `gap`"},
        {"network netem delay 100", "f:3:21: error: a time without a unit is in microseconds by "
                                    "tc's manual, and in nanoseconds to newer versions of tc: "
                                    "write 100us or 100ns"},
        {"network netem delay 1ms 5", "f:3:25: error: a time without a unit is in microseconds by "
                                      "tc's manual, and in nanoseconds to newer versions of tc: "
                                      "write 5us or 5ns"},
        {"network netem corrupt 1% 25%", "f:3:26: error: one value too many behind `corrupt`: "
                                         "damage comes without a correlation"},
        {"network netem rate 1mbit 20", "f:3:26: error: one value too many behind `rate`: each "
                                        "datagram counts with its 28 octets of headers, and no "
                                        "others"},
        {"network netem duplicate 1% 5% 5%", "f:3:31: error: one value too many behind "
                                             "`duplicate`: it takes no more values"},
        {"network netem distribution normal",
         "f:3:15: error: a distribution is of the delays, and there is no `delay`"},
        {"network netem slot 800us 1ms", "f:3:15: error: netem's `slot` has no place here: "
                                         "datagrams that leave in slots are not simulated"},
        {"network netem loss 1% ecn", "f:3:23: error: netem's `ecn` has no place here: it marks "
                                      "datagrams in place of losing them, and nobody here reads "
                                      "such a mark"},
        {"network netem seed 5", "f:3:15: error: netem's `seed` has no place here: all chance here "
                                 "follows from one seed: write a line `seed N`"},
    };

    for (size_t i = 0; i < HARNESS_COUNT(WRONG); i++) {
        story_refuses(STORY_CLIENTS, WRONG[i].line, WRONG[i].says);
    }
}

static void a_preset_is_a_set_of_the_same_words(void)
{
    assert_means("network preset wifi", " loss burst 1% 3 delay 3ms 2ms distribution pareto "
                                        "rate 50mbit limit 500");
    assert_means("network preset 3g", " loss 0.5% delay 75ms 20ms 50% distribution normal ordered "
                                      "rate 2mbit limit 300");
    assert_means("network preset satellite",
                 " loss burst 0.5% 4 delay 270ms 5ms distribution normal ordered rate 10mbit "
                 "limit 1000");
    assert_means("network preset datacentre",
                 " loss 0.001% delay 50us 20us distribution exponential rate 10gbit");
    assert_means("network preset flaky",
                 " loss burst 10% 3 delay 20ms 15ms 25% distribution paretonormal duplicate 2% "
                 "corrupt 1% reorder 5%");
    /* What stands behind it changes it, fault by fault. */
    assert_means("network preset wifi loss 5% delay 1ms",
                 " loss 5% delay 1ms rate 50mbit limit 500");
    story_refuses(STORY_CLIENTS, "network loss 5% preset wifi",
                  "f:3:17: error: a preset is what the other faults of its line change: put it "
                  "first");
    story_refuses(STORY_CLIENTS, "network preset 3g reorder 5%",
                  "f:3:19: error: `ordered` forbids what `reorder` asks for: leave one out");
    story_refuses(STORY_CLIENTS, "network preset moon",
                  "f:3:16: error: unknown preset 'moon'; known are: wifi 3g satellite datacentre "
                  "flaky");
}

static void reorder_finds_its_delay_on_another_line(void)
{
    story_accepts(STORY_CLIENTS "network delay 5ms\n", "link c1 -> broker reorder 25%");
    story_accepts(STORY_CLIENTS "at 1s network delay 5ms\n", "link c1 -> broker reorder 25%");
    story_accepts(STORY_CLIENTS, "network reorder 0%");
    story_refuses(STORY_CLIENTS "link c2 -> broker delay 5ms\n", "link c1 -> broker reorder 25%",
                  "f:4:19: error: reorder sends some datagrams at once, ahead of delayed ones: it "
                  "needs a delay");
}

int main(void)
{
    static const struct harness_test tests[] = {
        HARNESS_TEST(every_model_takes_its_values_and_defaults),
        HARNESS_TEST(a_burst_is_a_gemodel_by_its_results),
        HARNESS_TEST(exact_corruption_chooses_like_any_exact_fault),
        HARNESS_TEST(netem_lines_mean_what_tc_means),
        HARNESS_TEST(netem_knows_what_netem_knows),
        HARNESS_TEST(a_preset_is_a_set_of_the_same_words),
        HARNESS_TEST(reorder_finds_its_delay_on_another_line),
    };

    return harness_run("scenario/fault_words", tests, HARNESS_COUNT(tests));
}
