#include "report/diff_parts.h"

#include <inttypes.h>

/* Where the columns end. */
#define TABLE_NAME_COLUMNS 26
#define TABLE_A_END        42
#define TABLE_B_END        55
#define TABLE_CHANGE_END   68
#define TABLE_PERCENT_END  78

static void table_value(char text[WORDS_MAX], bool span, uint64_t value)
{
    if (value == UINT64_MAX) {
        snprintf(text, WORDS_MAX, "-");
    } else if (span) {
        words_span(text, value);
    } else {
        words_count(text, value);
    }
}

/* "+6.40 ms"; "" where one of the values does not exist. */
static void table_change(char text[WORDS_MAX], bool span, uint64_t a, uint64_t b)
{
    char size[WORDS_MAX];

    text[0] = '\0';
    if (a != UINT64_MAX && b != UINT64_MAX) {
        table_value(size, span, b > a ? b - a : a - b);
        snprintf(text, WORDS_MAX, "%c%.30s", b > a ? '+' : '-', size);
    }
}

/* "+15%"; "" where that says nothing. */
static void table_percent(char text[WORDS_MAX], uint64_t a, uint64_t b)
{
    double percent = 100 * ((double)b - (double)a) / (double)a;

    text[0] = '\0';
    if (a == 0 || a == UINT64_MAX || b == UINT64_MAX) {
        return;
    }
    if (percent >= 1000) {
        snprintf(text, WORDS_MAX, "x%.0f", (double)b / (double)a);
    } else {
        bool small = percent > -9.95 && percent < 9.95;
        snprintf(text, WORDS_MAX, small ? "%+.1f%%" : "%+.0f%%", percent);
    }
}

static void table_begin(struct diff_table *table)
{
    struct out *out = table->out;

    out_heading(out, table->heading);
    out_paint(out, OUT_DIM);
    out_right_to(out, TABLE_A_END, "A");
    out_right_to(out, TABLE_B_END, "B");
    out_right_to(out, TABLE_CHANGE_END, "B - A");
    out_paint(out, OUT_PLAIN);
    out_line(out);
}

void diff_table_row(struct diff_table *table, const char *name, bool span, uint64_t a, uint64_t b)
{
    struct out *out = table->out;
    char text[WORDS_MAX];

    if (a == b) {
        table->alike++;
        return;
    }
    if (table->rows == 0) {
        table_begin(table);
    }
    table->rows++;
    out_pad_to(out, 2);
    out_cut(out, TABLE_NAME_COLUMNS, name, false);
    table_value(text, span, a);
    out_right_to(out, TABLE_A_END, text);
    table_value(text, span, b);
    out_right_to(out, TABLE_B_END, text);
    table_change(text, span, a, b);
    out_right_to(out, TABLE_CHANGE_END, text);
    table_percent(text, a, b);
    out_right_to(out, TABLE_PERCENT_END, text);
    out_line(out);
}

bool diff_table_end(struct diff_table *table)
{
    struct out *out = table->out;

    if (table->rows == 0) {
        out_heading(out, table->heading);
        out_line(out);
        out_pad_to(out, 2);
        out_format(out, "All %" PRIu32 " are the same in both.", table->alike);
        out_line(out);
    } else if (table->alike > 0) {
        out_pad_to(out, 2);
        out_format(out, "%" PRIu32 " more %s the same in both.", table->alike,
                   table->alike == 1 ? "is" : "are");
        out_line(out);
    }
    return table->rows > 0;
}
