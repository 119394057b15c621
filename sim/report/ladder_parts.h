/* What the parts of the message-sequence chart share: the rows of its story, its columns, and the
 * canvas on which a line is drawn. */
#ifndef REPORT_LADDER_PARTS_H
#define REPORT_LADDER_PARTS_H

#include <stdbool.h>
#include <stdint.h>

#include "report/flights.h"
#include "report/look.h"
#include "report/out.h"
#include "report/words.h"

/* ---- signs (ladder_signs.c) ------------------------------------------------------------------ */

enum ladder_sign {
    LADDER_BEGIN,
    LADDER_EXECUTE,
    LADDER_TIMEOUT,
    LADDER_RETRY,
    LADDER_ERROR, /* a reply with a code that is no success */
    LADDER_ANSWERED,
    LADDER_FAILED,
    LADDER_ARRIVED, /* a head of an arrow; to the left it is LADDER_ARRIVED_LEFT */
    LADDER_ARRIVED_LEFT,
    LADDER_LOST,
    LADDER_REJECTED,
    LADDER_UNDER_WAY, /* nobody knows: the run ended first */
    LADDER_CRASH,
    LADDER_RESTART,
    LADDER_PAUSE,
    LADDER_RESUME,
    LADDER_LIFE,        /* a lifeline */
    LADDER_LIFE_DOWN,   /* of a node that has crashed */
    LADDER_LIFE_PAUSED, /* of one that stands still */
    LADDER_LINE,        /* of an arrow: a request, */
    LADDER_LINE_REPLY,  /* a reply, */
    LADDER_LINE_COPY,   /* a copy that a link made of either */
    LADDER_TAIL,        /* where it leaves a lifeline to the right */
    LADDER_TAIL_LEFT,
    LADDER_CROSSING, /* where it passes one */
    LADDER_BAND,     /* across the chart */
    LADDER_GAP,      /* time passes */
    LADDER_SIGN_COUNT
};

/* The sign, one column wide. */
const char *ladder_sign(enum ladder_sign sign, bool unicode);

/* What the legend says of it; NULL: nothing. */
const char *ladder_sign_word(enum ladder_sign sign);

enum out_paint ladder_sign_paint(enum ladder_sign sign);

/* ---- the story: which records make a row (ladder_story.c), and what it says (ladder_row.c) ----
 */

#define LADDER_TEXT_MAX    1200 /* bytes of a row's text */
#define LADDER_AFTER_MAX   64   /* of what stands behind its payload */
#define LADDER_PAYLOAD_MAX 200  /* of a payload, made safe */
#define LADDER_LINE_MAX    (LADDER_TEXT_MAX + LADDER_AFTER_MAX + LADDER_PAYLOAD_MAX + 4)

struct ladder_story {
    const struct report_look *look;  /* not owned */
    const struct scenario *scenario; /* not owned */
    const struct trace_log *log;     /* not owned */
    struct report_flights flights;   /* owned */
    uint64_t row_count;              /* in all */
    uint64_t first_ns;               /* of the first and the last row */
    uint64_t last_ns;
    uint64_t *used; /* owned: bitmap over the nodes at which, or to which, something happens */
};

enum ladder_kind {
    LADDER_ROW_ARROW, /* a datagram: where it arrives, or where it was lost */
    LADDER_ROW_EVENT, /* of a node */
    LADDER_ROW_BAND   /* of the whole network */
};

struct ladder_row {
    enum ladder_kind kind;
    enum trace_event event; /* of the record */
    uint64_t t_ns;
    uint32_t node;              /* of an event */
    uint32_t from;              /* of an arrow */
    uint32_t to;                /* of an arrow */
    enum ladder_sign sign;      /* on the node's lifeline; an arrow's head */
    bool reply;                 /* of an arrow: on its way back */
    enum ladder_sign line;      /* of an arrow */
    enum out_paint paint;       /* of the text */
    char text[LADDER_TEXT_MAX]; /* "c1/3 try 2"; a band's may be hostile */
    const uint8_t *payload;     /* of the log; what stands in quotes behind the text; NULL: none */
    size_t payload_size;
    char after[LADDER_AFTER_MAX]; /* and behind that */
    const char *reason;           /* of a lost datagram; "" if there is none */
    char span[WORDS_MAX];         /* how long an arrow took: "1.93 ms"; "" = no time at all */
};

/* A node's name in at most `columns` columns (at least 4) and a NUL: of a longer one both ends, for
 * its number is what tells it from others. */
void ladder_row_name(char text[CLIENT_NAME_MAX + 1], const char *name, size_t columns);

/* Pairs the datagrams, counts rows and finds who takes part. False: no memory (nothing to free). */
bool ladder_story_init(struct ladder_story *story, const struct report_look *look);
void ladder_story_free(struct ladder_story *story);

/* Whether record i is a row of the chart. */
bool ladder_story_has_row(const struct ladder_story *story, uint64_t i);

/* The record that says whose request record i is about, and which try. */
const struct trace_record *ladder_story_owner(const struct ladder_story *story, uint64_t i);

/* Whether the arrow of a datagram that was not taken says so; else that is a row of its own. */
bool ladder_story_is_folded(const struct ladder_story *story, const struct report_flight *flight);

/* Fills the row of record i, which must be one. */
void ladder_row_make(struct ladder_row *row, const struct ladder_story *story, uint64_t i);

/* The row's words, with as much of its payload as `columns` leave. */
void ladder_row_words(char text[LADDER_LINE_MAX], const struct ladder_row *row, unsigned columns);

/* ---- columns (ladder_plan.c) ------------------------------------------------------------------
 */

#define LADDER_NAME_MAX    12 /* columns of a name */
#define LADDER_NO_COLUMN   UINT32_MAX
#define LADDER_LEVEL_COUNT 4

/* How many share a column: nobody, the clients of one line of the file, all clients, and in the
 * last level all servers, too. */
struct ladder_column {
    uint32_t first_node;
    uint32_t last_node;
    uint32_t node_count; /* that take part; more than one share it */
    uint32_t down;       /* of those: have crashed */
    uint32_t paused;     /* of those: stand still */
    unsigned x;          /* of the lifeline */
    char name[2 * CLIENT_NAME_MAX + 8];
};

struct ladder_plan {
    struct ladder_column *columns; /* owned: clients, broker, servers */
    uint32_t count;
    uint32_t broker;   /* its column */
    uint32_t shared;   /* clients that have no column of their own */
    uint32_t sharing;  /* columns that they share */
    unsigned apart;    /* columns of a terminal in which each node has one of its own */
    uint32_t *of_node; /* owned: each node's column, or LADDER_NO_COLUMN */
    uint8_t *states;   /* owned: of each node: bit 0 crashed, bit 1 paused */
    unsigned time_end; /* where times end */
    unsigned right;    /* the last column of the screen that the chart uses, plus one */
};

/* Columns for those who take part. Level 0: each has its own; see above. False: no memory (nothing
 * to free). */
bool ladder_plan_init(struct ladder_plan *plan, const struct ladder_story *story, unsigned level);
void ladder_plan_free(struct ladder_plan *plan);

/* The plan of the lowest level that fits the width, with its lifelines placed. */
bool ladder_plan_fit(struct ladder_plan *plan, const struct ladder_story *story, unsigned width);

/* Keeps book of crashes and pauses. */
void ladder_plan_follow(struct ladder_plan *plan, const struct ladder_row *row);

/* ---- the canvas: one line (ladder_canvas.c) ----------------------------------------------------
 */

#define LADDER_WIDTH_MIN 40
#define LADDER_WIDTH_MAX 500

struct ladder_cell {
    char form[OUT_FORM_MAX + 8]; /* what stands there, made safe; "" = behind a wide one */
    enum out_paint paint;
};

struct ladder_canvas {
    struct out *out; /* not owned */
    unsigned width;
    unsigned used; /* columns up to the last that has something */
    struct ladder_cell cells[LADDER_WIDTH_MAX];
};

void ladder_canvas_clear(struct ladder_canvas *canvas);

/* Puts a sign of one column at x; what is beyond the width is left out. */
void ladder_canvas_put(struct ladder_canvas *canvas, unsigned x, const char *form,
                       enum out_paint paint);

/* The columns that a text takes, cut to `columns`. */
unsigned ladder_canvas_measure(const struct ladder_canvas *canvas, unsigned columns,
                               const char *text);

/* Puts a text at x, in at most `columns` columns: what is longer is cut and ends in "..". Returns
 * the columns it took. */
unsigned ladder_canvas_text(struct ladder_canvas *canvas, unsigned x, unsigned columns,
                            const char *text, enum out_paint paint);

/* Writes the line. */
void ladder_canvas_write(struct ladder_canvas *canvas);

#endif
