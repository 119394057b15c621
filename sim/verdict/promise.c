#include "verdict/verdict.h"

#include <string.h>

const char *promise_name(enum promise promise)
{
    switch (promise) {
    case PROMISE_ONE_OUTCOME:
        return "one-outcome";
    case PROMISE_RIGHT_TEXT:
        return "right-text";
    case PROMISE_OWN_REPLY:
        return "own-reply";
    case PROMISE_CAUSE:
        return "cause";
    case PROMISE_DEFINITE:
        return "definite";
    case PROMISE_CONSERVATION:
        return "conservation";
    case PROMISE_KERNEL_DROPS:
        return "kernel-drops";
    case PROMISE_EMPTY_TABLES:
        return "empty-tables";
    case PROMISE_TIMERS:
        return "timers";
    case PROMISE_BUDGETS:
        return "budgets";
    case PROMISE_DROPPED_IS_GONE:
        return "dropped-is-gone";
    case PROMISE_QUIET:
        return "quiet";
    case PROMISE_LIVENESS:
        return "liveness";
    case PROMISE_NO_LEAK:
        return "no-leak";
    case PROMISE_COUNT:
        break;
    }
    return "";
}

const char *promise_meaning(enum promise promise)
{
    switch (promise) {
    case PROMISE_ONE_OUTCOME:
        return "Every request ends exactly once: answered, error, timed-out or cancelled.";
    case PROMISE_RIGHT_TEXT:
        return "An answer is the right text, by an independent reference.";
    case PROMISE_OWN_REPLY:
        return "A client takes only replies to its own open requests.";
    case PROMISE_CAUSE:
        return "Nothing is executed before it was sent, nothing answered before it was executed.";
    case PROMISE_DEFINITE:
        return "A final code that says `not executed` is true.";
    case PROMISE_CONSERVATION:
        return "Every datagram of a link is accounted for.";
    case PROMISE_KERNEL_DROPS:
        return "What sockets were handed and did not deliver is what the kernel says it dropped.";
    case PROMISE_EMPTY_TABLES:
        return "The broker removes each of its entries once.";
    case PROMISE_TIMERS:
        return "Nothing is sent before its timer or after its deadline, nor delivered early.";
    case PROMISE_BUDGETS:
        return "No bound is exceeded: tries, windows, tables, sizes.";
    case PROMISE_DROPPED_IS_GONE:
        return "What a link dropped is never received.";
    case PROMISE_QUIET:
        return "Without faults nothing is lost, nobody asks twice, and all are answered.";
    case PROMISE_LIVENESS:
        return "What is sent after the last fault is answered, if there is time for it.";
    case PROMISE_NO_LEAK:
        return "Descriptors and threads are as many at the end as at the start.";
    case PROMISE_COUNT:
        break;
    }
    return "";
}

bool promise_is_lesson(const struct scenario *scenario, enum promise promise)
{
    for (uint32_t i = 0; i < scenario->expectation_count; i++) {
        const struct expectation *expectation = &scenario->expectations[i];
        if (expectation->kind == EXPECT_BROKEN &&
            strcmp(expectation->promise, promise_name(promise)) == 0) {
            return true;
        }
    }
    return false;
}
