/* Evidence for a sceptical reader: each fault model of the network is asked for something, draws
 * EVIDENCE_DRAWS times, and what came out is held against what must (models.md), within bounds that
 * a right model misses once in a million. */
#ifndef WORLD_EVIDENCE_H
#define WORLD_EVIDENCE_H

#include <stdbool.h>
#include <stdint.h>

#define EVIDENCE_DRAWS 100000
#define EVIDENCE_SEED  1

/* Two-sided, of each bound. */
#define EVIDENCE_ALPHA 1e-6

enum evidence_what {
    EVIDENCE_LOST,       /* the share of datagrams lost */
    EVIDENCE_BURST,      /* the mean number of datagrams lost one after the other */
    EVIDENCE_LOST_AGAIN, /* the share lost of those `lag` behind a lost one */
    EVIDENCE_DELAY,      /* the largest gap between the distribution of delays and the asked one */
    EVIDENCE_DELAY_LAG,  /* autocorrelation of the delays at `lag` */
    EVIDENCE_COPIED,     /* the share of datagrams duplicated */
    EVIDENCE_ARRIVED,    /* copies that pass, of each datagram */
    EVIDENCE_FLIPPED,    /* the share of datagrams with a bit flipped */
    EVIDENCE_PLACE,      /* the largest gap between where that is and anywhere */
    EVIDENCE_CUT,        /* the share of datagrams cut */
    EVIDENCE_AT_ONCE,    /* the share sent ahead of the others */
    EVIDENCE_SPACING,    /* ms between datagrams that were sent all at once */
    EVIDENCE_ROOM,       /* datagrams that pass, of those sent all at once */
    EVIDENCE_SIZE        /* octets of the largest that passes */
};

/* One line of the evidence. */
struct evidence {
    const char *asked; /* faults, in the words of the language */
    const char *twin;  /* faults that are wrong by about a fifth: must be told apart. NULL: none */
    enum evidence_what what;
    uint32_t lag;
};

struct evidence_result {
    double wanted;
    double low; /* what is accepted, both ends in */
    double high;
    double measured;
    bool held;
};

/* All of it. */
const struct evidence *evidence_list(uint32_t *count);

/* The words for what is measured. */
const char *evidence_words(enum evidence_what what);

/* Whether it is a share, to be shown in percent. */
bool evidence_is_share(enum evidence_what what);

/* Measures `faults` (evidence->asked, or the twin) against what evidence->asked must give. Returns
 * 0 or -ENOMEM. */
int evidence_measure(const struct evidence *evidence, const char *faults,
                     struct evidence_result *result);

#endif
