#include "report/ladder.h"

#include <inttypes.h>
#include <string.h>

#include "base/bytes.h"
#include "report/ladder_parts.h"

/* What Mermaid, and a slide, still bear. */
#define MERMAID_ROWS_MAX    200 /* of a whole run; with --only all are shown */
#define MERMAID_COLUMNS_MAX 12
#define MERMAID_WORDS_MAX   60 /* columns of a message */

struct mermaid {
    FILE *out;                 /* not owned */
    struct ladder_story story; /* owned */
    struct ladder_plan plan;   /* owned */
    struct ladder_row row;     /* being written */
    uint64_t shown;            /* rows so far */
    uint64_t time_shown_ns;    /* of the last row */
};

/* ---- words ----------------------------------------------------------------------------------- */

static bool mermaid_is_plain(uint8_t byte)
{
    return (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= 'a' && byte <= 'z') || (byte != '\0' && strchr(" .,/'()-_?!*", byte) != NULL);
}

/* The code point of a well-formed character of `size` bytes. */
static uint32_t mermaid_code_point(const uint8_t *bytes, size_t size)
{
    uint32_t point = size == 1 ? bytes[0] : bytes[0] & (0x7fu >> size);

    for (size_t i = 1; i < size; i++) {
        point = point << 6 | (bytes[i] & 0x3fu);
    }
    return point;
}

/* A text that can end nothing and begin nothing: what is no plain letter, digit or harmless sign is
 * written as Mermaid's `#NUMBER;`. */
static void mermaid_put(FILE *out, const char *text)
{
    const uint8_t *bytes = (const uint8_t *)text;
    size_t size = strlen(text);
    char form[OUT_FORM_MAX];
    unsigned columns;

    for (size_t i = 0; i < size;) {
        i += out_next_character(bytes + i, size - i, true, form, &columns);
        for (size_t j = 0; form[j] != '\0';) {
            size_t step = bytes_utf8_size((const uint8_t *)form + j, strlen(form + j));
            if (step == 1 && mermaid_is_plain((uint8_t)form[j])) {
                fputc(form[j], out);
            } else {
                fprintf(out, "#%" PRIu32 ";", mermaid_code_point((const uint8_t *)form + j, step));
            }
            j += step;
        }
    }
}

/* The row's words, behind the time where it is another than that of the row before. */
static void mermaid_put_words(struct mermaid *mermaid)
{
    const struct ladder_row *row = &mermaid->row;
    char text[LADDER_LINE_MAX];

    if (mermaid->shown == 0 || row->t_ns != mermaid->time_shown_ns) {
        fprintf(mermaid->out, "%" PRIu64 ".%03" PRIu64 " ms, ", row->t_ns / NS_PER_MS,
                row->t_ns % NS_PER_MS / NS_PER_US);
    }
    ladder_row_words(text, row, MERMAID_WORDS_MAX);
    mermaid_put(mermaid->out, text);
    if (row->sign == LADDER_LOST && row->kind == LADDER_ROW_ARROW) {
        fprintf(mermaid->out, " lost (%s)", row->reason);
    } else if (row->sign == LADDER_UNDER_WAY) {
        fputs(" still under way at the end", mermaid->out);
    } else if (row->span[0] != '\0') {
        fprintf(mermaid->out, " after %s", row->span);
    }
    fputc('\n', mermaid->out);
}

/* ---- rows ------------------------------------------------------------------------------------ */

/* A solid line for requests, a dashed one for replies; a cross where it was lost, an open head
 * where it was not taken or did not come in time. */
static void mermaid_write_arrow(struct mermaid *mermaid)
{
    const struct ladder_row *row = &mermaid->row;
    const char *arrow = row->reply ? "-->>" : "->>";

    if (row->sign == LADDER_LOST) {
        arrow = row->reply ? "--x" : "-x";
    } else if (row->sign == LADDER_REJECTED || row->sign == LADDER_UNDER_WAY) {
        arrow = row->reply ? "--)" : "-)";
    }
    fprintf(mermaid->out, "    p%" PRIu32 "%sp%" PRIu32 ": ", mermaid->plan.of_node[row->from],
            arrow, mermaid->plan.of_node[row->to]);
    mermaid_put_words(mermaid);
}

static void mermaid_write_row(struct mermaid *mermaid, uint64_t i)
{
    struct ladder_row *row = &mermaid->row;
    uint32_t column;

    ladder_row_make(row, &mermaid->story, i);
    column = row->kind == LADDER_ROW_EVENT ? mermaid->plan.of_node[row->node] : LADDER_NO_COLUMN;
    if (row->kind == LADDER_ROW_ARROW) {
        mermaid_write_arrow(mermaid);
    } else if (column != LADDER_NO_COLUMN) {
        fprintf(mermaid->out, "    Note over p%" PRIu32 ": ", column);
        mermaid_put_words(mermaid);
    } else {
        fprintf(mermaid->out, "    Note over p0,p%" PRIu32 ": ", mermaid->plan.count - 1);
        mermaid_put_words(mermaid);
    }
    mermaid->time_shown_ns = row->t_ns;
    mermaid->shown++;
}

static void mermaid_write(struct mermaid *mermaid, const struct report_look *look)
{
    const struct ladder_story *story = &mermaid->story;
    uint64_t limit = look->only == NULL ? MERMAID_ROWS_MAX : UINT64_MAX;

    fputs("sequenceDiagram\n", mermaid->out);
    if (story->scenario->title != NULL) {
        fputs("    title ", mermaid->out);
        mermaid_put(mermaid->out, story->scenario->title);
        fputc('\n', mermaid->out);
    }
    for (uint32_t i = 0; i < mermaid->plan.count; i++) {
        fprintf(mermaid->out, "    participant p%" PRIu32 " as ", i);
        mermaid_put(mermaid->out, mermaid->plan.columns[i].name);
        fputc('\n', mermaid->out);
    }
    for (uint64_t i = 0; i < story->log->record_count && mermaid->shown < limit; i++) {
        if (ladder_story_has_row(story, i)) {
            mermaid_write_row(mermaid, i);
        }
    }
    if (mermaid->shown < story->row_count) {
        fprintf(mermaid->out,
                "    Note over p0,p%" PRIu32 ": the first %" PRIu64 " of %" PRIu64
                " rows (--only shows all of a part)\n",
                mermaid->plan.count - 1, mermaid->shown, story->row_count);
    }
}

bool report_ladder_mermaid(FILE *out, const struct report_look *look)
{
    struct mermaid mermaid = {.out = out};

    if (!ladder_story_init(&mermaid.story, look)) {
        return false;
    }
    for (unsigned level = 0; level < LADDER_LEVEL_COUNT; level++) {
        if (!ladder_plan_init(&mermaid.plan, &mermaid.story, level)) {
            ladder_story_free(&mermaid.story);
            return false;
        }
        if (mermaid.plan.count <= MERMAID_COLUMNS_MAX || level + 1 == LADDER_LEVEL_COUNT) {
            break;
        }
        ladder_plan_free(&mermaid.plan);
    }
    mermaid_write(&mermaid, look);
    ladder_plan_free(&mermaid.plan);
    ladder_story_free(&mermaid.story);
    return fflush(out) == 0 && !ferror(out) && !look->log->failed;
}
