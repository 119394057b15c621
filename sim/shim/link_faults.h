/* The faults in force on a link, and what follows from them. Most links of a run have the same, and
 * there may be very many: those of one thread share them. */
#ifndef SHIM_LINK_FAULTS_H
#define SHIM_LINK_FAULTS_H

#include <stdbool.h>
#include <stdint.h>

#include "scenario/scenario.h"
#include "shim/timeline.h"

struct link_pool;

struct link_faults {
    struct timeline_faults now; /* now.exact is owned */
    struct link_pool *pool;     /* not owned; NULL: nobody shares them */
    uint32_t holders;           /* links that have them, and the pool if they are its latest */
    bool idle;                  /* they leave every datagram alone */
    bool draws;                 /* some ask chance */
    bool damages;               /* some (or a script) may change bytes */
    bool simple;                /* at most loss and delay, each datagram's for itself by chance */
};

/* What links of one thread share. */
struct link_pool {
    struct link_faults *latest; /* made last: the next link's are most often the same; or NULL */
};

void link_pool_free(struct link_pool *pool);

/* The faults in force on the link at now_ns, to be given back by link_faults_release; shared if
 * they are those that the pool (NULL: there is none) gave out last, so it must outlive them. NULL:
 * no memory. */
struct link_faults *link_faults_take(struct link_pool *pool, const struct scenario *scenario,
                                     uint32_t link, uint64_t now_ns);
void link_faults_release(struct link_faults *faults);

#endif
