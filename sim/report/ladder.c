#include "report/ladder.h"

#include <inttypes.h>
#include <string.h>

#include "report/ladder_parts.h"

#define LADDER_ROWS_MAX   2000 /* shown of a whole run; with --only all are */
#define LADDER_NAMES_EACH 40   /* rows after which the names are repeated */
#define LADDER_GAP_FACTOR 4    /* times the mean step: that much time is a gap to be seen */

/* One chart being written. */
struct ladder {
    const struct report_look *look; /* not owned */
    struct ladder_story story;      /* owned */
    struct ladder_plan plan;        /* owned */
    struct out out;
    struct ladder_canvas canvas;
    struct ladder_row row;              /* being drawn */
    bool signs_used[LADDER_SIGN_COUNT]; /* for the legend */
    uint64_t shown;                     /* rows so far */
    uint64_t time_shown_ns;             /* of the last row */
    uint64_t gap_ns;                    /* a longer step shows as a gap */
};

static const char *ladder_form(struct ladder *ladder, enum ladder_sign sign)
{
    ladder->signs_used[sign] = true;
    return ladder_sign(sign, ladder->out.style.unicode);
}

static void ladder_put(struct ladder *ladder, unsigned x, enum ladder_sign sign,
                       enum out_paint paint)
{
    ladder_canvas_put(&ladder->canvas, x, ladder_form(ladder, sign), paint);
}

/* ---- words beside the chart ------------------------------------------------------------------ */

/* A paragraph within the width; a word that is longer than a line is cut. A tab is a blank that
 * does not end a line. */
static void ladder_say(struct ladder *ladder, const char *text, enum out_paint paint)
{
    unsigned x = 0;

    ladder_canvas_clear(&ladder->canvas);
    while (*text != '\0') {
        char word[256];
        size_t size = strcspn(text, " ");
        size_t kept = size < sizeof word ? size : sizeof word - 1;
        memcpy(word, text, kept);
        word[kept] = '\0';
        for (char *tab = strchr(word, '\t'); tab != NULL; tab = strchr(tab, '\t')) {
            *tab = ' ';
        }
        text += size + strspn(text + size, " ");
        unsigned columns = ladder_canvas_measure(&ladder->canvas, ladder->canvas.width, word);
        if (x > 0 && x + 1 + columns > ladder->canvas.width) {
            ladder_canvas_write(&ladder->canvas);
            ladder_canvas_clear(&ladder->canvas);
            x = 0;
        }
        x += x > 0;
        x += ladder_canvas_text(&ladder->canvas, x, ladder->canvas.width, word, paint);
    }
    ladder_canvas_write(&ladder->canvas);
}

/* Who has no column of his own, and what helps. */
static void ladder_write_shared(struct ladder *ladder)
{
    const struct ladder_plan *plan = &ladder->plan;
    const char *name = ladder->story.scenario->nodes[plan->columns[0].first_node].name;
    char apart[64] = "";
    char text[512];

    if (plan->apart <= LADDER_WIDTH_MAX) {
        snprintf(apart, sizeof apart, "a terminal of %u columns shows them apart, ", plan->apart);
    }
    snprintf(text, sizeof text,
             "%" PRIu32 " clients share %s: %s--only %s or --only %s/1..3 shows some of it",
             plan->shared, plan->sharing == 1 ? "a column" : "columns", apart, name, name);
    ladder_say(ladder, text, OUT_PLAIN);
}

static void ladder_write_title(struct ladder *ladder)
{
    const struct scenario *scenario = ladder->story.scenario;
    char text[SCENARIO_LINE_MAX + 256];

    snprintf(text, sizeof text, "%s%s%s", scenario->path, scenario->title != NULL ? ": " : "",
             scenario->title != NULL ? scenario->title : "");
    ladder_say(ladder, text, OUT_BOLD);
    snprintf(text, sizeof text, "seed %" PRIu64 ", %s", scenario->seed,
             scenario->world == WORLD_VIRTUAL ? "virtual world"
                                              : "real world: loopback sockets, wall clock");
    ladder_say(ladder, text, OUT_PLAIN);
    if (ladder->plan.shared > 0) {
        ladder_write_shared(ladder);
    }
    out_line(&ladder->out);
}

/* The signs that were used, and what they mean. */
static void ladder_write_legend(struct ladder *ladder)
{
    char text[1024] = "";

    for (int sign = 0; sign < LADDER_SIGN_COUNT; sign++) {
        const char *word = ladder_sign_word((enum ladder_sign)sign);
        if (ladder->signs_used[sign] && word != NULL) {
            const char *form = ladder_sign((enum ladder_sign)sign, ladder->out.style.unicode);
            bool line = sign >= LADDER_LINE && sign <= LADDER_LINE_COPY;
            size_t used = strlen(text);
            snprintf(text + used, sizeof text - used, "%s%s%s%s\t%s", used > 0 ? ", " : "", form,
                     line ? form : "", line ? form : "", word);
        }
    }
    out_line(&ladder->out);
    if (text[0] != '\0') {
        ladder_say(ladder, text, OUT_DIM);
    }
}

static void ladder_write_end(struct ladder *ladder)
{
    uint64_t count = ladder->story.row_count;
    const struct scenario *scenario = ladder->story.scenario;
    char text[512];

    if (count == 0) {
        ladder_say(ladder, "nothing happened that could be shown", OUT_PLAIN);
        return;
    }
    ladder_write_legend(ladder);
    if (ladder->shown < count) {
        const char *name = scenario->nodes[ladder->plan.columns[0].first_node].name;
        snprintf(text, sizeof text,
                 "These are the first %" PRIu64 " of %" PRIu64 " rows, up to %" PRIu64 ".%03" PRIu64
                 " ms. --only %s or --only %s/1..3 shows all of a part, --only "
                 "clients everything.",
                 ladder->shown, count, ladder->time_shown_ns / NS_PER_MS,
                 ladder->time_shown_ns % NS_PER_MS / NS_PER_US, name, name);
        ladder_say(ladder, text, OUT_BOLD);
    }
}

/* ---- rows ------------------------------------------------------------------------------------ */

/* A line with nothing but the lifelines. */
static void ladder_clear(struct ladder *ladder)
{
    ladder_canvas_clear(&ladder->canvas);
    for (uint32_t i = 0; i < ladder->plan.count; i++) {
        const struct ladder_column *column = &ladder->plan.columns[i];
        enum ladder_sign life = LADDER_LIFE;
        if (column->node_count > 0 && column->down == column->node_count) {
            life = LADDER_LIFE_DOWN;
        } else if (column->node_count > 0 && column->paused == column->node_count) {
            life = LADDER_LIFE_PAUSED;
        }
        ladder_put(ladder, column->x, life, OUT_DIM);
    }
}

static void ladder_write_names(struct ladder *ladder)
{
    unsigned end = ladder->plan.time_end;

    ladder_canvas_clear(&ladder->canvas);
    ladder_canvas_text(&ladder->canvas, end - 2, 2, "ms", OUT_DIM);
    for (uint32_t i = 0; i < ladder->plan.count; i++) {
        const struct ladder_column *column = &ladder->plan.columns[i];
        unsigned columns = ladder_canvas_measure(&ladder->canvas, LADDER_NAME_MAX, column->name);
        ladder_canvas_text(&ladder->canvas, column->x - columns / 2, LADDER_NAME_MAX, column->name,
                           OUT_BOLD);
    }
    ladder_canvas_write(&ladder->canvas);
}

/* The time, where it is another than that of the row before. */
static void ladder_put_time(struct ladder *ladder)
{
    char time[WORDS_MAX];
    uint64_t t_ns = ladder->row.t_ns;

    if (ladder->shown == 0 || t_ns != ladder->time_shown_ns) {
        int size = snprintf(time, sizeof time, "%" PRIu64 ".%03" PRIu64, t_ns / NS_PER_MS,
                            t_ns % NS_PER_MS / NS_PER_US);
        unsigned columns = size > 0 ? (unsigned)size : 0;
        unsigned end = ladder->plan.time_end;
        ladder_canvas_text(&ladder->canvas, columns < end ? end - columns : 0, columns, time,
                           OUT_PLAIN);
    }
}

/* A line for the time in which nothing happens. */
static void ladder_write_gap(struct ladder *ladder)
{
    if (ladder->shown > 0 && ladder->row.t_ns - ladder->time_shown_ns > ladder->gap_ns) {
        ladder_clear(ladder);
        ladder_put(ladder, ladder->plan.time_end - 1, LADDER_GAP, OUT_DIM);
        ladder_canvas_write(&ladder->canvas);
    }
}

static void ladder_draw_band(struct ladder *ladder)
{
    unsigned x = ladder->plan.time_end + 1;
    const char *text = ladder->row.text;

    for (unsigned i = x; i < ladder->plan.right; i++) {
        ladder_put(ladder, i, LADDER_BAND, OUT_WARN);
    }
    unsigned room = ladder->canvas.width - x - 4;
    unsigned columns = ladder_canvas_measure(&ladder->canvas, room, text);
    ladder_canvas_put(&ladder->canvas, x + 2, " ", OUT_PLAIN);
    ladder_canvas_text(&ladder->canvas, x + 3, room, text, ladder->row.paint);
    if (x + 3 + columns < ladder->plan.right) {
        ladder_canvas_put(&ladder->canvas, x + 3 + columns, " ", OUT_PLAIN);
    }
}

/* What happens to a client is told right of the clients, what happens to a server left of the
 * servers, of the broker right of it: nothing but the broker's gaps is as wide. */
static void ladder_draw_event(struct ladder *ladder)
{
    const struct ladder_plan *plan = &ladder->plan;
    struct ladder_canvas *canvas = &ladder->canvas;
    const struct ladder_row *row = &ladder->row;
    uint32_t i = plan->of_node[row->node];
    uint32_t at = i < plan->broker ? plan->broker - 1 : plan->broker;
    unsigned from = plan->columns[at].x + (i > plan->broker ? 1 : 2);
    unsigned to = at + 1 < plan->count ? plan->columns[at + 1].x : canvas->width;
    char text[LADDER_LINE_MAX];

    if (i == LADDER_NO_COLUMN) {
        ladder_draw_band(ladder);
        return;
    }
    to -= i > plan->broker;
    unsigned room = to > from ? to - from : 0;
    ladder_row_words(text, row, LADDER_LINE_MAX);
    if (ladder_canvas_measure(canvas, room + 1, text) > room) {
        room -= room > 0; /* what is cut keeps away from the lifeline */
        ladder_row_words(text, row, room);
    }
    unsigned columns = ladder_canvas_measure(canvas, room, text);
    ladder_canvas_text(canvas, i > plan->broker ? to - columns : from, room, text, row->paint);
    ladder_put(ladder, plan->columns[i].x, row->sign, ladder_sign_paint(row->sign));
}

/* The label of an arrow in the gap between `from` and `to` (exclusive). */
static void ladder_draw_label(struct ladder *ladder, unsigned from, unsigned to, bool left)
{
    struct ladder_canvas *canvas = &ladder->canvas;
    const struct ladder_row *row = &ladder->row;
    bool lost = row->sign == LADDER_LOST;
    unsigned reason = lost ? (unsigned)strlen(row->reason) + 3 : 0; /* beside the cross */
    unsigned begin = from + 3 + (left ? reason : 0);
    unsigned room = to > begin + 3 ? to - begin - 3 : 0;
    char text[LADDER_LINE_MAX];

    room = room > (left ? 0 : reason) ? room - (left ? 0 : reason) : 0;
    if (room < 3) {
        return;
    }
    ladder_row_words(text, row, room);
    unsigned words = ladder_canvas_measure(canvas, room, text);
    if (row->span[0] != '\0' && words + 2 + strlen(row->span) <= room) {
        size_t used = strlen(text);
        snprintf(text + used, sizeof text - used, ", %s", row->span);
    }
    unsigned columns = ladder_canvas_text(canvas, begin, room, text, row->paint);
    ladder_canvas_put(canvas, begin - 1, " ", OUT_PLAIN);
    ladder_canvas_put(canvas, begin + columns, " ", OUT_PLAIN);
}

/* The line of an arrow from `tail` to `head` (lifelines or a cross), crossing what lies between. */
static void ladder_draw_line(struct ladder *ladder, unsigned tail, unsigned head)
{
    const struct ladder_plan *plan = &ladder->plan;
    enum out_paint paint = ladder->row.sign == LADDER_LOST ? OUT_BAD : OUT_PLAIN;
    unsigned low = tail < head ? tail : head;
    unsigned high = tail < head ? head : tail;

    for (unsigned x = low + 1; x < high; x++) {
        ladder_put(ladder, x, ladder->row.line, paint);
    }
    for (uint32_t i = 0; i < plan->count; i++) {
        if (plan->columns[i].x > low && plan->columns[i].x < high) {
            ladder_put(ladder, plan->columns[i].x, LADDER_CROSSING, OUT_DIM);
        }
    }
    ladder_put(ladder, tail, tail < head ? LADDER_TAIL : LADDER_TAIL_LEFT, OUT_PLAIN);
}

static void ladder_draw_arrow(struct ladder *ladder)
{
    const struct ladder_plan *plan = &ladder->plan;
    const struct ladder_row *row = &ladder->row;
    unsigned tail = plan->columns[plan->of_node[row->from]].x;
    unsigned head = plan->columns[plan->of_node[row->to]].x;
    bool left = head < tail;
    bool clients = plan->of_node[row->from] < plan->broker || plan->of_node[row->to] < plan->broker;
    uint32_t gap = clients ? plan->broker - 1 : plan->broker;
    unsigned from = plan->columns[gap].x;
    unsigned to = plan->columns[gap + 1].x;
    unsigned reason = (unsigned)strlen(row->reason);
    enum ladder_sign sign = row->sign == LADDER_ARRIVED && left ? LADDER_ARRIVED_LEFT : row->sign;

    if (row->sign == LADDER_LOST && left) {
        head = from + reason + 3;
        ladder_canvas_text(&ladder->canvas, from + 2, reason, row->reason, OUT_BAD);
    } else if (row->sign == LADDER_LOST) {
        head = to - reason - 3;
        ladder_canvas_text(&ladder->canvas, head + 2, reason, row->reason, OUT_BAD);
    } else if (row->sign == LADDER_UNDER_WAY) {
        head = left ? from + 1 : to - 1;
    } else {
        head = left ? head + 1 : head - 1;
    }
    ladder_draw_line(ladder, tail, head);
    ladder_draw_label(ladder, from, to, left);
    ladder_put(ladder, head, sign, row->sign == LADDER_ARRIVED ? OUT_PLAIN : row->paint);
}

static void ladder_write_row(struct ladder *ladder, uint64_t i)
{
    struct ladder_row *row = &ladder->row;

    ladder_row_make(row, &ladder->story, i);
    ladder_write_gap(ladder);
    if (ladder->shown % LADDER_NAMES_EACH == 0) {
        ladder_write_names(ladder);
    }
    ladder_clear(ladder);
    ladder_put_time(ladder);
    switch (row->kind) {
    case LADDER_ROW_ARROW:
        ladder_draw_arrow(ladder);
        break;
    case LADDER_ROW_EVENT:
        ladder_draw_event(ladder);
        break;
    case LADDER_ROW_BAND:
        ladder_draw_band(ladder);
        break;
    }
    ladder_canvas_write(&ladder->canvas);
    ladder_plan_follow(&ladder->plan, row);
    ladder->time_shown_ns = row->t_ns;
    ladder->shown++;
}

static void ladder_write_rows(struct ladder *ladder)
{
    const struct ladder_story *story = &ladder->story;
    uint64_t limit = ladder->look->only == NULL ? LADDER_ROWS_MAX : UINT64_MAX;

    if (story->row_count > 0) {
        ladder->gap_ns = (story->last_ns - story->first_ns) / story->row_count * LADDER_GAP_FACTOR;
    }
    for (uint64_t i = 0; i < story->log->record_count && ladder->shown < limit; i++) {
        if (ladder_story_has_row(story, i)) {
            ladder_write_row(ladder, i);
        }
    }
}

bool report_ladder(FILE *out, const struct report_look *look, const struct report_style *style,
                   unsigned width)
{
    struct ladder ladder = {.look = look};
    bool good;

    width = width > LADDER_WIDTH_MIN ? width : LADDER_WIDTH_MIN;
    width = width < LADDER_WIDTH_MAX ? width : LADDER_WIDTH_MAX;
    out_init(&ladder.out, out, style);
    ladder.canvas.out = &ladder.out;
    ladder.canvas.width = width;
    if (!ladder_story_init(&ladder.story, look)) {
        return false;
    }
    if (!ladder_plan_fit(&ladder.plan, &ladder.story, width)) {
        ladder_story_free(&ladder.story);
        return false;
    }
    ladder_write_title(&ladder);
    ladder_write_rows(&ladder);
    ladder_write_end(&ladder);
    good = out_finish(&ladder.out);
    ladder_plan_free(&ladder.plan);
    ladder_story_free(&ladder.story);
    return good && !look->log->failed;
}
