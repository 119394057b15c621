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
    const char *bytes; /* as written, without the line's end; NUL-terminated */
    size_t size;
    struct parse_word *words;
    uint32_t word_count;
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

    struct parse_line *lines; /* of the file, then of each --set */
    uint32_t line_count;
    const struct parse_line *line; /* being read */
    uint32_t at;                   /* the next word */

    /* What the first pass gathers. */
    struct parse_server servers[OP_KNOWN_COUNT];
    struct scenario_clients *groups; /* grown in the arena */
    uint32_t group_count;
    struct scenario_clients *group; /* that steps belong to; NULL before the first */
    uint32_t title_line;            /* line of the first of each, 0 = none yet */
    uint32_t seed_line;
    uint32_t world_line;
    uint32_t time_limit_line;
    bool broker_timeout_given;
    bool broker_tries_given;
    struct parse_word broker_policy_word; /* a policy word of the broker line, for its message */

    /* What the second pass gathers. */
    struct scenario_node *nodes;
    uint32_t *port_lines; /* of each node: line of its `port` */
    struct scenario_rule *rules;
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

/* The next word, NULL at the end of the line; parse_next moves on. */
const struct parse_word *parse_peek(const struct parse *parse);
const struct parse_word *parse_next(struct parse *parse);

bool parse_is(const struct parse_word *word, const char *text);

/* If the next word is `text` (unquoted), moves on and is true. */
bool parse_accept(struct parse *parse, const char *text);

/* True at the end of the line; else an error at the next word: `unexpected 'WORD' after WHERE`. */
bool parse_expect_end(struct parse *parse, const char *where);

/* The words from index `from` to the end of the line, blanks collapsed: in the arena. */
const char *parse_rest_text(const struct parse *parse, uint32_t from);

/* ---- messages (message.c) ---------------------------------------------------------------------
 */

/* Reports an error at a word of the line being read (NULL: just behind its last word). Returns
 * false. */
bool parse_error(struct parse *parse, const struct parse_word *word, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The same at a column of any line. */
bool parse_error_at(struct parse *parse, const struct parse_line *line, uint32_t column,
                    const char *format, ...) __attribute__((format(printf, 4, 5)));

/* A warning at a word. */
void parse_warning(struct parse *parse, const struct parse_word *word, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* An error for a word that is none of `known` (NULL-terminated): `unknown WHAT 'WORD'; did you mean
 * 'NEAREST'?`, or the list of all where none is near. With word NULL: `expected WHAT: LIST`. */
bool parse_unknown(struct parse *parse, const struct parse_word *word, const char *what,
                   const char *const *known);

/* A word as it may be shown in a message: at most 40 bytes, control characters escaped. Valid until
 * the eighth call from here. */
const char *parse_show(const struct parse_word *word);

/* ---- quantities (units.c): read the next word; each reports what to write instead
 * ---------------- */

bool parse_duration(struct parse *parse, const char *what, uint64_t *span_ns);
bool parse_percent(struct parse *parse, const char *what, uint64_t *probability_q63);
bool parse_count(struct parse *parse, const char *what, uint64_t min, uint64_t max,
                 uint64_t *count);
bool parse_size(struct parse *parse, const char *what, uint64_t max, uint64_t *bytes);

/* Whether a word looks like a duration, a percentage, a whole number. */
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

/* ---- selectors (selector.c)
 * ---------------------------------------------------------------------- */

/* Reads a selector: the nodes it means, as a bitmap in the arena. */
bool parse_selector(struct parse *parse, const char *what, const uint64_t **nodes);

/* Reads `A -> B` or `A <-> B`: the links it means, as a bitmap in the arena. */
bool parse_links(struct parse *parse, const uint64_t **links);

/* Whether the words from the next one on hold an arrow: it is a link and not a node. */
bool parse_has_arrow(const struct parse *parse);

/* Reads `CLIENT/N`, a request that exists in the scripts. */
bool parse_request(struct parse *parse, uint32_t *client, uint32_t *n);

/* The group of a client's node. */
const struct scenario_clients *parse_group_of(const struct parse *parse, uint32_t node);

/* A link bitmap of all links, in the arena. */
const uint64_t *parse_all_links(struct parse *parse);

/* ---- directives
 * ----------------------------------------------------------------------------------- */

/* nodes.c: the first pass (title, seed, world, time-limit, server, broker, client, clients and the
 * steps): reads the line. `set`: it replaces, word by word. */
bool parse_node_line(struct parse *parse);
/* Gives every node its index and name, the groups their defaults; checks names and limits. */
bool parse_make_nodes(struct parse *parse);
/* scripts.c: `send`, `wait`, `raw`. */
bool parse_step(struct parse *parse);
/* policy.c: reads policy words while there are any. *any: whether there was one. */
bool parse_policy(struct parse *parse, struct retry_policy *policy, bool *any, bool *timeout_given,
                  bool *tries_given);
/* faults.c: reads FAULT… to the end of the line. */
bool parse_faults(struct parse *parse, struct fault_set *faults);
/* rules.c: `port`, `network`, `link`, `at`. */
bool parse_port(struct parse *parse);
bool parse_rule(struct parse *parse);
/* expect.c: the words after `expect`. */
bool parse_expect(struct parse *parse);

/* Every directive's word, NULL-terminated. */
extern const char *const PARSE_DIRECTIVES[];

#endif
