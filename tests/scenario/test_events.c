/* Events of nodes, partitions, and `when`: what may be written, and what is told to whoever writes
 * something else. */
#include "base/time.h"
#include "parse_story.h"

static void refuses(const char *line, const char *expected)
{
    story_refuses(STORY_CLIENTS, line, expected);
}

static const struct scenario_rule *read_rule(struct story *story, const char *line)
{
    story_read(story, STORY_CLIENTS, line);
    if (!story->good && story->messages.count > 0) {
        printf("%s", story->messages.items[0].text);
    }
    CU_ASSERT_TRUE_FATAL(story->good);
    CU_ASSERT_EQUAL_FATAL(story->scenario.rule_count, 1);
    return &story->scenario.rules[0];
}

static uint32_t count_bits(const uint64_t *bitmap, uint32_t size)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < size; i++) {
        count += scenario_in_bitmap(bitmap, i);
    }
    return count;
}

static void an_event_names_its_nodes(void)
{
    struct story story;
    const struct scenario_rule *rule =
        read_rule(&story, "at 2s every 5s for 1s crash broker,servers");

    CU_ASSERT_EQUAL(rule->kind, RULE_CRASH);
    CU_ASSERT_EQUAL(rule->for_ns, NS_PER_S);
    CU_ASSERT_EQUAL(rule->progress, PROGRESS_NONE);
    CU_ASSERT_TRUE(scenario_in_bitmap(rule->nodes, NODE_BROKER));
    CU_ASSERT_EQUAL(count_bits(rule->nodes, story.scenario.node_count),
                    1 + story.scenario.server_count);
    CU_ASSERT_STRING_EQUAL(rule->text, "crash broker,servers");
    story_end(&story);
    CU_ASSERT_EQUAL(read_rule(&story, "at 2s restart toupper")->kind, RULE_RESTART);
    story_end(&story);
    CU_ASSERT_EQUAL(read_rule(&story, "at 2s pause *")->kind, RULE_PAUSE);
    story_end(&story);
    CU_ASSERT_EQUAL(read_rule(&story, "at 2s resume clients")->kind, RULE_RESUME);
    story_end(&story);
    CU_ASSERT_EQUAL(read_rule(&story, "at 2s heal")->kind, RULE_HEAL);
    story_end(&story);
}

static void a_client_does_not_crash(void)
{
    refuses("at 2s crash clients",
            "f:3:13: error: c1 is a client: its script cannot begin anew; only the broker and "
            "servers crash. Did you mean pause, or a partition?");
    refuses("at 2s restart c2",
            "f:3:15: error: c2 is a client: its script cannot begin anew; only the broker and "
            "servers restart. Did you mean pause, or a partition?");
}

static void only_what_lasts_has_a_length(void)
{
    refuses("at 2s for 1s restart broker",
            "f:3:7: error: a restart has no length: leave `for` out");
    refuses("at 2s for 1s resume broker", "f:3:7: error: a resume has no length: leave `for` out");
    refuses("at 2s for 1s heal", "f:3:7: error: a heal has no length: leave `for` out");
}

static void nothing_stands_behind_an_event(void)
{
    refuses("at 2s crash broker now", "f:3:20: error: unexpected 'now' behind the nodes");
    refuses("at 2s heal broker",
            "f:3:12: error: unexpected 'broker' behind heal, which ends every partition");
    refuses("at 2s crash",
            "f:3:13: error: expected the nodes: a node's name, a prefix with *, clients, servers "
            "or *");
}

static void a_length_that_comes_too_late_is_told_its_place(void)
{
    refuses("at 2s crash broker for 1s",
            "f:3:20: error: 'for' stands before the event: at 2s every 10s for 3s crash ...");
    refuses("at 2s partition clients | broker every 5s",
            "f:3:34: error: 'every' stands before the event: at 2s every 10s for 3s partition ...");
    refuses("at 2s restart broker every 5s",
            "f:3:22: error: 'every' stands before the event: at 2s every 10s restart ...");
    refuses("at 2s heal for 1s", "f:3:12: error: a heal has no length: leave `for` out");
    refuses("at 2s note \"now\" for 1s", "f:3:18: error: a note has no length: leave `for` out");
    refuses("at 2s for 1s every 5s crash broker",
            "f:3:14: error: `every` stands before `for`: at 2s every 10s for 3s ...");
}

static void a_partition_has_two_sides(void)
{
    struct story story;
    const struct scenario_rule *rule = read_rule(&story, "at 1s partition broker | servers");

    CU_ASSERT_EQUAL(rule->kind, RULE_PARTITION);
    CU_ASSERT_FALSE(rule->one_way);
    CU_ASSERT_EQUAL(count_bits(rule->links, story.scenario.link_count),
                    2 * story.scenario.server_count);
    story_end(&story);
    rule = read_rule(&story, "at 1s for 1s partition broker -> servers");
    CU_ASSERT_TRUE(rule->one_way);
    CU_ASSERT_EQUAL(count_bits(rule->links, story.scenario.link_count),
                    story.scenario.server_count);
    story_end(&story);
}

static void a_wrong_partition_is_told_what_to_write(void)
{
    refuses("at 1s partition broker <-> servers",
            "f:3:24: error: a partition both ways is written: partition A | B");
    refuses("at 1s partition broker servers",
            "f:3:24: error: expected a bar or an arrow here: partition A | B, or partition A -> B "
            "for what goes from A to B alone");
    refuses("at 1s partition * | servers", "f:3:21: error: toupper cannot be on both sides");
    refuses("at 1s partition clients | servers",
            "f:3:17: error: no link joins the two sides: each joins the broker and another node, "
            "so one side needs the broker");
}

static void a_rule_may_wait_for_progress(void)
{
    struct story story;
    const struct scenario_rule *rule =
        read_rule(&story, "when toupper execute c2/2 for 500ms crash toupper");

    CU_ASSERT_TRUE(rule->timed);
    CU_ASSERT_EQUAL(rule->at_ns, TIME_NEVER);
    CU_ASSERT_EQUAL(rule->progress, PROGRESS_EXECUTE);
    CU_ASSERT_EQUAL(rule->when_node, scenario_find_node(&story.scenario, "toupper", 7));
    CU_ASSERT_EQUAL(rule->when_client, scenario_find_node(&story.scenario, "c2", 2));
    CU_ASSERT_EQUAL(rule->when_n, 2);
    CU_ASSERT_EQUAL(rule->for_ns, 500 * NS_PER_MS);
    CU_ASSERT_EQUAL(rule->kind, RULE_CRASH);
    CU_ASSERT_STRING_EQUAL(rule->text, "crash toupper");
    story_end(&story);
    rule = read_rule(&story, "when broker send link broker -> * down");
    CU_ASSERT_EQUAL(rule->progress, PROGRESS_SEND);
    CU_ASSERT_EQUAL(rule->when_client, NODE_NONE);
    story_end(&story);
    CU_ASSERT_EQUAL(read_rule(&story, "when c1 deliver c1/2 pause c1")->progress, PROGRESS_DELIVER);
    story_end(&story);
}

static void what_waits_for_progress_is_about_that_node_alone(void)
{
    refuses("when toupper execute crash broker",
            "f:3:22: error: what toupper does can stop at once only toupper itself: nobody else "
            "knows of it yet");
    refuses("when toupper execute crash servers",
            "f:3:22: error: what toupper does can stop at once only toupper itself: nobody else "
            "knows of it yet");
    refuses("when toupper execute network loss 10%",
            "f:3:22: error: what toupper does can change at once only the links on which it sends "
            "itself: link toupper -> ..., partition toupper -> ...");
    refuses("when broker send partition broker | clients",
            "f:3:18: error: what broker does can change at once only the links on which it sends "
            "itself: link broker -> ..., partition broker -> ...");
    refuses("when broker send heal",
            "f:3:18: error: a heal is everybody's, and nobody else knows yet of what broker does: "
            "write for how long the partition lasts, or heal at a time");
    refuses("when broker send resume broker",
            "f:3:18: error: a node that stands still makes no progress: write when it is paused "
            "for how long: when broker ... for 500ms pause broker");
    story_accepts(STORY_CLIENTS, "when broker send note \"the first\"");
    story_accepts(STORY_CLIENTS, "when broker send for 1ms partition broker -> c1,servers");
}

static void a_wrong_wait_is_told_what_to_write(void)
{
    refuses("when c1 execute pause c1",
            "f:3:9: error: only servers execute, and c1 is none: send or deliver?");
    refuses("when broker execute pause broker",
            "f:3:13: error: only servers execute, and broker is none: send or deliver?");
    refuses("when c1 send c2/1 pause c1",
            "f:3:14: error: c1 has nothing to do with another client's request");
    refuses("when broker sends pause broker",
            "f:3:13: error: unknown progress 'sends'; did you mean 'send'?");
    refuses("when clients send pause broker",
            "f:3:6: error: progress is one node's: write its name, not 'clients'");
    refuses("when c1,c2 send note \"x\"",
            "f:3:6: error: progress is one node's: write its name, not 'c1,c2'");
    refuses("when broker send c*/1 pause broker",
            "f:3:18: error: a request is one node's: write its name, not 'c*'");
    refuses("when nobody send pause broker",
            "f:3:6: error: there is no node 'nobody'; nodes are the broker, the servers (toupper, "
            "tolower, ...) and the clients of this file");
    refuses("when broker send every 1s pause broker",
            "f:3:18: error: `when` happens once: leave `every` and `times` out");
    refuses("when broker send c1/99999 pause broker",
            "f:3:18: error: c1 has 2 requests in its script; they count from 1");
}

int main(void)
{
    static const struct harness_test tests[] = {
        HARNESS_TEST(an_event_names_its_nodes),
        HARNESS_TEST(a_client_does_not_crash),
        HARNESS_TEST(only_what_lasts_has_a_length),
        HARNESS_TEST(nothing_stands_behind_an_event),
        HARNESS_TEST(a_length_that_comes_too_late_is_told_its_place),
        HARNESS_TEST(a_partition_has_two_sides),
        HARNESS_TEST(a_wrong_partition_is_told_what_to_write),
        HARNESS_TEST(a_rule_may_wait_for_progress),
        HARNESS_TEST(what_waits_for_progress_is_about_that_node_alone),
        HARNESS_TEST(a_wrong_wait_is_told_what_to_write),
    };

    return harness_run("scenario/events", tests, HARNESS_COUNT(tests));
}
