#include "report/junit.h"

#include <inttypes.h>
#include <string.h>

#include "base/bytes.h"
#include "report/failure.h"
#include "report/junit_parts.h"
#include "report/sweep_parts.h"
#include "report/words.h"
#include "verdict/expect_words.h"

/* That it ran to its last seed, and what it took. */
static void junit_add_end(struct junit_suite *suite, const struct report_sweep *sweep)
{
    const struct pool *pool = sweep->pool;
    struct sentence sentence;

    sentence_begin(&sentence);
    sentence_add(&sentence, "%" PRIu64 " of %" PRIu64 " seeds", pool->done, sweep->wanted);
    if (pool->stopped) {
        sentence_add(&sentence, "; stopped after %" PRIu64 " failure%s", pool->failure_count,
                     pool->failure_count == 1 ? "" : "s");
    }
    if (pool->signal != 0) {
        sentence_add(&sentence, "; ended by %s: this report is partial",
                     words_signal(pool->signal));
    }
    junit_add(suite, &(struct junit_case){.kind = "sweep",
                                          .name = "it ends by itself",
                                          .verdict = pool->signal != 0 ? JUNIT_ERROR : JUNIT_PASSED,
                                          .type = "end",
                                          .message = sentence.text,
                                          .command = sweep->command,
                                          .remark = sentence.text});
}

/* A seed; `failure` NULL: it passed. */
static void junit_add_seed(struct junit_suite *suite, uint64_t seed,
                           const struct pool_failure *failure)
{
    char name[32];
    struct junit_case added = {.kind = "seeds", .name = name};

    snprintf(name, sizeof name, "seed %" PRIu64, seed);
    if (failure != NULL) {
        /* 2 and 3: it could not be run; above: a signal. */
        bool judged = failure->status == 1 || failure->status == 4;
        added.verdict = judged ? JUNIT_FAILURE : JUNIT_ERROR;
        added.type = failure->status == 4 ? "promise" : "seed";
        added.message = failure->why;
        added.command = failure->command;
    }
    junit_add(suite, &added);
}

/* The failure of a seed (they are in order); NULL: it passed. */
static const struct pool_failure *junit_find_failure(const struct pool *pool, uint64_t seed)
{
    uint64_t low = 0;
    uint64_t high = pool->failure_count;

    while (low < high) {
        uint64_t middle = low + (high - low) / 2;
        if (pool->failures[middle].seed < seed) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < pool->failure_count && pool->failures[low].seed == seed ? &pool->failures[low]
                                                                         : NULL;
}

static void junit_add_every_seed(struct junit_suite *suite, const struct pool *pool)
{
    for (uint32_t i = 0; i < pool->range_count; i++) {
        const struct pool_range *range = &pool->ranges[i];
        for (uint64_t k = 0; k < range->count; k++) {
            uint64_t seed = range->first + k * range->step;
            junit_add_seed(suite, seed, junit_find_failure(pool, seed));
        }
    }
}

/* Those that failed, and one case for all that passed. */
static void junit_add_failed_seeds(struct junit_suite *suite, const struct pool *pool)
{
    char name[64];

    for (uint64_t i = 0; i < pool->failure_count; i++) {
        junit_add_seed(suite, pool->failures[i].seed, &pool->failures[i]);
    }
    snprintf(name, sizeof name, "%" PRIu64 " other seeds", pool->done - pool->failure_count);
    junit_add(suite, &(struct junit_case){.kind = "seeds",
                                          .name = name,
                                          .remark = "passed; of so many seeds only those that "
                                                    "failed have a case of their own"});
}

/* What is judged once over all seeds. */
static void junit_add_pooled(struct junit_suite *suite, const struct report_sweep *sweep,
                             uint32_t i)
{
    const struct pool_expectation *pooled = &sweep->pool->expectations[i];
    const char *name = pooled->label != NULL ? pooled->label : pooled->text;
    struct sentence sentence;
    char finding[SWEEP_FINDING_MAX];
    uint32_t same = 0;

    for (uint32_t before = 0; before < i && suite->out != NULL; before++) {
        const struct pool_expectation *other = &sweep->pool->expectations[before];
        same += other->law != POOL_EACH_SEED &&
                strcmp(other->label != NULL ? other->label : other->text, name) == 0;
    }
    sweep_finding(sweep->pool, pooled, finding);
    sentence_begin(&sentence);
    sentence_add(&sentence, "%.*s (%s)", (int)bytes_utf8_cut(pooled->text, EXPECT_TEXT_MAX),
                 pooled->text, finding);
    junit_add(suite, &(struct junit_case){.kind = "expectations",
                                          .name = name,
                                          .same = same,
                                          .verdict = pooled->held ? JUNIT_PASSED : JUNIT_FAILURE,
                                          .type = "expectation",
                                          .message = sentence.text,
                                          .command = sweep->command,
                                          .remark = sentence.text});
}

static void junit_add_sweep(struct junit_suite *suite, const struct report_sweep *sweep)
{
    const struct pool *pool = sweep->pool;

    junit_add_end(suite, sweep);
    if (pool->done <= REPORT_JUNIT_SEEDS_MAX) {
        junit_add_every_seed(suite, pool);
    } else {
        junit_add_failed_seeds(suite, pool);
    }
    for (uint32_t i = 0; i < pool->expectation_count && pool->ran > 0; i++) {
        if (pool->expectations[i].law != POOL_EACH_SEED) {
            junit_add_pooled(suite, sweep, i);
        }
    }
}

bool report_junit_sweep(FILE *out, const struct report_sweep *sweep)
{
    struct junit_suite suite = {.path = sweep->path, .row = sweep->row};
    char text[64];

    junit_add_sweep(&suite, sweep);
    junit_begin_suite(out, &suite, 0);
    junit_property(out, "title", sweep->title);
    snprintf(text, sizeof text, "%" PRIu64 "..%" PRIu64, sweep->first, sweep->last);
    junit_property(out, "seeds", text);
    if (sweep->shard_count > 1) {
        snprintf(text, sizeof text, "%" PRIu32 "/%" PRIu32, sweep->shard, sweep->shard_count);
        junit_property(out, "shard", text);
    }
    junit_property(out, "world", "virtual");
    junit_property(out, "version", sweep->version);
    junit_property(out, "command", sweep->command);
    junit_begin_cases(out);
    suite.out = out;
    junit_add_sweep(&suite, sweep);
    junit_end_suite(out, sweep->command);
    return !ferror(out);
}
