/* Golden stories: what --why tells of requests of shipped scenarios in the virtual world, and what
 * must hold of the story of every request.
 *
 *     SIMRUN_RENEW=1 BUILD/tests/world_test_look_why && git diff tests/golden/why
 */
#include <stdlib.h>

#include "look_story.h"

#define LOOK_FILE_MAX 65536

/* The whole file, terminated, the caller's to free; NULL: there is none. */
static char *look_read(const char *path)
{
    FILE *file = fopen(path, "rb");
    char *bytes = calloc(1, LOOK_FILE_MAX);

    if (file != NULL && bytes != NULL) {
        size_t size = fread(bytes, 1, LOOK_FILE_MAX - 1, file);
        CU_ASSERT(size < LOOK_FILE_MAX - 1);
        fclose(file);
        return bytes;
    }
    free(bytes);
    return NULL;
}

static void look_run_shipped(struct look *look, const char *path)
{
    char *text = look_read(path);

    CU_ASSERT_PTR_NOT_NULL_FATAL(text);
    look_run(look, text);
    free(text);
}

/* ---- golden stories -------------------------------------------------------------------------- */

static void look_write(const char *path, const char *text)
{
    FILE *file = fopen(path, "wb");

    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    CU_ASSERT(fputs(text, file) >= 0);
    CU_ASSERT_EQUAL(fclose(file), 0);
    printf("%s: renewed\n", path);
}

/* `request` of scenarios/NAME.txt against tests/golden/why/NAME-REQUEST.txt. */
static void look_compare(const char *name, const char *client, uint32_t n)
{
    const char *renew = getenv("SIMRUN_RENEW");
    char scenario[128];
    char golden[128];
    struct look look;

    snprintf(scenario, sizeof scenario, "scenarios/%s.txt", name);
    snprintf(golden, sizeof golden, "tests/golden/why/%s-%s-%u.txt", name, client, n);
    look_run_shipped(&look, scenario);
    char *is = look_tell(&look, story_node(&look.story, client), n);
    char *was = look_read(golden);
    bool same = was != NULL && strcmp(was, is) == 0;
    if (!same && renew != NULL && strcmp(renew, "1") == 0) {
        look_write(golden, is);
    } else if (!same) {
        printf("%s is another than:\n%s", golden, is);
        CU_FAIL("the story is another than the golden one");
    }
    free(was);
    free(is);
    look_free(&look);
}

static void an_answer_at_once(void)
{
    look_compare("hello", "alice", 2);
}
static void a_lost_request(void)
{
    look_compare("lost_request", "student", 1);
}
static void a_lost_reply_and_so_a_second_execution(void)
{
    look_compare("lost_reply", "student", 1);
}
static void chance_takes_a_reply_and_a_request(void)
{
    look_compare("loss10", "c3", 7);
}
static void one_try_and_it_is_lost(void)
{
    look_compare("no_retry", "c2", 4);
}
static void a_server_that_crashes_in_the_midst_of_it(void)
{
    look_compare("crash_restart", "alice", 2);
}
static void a_broker_that_crashes(void)
{
    look_compare("crash_restart", "alice", 3);
}
static void a_server_that_stands_still(void)
{
    look_compare("paused_server", "alice", 1);
}
static void a_timeout_shorter_than_the_service(void)
{
    look_compare("slow_server", "hasty", 2);
}
static void a_partition_that_heals(void)
{
    look_compare("partition_heal", "c1", 7);
}
static void a_partition_of_the_way_back(void)
{
    look_compare("one_way_partition", "c4", 1);
}
static void bits_flip_and_ends_are_cut_off(void)
{
    look_compare("corruption", "c1", 3);
}
static void a_damaged_answer_that_the_plain_form_lets_pass(void)
{
    look_compare("corruption", "anna", 3);
}
static void a_queue_that_is_full(void)
{
    look_compare("overload", "eager", 68);
}
static void an_operation_that_nobody_offers(void)
{
    look_compare("rude_client", "rude", 1);
}
static void two_layers_that_retry(void)
{
    look_compare("retry_storm", "eager1", 1);
}
static void a_reply_after_the_timer(void)
{
    look_compare("satellite", "hasty1", 1);
}

/* ---- every request --------------------------------------------------------------------------- */

/* Lines of at most 80 columns, printable; and every datagram's end is known. */
static void look_check_story(const char *path, const char *text)
{
    static const char *const vague[] = {
        "made nothing of it", "Nothing more came of it", "nobody knows why", "The log does not say",
        "it came again",      "A reply that left",       "(loss)",           "(drop)"};

    for (const char *line = text; *line != '\0'; line += strcspn(line, "\n") + 1) {
        size_t size = strcspn(line, "\n");
        CU_ASSERT(size <= 80);
        for (size_t i = 0; i < size; i++) {
            CU_ASSERT(line[i] >= 0x20 && line[i] < 0x7f);
        }
    }
    for (size_t i = 0; i < sizeof vague / sizeof vague[0]; i++) {
        bool found = strstr(text, vague[i]) != NULL;
        CU_ASSERT_FALSE(found);
        if (found) {
            printf("%s: \"%s\" in:\n%s", path, vague[i], text);
        }
    }
}

/* How often it says that it was executed is how often it was. (The verdict cannot tell of whom the
 * plain form's executions are.) */
static void look_check_result(const char *text, const struct request_result *result,
                              const char *server)
{
    char words[64];
    static const char *const times[] = {"never executed it.", "executed it once",
                                        "executed it twice"};

    if (result->executions < 3) {
        snprintf(words, sizeof words, "\n%s %s", server, times[result->executions]);
    } else {
        snprintf(words, sizeof words, "\n%s executed it %u times", server, result->executions);
    }
    CU_ASSERT_PTR_NOT_NULL(strstr(text, words));
}

static void look_check_all(const char *path, uint64_t every)
{
    struct look look;

    look_run_shipped(&look, path);
    for (uint64_t i = 0; i < look.story.verdict.request_count; i += every) {
        const struct request_result *result = &look.story.verdict.requests[i];
        char *text = look_tell(&look, result->client, result->n);
        look_check_story(path, text);
        if (result->id != 0 && result->op < OP_KNOWN_COUNT) {
            look_check_result(text, result, op_name((enum op)result->op));
        }
        free(text);
    }
    look_free(&look);
}

static void every_story_fits_and_is_certain(void)
{
    look_check_all("scenarios/hello.txt", 1);
    look_check_all("scenarios/loss10.txt", 7);
    look_check_all("scenarios/corruption.txt", 5);
    look_check_all("scenarios/crash_restart.txt", 1);
    look_check_all("scenarios/partition_heal.txt", 3);
    look_check_all("scenarios/overload.txt", 9);
    look_check_all("scenarios/retry_storm.txt", 1);
    look_check_all("scenarios/reordering.txt", 11);
    look_check_all("scenarios/backoff_and_jitter.txt", 1);
    look_check_all("scenarios/satellite.txt", 3);
    look_check_all("scenarios/rude_client.txt", 1);
    look_check_all("scenarios/burst_loss.txt", 101);
}

int main(void)
{
    static const struct harness_test tests[] = {
        HARNESS_TEST(an_answer_at_once),
        HARNESS_TEST(a_lost_request),
        HARNESS_TEST(a_lost_reply_and_so_a_second_execution),
        HARNESS_TEST(chance_takes_a_reply_and_a_request),
        HARNESS_TEST(one_try_and_it_is_lost),
        HARNESS_TEST(a_server_that_crashes_in_the_midst_of_it),
        HARNESS_TEST(a_broker_that_crashes),
        HARNESS_TEST(a_server_that_stands_still),
        HARNESS_TEST(a_timeout_shorter_than_the_service),
        HARNESS_TEST(a_partition_that_heals),
        HARNESS_TEST(a_partition_of_the_way_back),
        HARNESS_TEST(bits_flip_and_ends_are_cut_off),
        HARNESS_TEST(a_damaged_answer_that_the_plain_form_lets_pass),
        HARNESS_TEST(a_queue_that_is_full),
        HARNESS_TEST(an_operation_that_nobody_offers),
        HARNESS_TEST(two_layers_that_retry),
        HARNESS_TEST(a_reply_after_the_timer),
        HARNESS_TEST(every_story_fits_and_is_certain),
    };
    return harness_run("world/look_why", tests, HARNESS_COUNT(tests));
}
