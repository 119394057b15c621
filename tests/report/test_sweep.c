#include "harness.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "report/sweep.h"

/* Texts that a report wrote, or is to read; to be freed. */
static char *json_of(const struct report_sweep *sweep)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);

    CU_ASSERT(report_sweep_json(out, sweep));
    fclose(out);
    return text;
}

static char *text_of(const struct report_sweep *sweep, bool quiet)
{
    static const struct report_style plain = {0};
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);

    CU_ASSERT(report_sweep_text(out, sweep, &plain, quiet));
    fclose(out);
    return text;
}

static bool open_text(struct report_sweep_file *file, const char *text, char *error)
{
    FILE *in = fmemopen((void *)(uintptr_t)text, strlen(text), "r");
    bool good = report_sweep_open(file, in, error);

    fclose(in);
    return good;
}

static size_t widest_line(const char *text)
{
    size_t widest = 0;

    while (*text != '\0') {
        size_t width = strcspn(text, "\n");
        widest = width > widest ? width : widest;
        text += width + (text[width] == '\n');
    }
    return widest;
}

/* A pool of the seeds first, first + step, ...: `count` of them, of which every tenth failed; with
 * one expectation of each kind. */
static struct pool pool_of(uint64_t first, uint64_t step, uint64_t count)
{
    static struct pool_part parts[3];
    struct pool pool;

    CU_ASSERT_EQUAL_FATAL(pool_init(&pool, NULL), 0);
    pool.expectations = calloc(3, sizeof *pool.expectations);
    pool.expectation_count = 3;
    pool.expectations[0] = (struct pool_expectation){
        .line = 9, .label = strdup("all are served"), .text = strdup("answered = 100%")};
    pool.expectations[1] = (struct pool_expectation){
        .line = 10, .text = strdup("lost ~ 10%"), .law = POOL_BINOMIAL, .p = 0.1};
    pool.expectations[2] =
        (struct pool_expectation){.line = 11, .text = strdup("tries ~ theory"), .law = POOL_SUM};
    pool.expectations[2].theory.parts = calloc(1, sizeof *pool.expectations[2].theory.parts);
    pool.expectations[2].theory.count = 1;
    pool.expectations[2].theory.parts[0] =
        (struct sum_part){.count = 100, .spread = {.max = 2, .p = {0, 2.0 / 3, 1.0 / 3}}};
    for (uint64_t i = 0; i < count; i++) {
        uint64_t seed = first + i * step;
        struct pool_sample sample = {.seed = seed, .ran = true, .parts = parts};
        parts[0] = (struct pool_part){.held = seed % 10 != 0, .part = 100, .whole = 100};
        parts[1] = (struct pool_part){.held = true, .part = 12, .whole = 120};
        parts[2] = (struct pool_part){.held = true, .part = 133, .whole = 100};
        sample.status = seed % 10 == 0;
        strcpy(sample.why, seed % 10 == 0 ? "line 9: answered = 100% (99 of 100)" : "");
        sample.counts.metrics[METRIC_REQUESTS] = 100;
        sample.counts.metrics[METRIC_ANSWERED] = seed % 10 == 0 ? 99 : 100;
        sample.counts.metrics[METRIC_TRIES] = 133;
        sample.counts.lost[LOSS_LOSS] = 12;
        sample.counts.rejected[REJECT_LATE] = 3;
        sample.counts.errors[TALLY_CODES - 1] = 1;
        sample.values[POOL_ANSWERED] = seed % 10 == 0 ? 990000000 : POOL_RATIO_ONE;
        sample.values[POOL_TRIES] = 1330000000;
        sample.values[POOL_LATENCY_P50] = 8000000 + seed;
        sample.values[POOL_LATENCY_P99] = seed % 7 == 0 ? UINT64_MAX : 300000000 + seed;
        CU_ASSERT_EQUAL_FATAL(pool_add(&pool, &sample, step), 0);
    }
    for (uint64_t i = 0; i < pool.failure_count; i++) {
        pool.failures[i].command = strdup("simrun scenarios/a.txt --seed 10");
    }
    pool_judge(&pool);
    return pool;
}

static struct report_sweep sweep_of(const struct pool *pool)
{
    return (struct report_sweep){.path = "scenarios/a.txt",
                                 .title = "A title",
                                 .version = "1.2.3",
                                 .fingerprint = "0123456789abcdef",
                                 .command = "simrun scenarios/a.txt --seed 1..40",
                                 .first = 1,
                                 .last = 40,
                                 .shard = 1,
                                 .shard_count = 1,
                                 .wanted = pool->done,
                                 .pool = pool};
}

/* Reads back the sweep's --json. */
static void open_again(struct report_sweep_file *file, const struct report_sweep *sweep)
{
    char *text = json_of(sweep);
    char error[REPORT_SWEEP_ERROR_MAX] = "";
    bool good = open_text(file, text, error);

    CU_ASSERT_STRING_EQUAL(error, "");
    CU_ASSERT_TRUE_FATAL(good);
    free(text);
}

static void what_was_written_reads_back_the_same(void)
{
    struct pool pool = pool_of(1, 1, 40);
    struct report_sweep sweep = sweep_of(&pool);
    struct report_sweep_file file;
    open_again(&file, &sweep);
    char *before = json_of(&sweep);
    char *after = json_of(&file.sweep);

    CU_ASSERT_STRING_EQUAL(before, after);
    CU_ASSERT_PTR_NOT_NULL(strstr(before, "\"seeds\":{\"first\":\"1\",\"last\":\"40\""));
    CU_ASSERT_PTR_NOT_NULL(strstr(before, "\"done\":40,\"ran\":40,\"failed\":4"));
    CU_ASSERT_PTR_NOT_NULL(strstr(before, "\"lost.loss\":480"));
    CU_ASSERT_PTR_NOT_NULL(strstr(before, "\"rejected.late\":120"));
    CU_ASSERT_PTR_NOT_NULL(strstr(before, "\"errors.other\":40"));
    CU_ASSERT_PTR_NOT_NULL(strstr(before, "\"speed\":null"));
    CU_ASSERT_PTR_NOT_NULL(strstr(before, "\"world\":\"virtual\""));
    free(before);
    free(after);
    report_sweep_close(&file);
    pool_free(&pool);
}

static void shards_read_back_and_merged_are_the_whole(void)
{
    struct pool whole = pool_of(1, 1, 40);
    struct report_sweep sweep = sweep_of(&whole);
    struct pool odd = pool_of(1, 2, 20);
    struct pool even = pool_of(2, 2, 20);
    struct report_sweep of_odd = sweep_of(&odd);
    struct report_sweep of_even = sweep_of(&even);
    struct report_sweep_file merged;
    struct report_sweep_file other;
    char error[REPORT_SWEEP_ERROR_MAX] = "";

    open_again(&merged, &of_even);
    open_again(&other, &of_odd);
    CU_ASSERT(report_sweep_merge(&merged, &other, error));
    CU_ASSERT_STRING_EQUAL(error, "");
    CU_ASSERT_EQUAL(merged.sweep.wanted, 40);
    CU_ASSERT_PTR_NULL(merged.sweep.command);
    /* Where they may differ: in the ranges and in having no command. */
    merged.sweep.command = sweep.command;
    merged.pool.range_count = 1;
    merged.pool.ranges[0] = whole.ranges[0];
    char *left = json_of(&merged.sweep);
    char *right = json_of(&sweep);
    CU_ASSERT_STRING_EQUAL(left, right);
    free(left);
    free(right);
    report_sweep_close(&merged);
    report_sweep_close(&other);
    pool_free(&whole);
    pool_free(&odd);
    pool_free(&even);
}

/* Why two sweeps are not merged. */
static void assert_refused(const struct report_sweep *sweep, const struct report_sweep *other,
                           const char *reason)
{
    struct report_sweep_file file;
    struct report_sweep_file second;
    char error[REPORT_SWEEP_ERROR_MAX] = "";

    open_again(&file, sweep);
    open_again(&second, other);
    CU_ASSERT(!report_sweep_merge(&file, &second, error));
    CU_ASSERT_PTR_NOT_NULL(strstr(error, reason));
    report_sweep_close(&file);
    report_sweep_close(&second);
}

static void what_does_not_belong_together_is_refused(void)
{
    struct pool first = pool_of(1, 1, 20);
    struct pool next = pool_of(21, 1, 20);
    struct pool across = pool_of(20, 1, 5);
    struct report_sweep sweep = sweep_of(&first);
    struct report_sweep other = sweep_of(&next);
    struct report_sweep overlapping = sweep_of(&across);

    assert_refused(&sweep, &overlapping, "seeds that an earlier file has");
    assert_refused(&sweep, &sweep, "seeds that an earlier file has");
    other.version = "1.2.4";
    assert_refused(&sweep, &other, "by simrun 1.2.4");
    other.version = sweep.version;
    other.fingerprint = "0123456789abcdee";
    assert_refused(&sweep, &other, "another scenario");
    other.fingerprint = sweep.fingerprint;
    next.expectations[1].p = 0.2;
    assert_refused(&sweep, &other, "another scenario");
    pool_free(&first);
    pool_free(&next);
    pool_free(&across);
}

/* Replaces the first `from` in the sweep's --json and reads it: it must be refused. */
static void assert_not_read(const char *text, const char *from, const char *to)
{
    const char *at = strstr(text, from);
    char error[REPORT_SWEEP_ERROR_MAX] = "";
    struct report_sweep_file file;
    char *changed = malloc(strlen(text) + strlen(to) + 1);

    CU_ASSERT_PTR_NOT_NULL_FATAL(at);
    memcpy(changed, text, (size_t)(at - text));
    strcpy(changed + (at - text), to);
    strcat(changed, at + strlen(from));
    CU_ASSERT(!open_text(&file, changed, error));
    CU_ASSERT(error[0] != '\0');
    free(changed);
}

static void what_is_not_a_sweep_is_not_read(void)
{
    struct pool pool = pool_of(1, 1, 40);
    struct report_sweep sweep = sweep_of(&pool);
    char *text = json_of(&sweep);

    assert_not_read(text, "{", "[");
    assert_not_read(text, "{\"scenario\"", "{\"scenaria\"");
    assert_not_read(text, "\"done\":40", "\"done\":41");
    assert_not_read(text, "\"done\":40", "\"done\":-1");
    assert_not_read(text, "\"step\":1", "\"step\":0");
    assert_not_read(text, "\"count\":40", "\"count\":9223372036854775807");
    assert_not_read(text, "\"first\":\"1\"", "\"first\":1");
    assert_not_read(text, "\"first\":\"1\"", "\"first\":\"x\"");
    assert_not_read(text, "\"bits\":64", "\"bits\":65");
    assert_not_read(text, "\"points\":[[", "\"points\":[[-1,1],[");
    assert_not_read(text, "\"judged\":\"sum\"", "\"judged\":\"guess\"");
    assert_not_read(text, "\"p\":0.1", "\"p\":1.1");
    assert_not_read(text, "\"p\":[0.0", "\"p\":[\"\"");
    assert_not_read(text, "\"parts\":[{", "\"parts\":[7,{");
    assert_not_read(text, "\"status\":1,\"why\"", "\"status\":0,\"why\"");
    assert_not_read(text, "\"theory\":null", "\"theory\":7");
    free(text);
    pool_free(&pool);
}

static void the_report_is_narrow_and_says_what_failed_and_how_to_repeat_it(void)
{
    struct pool pool = pool_of(1, 1, 40);
    struct report_sweep sweep = sweep_of(&pool);

    sweep.elapsed_ns = 250000000;
    sweep.jobs = 2;
    char *text = text_of(&sweep, false);
    CU_ASSERT(widest_line(text) <= 80);
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "40 of 40 seeds in 250 ms: 160 a second, 2 jobs"));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "seed 10: FAIL line 9: answered = 100% (99 of 100)\n"
                                        "  next: simrun scenarios/a.txt --seed 10\n"));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "held in 36 of 40 seeds"));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "measured 480 of 4800 (10.0%) over all seeds"));
    CU_ASSERT_PTR_NOT_NULL(
        strstr(text, "\nFAIL  4 of 40 seeds failed, 2 of 3 expectations held\n"));
    free(text);
    text = text_of(&sweep, true);
    CU_ASSERT_EQUAL(strncmp(text, "seed 10: FAIL", 13), 0);
    CU_ASSERT_PTR_NULL(strstr(text, "held in"));
    free(text);
    pool_free(&pool);
}

static void what_was_lost_is_lost_of_datagrams_and_of_copies(void)
{
    struct pool pool = pool_of(10, 1, 1);
    struct report_sweep sweep = sweep_of(&pool);

    pool.counts.metrics[METRIC_SENT] = 10;
    pool.counts.metrics[METRIC_LOST] = 12;
    pool.counts.metrics[METRIC_DUPLICATED] = 6;
    pool.stopped = true;
    char *text = text_of(&sweep, false);
    CU_ASSERT_PTR_NOT_NULL(strstr(text, " 10   and 6 copies, 75.0% of both lost\n"));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "\nstopped after 1 failure, at seed 10; "));
    free(text);
    pool.counts.metrics[METRIC_LOST] = 1;
    pool.counts.metrics[METRIC_DUPLICATED] = 0;
    text = text_of(&sweep, false);
    CU_ASSERT_PTR_NOT_NULL(strstr(text, " 10   10.0% of them lost\n"));
    free(text);
    pool_free(&pool);
}

static void a_quiet_report_of_a_sweep_that_passed_is_empty(void)
{
    struct pool pool = pool_of(1, 1, 9);
    struct report_sweep sweep = sweep_of(&pool);
    char *text = text_of(&sweep, true);

    CU_ASSERT(pool.passed);
    CU_ASSERT_STRING_EQUAL(text, "");
    free(text);
    pool_free(&pool);
}

static void the_table_of_vary_is_narrow_and_ends_with_its_verdict(void)
{
    static const char *const texts[] = {"network loss {10%,20%}", "client * tries {4,5}"};
    struct pool good = pool_of(1, 1, 9);
    struct pool bad = pool_of(1, 1, 40);
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    struct report_vary vary = {.out = out};

    report_vary_begin(&vary, "scenarios/a.txt", NULL, texts, 2, true);
    report_vary_row(&vary, "10%, 4", &good, "simrun a");
    bad.status = 4;
    report_vary_row(&vary, "20%, as long a value as never stood here", &bad, "simrun b");
    CU_ASSERT(report_vary_end(&vary, 1));
    fclose(out);
    CU_ASSERT(widest_line(text) <= 80);
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "\n  10%, 4          100%       -  1.33      -  0.00"
                                        "      - 8.00 ms  300 ms PASS\n  20%, as long"));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, " BROKEN\n"));
    CU_ASSERT_PTR_NOT_NULL(
        strstr(text, "never stood here: FAIL line 9: answered = 100% (99 of\n  100)\n"));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "\nFAIL  1 of 2 rows passed\n"));
    free(text);
    pool_free(&good);
    pool_free(&bad);
}

/* A row that a signal ended has failed at nothing; where theory does not apply there are no bounds.
 */
static void the_table_of_vary_says_why_rows_did_not_pass(void)
{
    static const char *const texts[] = {"network loss {10%,burst 10% 3}"};
    struct pool ended = pool_of(1, 1, 9);
    struct pool refused = pool_of(1, 1, 9);
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    struct report_vary vary = {.out = out};

    refused.expectations[1].law = POOL_REFUSED;
    refused.expectations[1].line = 0;
    strcpy(refused.expectations[1].why, "a memory");
    pool_judge(&refused);
    ended.expectations[1].part = 0;
    ended.signal = SIGINT;
    pool_judge(&ended);
    report_vary_begin(&vary, "scenarios/a.txt", NULL, texts, 1, false);
    report_vary_row(&vary, "burst 10% 3", &refused, "simrun b");
    report_vary_row(&vary, "10%", &ended, "simrun a");
    CU_ASSERT(report_vary_end(&vary, 128 + SIGINT));
    fclose(out);
    CU_ASSERT_PTR_NOT_NULL(
        strstr(text, "\nburst 10% 3: FAIL --set: lost ~ 10% (theory does not apply: a memory)\n"));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "\n10%: FAIL ended by SIGINT\n"));
    CU_ASSERT_PTR_NOT_NULL(
        strstr(text, "\nended by SIGINT: this table is partial\nFAIL  0 of 2 rows passed\n"));
    free(text);
    pool_free(&ended);
    pool_free(&refused);
}

int main(void)
{
    static const struct harness_test tests[] = {
        HARNESS_TEST(what_was_written_reads_back_the_same),
        HARNESS_TEST(shards_read_back_and_merged_are_the_whole),
        HARNESS_TEST(what_does_not_belong_together_is_refused),
        HARNESS_TEST(what_is_not_a_sweep_is_not_read),
        HARNESS_TEST(the_report_is_narrow_and_says_what_failed_and_how_to_repeat_it),
        HARNESS_TEST(what_was_lost_is_lost_of_datagrams_and_of_copies),
        HARNESS_TEST(a_quiet_report_of_a_sweep_that_passed_is_empty),
        HARNESS_TEST(the_table_of_vary_is_narrow_and_ends_with_its_verdict),
        HARNESS_TEST(the_table_of_vary_says_why_rows_did_not_pass),
    };

    return harness_run("report/sweep", tests, HARNESS_COUNT(tests));
}
