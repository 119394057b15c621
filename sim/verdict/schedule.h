/* How long a try may wait by the retry policy: the judge's own reading of protocol.md (Timers and
 * retry), which shares nothing with the code that is judged. */
#ifndef VERDICT_SCHEDULE_H
#define VERDICT_SCHEDULE_H

#include <stdint.h>

#include "protocol/retry.h"

/* The longest wait that the policy allows after send number `try` (from 1), whatever was drawn and
 * waited before, rounded up; saturates at TIME_NEVER. */
uint64_t schedule_wait_max_ns(const struct retry_policy *policy, unsigned try);

#endif
