/* What the parts of the writer share: write_plan.c decides what is kept, write_network.c writes
 * rules of faults and choices, write_events.c what else happens, write.c writes the rest. */
#ifndef SCENARIO_WRITE_PARTS_H
#define SCENARIO_WRITE_PARTS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "scenario/write.h"

/* Names in one selector: longer ones are cut into several lines (SCENARIO_LINE_MAX). */
#define WRITE_NAMES_MAX 64

/* A plan being written. */
struct writer {
    FILE *out;
    const struct write_plan *plan;
};

/* The new number of a client's node in its group, from 1; of any other node 1; 0: not kept. */
uint32_t write_plan_node(const struct write_plan *plan, uint32_t node);

/* The new number of a group's request, 0 if it is not kept. */
uint32_t write_plan_n(const struct write_plan *plan, uint32_t group, uint32_t n);

/* " WORD 1.5ms"; without a word " 1.5ms". */
void writer_put_duration(const struct writer *writer, const char *word, uint64_t span_ns);

/* Bytes of a text, between quotes. `fields`: it is a script's, where a brace is escaped. */
void writer_put_quoted(const struct writer *writer, const uint8_t *bytes, size_t size, bool fields);

/* The name that a kept node has in what is written. */
void writer_put_name(const struct writer *writer, uint32_t node);

/* What the numbers of a group's clients stand behind: of a part of a `clients` line a prefix of its
 * own, since its clients are counted from 1 again. */
void writer_put_prefix(const struct writer *writer, const struct scenario_clients *clients);

/* write_events.c: when a rule happens: nothing for what holds from the start (NULL too). */
void writer_put_time(const struct writer *writer, const struct scenario_rule *rule);

/* The lines of a note, of partitions and of events of nodes; false: it is a rule of faults, and
 * nothing was written. */
bool writer_put_event(const struct writer *writer, const struct scenario_rule *rule);

/* Whether what a `when` rule waits for is not kept. */
bool writer_never_happens(const struct writer *writer, const struct scenario_rule *rule);

/* The rules that are kept, and then the choices. False: no memory. */
bool writer_put_rules(const struct writer *writer);
void writer_put_choices(const struct writer *writer);

#endif
