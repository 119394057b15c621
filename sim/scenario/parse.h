/* What the parts of the parser share. A line is cut into words once; the directives of a file are
 * then read in two passes: nodes and scripts first, then what names them (ports, links, time line,
 * expectations). A function that finds a mistake reports it, at its word, and returns false; the
 * rest of that line is not read, the next line is. */
#ifndef SCENARIO_PARSE_H
#define SCENARIO_PARSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "scenario/arena.h"
#include "scenario/scenario.h"

/* A word of a line. A quoted one holds what stands between the quotes, as written. */
struct parse_word {
    const char *bytes;
    size_t size;
    uint32_t column; /* of its first character, from 1; of a quoted one: of the quote */
    bool quoted;
};

struct parse_line {
    uint32_t number;   /* from 1; of a --set: 0 */
    uint32_t set;      /* which --set, from 1; 0 = a line of the file */
    const char *bytes; /* as written, without the line's end; of the input, not owned */
    size_t size;
    struct parse_word *words;
    uint32_t word_count;
};

/* Where something stands. */
struct parse_place {
    const struct parse_line *line; /* not owned */
    uint32_t column; /* of a group: 0 = its line is wrong, and its names may be, too */
};

/* A word as it may be shown in a message. */
struct parse_shown {
    char text[128];
};

/* What is known of a `server` line beside its values. */
struct parse_server {
    struct scenario_server server;
    bool runs;
};

struct parse {
    struct scenario *scenario; /* being filled */
    struct scenario_arena *arena;
    struct scenario_messages *messages;
    const char *path;

    struct parse_line *lines; /* with words: of the file, then of each --set */
    uint32_t line_count;
    const struct parse_line *line; /* being read */
    uint32_t at;                   /* the next word */

    /* What the first pass gathers. */
    struct parse_server servers[OP_KNOWN_COUNT];
    struct scenario_clients *groups;  /* grown in the arena */
    struct parse_place *group_places; /* of each group: where its names or its size are given */
    uint32_t group_count;
    struct scenario_clients *group; /* that steps belong to; NULL before the first */
    uint32_t title_line;            /* line of the first of each, 0 = none yet */
    uint32_t seed_line;
    uint32_t world_line;
    uint32_t time_limit_line;
    uint32_t broker_words; /* bits of the policy words that the broker lines have, by number */
    bool nodes_unsure;     /* a line about nodes or scripts was wrong: that a name or a request is
                              not there is no mistake of the line that says it */

    /* What the second pass gathers. */
    struct scenario_node *nodes;
    struct parse_place *port_places; /* of each node: of its `port`'s value; line NULL = none */
    const uint64_t *all_links;       /* a bitmap; NULL = not made yet */
    struct scenario_rule *rules;
    struct parse_place *rule_places; /* of each rule: of its `reorder`, or of what says it */
    uint32_t rule_count;
    struct expectation *expectations;
    uint32_t expectation_count;
};

/* ---- words (lexer.c) --------------------------------------------------------------------------
 */

/* Cuts the file into lines and words; false if any line is not well-formed (all such are reported).
 */
bool parse_cut_file(struct parse *parse, const char *bytes, size_t size);

/* Cuts the text of --set number `set` (from 1) and adds it as a line. */
bool parse_cut_set(struct parse *parse, const char *text, uint32_t set);

/* The first comment block of a file, without its signs, in the arena. */
const char *parse_description(const struct parse *parse, const char *bytes, size_t size);

/* The next word, NULL at the end of the line; parse_next moves on. */
const struct parse_word *parse_peek(const struct parse *parse);
const struct parse_word *parse_next(struct parse *parse);

bool parse_is(const struct parse_word *word, const char *text);

/* If the next word is `text` (unquoted), moves on and is true. */
bool parse_accept(struct parse *parse, const char *text);

/* True at the end of the line; else an error at the next word: `unexpected 'WORD' after WHERE`. */
bool parse_expect_end(struct parse *parse, const char *where);

/* The same at the end of an event, which is called `event`; `lasts`: `for` goes with it. A `for` or
 * `every` that comes too late is told its place. */
bool parse_event_end(struct parse *parse, const char *event, bool lasts, const char *where);

/* The words from index `from` to the end of the line, blanks collapsed: in the arena. */
const char *parse_rest_text(const struct parse *parse, uint32_t from);

/* ---- messages (message.c) ---------------------------------------------------------------------
 */

/* Reports an error at a word of the line being read (NULL: where the next one would
 * begin). Returns
 * false. */
bool parse_error(struct parse *parse, const struct parse_word *word, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The same at a column of any line. */
bool parse_error_at(struct parse *parse, const struct parse_line *line, uint32_t column,
                    const char *format, ...) __attribute__((format(printf, 4, 5)));

/* A warning at a word, or at a column of any line. */
void parse_warning(struct parse *parse, const struct parse_word *word, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void parse_warning_at(struct parse *parse, const struct parse_line *line, uint32_t column,
                      const char *format, ...) __attribute__((format(printf, 4, 5)));

/* A word in quotes, as a terminal may show it, at most 40 columns: parse_show(word).text. */
struct parse_shown parse_show(const struct parse_word *word);

/* ---- known words (nearest.c) --------------------------------------------------------------------
 */

/* The known word (the list ends with NULL) that the word was probably meant to be, NULL if none is
 * near. */
const char *parse_nearest(const struct parse_word *word, const char *const *known);

/* An error for a word that is none of `known`: `unknown WHAT 'WORD'; did you mean 'NEAREST'?`, or
 * the list of all where none is near. With word NULL: `expected WHAT here, one of: LIST`. */
bool parse_unknown(struct parse *parse, const struct parse_word *word, const char *what,
                   const char *const *known);

/* Reads one of `known`: its number. */
bool parse_choose(struct parse *parse, const char *what, const char *const *known,
                  uint32_t *chosen);

/* An error if the line has said what the word says: bit `number` (0..31) of *seen, which is set. */
bool parse_once(struct parse *parse, const struct parse_word *word, uint32_t number,
                uint32_t *seen);

/* ---- quantities (units.c): read the next word; each reports what to write instead
 * ---------------- */

bool parse_duration(struct parse *parse, const char *what, uint64_t *span_ns);
bool parse_percent(struct parse *parse, const char *what, uint64_t *probability_q63);
/* In bits a second. */
bool parse_rate(struct parse *parse, const char *what, uint64_t *rate_bps);
/* A number without a unit, with up to three decimals, from min_milli to max_milli thousandths. */
bool parse_thousandths(struct parse *parse, const char *what, uint32_t min_milli,
                       uint32_t max_milli, uint32_t *milli);
bool parse_count(struct parse *parse, const char *what, uint64_t min, uint64_t max,
                 uint64_t *count);
bool parse_size(struct parse *parse, const char *what, uint64_t max, uint64_t *bytes);

/* The same of a word that was read already, or of a part of one. */
bool parse_duration_of(struct parse *parse, const struct parse_word *word, const char *what,
                       uint64_t *span_ns);

/* An error if the word has a decimal comma. */
bool parse_check_comma(struct parse *parse, const struct parse_word *word, const char *what);

/* An error if the next word is the sign of the number `word`. */
bool parse_check_sign(struct parse *parse, const struct parse_word *word);

/* Whether a word looks like a duration, a percentage, a whole number (units_number.c). */
bool parse_looks_like_duration(const struct parse_word *word);
bool parse_looks_like_percent(const struct parse_word *word);
bool parse_looks_like_count(const struct parse_word *word);

/* A decimal number ("399", "1.5"), for comparisons; false if the word is none (nothing reported).
 */
bool parse_decimal_word(const char *bytes, size_t size, double *value);

/* A probability of a "P%" text, exactly; false if it is none or above 100 % (nothing reported). */
bool parse_percent_text(const char *bytes, size_t size, uint64_t *probability_q63);

/* A duration of a "60ms" text; false if it is none (nothing reported). */
bool parse_duration_text(const char *bytes, size_t size, uint64_t *span_ns);

/* ---- texts (texts.c) ----------------------------------------------------------------------------
 */

/* Reads a quoted word, without fields: its bytes (escapes undone) in the arena. */
bool parse_plain_text(struct parse *parse, const char *what, const uint8_t **bytes, size_t *size);

/* Reads TEXT of a script: a quoted word with fields, or `random A..B`; `name_max`: the size of the
 * longest client name. */
bool parse_script_text(struct parse *parse, size_t name_max, struct client_text *text);

/* The most bytes that a text can have, for names of at most `name_max` bytes. */
size_t parse_text_size_max(const struct client_text *text, size_t name_max);

/* The size of the group's longest name. */
size_t parse_name_size_max(const struct scenario_clients *group);

/* ---- selectors (selector.c)
 * ---------------------------------------------------------------------- */

/* Reads a selector: the nodes it means, as a bitmap in the arena. */
bool parse_selector(struct parse *parse, const char *what, const uint64_t **nodes);

/* Reads `A -> B` or `A <-> B`: the links it means, as a bitmap in the arena. */
bool parse_links(struct parse *parse, const uint64_t **links);

/* Reads `A | B` or `A -> B`, the two sides of a partition: fills nodes, others, one_way and links.
 */
bool parse_sides(struct parse *parse, struct scenario_rule *rule);

/* Whether the words from the next one on hold an arrow: it is a link and not a node. */
bool parse_has_arrow(const struct parse *parse);

/* Reads `CLIENT/N`, a request that exists in the scripts. */
bool parse_request(struct parse *parse, uint32_t *client, uint32_t *n);

/* The group of a client's node. */
const struct scenario_clients *parse_group_of(const struct parse *parse, uint32_t node);

/* A link bitmap of all links, in the arena. */
const uint64_t *parse_all_links(struct parse *parse);

/* The node that a word names; a selector of several is an error about `what`, "a port". */
bool parse_one_node(struct parse *parse, const char *what, const struct parse_word *word,
                    uint32_t *node);

/* ---- directives: each reads the words behind its own
 * ---------------------------------------------- */

/* nodes.c: `title`, `seed`, `world`, `time-limit`, `server`, `broker`; a --set replaces, word by
 * word. `word`: the directive's. */
bool parse_setting(struct parse *parse, const struct parse_word *word);
/* An error at the second of what may stand once in a file; *first_line is the first's, 0 = none. */
bool parse_once_in_file(struct parse *parse, const struct parse_word *word, const char *what,
                        uint32_t *first_line);

/* clients.c: `client`, `clients`. */
bool parse_client(struct parse *parse);
bool parse_clients(struct parse *parse);
/* The words behind a client's name, into the group. */
bool parse_client_words(struct parse *parse, struct scenario_clients *group);
/* Room for one more group: grown, not counted yet. */
struct scenario_clients *parse_grow_groups(struct parse *parse);

/* sets.c: the same by --set: `client SEL WORDS` changes, `clients N [WORDS]` resizes. */
bool parse_set_client(struct parse *parse);
bool parse_set_clients(struct parse *parse);

/* policy.c: POLICY. A list of known words begins with PARSE_POLICY_WORDS, so that their numbers are
 * these. */
#define PARSE_POLICY_WORDS "timeout", "tries", "retries", "backoff", "cap", "jitter"
enum parse_policy_word {
    POLICY_TIMEOUT,
    POLICY_TRIES,
    POLICY_RETRIES,
    POLICY_BACKOFF,
    POLICY_CAP,
    POLICY_JITTER,
    POLICY_WORD_COUNT
};
/* Reads what stands behind a policy word. */
bool parse_policy(struct parse *parse, enum parse_policy_word number, struct retry_policy *policy);
/* An error at the line's `cap` or `timeout` if no wait of that policy could be capped. */
bool parse_check_cap(struct parse *parse, const struct retry_policy *policy);

/* make_nodes.c: gives every node its index and name, the groups their defaults; checks names and
 * limits. False: there are no nodes. */
bool parse_make_nodes(struct parse *parse);
/* scripts.c: `send`, `wait`, `raw`; `word`: the directive's. */
bool parse_step(struct parse *parse, const struct parse_word *word);
/* faults.c: reads FAULT… to the end of the line. */
bool parse_faults(struct parse *parse, struct fault_set *faults);
/* An error if a rule would let datagrams overtake where none is delayed. */
bool parse_check_reorder(struct parse *parse);
/* rules.c: `port`; `network`, `link`, `at`, `when` (`word`: which). */
bool parse_port(struct parse *parse);
bool parse_rule(struct parse *parse, const struct parse_word *word);
/* `network FAULT…` or `link A -> B FAULT…`, from the word behind. */
bool parse_link_rule(struct parse *parse, bool network, struct scenario_rule *rule);
/* events.c: the EVENT of an `at` or `when` line, from its first word; `for_word`: the line's `for`,
 * NULL if it has none. */
bool parse_event(struct parse *parse, struct scenario_rule *rule,
                 const struct parse_word *for_word);
/* What `when` waits for: the words between `when` and `for` or the event. */
bool parse_progress(struct parse *parse, struct scenario_rule *rule);
/* An error if the event of a `when` rule is not one that its node can bring about by itself;
 * `event`: the event's word. */
bool parse_check_progress(struct parse *parse, const struct scenario_rule *rule,
                          const struct parse_word *event);
/* Each fixed port once. */
bool parse_check_ports(struct parse *parse);
/* expect.c: `expect`. */
bool parse_expect(struct parse *parse);

/* Every directive's word, NULL-terminated. */
extern const char *const PARSE_DIRECTIVES[];

#endif
