/* Numbers and names, as people read them. */
#ifndef REPORT_WORDS_H
#define REPORT_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "scenario/scenario.h"

#define WORDS_MAX 32 /* bytes of a number or a span, with the NUL */

/* A name of two nodes and an arrow, with the NUL. */
#define WORDS_LINK_MAX (2 * CLIENT_NAME_MAX + 8)

/* A count for a table: all digits up to eight of them, then "123.4M", "12.3G", "9.9E". */
void words_count(char text[WORDS_MAX], uint64_t count);

/* A measured span, three digits of it: "61 us", "8.12 ms", "431 ms", "2.31 s", "12.5 min". */
void words_span(char text[WORDS_MAX], uint64_t span_ns);

/* A part of a whole: "0%", "99.75%", "100%". Those two words are kept for nothing and all: what is
 * less shows as "<0.01%" or ">99.99%". "-" where the whole is 0. */
void words_percent(char text[WORDS_MAX], uint64_t part, uint64_t whole);

/* A ratio with as many digits as it deserves: "1.53", "12.4". */
void words_ratio(char text[WORDS_MAX], double ratio);

/* A probability: "1.2e-05", "0.31". */
void words_probability(char text[WORDS_MAX], double probability);

/* "c1 -> broker" */
void words_link(char text[WORDS_LINK_MAX], const struct scenario *scenario, uint32_t link);

/* The nodes of a group: "c1", or "c1 .. c8". */
void words_group(char text[WORDS_LINK_MAX], const struct scenario_clients *group);

/* The operation's name of the n-th request of a client, as the script has it (known or not); NULL
 * if there is no such request. */
const char *words_request_op(const struct scenario *scenario, uint32_t client, uint32_t n);

/* "SIGINT", "SIGTERM", or "signal". */
const char *words_signal(int signal);

#endif
