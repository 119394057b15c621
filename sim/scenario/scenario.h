/* What a scenario file says, as data: read once, checked as a whole, constant while it runs.
 *
 * A scenario owns everything it points to (one arena). Nodes and links have indices in a fixed
 * order, so that arrays by node or link need no look-up: node 0 is the broker, then the servers,
 * then the clients in the order of the file; link 2(x-1) is x -> broker and link 2(x-1)+1 is broker
 * -> x. */
#ifndef SCENARIO_SCENARIO_H
#define SCENARIO_SCENARIO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "client/client.h"
#include "protocol/op.h"
#include "protocol/outbox.h"
#include "protocol/retry.h"
#include "scenario/expectation.h"
#include "scenario/fault.h"

/* Limits of the language (scenario-language.md, Principles). */
#define SCENARIO_FILE_MAX          (1u << 20) /* bytes */
#define SCENARIO_LINE_MAX          4096       /* bytes */
#define SCENARIO_DIRECTIVES_MAX    10000
#define SCENARIO_CLIENTS_MAX       100000
#define SCENARIO_CLIENTS_REAL_MAX  4096
#define SCENARIO_TEXT_MAX          1024
#define SCENARIO_DEADLINE_MAX_NS   (600 * NS_PER_S)
#define SCENARIO_TIME_LIMIT_MAX_NS (86400 * NS_PER_S)
#define SCENARIO_ERRORS_MAX        20

#define NODE_BROKER UINT32_C(0)
#define NODE_NONE   UINT32_MAX

enum scenario_world { WORLD_REAL, WORLD_VIRTUAL };

enum node_kind { NODE_KIND_BROKER, NODE_KIND_SERVER, NODE_KIND_CLIENT };

struct scenario_node {
    const char *name;        /* "broker", "toupper", "c1" */
    uint64_t name_key;       /* hash of the name alone, not 0: the same in every scenario */
    uint32_t index;          /* of a server: in servers; of a client: in groups */
    enum node_kind kind : 8; /* there may be very many nodes */
    uint16_t port;           /* fixed UDP port, 0 = the kernel chooses */
};

struct scenario_server {
    enum op op;
    uint32_t line; /* of its `server` line; 0 = it runs by default or because a script names it */
    uint64_t service_ns;
    uint64_t jitter_ns;
    bool exponential; /* `distribution exponential`: service_ns is the mean */
    uint32_t workers;
    uint32_t queue;
    uint32_t node; /* its node */
};

/* The broker line. policy.timeout_ns = 0: no timer of its own. */
struct scenario_broker {
    uint32_t line; /* 0 = not in the file */
    struct retry_policy policy;
    uint32_t pending;
};

/* A `client` line (count 1, the node is called like the group) or a `clients` line; or a part of
 * one, where a --set changed some of its clients. */
struct scenario_clients {
    const char *prefix;    /* of a `client` line: the name; else nodes are called prefixK ... */
    bool single;           /* from a `client` line */
    bool part;             /* not the whole line: a --set changed some of its clients */
    uint32_t first_number; /* K of its first node: 1, but of a part */
    uint32_t count;
    uint32_t line;
    struct retry_policy policy;
    uint64_t deadline_ns; /* as in force: given, or the end of its retry schedule */
    bool deadline_given;
    uint32_t window; /* CLIENT_WINDOW_UNLIMITED = unlimited */
    uint64_t start_ns;
    bool plain;
    const struct client_step *steps;
    uint32_t step_count;
    uint32_t request_count; /* of each client */
    uint32_t first_node;    /* its nodes are first_node ... first_node + count - 1 */
};

/* What a rule does. */
enum rule_kind {
    RULE_FAULTS, /* `network`, `link`: faults on links */
    RULE_NOTE,
    RULE_PARTITION, /* links between two sides are down */
    RULE_HEAL,      /* ends every partition begun before */
    RULE_CRASH,     /* nodes lose their state, and are deaf */
    RULE_RESTART,   /* nodes begin anew */
    RULE_PAUSE,     /* nodes stand still */
    RULE_RESUME
};

/* What a `when` rule waits for. */
enum rule_progress {
    PROGRESS_NONE, /* nothing: its time is `at_ns` */
    PROGRESS_SEND,
    PROGRESS_DELIVER,
    PROGRESS_EXECUTE
};

/* A `network`, `link`, `at` or `when` line. */
struct scenario_rule {
    uint32_t line;
    enum rule_kind kind;
    bool timed;        /* false: holds from the start, a base layer */
    uint64_t at_ns;    /* instant of the first begin; of a `when` rule: TIME_NEVER, until it has
                          happened to the node (in that node's own copy of the rules) */
    uint64_t every_ns; /* 0 = once */
    uint64_t times;    /* begins in all; with every_ns and no `times`: UINT64_MAX */
    uint64_t for_ns;   /* how long each lasts; TIME_NEVER = for good */
    const char *note;  /* RULE_NOTE: its text; NULL otherwise */
    size_t note_size;
    const uint64_t *links; /* RULE_FAULTS, RULE_PARTITION: bitmap over the links: bit i % 64 of word
                              i / 64 */
    struct fault_set faults;
    const uint64_t *nodes; /* RULE_CRASH to RULE_RESUME: whom, a bitmap; RULE_PARTITION: one side */
    const uint64_t *others; /* RULE_PARTITION: the other side */
    bool one_way;           /* RULE_PARTITION: only what goes from `nodes` to `others` is cut off */
    enum rule_progress progress; /* `when`: what it waits for */
    uint32_t when_node;          /* `when`: of this node */
    uint32_t when_client;        /* `when`: about a request of this client, NODE_NONE = any */
    uint32_t when_n;             /* `when`: and this number */
    const char *text; /* the EVENT or the directive as written, blanks collapsed, for reports */
};

/* Whether the rule is about nodes: crash, restart, pause, resume. */
static inline bool scenario_rule_is_of_nodes(const struct scenario_rule *rule)
{
    return rule->kind >= RULE_CRASH;
}

struct scenario {
    const char *path;        /* as given, "-" = standard input */
    const char *description; /* first comment block, lines joined by \n; "" if none */
    const char *title;       /* NULL if none */
    uint64_t seed;
    enum scenario_world world;
    uint64_t time_limit_ns;

    const struct scenario_node *nodes;
    uint32_t node_count;
    uint32_t link_count; /* 2 * (node_count - 1) */
    const struct scenario_server *servers;
    uint32_t server_count;
    struct scenario_broker broker;
    const struct scenario_clients *groups;
    uint32_t group_count;
    uint32_t client_count;
    uint64_t request_count; /* in all scripts */

    const struct scenario_rule *rules; /* base rules and timed rules, in the order of the file */
    uint32_t rule_count;
    const struct expectation *expectations;
    uint32_t expectation_count;

    struct scenario_arena *arena; /* owns all of the above */
    struct scenario_ids *ids; /* owned: the directory of ids, and what clients' cores are told */

    const struct fault_script *script; /* not owned; NULL: chance decides. Set after parsing */
};

/* What the command line changes. `sets` are the texts of --set, in order. */
struct scenario_overrides {
    const char *const *sets;
    uint32_t set_count;
    bool seed_given;
    uint64_t seed;
    bool world_given;
    enum scenario_world world;
};

/* One message about a scenario, in GCC's form: "file:4:9: error: ...", the line, a caret, a remedy.
 */
struct scenario_message {
    bool warning;
    uint32_t line;   /* from 1; 0 = of a --set, whose text stands in the line's place */
    uint32_t set;    /* which --set, from 1; 0 = a line of the file */
    uint32_t column; /* in characters, from 1 */
    char *text;      /* the whole message, several lines, ends in \n; owned by the list */
};
struct scenario_messages {
    struct scenario_message *items; /* owned; sorted by line, those of --set last */
    uint32_t count;
    uint32_t error_count; /* of items that are errors */
    uint32_t capacity;
};
void scenario_messages_free(struct scenario_messages *messages);

/* Reads a scenario from `size` bytes called `path` in messages. On success fills `scenario` (free
 * it with scenario_free) and returns true; `messages`, empty before, may hold warnings. Otherwise
 * returns false with all errors found, at most SCENARIO_ERRORS_MAX (and as many warnings), and
 * there is nothing to free but the messages. Hostile input is expected. */
bool scenario_parse(struct scenario *scenario, const char *path, const char *bytes, size_t size,
                    const struct scenario_overrides *overrides, struct scenario_messages *messages);
void scenario_free(struct scenario *scenario);

/* ---- nodes and links ------------------------------------------------------------------------ */

static inline uint32_t scenario_link_to_broker(uint32_t node)
{
    return 2 * (node - 1);
}
static inline uint32_t scenario_link_from_broker(uint32_t node)
{
    return 2 * (node - 1) + 1;
}
/* The link between two nodes, one of which is the broker. */
static inline uint32_t scenario_link(uint32_t from, uint32_t to)
{
    return from == NODE_BROKER ? scenario_link_from_broker(to) : scenario_link_to_broker(from);
}
/* Whether a node is a client: the broker comes first, then all servers, then the clients. */
static inline bool scenario_is_client(const struct scenario *scenario, uint32_t node)
{
    return node > scenario->server_count;
}
static inline uint32_t scenario_link_from(uint32_t link)
{
    return link % 2 == 0 ? link / 2 + 1 : NODE_BROKER;
}
static inline uint32_t scenario_link_to(uint32_t link)
{
    return link % 2 == 0 ? NODE_BROKER : link / 2 + 1;
}
/* Whether the end of the link that is not the broker is a client. */
static inline bool scenario_is_client_link(const struct scenario *scenario, uint32_t link)
{
    return link / 2 >= scenario->server_count; /* scenario_is_client of node link / 2 + 1 */
}
static inline bool scenario_in_bitmap(const uint64_t *bitmap, uint32_t index)
{
    return (bitmap[index / 64] >> (index % 64) & 1) != 0;
}

/* The node of that name, NODE_NONE if there is none: in constant time. */
uint32_t scenario_find_node(const struct scenario *scenario, const char *name, size_t size);

#define SCENARIO_SELECT_ERROR_MAX 256

/* Adds the nodes that one item of a selector means (`toupper`, `slow*`, `clients`: what stands
 * between its commas) to a bitmap over the nodes of node_count / 64 + 1 words. Returns false if
 * there are none, with why, and what may have been meant, in `error`, safe for a terminal. */
bool scenario_select_item(const struct scenario *scenario, const char *item, size_t size,
                          uint64_t *nodes, char error[SCENARIO_SELECT_ERROR_MAX]);

/* ---- ids: what makes a datagram's (client, n) known at every node ---------------------------- */

/* The 40-bit tag of a client's ids under the scenario's seed, in the high bits, its low 24 bits 0:
 * client_config.id_prefix. From (seed, name) alone, but for a collision of two names' tags (5 in a
 * million scenarios of 1,000 clients), which the later client resolves by counting up. */
uint64_t scenario_id_prefix(const struct scenario *scenario, uint32_t node);

/* endpoint.key of a node in a run: of the name alone; of clients, its low 24 bits are 0, so that
 * (id xor key) keeps n. */
uint64_t scenario_endpoint_key(const struct scenario *scenario, uint32_t node);

/* broker_config.key: of the seed. */
uint64_t scenario_broker_key(const struct scenario *scenario);

/* Whose request has this id on the wire of `link` (enveloped ids of scripted requests): true and
 * the client's node and n; false if it is nobody's (raw or plain datagrams, forged ids). Reads a
 * directory made at parse time, so it may be called by all threads. */
bool scenario_request_of_id(const struct scenario *scenario, uint32_t link, uint64_t id,
                            uint32_t *client_node, uint32_t *n);

/* The id of a client's request `id` on links to servers, and the client's own of such a one. */
uint64_t scenario_upstream_id(const struct scenario *scenario, uint32_t client, uint64_t id);
uint64_t scenario_downstream_id(const struct scenario *scenario, uint32_t client, uint64_t id);

/* What the core of a client (the node must be one) is to do, the scenario's, and who it is. */
const struct client_config *scenario_client_config(const struct scenario *scenario, uint32_t node);
struct client_identity scenario_client_identity(const struct scenario *scenario, uint32_t node);

/* ---- words, for messages and reports ----------------------------------------------------------
 */

/* A duration in the language's own form, exactly: "60ms", "1.5s", "5m", "90s", "0ms". Writes at
 * most `capacity` bytes with the NUL; returns the length. */
size_t scenario_format_duration(char *text, size_t capacity, uint64_t span_ns);

/* Thousandths, with the decimals that it needs: "2", "1.5". */
size_t scenario_format_milli(char *text, size_t capacity, uint32_t milli);

/* Bits a second: "1mbit", "1.5mbit", "500bit". */
size_t scenario_format_rate(char *text, size_t capacity, uint64_t rate_bps);

/* A probability as a percentage: "10%", "0.3%". */
size_t scenario_format_percent(char *text, size_t capacity, uint64_t probability_q63);

#define SCENARIO_PLACE_MAX 32

/* Where a rule, a client or an expectation stands: "line 7", and "--set" for line 0. */
const char *scenario_format_place(char text[SCENARIO_PLACE_MAX], uint32_t line);

#endif
