/* What the broker does with a request can hang on a moment, too: a reply ends the request's entry,
 * and a copy of the request that comes then opens another. Whether one that comes at about the time
 * of a reply is before it or behind it is for the machine to say. */
#include "world/verify_parts.h"

#include "base/time.h"
#include "verdict/verdict.h"

static bool verify_is_near(uint64_t earlier_ns, uint64_t now_ns)
{
    return earlier_ns != TIME_NEVER && time_since(earlier_ns, now_ns) < VERDICT_MARGIN_NS;
}

void verify_races_clear(struct verify_race *races, uint64_t count)
{
    for (uint64_t i = 0; i < count; i++) {
        races[i] = (struct verify_race){.copy_ns = TIME_NEVER,
                                        .reply_ns = TIME_NEVER,
                                        .timer_ns = TIME_NEVER,
                                        .raced = races[i].raced_before,
                                        .raced_before = races[i].raced_before};
    }
}

void verify_races_keep(struct verify_race *races, uint64_t count)
{
    for (uint64_t i = 0; i < count; i++) {
        races[i].raced_before = races[i].raced;
    }
}

/* A copy of the request has come to the broker. */
static void verify_race_copy(struct verify_race *race, const struct trace_record *record)
{
    race->raced = race->raced || verify_is_near(race->reply_ns, record->t_ns);
    race->copy_again = race->copy_try == record->try;
    race->copy_try = record->try;
    race->copy_ns = record->t_ns;
}

/* A reply has come to the broker. The only copy of its own try is what it answers, and before it
 * anyway. */
static void verify_race_reply(struct verify_race *race, const struct trace_record *record)
{
    bool other = race->copy_again || race->copy_try != record->try;

    race->raced = race->raced || (other && verify_is_near(race->copy_ns, record->t_ns)) ||
                  verify_is_near(race->timer_ns, record->t_ns);
    race->reply_ns = record->t_ns;
}

void verify_races_take(const struct verify *verify, const struct trace_record *record)
{
    if (record->node != NODE_BROKER || record->n == 0 || record->client == TRACE_NOBODY) {
        return;
    }
    struct verify_race *race = &verify->races[verify->first[record->client] + record->n - 1];
    if (record->event == TRACE_TIMEOUT) {
        race->raced = race->raced || verify_is_near(race->reply_ns, record->t_ns);
        race->timer_ns = record->t_ns;
    } else if (record->event == TRACE_DELIVER && record->from == record->client) {
        verify_race_copy(race, record);
    } else if (record->event == TRACE_DELIVER) {
        verify_race_reply(race, record);
    }
}
