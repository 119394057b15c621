#include "world/virtual.h"

#include <stdlib.h>

#include "virtual_story.h"

#include "base/prng.h"

/* ---- everything that happened, as one number
 * ------------------------------------------------------ */

struct digest {
    uint64_t hash;   /* of the records taken, in their order */
    uint64_t count;  /* of records taken */
    uint32_t client; /* only records about this client's requests; TRACE_NOBODY: all */
};

static void digest_add(struct digest *digest, uint64_t value)
{
    digest->hash = prng_draw(digest->hash, value);
}

static void digest_take(void *context, const struct trace_record *record, const uint8_t *bytes)
{
    struct digest *digest = context;

    if (digest->client != TRACE_NOBODY && record->client != digest->client) {
        return;
    }
    digest->count++;
    digest_add(digest, record->t_ns);
    digest_add(digest, record->id);
    digest_add(digest, record->due_ns);
    digest_add(digest, record->value_ns);
    digest_add(digest, (uint64_t)record->node << 32 | record->from);
    digest_add(digest, (uint64_t)record->to << 32 | record->client);
    digest_add(digest, (uint64_t)record->n << 32 | record->carriage);
    digest_add(digest,
               (uint64_t)record->size << 32 | (uint64_t)record->code << 16 | record->bytes_size);
    digest_add(digest, (uint64_t)record->event << 40 | (uint64_t)record->reason << 32 |
                           (uint64_t)record->try << 24 | (uint64_t)record->copy << 16 |
                           (uint64_t)record->form << 8 | record->op);
    if (record->bytes_size > 0) {
        digest->hash = prng_draw_text(digest->hash, (const char *)bytes, record->bytes_size);
    }
}

/* Runs the scenario; the digest of all records, or of those about `client` (NULL: all). */
static struct digest digest_run(const char *text, const char *client)
{
    struct digest digest = {.client = TRACE_NOBODY};
    struct trace_sink sink = {.take = digest_take, .context = &digest};
    struct story story;

    if (client != NULL) { /* its node must be known before the run */
        story_run(&story, text);
        digest.client = story_node(&story, client);
        story_free(&story);
    }
    story_run_to(&story, text, sink);
    story_expect_promises_kept(&story);
    story_free(&story);
    return digest;
}

#define EVERYTHING                                                                                 \
    "network loss 10% delay 2ms 1ms duplicate 5%\n"                                                \
    "at 100ms every 200ms times 3 for 50ms link broker <-> toupper loss 80%\n"                     \
    "server toupper service 1ms 500us workers 2 queue 20\n"                                        \
    "server count service 300us distribution exponential\n"                                        \
    "broker timeout 40ms tries 2\n"                                                                \
    "clients 8 timeout 60ms tries 12 cap 120ms jitter decorrelated window 2\n"                     \
    "  send 25 toupper \"hello from {client}, number {n}\" every 5ms distribution exponential\n"   \
    "  send 10 count random 1b..600b\n"                                                            \
    "  wait 10ms\n"                                                                                \
    "  raw \"nonsense\"\n"                                                                         \
    "  send 5 nothing \"at all\"\n"                                                                \
    "client plain plain\n"                                                                         \
    "  send 20 tolower \"BY HAND\"\n"

static void the_same_seed_gives_the_same_records_byte_for_byte(void)
{
    struct digest first = digest_run("seed 7\n" EVERYTHING, NULL);
    struct digest second = digest_run("seed 7\n" EVERYTHING, NULL);

    CU_ASSERT_TRUE(first.count > 5000);
    CU_ASSERT_EQUAL(first.count, second.count);
    CU_ASSERT_EQUAL(first.hash, second.hash);
}

static void another_seed_gives_others(void)
{
    struct digest first = digest_run("seed 7\n" EVERYTHING, NULL);
    struct digest second = digest_run("seed 8\n" EVERYTHING, NULL);

    CU_ASSERT_NOT_EQUAL(first.hash, second.hash);
}

static void a_seed_that_is_given_replaces_the_files(void)
{
    struct scenario_overrides overrides = {.seed_given = true, .seed = 7};
    struct scenario_messages messages = {.items = NULL};
    struct scenario scenario;
    static const char TEXT[] = "seed 3\n" EVERYTHING;

    CU_ASSERT_TRUE_FATAL(
        scenario_parse(&scenario, "test", TEXT, strlen(TEXT), &overrides, &messages));
    CU_ASSERT_EQUAL(scenario.seed, 7);
    scenario_free(&scenario);
    scenario_messages_free(&messages);
}

/* Numbers that every compiler, processor and level of optimisation must arrive at. */
static void a_run_of_seed_10_has_these_numbers_everywhere(void)
{
    struct story story;

    story_run(&story, "seed 10\n"
                      "network loss 10% delay 2ms 1ms duplicate 5%\n"
                      "server toupper service 1ms distribution exponential\n"
                      "clients 8 timeout 60ms tries 12 cap 120ms jitter full\n"
                      "  send 25 toupper \"hello from {client}, number {n}\"\n");
    CU_ASSERT_EQUAL(story_metric(&story, METRIC_ANSWERED), 200);
    CU_ASSERT_EQUAL(story_metric(&story, METRIC_TRIES), 284);
    CU_ASSERT_EQUAL(story_metric(&story, METRIC_EXECUTIONS), 263);
    CU_ASSERT_EQUAL(story_metric(&story, METRIC_SENT), 1042);
    CU_ASSERT_EQUAL(story_metric(&story, METRIC_DUPLICATED), 43);
    CU_ASSERT_EQUAL(story_metric(&story, METRIC_LOST), 93);
    CU_ASSERT_EQUAL(story_metric(&story, METRIC_LATENCY_MAX), 400442893);
    CU_ASSERT_EQUAL(story.facts.duration_ns, UINT64_C(1850768230));
    story_expect_promises_kept(&story);
    story_free(&story);
}

/* ---- what does not concern a client
 * --------------------------------------------------------------- */

#define LOSSY  "network loss 20% delay 2ms 1ms\n"
#define CLIENT "client c1 timeout 60ms tries 12 jitter equal\n  send 50 toupper random 1b..600b\n"

static void another_client_changes_nothing_of_what_happens_to_the_first(void)
{
    static const char *const OTHERS[] = {
        "client c2 timeout 5ms tries 50\n  send 100 toupper \"more\"\n",
        "clients 50 as other window 4\n  send 10 tolower \"X\"\n",
        "client typist plain\n  send 100 toupper \"plain\"\n  raw \"SIM1 Q nonsense\"\n",
    };
    struct digest alone = digest_run(LOSSY CLIENT, "c1");

    CU_ASSERT_TRUE(alone.count > 500);
    for (size_t i = 0; i < sizeof OTHERS / sizeof OTHERS[0]; i++) {
        char text[1000];
        struct digest together;
        snprintf(text, sizeof text, "%s%s", LOSSY CLIENT, OTHERS[i]);
        together = digest_run(text, "c1");
        CU_ASSERT_EQUAL(together.count, alone.count);
        CU_ASSERT_EQUAL(together.hash, alone.hash);
    }
}

static void a_fault_elsewhere_changes_nothing_of_what_happens_here(void)
{
    struct digest alone = digest_run(LOSSY CLIENT "client c2\n  send 1 toupper \"x\"\n", "c1");
    struct digest beside =
        digest_run(LOSSY "link c2 <-> broker loss 90% delay 50ms\n"
                         "at 10ms every 20ms for 5ms link tolower <-> broker down\n" CLIENT
                         "client c2\n  send 1 toupper \"x\"\n",
                   "c1");

    CU_ASSERT_EQUAL(beside.count, alone.count);
    CU_ASSERT_EQUAL(beside.hash, alone.hash);
}

/* ---- the same datagram, the same fate
 * ------------------------------------------------------------- */

/* Room for c1's datagrams: links of three nodes, n up to 50, try up to 12, carriage up to 3. */
#define LINKS     6u
#define REQUESTS  51u
#define TRIES     13u
#define CARRIAGES 4u

/* Fates of originals: 0 unknown, 1 passed, 2 lost. */
struct fates {
    uint8_t of[LINKS][REQUESTS][TRIES][CARRIAGES];
    uint32_t count;
};

static void fates_take(void *context, const struct trace_record *record, const uint8_t *bytes)
{
    struct fates *fates = context;

    (void)bytes;
    if (record->event != TRACE_SEND || record->n == 0 || record->carriage >= CARRIAGES) {
        return;
    }
    uint32_t link = scenario_link(record->from, record->to);
    CU_ASSERT_FATAL(link < LINKS && record->n < REQUESTS && record->try < TRIES);
    uint8_t *fate = &fates->of[link][record->n][record->try][record->carriage];
    CU_ASSERT_EQUAL(*fate, 0); /* no two datagrams are the same one */
    *fate = record->reason == LOSS_NONE ? 1 : 2;
    fates->count++;
}

static struct fates *fates_run(const char *text)
{
    struct fates *fates = calloc(1, sizeof *fates);
    struct trace_sink sink = {.take = fates_take, .context = fates};
    struct story story;

    CU_ASSERT_PTR_NOT_NULL_FATAL(fates);
    story_run_to(&story, text, sink);
    story_free(&story);
    return fates;
}

static void a_datagram_that_is_in_both_runs_has_the_same_fate_in_both(void)
{
    static const char *const CHANGES[] = {
        "network duplicate 10%\n",
        "network delay 30ms 20ms\n", /* some replies come after the timer */
        "server toupper service 70ms\n",
        "broker timeout 30ms tries 3\n",
        "at 100ms every 100ms for 50ms network duplicate 50% delay 5ms\n",
    };
    struct fates *before = fates_run(LOSSY CLIENT);

    for (size_t i = 0; i < sizeof CHANGES / sizeof CHANGES[0]; i++) {
        char text[1000];
        uint32_t same = 0;
        uint32_t different = 0;
        snprintf(text, sizeof text, "%s%s%s", LOSSY, CHANGES[i], CLIENT);
        struct fates *after = fates_run(text);
        for (size_t k = 0; k < sizeof before->of; k++) {
            uint8_t was = ((const uint8_t *)before->of)[k];
            uint8_t is = ((const uint8_t *)after->of)[k];
            same += was != 0 && was == is;
            different += was != 0 && is != 0 && was != is;
        }
        CU_ASSERT_EQUAL(different, 0);
        CU_ASSERT_TRUE(same > 250);
        free(after);
    }
    free(before);
}

int main(void)
{
    static const struct harness_test tests[] = {
        HARNESS_TEST(the_same_seed_gives_the_same_records_byte_for_byte),
        HARNESS_TEST(another_seed_gives_others),
        HARNESS_TEST(a_seed_that_is_given_replaces_the_files),
        HARNESS_TEST(a_run_of_seed_10_has_these_numbers_everywhere),
        HARNESS_TEST(another_client_changes_nothing_of_what_happens_to_the_first),
        HARNESS_TEST(a_fault_elsewhere_changes_nothing_of_what_happens_here),
        HARNESS_TEST(a_datagram_that_is_in_both_runs_has_the_same_fate_in_both),
    };
    return harness_run("world/virtual_repeat", tests, HARNESS_COUNT(tests));
}
