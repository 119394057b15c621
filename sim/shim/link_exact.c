#include "shim/link_parts.h"

static bool link_in_ranges(const struct exact_fault *exact, uint64_t number)
{
    for (uint32_t i = 0; i < exact->range_count; i++) {
        if (number >= exact->ranges[i].first && number <= exact->ranges[i].last) {
            return true;
        }
    }
    return false;
}

static bool link_is_meant(const struct exact_fault *exact, const struct link_datagram *datagram)
{
    const struct link_identity *identity = datagram->identity;

    switch (exact->which) {
    case EXACT_POSITIONS:
        return link_in_ranges(exact, datagram->position);
    case EXACT_EACH_REQUEST:
        return link_has_identity(identity) && link_in_ranges(exact, datagram->of_request);
    case EXACT_OF_REQUEST:
        return link_has_identity(identity) && identity->n == exact->n &&
               (exact->client == UINT32_MAX || exact->client == identity->client) &&
               (exact->try == 0 || exact->try == identity->try) &&
               (exact->range_count == 0 ||
                link_in_ranges(exact, exact->try == 0 ? datagram->of_request : datagram->of_try));
    }
    return false;
}

const struct exact_fault *link_exact(const struct link *link, enum exact_kind kind,
                                     const struct link_datagram *datagram)
{
    for (uint32_t i = link->faults->now.exact_count; i-- > 0;) {
        const struct exact_fault *exact = link->faults->now.exact[i];
        if (exact->kind == kind && link_is_meant(exact, datagram)) {
            return exact;
        }
    }
    return NULL;
}
