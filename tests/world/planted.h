/* Defects planted into the system under test, to see that the search finds them: the linker's
 * --wrap puts the functions of planted_*.c between the caller and the real one
 * (tests/CMakeLists.txt). Only the test programs that say so are built that way. */
#ifndef TESTS_WORLD_PLANTED_H
#define TESTS_WORLD_PLANTED_H

enum planted {
    PLANTED_NOTHING, /* the system as it is */

    /* planted_client.c */
    PLANTED_LATE_FOR_NEXT,     /* takes a late reply for the next request's */
    PLANTED_ENDS_TWICE,        /* says of a request that it was answered, and then that it failed */
    PLANTED_NEVER_ENDS,        /* gives a request up and does not say so */
    PLANTED_ONE_TRY_TOO_MANY,  /* sends once more than its policy allows */
    PLANTED_FIRES_EARLY,       /* its timers fire 1 ms early */
    PLANTED_FIRES_AFTER,       /* sends again when the deadline is over */
    PLANTED_IGNORES_CAP,       /* waits as if there were no cap */
    PLANTED_HALF_THE_WAIT,     /* waits half as long from the second try on */
    PLANTED_FORGETS_ITS_TIMER, /* never asks to be woken for its second try */

    /* planted_broker.c; each where a request has been tried again */
    PLANTED_SWAPS_REPLIES,   /* gives each of two clients the other's reply */
    PLANTED_FORGETS_ENTRY,   /* leaves the entry that it says it has removed, and answers twice */
    PLANTED_WRONG_CLIENT,    /* sends a reply to another client */
    PLANTED_WRONG_SERVER,    /* asks another server, and takes its reply */
    PLANTED_MAKES_UP_REPLY,  /* answers without having asked a server */
    PLANTED_IGNORES_RETRIES, /* takes no request for the second time */

    /* planted_server.c */
    PLANTED_EXECUTES_TWICE, /* what it got once, where that was tried again */
    PLANTED_WRONG_TEXT,     /* answers one request in twenty with a letter changed */
    PLANTED_DENIES,         /* executes one request in twenty and says that it did not */

    /* planted_network.c */
    PLANTED_DELIVERS_LOST,    /* a link delivers what it has lost */
    PLANTED_DELIVERS_EARLY,   /* a link lets one datagram in eight go 1 ms before its time */
    PLANTED_COPIES_NOTHING,   /* a link counts a copy that it did not make */
    PLANTED_LOSES_UNPROVOKED, /* a link loses one datagram in a hundred that no fault is for */
    PLANTED_COUNT
};

/* The defect that is in force, for all threads; set while none of them runs. */
extern enum planted planted_defect;

#endif
