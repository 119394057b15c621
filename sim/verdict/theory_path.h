/* The way of a request through the network, as a scenario describes it: the loss and delays of each
 * hop, and whether the oracles' conditions hold on it. */
#ifndef VERDICT_THEORY_PATH_H
#define VERDICT_THEORY_PATH_H

#include <stdbool.h>
#include <stdint.h>

#include "scenario/scenario.h"
#include "verdict/theory_parts.h"

/* What the untimed rules together do to a link. */
struct theory_link {
    double loss;           /* probability */
    uint64_t delay_max_ns; /* delay and jitter */
    const char *memory;    /* a fault that goes by order on the link ("loss gemodel"); NULL: none */
    bool damages;          /* bytes may change */
    bool refuses;          /* what is too large is lost */
    bool duplicates;
    bool exact; /* faults on chosen datagrams */
    bool down;
};
struct theory_link theory_link_of(const struct scenario *scenario, uint32_t link);

/* The server of an operation; NULL if none executes it. */
const struct scenario_server *theory_server_of(const struct scenario *scenario, enum op op);

/* The links of a client's requests to `server`, in the order of the way. */
void theory_path_links(uint32_t client, const struct scenario_server *server, uint32_t links[4]);

/* How many requests of `op` each client of the group has. */
uint64_t theory_requests_of(const struct scenario_clients *group, enum op op);

/* The most requests that can be at a server at once, if the copy of a request is gone before the
 * next is sent. */
uint64_t theory_open_max(const struct scenario *scenario);

/* The longest that a server can work on one request. */
uint64_t theory_service_max_ns(const struct scenario_server *server);

/* The longest that a server can keep a request then: the wait for a worker and the service. False:
 * its queue can fill. */
bool theory_server_max_ns(const struct scenario *scenario, const struct scenario_server *server,
                          uint64_t *span_ns);

/* Whether the oracles hold for the whole scenario, or for the group's requests of `op`; if so,
 * `tries` is how each is tried. Otherwise false, and why. */
bool theory_check_scenario(const struct scenario *scenario, char why[160]);
bool theory_check_group(const struct scenario *scenario, uint32_t group, enum op op,
                        struct theory_tries *tries, char why[160]);

#endif
