/* What the parts of FAULT's parser share: faults.c reads one word after the other, faults_exact.c
 * which datagrams are chosen, faults_models.c losses and delays, faults_netem.c netem's own lines
 * and the presets. */
#ifndef SCENARIO_FAULTS_PARTS_H
#define SCENARIO_FAULTS_PARTS_H

#include "scenario/parse.h"

/* By number: those that may stand once in a directive first. */
enum faults_word {
    WORD_LOSS,
    WORD_DELAY,
    WORD_DUPLICATE,
    WORD_DOWN,
    WORD_CORRUPT,
    WORD_TRUNCATE,
    WORD_REORDER,
    WORD_RATE,
    WORD_LIMIT,
    WORD_MTU,
    WORD_DROP,
    WORD_CLEAR,
    WORD_PRESET,
    WORD_NETEM
};

/* Reads faults to the end of the line; `seen`: bits of the words that it has already. */
bool faults_read(struct parse *parse, struct fault_set *faults, uint32_t *seen);

/* Whether a word begins the choice of datagrams: "2,5-7", digits, commas and dashes. */
bool faults_looks_like_list(const struct parse_word *word);

/* Reads which datagrams are chosen, and adds an exact fault of the kind. */
bool faults_add_exact(struct parse *parse, struct fault_set *faults, enum exact_kind kind,
                      uint64_t delay_ns);

/* Reads what stands behind `loss`. */
bool faults_loss(struct parse *parse, struct fault_set *faults);

/* Reads what stands behind `delay`. */
bool faults_delay(struct parse *parse, struct fault_set *faults, uint32_t *seen);

/* Reads a correlation, if one is there. `base`: the word it would repeat draws of; `idle`: that has
 * nothing to draw, so that a correlation is an error. */
bool faults_correlation(struct parse *parse, const struct parse_word *base, bool idle,
                        uint64_t *same_q63);

/* Reads the name of a preset, and then its faults. */
bool faults_preset(struct parse *parse, struct fault_set *faults);

/* Reads the arguments of `tc qdisc ... netem`, to the end of the line. */
bool faults_netem(struct parse *parse, struct fault_set *faults, uint32_t *seen);

#endif
