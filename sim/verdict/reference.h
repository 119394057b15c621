/* The right answers, worked out without any of the code that is judged by them. An answer is known
 * by a hash of 64 bits of its size and text: a wrong one passes with a probability of 1 in 10^19.
 */
#ifndef VERDICT_REFERENCE_H
#define VERDICT_REFERENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "protocol/op.h"

/* What the text itself is known by. */
uint64_t reference_of_text(const uint8_t *text, size_t size);

/* What the right answer of `op` to `text` is known by. Not for OP_COUNT, whose answer depends on
 * what was executed, nor OP_UNKNOWN, which has none (asserted). */
uint64_t reference_of_answer(enum op op, const uint8_t *text, size_t size);

/* Whether `text` is a right answer of OP_COUNT: a whole number without leading zeros from 1 to
 * `executions`. */
bool reference_count_is_right(const uint8_t *text, size_t size, uint32_t executions);

#endif
