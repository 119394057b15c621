/* Promises that counts alone can judge, with or without a trace: what links and sockets were given
 * is what came out of them, every request of the scripts has an end, and nothing is left behind. */
#ifndef VERDICT_JUDGE_COUNTS_H
#define VERDICT_JUDGE_COUNTS_H

#include "verdict/facts.h"
#include "verdict/tally.h"
#include "verdict/verdict.h"

/* Each fills one result. Of one-outcome: as far as sums tell. */
void judge_count_outcomes(const struct tally *tally, struct promise_result *result);
void judge_count_conservation(const struct tally *tally, const struct run_facts *facts,
                              struct promise_result *result);
void judge_count_kernel_drops(const struct tally *tally, const struct run_facts *facts,
                              struct promise_result *result);
void judge_count_leaks(const struct run_facts *facts, struct promise_result *result);

/* What became of the datagrams that a link took and neither lost nor delivered. */
void judge_count_link_rest(const struct tally *tally, const struct run_facts *facts, uint32_t link,
                           uint64_t *in_flight, uint64_t *kernel_drops);

#endif
