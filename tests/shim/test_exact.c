#include "shim/link.h"

#include "shim_story.h"

/* Two clients with ten requests each, after a line about the network. */
#define TWO_CLIENTS "\nclients 2 tries 20\n  send 10 toupper \"x\"\n"

/* ---- positions ------------------------------------------------------------------------------- */

static void a_list_drops_exactly_the_datagrams_it_names(void)
{
    struct story story;

    story_init(&story, "link c1 -> broker drop 2,5-7,9" TWO_CLIENTS, "c1", "broker");
    for (uint32_t position = 1; position <= 12; position++) {
        struct link_fates fates = story_submit(&story, 1, position);
        bool named = position == 2 || (position >= 5 && position <= 7) || position == 9;
        CU_ASSERT_EQUAL(fates.count, 1);
        CU_ASSERT_EQUAL(fates.copies[0].lost, named ? LOSS_DROP : LOSS_NONE);
    }
    story_free(&story);
}

static void positions_count_plain_datagrams_too(void)
{
    struct story story;

    story_init(&story, "link c1 -> broker drop 2-3" TWO_CLIENTS, "c1", "broker");
    CU_ASSERT_EQUAL(story_submit(&story, 1, 1).copies[0].lost, LOSS_NONE);
    CU_ASSERT_EQUAL(story_submit_plain(&story).copies[0].lost, LOSS_DROP);
    CU_ASSERT_EQUAL(story_submit(&story, 2, 1).copies[0].lost, LOSS_DROP);
    CU_ASSERT_EQUAL(story_submit_plain(&story).copies[0].lost, LOSS_NONE);
    story_free(&story);
}

static void positions_do_not_count_the_links_own_copies(void)
{
    struct story story;

    story_init(&story, "link c1 -> broker drop 3 duplicate 100%" TWO_CLIENTS, "c1", "broker");
    CU_ASSERT_EQUAL(story_submit(&story, 1, 1).copies[0].lost, LOSS_NONE);
    CU_ASSERT_EQUAL(story_submit(&story, 2, 1).copies[0].lost, LOSS_NONE);
    CU_ASSERT_EQUAL(story_submit(&story, 3, 1).copies[0].lost, LOSS_DROP);
    story_free(&story);
}

static void every_link_has_positions_of_its_own(void)
{
    static const char *const FROM[] = {"c1", "c2", "broker", "broker"};
    static const char *const TO[] = {"broker", "broker", "c1", "toupper"};

    for (size_t i = 0; i < sizeof FROM / sizeof FROM[0]; i++) {
        struct story story;
        story_init(&story, "network drop 2" TWO_CLIENTS, FROM[i], TO[i]);
        CU_ASSERT_EQUAL(story_submit(&story, 1, 1).copies[0].lost, LOSS_NONE);
        CU_ASSERT_EQUAL(story_submit(&story, 2, 1).copies[0].lost, LOSS_DROP);
        CU_ASSERT_EQUAL(story_submit(&story, 3, 1).copies[0].lost, LOSS_NONE);
        story_free(&story);
    }
}

static void what_a_dead_link_was_given_still_counts(void)
{
    struct story story;

    story_init(&story, "link c1 -> broker drop 3\nat 1s for 1s network down" TWO_CLIENTS, "c1",
               "broker");
    CU_ASSERT_EQUAL(story_submit(&story, 1, 1).copies[0].lost, LOSS_NONE);
    link_update(&story.link, NS_PER_S);
    CU_ASSERT_EQUAL(story_submit(&story, 2, 1).copies[0].lost, LOSS_DOWN);
    link_update(&story.link, 2 * NS_PER_S);
    CU_ASSERT_EQUAL(story_submit(&story, 3, 1).copies[0].lost, LOSS_DROP);
    story_free(&story);
}

/* ---- LIST of each request -------------------------------------------------------------------- */

static void of_each_request_counts_for_every_request_anew(void)
{
    struct story story;

    story_init(&story, "link broker -> toupper drop 1,3 of each request" TWO_CLIENTS, "broker",
               "toupper");
    for (unsigned try = 1; try <= 4; try++) {
        for (uint32_t n = 1; n <= 3; n++) { /* the requests take turns */
            enum loss_reason lost = try == 1 || try == 3 ? LOSS_DROP : LOSS_NONE;
            CU_ASSERT_EQUAL(story_submit_at(&story, 0, "c1", n, try).copies[0].lost, lost);
            CU_ASSERT_EQUAL(story_submit_at(&story, 0, "c2", n, try).copies[0].lost, lost);
        }
    }
    story_free(&story);
}

static void of_each_request_counts_what_is_carried_again(void)
{
    struct story story;

    story_init(&story,
               "link broker -> toupper drop 2 of each request\n"
               "link c1 -> broker duplicate 1" TWO_CLIENTS,
               "broker", "toupper");
    CU_ASSERT_EQUAL(story_submit(&story, 1, 1).copies[0].lost, LOSS_NONE);
    CU_ASSERT_EQUAL(story_submit(&story, 1, 1).copies[0].lost, LOSS_DROP); /* a copy of try 1 */
    CU_ASSERT_EQUAL(story_submit(&story, 1, 2).copies[0].lost, LOSS_NONE);
    story_free(&story);
}

static void of_each_request_never_means_a_plain_datagram(void)
{
    struct story story;

    story_init(&story, "link c1 -> broker drop 1-100 of each request" TWO_CLIENTS, "c1", "broker");
    CU_ASSERT_EQUAL(story_submit_plain(&story).copies[0].lost, LOSS_NONE);
    CU_ASSERT_EQUAL(story_submit(&story, 1, 1).copies[0].lost, LOSS_DROP);
    story_free(&story);
}

static void a_request_that_waits_is_not_forgotten_while_thousands_pass(void)
{
    struct story story;

    story_init(&story,
               "link broker -> toupper drop 1 of each request\n"
               "client slow\n  send 1 toupper \"x\"\n"
               "client hasty\n  send 10000 toupper \"x\"\n",
               "broker", "toupper");
    CU_ASSERT_EQUAL(story_submit_at(&story, 0, "slow", 1, 1).copies[0].lost, LOSS_DROP);
    for (uint32_t n = 1; n <= 10000; n++) {
        CU_ASSERT_EQUAL(story_submit_at(&story, 0, "hasty", n, 1).copies[0].lost, LOSS_DROP);
        CU_ASSERT_EQUAL(story_submit_at(&story, 0, "hasty", n, 2).copies[0].lost, LOSS_NONE);
    }
    CU_ASSERT_EQUAL(story_submit_at(&story, 0, "slow", 1, 2).copies[0].lost, LOSS_NONE);
    story_free(&story);
}

/* ---- [LIST] of request [CLIENT/]K [try A] ------------------------------------------------------
 */

/* Which of the datagrams below a fault means: a letter for each, '-' for those it does not. */
static void expect_dropped(const char *fault, const char *expected)
{
    static const struct {
        const char *client;
        uint32_t n;
        unsigned try;
    } sent[] = {
        {"c1", 1, 1}, {"c1", 2, 1}, {"c1", 2, 1}, {"c1", 2, 2}, {"c1", 2, 2},
        {"c2", 2, 1}, {"c2", 2, 2}, {"c2", 2, 2}, {"c1", 3, 1}, {"c2", 1, 1},
    };
    char text[256];
    char dropped[sizeof sent / sizeof sent[0] + 1] = "";
    struct story story;

    snprintf(text, sizeof text,
             "link broker -> toupper %s\n"
             "link c* -> broker duplicate 99" TWO_CLIENTS,
             fault);
    story_init(&story, text, "broker", "toupper");
    for (size_t i = 0; i < sizeof sent / sizeof sent[0]; i++) {
        struct link_fates fates =
            story_submit_at(&story, 0, sent[i].client, sent[i].n, sent[i].try);
        dropped[i] = fates.copies[0].lost == LOSS_DROP ? 'x' : '-';
    }
    CU_ASSERT_STRING_EQUAL(dropped, expected);
    story_free(&story);
}

static void of_request_means_what_it_says(void)
{
    /*                                          c1: 1222 2c2: 22c1: 3 c2: 1, as above */
    expect_dropped("drop of request 2", /*    */ "-xxxxxxx--");
    expect_dropped("drop of request c1/2", /* */ "-xxxx-----");
    expect_dropped("drop of request c2/2", "-----xxx--");
    expect_dropped("drop of request 1", "x--------x");
    expect_dropped("drop of request 2 try 1", "-xx--x----");
    expect_dropped("drop of request c1/2 try 2", "---xx-----");
    expect_dropped("drop of request c1/2 try 3", "----------");
    expect_dropped("drop 1 of request 2", "-x---x----");
    expect_dropped("drop 2,4 of request c1/2", "--x-x-----");
    expect_dropped("drop 3 of request 2", "---x---x--");
    expect_dropped("drop 2 of request 2 try 2", "----x--x--");
    expect_dropped("drop 1 of request c2/2 try 2", "------x---");
    expect_dropped("drop 2 of each request", "--x---x---");
    expect_dropped("drop of request c1/3 drop of request c2/1", "--------xx");
    expect_dropped("drop 1 drop 2 of request c1/2 drop of request c2/2 try 1", "x-x--x----");
}

/* ---- what else can be exact --------------------------------------------------------------------
 */

static void an_exact_duplicate_makes_one_copy_of_the_named(void)
{
    struct story story;

    story_init(&story, "link c1 -> broker duplicate 1 of request 2" TWO_CLIENTS, "c1", "broker");
    CU_ASSERT_EQUAL(story_submit(&story, 1, 1).count, 1);
    CU_ASSERT_EQUAL(story_submit(&story, 2, 1).count, 2);
    CU_ASSERT_EQUAL(story_submit(&story, 2, 2).count, 1);
    story_free(&story);
}

static void a_datagram_is_duplicated_once_whatever_asks_for_it(void)
{
    struct story story;

    story_init(&story,
               "link c1 -> broker duplicate 100% duplicate 1 duplicate of request 1" TWO_CLIENTS,
               "c1", "broker");
    CU_ASSERT_EQUAL(story_submit(&story, 1, 1).count, 2);
    story_free(&story);
}

static void an_exact_drop_hits_the_original_alone(void)
{
    struct story story;
    struct link_fates fates;

    story_init(&story, "link c1 -> broker drop 1 duplicate 1 delay 3ms" TWO_CLIENTS, "c1",
               "broker");
    fates = story_submit(&story, 1, 1);
    CU_ASSERT_EQUAL(fates.count, 2);
    CU_ASSERT_EQUAL(fates.copies[0].lost, LOSS_DROP);
    CU_ASSERT_EQUAL(fates.copies[1].lost, LOSS_NONE);
    CU_ASSERT_EQUAL(fates.copies[1].due_ns, 3 * NS_PER_MS);
    story_free(&story);
}

static void an_exact_delay_takes_the_place_of_the_links(void)
{
    struct story story;
    struct link_fates fates;

    story_init(&story, "link c1 -> broker delay 2ms delay 70ms 2 duplicate 2-3" TWO_CLIENTS, "c1",
               "broker");
    CU_ASSERT_EQUAL(story_submit_at(&story, 5, "c1", 1, 1).copies[0].due_ns, 5 + 2 * NS_PER_MS);
    fates = story_submit_at(&story, 6, "c1", 2, 1);
    CU_ASSERT_EQUAL(fates.copies[0].due_ns, 6 + 70 * NS_PER_MS);
    CU_ASSERT_EQUAL(fates.copies[1].due_ns, 6 + 2 * NS_PER_MS);
    fates = story_submit_at(&story, 7, "c1", 3, 1);
    CU_ASSERT_EQUAL(fates.copies[0].due_ns, 7 + 2 * NS_PER_MS);
    story_free(&story);
}

static void an_exact_delay_of_nothing_sends_at_once(void)
{
    struct story story;

    story_init(&story, "link c1 -> broker delay 50ms delay 0ms 1" TWO_CLIENTS, "c1", "broker");
    CU_ASSERT_EQUAL(story_submit(&story, 1, 1).copies[0].due_ns, 0);
    CU_ASSERT_EQUAL(story_submit(&story, 2, 1).copies[0].due_ns, 50 * NS_PER_MS);
    story_free(&story);
}

static void an_exact_delay_does_not_save_from_loss(void)
{
    struct story story;

    story_init(&story, "link c1 -> broker loss 100% delay 1ms 1" TWO_CLIENTS, "c1", "broker");
    CU_ASSERT_EQUAL(story_submit(&story, 1, 1).copies[0].lost, LOSS_LOSS);
    story_free(&story);
}

static void of_two_exact_delays_the_later_line_wins(void)
{
    struct story story;

    story_init(&story, "network delay 70ms 1-2\nlink c1 -> broker delay 30ms 2-3" TWO_CLIENTS, "c1",
               "broker");
    CU_ASSERT_EQUAL(story_submit(&story, 1, 1).copies[0].due_ns, 70 * NS_PER_MS);
    CU_ASSERT_EQUAL(story_submit(&story, 2, 1).copies[0].due_ns, 30 * NS_PER_MS);
    CU_ASSERT_EQUAL(story_submit(&story, 3, 1).copies[0].due_ns, 30 * NS_PER_MS);
    story_free(&story);
}

static void exact_faults_of_several_lines_add_up_until_they_are_cleared(void)
{
    struct story story;

    story_init(&story,
               "link c1 -> broker drop 1\n"
               "network drop 2\n"
               "link c1 -> broker clear\n"
               "network drop 3\n"
               "link * -> broker drop 5" TWO_CLIENTS,
               "c1", "broker");
    for (uint32_t position = 1; position <= 6; position++) {
        bool named = position == 3 || position == 5;
        CU_ASSERT_EQUAL(story_submit(&story, position, 1).copies[0].lost,
                        named ? LOSS_DROP : LOSS_NONE);
    }
    story_free(&story);
}

int main(void)
{
    static const struct harness_test tests[] = {
        HARNESS_TEST(a_list_drops_exactly_the_datagrams_it_names),
        HARNESS_TEST(positions_count_plain_datagrams_too),
        HARNESS_TEST(positions_do_not_count_the_links_own_copies),
        HARNESS_TEST(every_link_has_positions_of_its_own),
        HARNESS_TEST(what_a_dead_link_was_given_still_counts),
        HARNESS_TEST(of_each_request_counts_for_every_request_anew),
        HARNESS_TEST(of_each_request_counts_what_is_carried_again),
        HARNESS_TEST(of_each_request_never_means_a_plain_datagram),
        HARNESS_TEST(a_request_that_waits_is_not_forgotten_while_thousands_pass),
        HARNESS_TEST(of_request_means_what_it_says),
        HARNESS_TEST(an_exact_duplicate_makes_one_copy_of_the_named),
        HARNESS_TEST(a_datagram_is_duplicated_once_whatever_asks_for_it),
        HARNESS_TEST(an_exact_drop_hits_the_original_alone),
        HARNESS_TEST(an_exact_delay_takes_the_place_of_the_links),
        HARNESS_TEST(an_exact_delay_of_nothing_sends_at_once),
        HARNESS_TEST(an_exact_delay_does_not_save_from_loss),
        HARNESS_TEST(of_two_exact_delays_the_later_line_wins),
        HARNESS_TEST(exact_faults_of_several_lines_add_up_until_they_are_cleared),
    };
    return harness_run("shim/exact", tests, HARNESS_COUNT(tests));
}
