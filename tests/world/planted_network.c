#include "world/planted.h"

#include "base/prng.h"
#include "base/time.h"
#include "world/host_parts.h"

void __real_host_trace(const struct host *host, const struct trace_record *record,
                       const uint8_t *bytes);
void __wrap_host_trace(const struct host *host, const struct trace_record *record,
                       const uint8_t *bytes);
void __real_link_submit(struct link *link, uint64_t now_ns, const struct link_identity *identity,
                        uint32_t size, struct link_fates *fates);
void __wrap_link_submit(struct link *link, uint64_t now_ns, const struct link_identity *identity,
                        uint32_t size, struct link_fates *fates);

/* What the link says that it does with the original and the copy, where it does otherwise. */
static _Thread_local struct link_fates planted_said;

void __wrap_link_submit(struct link *link, uint64_t now_ns, const struct link_identity *identity,
                        uint32_t size, struct link_fates *fates)
{
    struct link_fate *original = &fates->copies[0];
    uint64_t key =
        prng_draw_ready(link->loss_ready, (uint64_t)identity->client << 32 | identity->n);

    __real_link_submit(link, now_ns, identity, size, fates);
    if (planted_defect == PLANTED_LOSES_UNPROVOKED && key % 100 == 0 && identity->try == 1) {
        original->lost = LOSS_LOSS;
    }
    planted_said = *fates;
    if (planted_defect == PLANTED_DELIVERS_LOST && original->lost != LOSS_NONE) {
        original->lost = LOSS_NONE;
    } else if (planted_defect == PLANTED_DELIVERS_EARLY && key % 8 == 0) {
        original->due_ns -= NS_PER_MS;
    } else if (planted_defect == PLANTED_COPIES_NOTHING) {
        fates->count = 1;
    }
}

void __wrap_host_trace(const struct host *host, const struct trace_record *record,
                       const uint8_t *bytes)
{
    struct trace_record said = *record;

    if (record->event == TRACE_SEND) {
        said.reason = (uint8_t)planted_said.copies[0].lost;
        said.due_ns = planted_said.copies[0].due_ns;
    }
    __real_host_trace(host, &said, bytes);
    if (planted_defect == PLANTED_COPIES_NOTHING && record->event == TRACE_SEND &&
        planted_said.count > 1) {
        said.event = TRACE_DUPLICATED;
        said.copy = 1;
        said.reason = (uint8_t)planted_said.copies[1].lost;
        said.due_ns = planted_said.copies[1].due_ns;
        __real_host_trace(host, &said, bytes);
    }
}
