#include "scenario/faults_parts.h"

#include "base/time.h"

static const char *const FAULTS_KNOWN[] = {"loss",     "delay",   "duplicate", "down",  "corrupt",
                                           "truncate", "reorder", "rate",      "limit", "mtu",
                                           "drop",     "clear",   "preset",    "netem", NULL};

bool faults_correlation(struct parse *parse, const struct parse_word *base, bool idle,
                        uint64_t *same_q63)
{
    const struct parse_word *word = parse_peek(parse);

    if (!parse_looks_like_percent(word)) {
        return true;
    }
    if (idle) {
        return parse_error(parse, word,
                           "a correlation needs something that is drawn, and %.*s "
                           "leaves nothing to chance",
                           (int)base->size, base->bytes);
    }
    return parse_percent(parse, "correlation", same_q63) &&
           (*same_q63 < PROBABILITY_ONE ||
            parse_error(parse, word, "a correlation of 100%% would never draw again"));
}

/* `duplicate P [CORR]`, `corrupt P`, or either of chosen datagrams. */
static bool faults_share_or_exact(struct parse *parse, struct fault_set *faults,
                                  enum faults_word number, uint32_t *seen)
{
    const struct parse_word *name = &parse->line->words[parse->at - 1];
    const struct parse_word *word = parse_peek(parse);
    bool blank = parse->at + 1 < parse->line->word_count &&
                 parse_is(&parse->line->words[parse->at + 1], "%");
    bool copies = number == WORD_DUPLICATE;

    if (!blank && (faults_looks_like_list(word) || parse_is(word, "of"))) {
        return faults_add_exact(parse, faults, copies ? EXACT_DUPLICATE : EXACT_CORRUPT, 0);
    }
    if (!parse_once(parse, name, number, seen)) {
        return false;
    }
    if (!copies) {
        faults->set |= FAULT_CORRUPT;
        return parse_percent(parse, "corrupt", &faults->corrupt_q63);
    }
    faults->set |= FAULT_DUPLICATE;
    faults->duplicate_same_q63 = 0; /* a preset may have had one */
    return parse_percent(parse, "duplicate", &faults->duplicate_q63) &&
           faults_correlation(parse, word, faults->duplicate_q63 == 0, &faults->duplicate_same_q63);
}

/* `reorder P [CORR] [gap N]` */
static bool faults_reorder(struct parse *parse, struct fault_set *faults)
{
    const struct parse_word *word = parse_peek(parse);
    uint64_t gap = 1;

    faults->set |= FAULT_REORDER;
    faults->reorder_same_q63 = 0; /* a preset may have had one */
    if (!parse_percent(parse, "reorder", &faults->reorder_q63) ||
        !faults_correlation(parse, word, faults->reorder_q63 == 0, &faults->reorder_same_q63) ||
        (parse_accept(parse, "gap") && !parse_count(parse, "gap", 1, FAULT_GAP_MAX, &gap))) {
        return false;
    }
    faults->reorder_gap = (uint32_t)gap;
    return true;
}

static bool faults_number(struct parse *parse, struct fault_set *faults, enum faults_word number)
{
    const struct parse_word *word = parse_peek(parse);
    uint64_t value = 0;

    if (number == WORD_RATE) {
        faults->set |= FAULT_RATE;
        return parse_rate(parse, "rate", &faults->rate_bps) &&
               (faults->rate_bps > 0 ||
                parse_error(parse, word, "at a rate of zero nothing ever leaves: write down"));
    }
    if (number == WORD_LIMIT) {
        faults->set |= FAULT_LIMIT;
        if (!parse_count(parse, "limit", 1, FAULT_LIMIT_MAX, &value)) {
            return false;
        }
        faults->limit = (uint32_t)value;
        return true;
    }
    faults->set |= FAULT_MTU;
    if (!parse_count(parse, "mtu", FAULT_MTU_MIN, FAULT_MTU_MAX, &value)) {
        return false;
    }
    faults->mtu = (uint32_t)value;
    return true;
}

static bool faults_clear(struct parse *parse, struct fault_set *faults,
                         const struct parse_word *word)
{
    if (faults->set != 0 || faults->exact_count > 0) {
        return parse_error(parse, word, "`clear` removes what it stands behind, too: put it first");
    }
    faults->clear = true;
    return true;
}

/* Reads what stands behind the word. Chosen datagrams may come again and again. */
static bool faults_one_of(struct parse *parse, struct fault_set *faults, enum faults_word number,
                          uint32_t *seen)
{
    const struct parse_word *word = &parse->line->words[parse->at - 1];

    switch (number) {
    case WORD_LOSS:
        return parse_once(parse, word, number, seen) && faults_loss(parse, faults);
    case WORD_DELAY:
        return faults_delay(parse, faults, seen);
    case WORD_DUPLICATE:
    case WORD_CORRUPT:
        return faults_share_or_exact(parse, faults, number, seen);
    case WORD_DOWN:
        faults->set |= FAULT_DOWN;
        faults->down = true;
        return parse_once(parse, word, number, seen);
    case WORD_TRUNCATE:
        faults->set |= FAULT_TRUNCATE;
        return parse_once(parse, word, number, seen) &&
               parse_percent(parse, "truncate", &faults->truncate_q63);
    case WORD_REORDER:
        return parse_once(parse, word, number, seen) && faults_reorder(parse, faults);
    case WORD_RATE:
    case WORD_LIMIT:
    case WORD_MTU:
        return parse_once(parse, word, number, seen) && faults_number(parse, faults, number);
    case WORD_DROP:
        return faults_add_exact(parse, faults, EXACT_DROP, 0);
    case WORD_CLEAR:
        return parse_once(parse, word, number, seen) && faults_clear(parse, faults, word);
    case WORD_PRESET:
        if (*seen != 0 && !faults->clear) {
            return parse_error(parse, word,
                               "a preset is what the other faults of its line change: put it "
                               "first");
        }
        return parse_once(parse, word, number, seen) && faults_preset(parse, faults);
    case WORD_NETEM:
        return faults_netem(parse, faults, seen);
    }
    return false;
}

/* Whether the word is a number, with a unit or not. */
static bool faults_is_value(const struct parse_word *word)
{
    size_t digit = word != NULL && word->size > 1 && word->bytes[0] == '-';

    return word != NULL && !word->quoted && word->size > digit && word->bytes[digit] >= '0' &&
           word->bytes[digit] <= '9' && !parse_is(word, "3g");
}

bool faults_read(struct parse *parse, struct fault_set *faults, uint32_t *seen)
{
    do {
        const struct parse_word *word = parse_peek(parse);
        uint32_t chosen;
        if (parse_is(word, "for") || parse_is(word, "every")) {
            return parse_error(parse, word,
                               "%s stands before the event: at 2s every 10s for 3s network ...",
                               parse_show(word).text);
        }
        if (faults_is_value(word)) {
            return parse_error(parse, word,
                               "expected a fault here, not %s: what stands before it "
                               "takes no more values",
                               parse_show(word).text);
        }
        if (!parse_choose(parse, "fault", FAULTS_KNOWN, &chosen) ||
            !faults_one_of(parse, faults, (enum faults_word)chosen, seen)) {
            return false;
        }
    } while (parse_peek(parse) != NULL);
    return true;
}

/* What two faults of one line say together. */
static bool faults_agree(struct parse *parse, const struct fault_set *faults)
{
    const struct parse_word *place = &parse->line->words[0];

    if (faults->reorder_q63 == 0 || !faults->ordered) {
        return true;
    }
    for (uint32_t i = 0; i < parse->line->word_count; i++) {
        const struct parse_word *word = &parse->line->words[i];
        place = parse_is(word, "ordered") || parse_is(word, "reorder") ? word : place;
    }
    return parse_error(parse, place, "`ordered` forbids what `reorder` asks for: leave one out");
}

bool parse_faults(struct parse *parse, struct fault_set *faults)
{
    uint32_t seen = 0;

    *faults = (struct fault_set){0};
    return faults_read(parse, faults, &seen) && faults_agree(parse, faults);
}

/* Whether the rule, or another on the same link, delays what the rule would let overtake. */
static bool faults_are_delayed(const struct parse *parse, const struct scenario_rule *reorder,
                               uint32_t link)
{
    for (uint32_t i = 0; i < parse->rule_count; i++) {
        const struct scenario_rule *rule = &parse->rules[i];
        if (rule->kind == RULE_FAULTS && (rule->faults.delay_ns | rule->faults.jitter_ns) != 0 &&
            scenario_in_bitmap(rule->links, link) && scenario_in_bitmap(reorder->links, link)) {
            return true;
        }
    }
    return !scenario_in_bitmap(reorder->links, link);
}

bool parse_check_reorder(struct parse *parse)
{
    for (uint32_t i = 0; i < parse->rule_count; i++) {
        const struct scenario_rule *rule = &parse->rules[i];
        bool good = rule->kind != RULE_FAULTS || rule->faults.reorder_q63 == 0 ||
                    (rule->faults.delay_ns | rule->faults.jitter_ns) != 0;
        for (uint32_t link = 0; !good && link < parse->scenario->link_count; link++) {
            if (!faults_are_delayed(parse, rule, link)) {
                const struct parse_place *place = &parse->rule_places[i];
                return parse_error_at(parse, place->line, place->column,
                                      "reorder sends some datagrams at once, ahead of delayed "
                                      "ones: it needs a delay");
            }
        }
    }
    return true;
}
