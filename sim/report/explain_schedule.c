#include "report/explain_parts.h"

#include <stdio.h>
#include <string.h>

#include "base/time.h"
#include "report/sentence.h"
#include "report/words.h"

#define SCHEDULE_SENDS_MAX 16 /* instants that are listed */

/* A schedule for one draw. */
struct schedule {
    uint64_t sends_ns[WIRE_TRY_MAX]; /* instants */
    unsigned count;                  /* sends before the deadline */
    uint64_t end_ns;                 /* when it gives up */
};

static void explain_make_schedule(struct schedule *schedule, const struct retry_policy *policy,
                                  uint64_t deadline_ns, uint64_t random)
{
    uint64_t wait_ns = 0;
    uint64_t now_ns = 0;

    schedule->count = 0;
    for (unsigned try = 1; try <= policy->tries && now_ns < deadline_ns; try++) {
        schedule->sends_ns[schedule->count++] = now_ns;
        wait_ns = retry_wait_ns(policy, try, wait_ns, random);
        now_ns = time_add(now_ns, wait_ns);
    }
    schedule->end_ns = time_min(now_ns, deadline_ns);
}

/* An instant in the unit of the whole line, without needless digits: "62.5". */
static void explain_instant(struct sentence *sentence, uint64_t instant_ns, uint64_t unit_ns)
{
    char number[WORDS_MAX];
    size_t length =
        (size_t)snprintf(number, sizeof number, "%.3f", (double)instant_ns / (double)unit_ns);

    while (number[length - 1] == '0') {
        number[--length] = '\0';
    }
    if (number[length - 1] == '.') {
        number[length - 1] = '\0';
    }
    sentence_add(sentence, "%s", number);
}

static void explain_sends(struct explain *explain, const struct retry_policy *policy,
                          uint64_t deadline_ns, uint64_t random, const char *name)
{
    struct schedule schedule;
    struct sentence sentence;

    explain_make_schedule(&schedule, policy, deadline_ns, random);
    uint64_t unit_ns = schedule.end_ns < NS_PER_MS       ? NS_PER_US
                       : schedule.end_ns < 10 * NS_PER_S ? NS_PER_MS
                                                         : NS_PER_S;
    const char *unit = unit_ns == NS_PER_US ? "us" : unit_ns == NS_PER_MS ? "ms" : "s";

    sentence_begin(&sentence);
    sentence_add(&sentence, "%ssends at ", name);
    for (unsigned i = 0; i < schedule.count && i < SCHEDULE_SENDS_MAX; i++) {
        sentence_add(&sentence, i == 0 ? "" : ", ");
        explain_instant(&sentence, schedule.sends_ns[i], unit_ns);
    }
    if (schedule.count > SCHEDULE_SENDS_MAX) {
        sentence_add(&sentence, ", ... %s (%u sends), gives up at ", unit, schedule.count);
    } else {
        sentence_add(&sentence, " %s, gives up at ", unit);
    }
    explain_instant(&sentence, schedule.end_ns, unit_ns);
    sentence_add(&sentence, " %s", unit);
    if (schedule.count < policy->tries) {
        sentence_add(&sentence, " (its deadline: %u of its %u tries are never sent)",
                     policy->tries - schedule.count, policy->tries);
    }
    out_pad_to(&explain->out, EXPLAIN_INDENT);
    out_wrap(&explain->out, EXPLAIN_INDENT + 2, sentence.text);
    out_line(&explain->out);
}

void explain_schedule(struct explain *explain, const struct retry_policy *policy,
                      uint64_t deadline_ns)
{
    if (policy->jitter == JITTER_NONE) {
        explain_sends(explain, policy, deadline_ns, 0, "");
    } else {
        explain_sends(explain, policy, deadline_ns, 0, "with the shortest draws: ");
        explain_sends(explain, policy, deadline_ns, UINT64_MAX, "with the longest draws: ");
    }
}
