/* What the parts of a host share: host_setup.c makes it, host_trace.c writes down what it does,
 * host.c lives it. */
#ifndef WORLD_HOST_PARTS_H
#define WORLD_HOST_PARTS_H

#include "world/host.h"

/* A node's address in a run. */
struct endpoint host_endpoint(const struct scenario *scenario, uint32_t node);

/* A record of this node at now_ns that says nothing yet. */
struct trace_record host_record(const struct host *host, uint64_t now_ns, enum trace_event event);

/* Hands a record to the trace. */
void host_trace(const struct host *host, const struct trace_record *record, const uint8_t *bytes);

/* Fills whose request `id` (not 0) on `link` is by the directory of all, and keeps it. */
void host_look_up_name(struct host *host, struct trace_record *record, uint32_t link, uint64_t id);

/* Fills whose request `id` on `link` is, if it is anybody's (the record says: nobody's). */
static inline void host_name_request(struct host *host, struct trace_record *record, uint32_t link,
                                     uint64_t id)
{
    const struct host_name *known = host->hub == NULL ? NULL : &host->hub->name;

    if (id == 0) {
        return;
    }
    if (known != NULL && known->ids[scenario_is_client_link(host->scenario, link)] == id) {
        record->client = known->client;
        record->n = known->n;
    } else {
        host_look_up_name(host, record, link, id);
    }
}

/* What the record says of its id need not be looked up again while this host acts on it. */
void host_know_name(struct host *host, const struct trace_record *record);

/* Makes the host's own copy of the scenario if a `when` rule waits for its node, and frees it.
 * Returns 0 or -ENOMEM. */
int host_init_plan(struct host *host);
void host_free_plan(struct host *host);

/* Takes over the rules of the time line's next instant: links, and what the node is. */
void host_step_timeline(struct host *host, uint64_t now_ns);

/* The host, which has a plan, has made progress, said by `record`: what waits for that happens now.
 */
void host_on_progress(struct host *host, uint64_t now_ns, enum rule_progress progress,
                      const struct trace_record *record);

/* Traces a core's note. */
void host_trace_note(struct host *host, uint64_t now_ns, const struct outbox_note *note);

#endif
