#include "report/text_parts.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "report/words.h"

/* Columns at which the numbers end, counted from the end of the names. */
enum {
    LINKS_SENT = 9,
    LINKS_LOST = 18,
    LINKS_PERCENT = 30,
    LINKS_DUPLICATED = 39,
    LINKS_DELIVERED = 48
};
#define LINKS_INDENT 2
#define LINKS_ROWS   64 /* rows at most; more than a quarter as many groups of clients share two */

/* A row: one link, or several of a kind. */
struct text_link_row {
    char name[WORDS_LINK_MAX + 32];
    uint32_t count;        /* links in it */
    struct tally_link sum; /* their counts */
    double low;            /* the least and the greatest fraction lost, of links that carried
                              anything; low > high: none did */
    double high;
};

static void text_link_row_init(struct text_link_row *row, const char *name)
{
    memset(row, 0, sizeof *row);
    snprintf(row->name, sizeof row->name, "%s", name);
    row->low = 1;
}

static void text_link_row_add(struct text_link_row *row, struct tally_link link)
{
    uint64_t carried = link.sent + link.duplicated;

    row->count++;
    totals_add_link(&row->sum, &link);
    if (carried > 0) {
        double fraction = (double)tally_link_lost(&link) / (double)carried;
        row->low = fraction < row->low ? fraction : row->low;
        row->high = fraction > row->high ? fraction : row->high;
    }
}

/* The reasons of what was lost: "loss 60, drop 3". False if all was lost to `loss` (or nothing). */
static bool text_link_reasons(char *text, size_t capacity, const struct tally_link *link)
{
    size_t used = 0;
    bool other = false;

    text[0] = '\0';
    for (uint32_t reason = LOSS_LOSS; reason < LOSS_REASON_COUNT; reason++) {
        if (link->lost[reason] == 0) {
            continue;
        }
        int wrote = snprintf(text + used, capacity - used, "%s%s %" PRIu64, used > 0 ? ", " : "",
                             loss_reason_name((enum loss_reason)reason), link->lost[reason]);
        used += wrote > 0 && (size_t)wrote < capacity - used ? (size_t)wrote : 0;
        other = other || reason != LOSS_LOSS;
    }
    return other;
}

/* What share was lost: "10.3%", or "7.2..12.1%" for several links. */
static void text_link_share(char text[WORDS_MAX], const struct text_link_row *row)
{
    if (row->count > 1 && row->low < row->high) {
        snprintf(text, WORDS_MAX, "%.0f..%.0f%%", 100 * row->low, 100 * row->high);
        if (row->high - row->low < 0.05 || row->high < 0.1) {
            snprintf(text, WORDS_MAX, "%.1f..%.1f%%", 100 * row->low, 100 * row->high);
        }
    } else {
        words_percent(text, tally_link_lost(&row->sum), row->sum.sent + row->sum.duplicated);
    }
}

static void text_link_row_print(struct text_page *page, const struct text_link_row *row,
                                unsigned names)
{
    struct out *out = &page->out;
    unsigned base = LINKS_INDENT + names;
    char number[WORDS_MAX];
    char reasons[160];

    out_pad_to(out, LINKS_INDENT);
    out_text(out, row->name);
    if (out->column > base) { /* a long name has a line of its own */
        out_line(out);
    }
    out_pad_to(out, base);
    words_count(number, row->sum.sent);
    out_right_to(out, base + LINKS_SENT, number);
    words_count(number, tally_link_lost(&row->sum));
    out_right_to(out, base + LINKS_LOST, number);
    text_link_share(number, row);
    out_right_to(out, base + LINKS_PERCENT, number);
    words_count(number, row->sum.duplicated);
    out_right_to(out, base + LINKS_DUPLICATED, number);
    words_count(number, row->sum.delivered);
    out_right_to(out, base + LINKS_DELIVERED, number);
    if (text_link_reasons(reasons, sizeof reasons, &row->sum)) {
        if (out->column + 2 + out_columns(out, reasons) > OUT_WIDTH) {
            out_line(out);
            out_pad_to(out, LINKS_INDENT + 4);
            out_text(out, "lost by ");
        } else {
            out_text(out, "  ");
        }
        out_wrap(out, LINKS_INDENT + 6, reasons);
    }
    out_line(out);
}

/* Both rows of one group of clients: up and down. */
static void text_link_rows_of_group(const struct text_page *page,
                                    const struct scenario_clients *group, const char *name,
                                    struct text_link_row *up, struct text_link_row *down)
{
    const struct tally *tally = &page->run->verdict->tally;
    char text[WORDS_LINK_MAX + 32];

    if (up->count == 0) {
        snprintf(text, sizeof text, "%s -> broker", name);
        text_link_row_init(up, text);
        snprintf(text, sizeof text, "broker -> %s", name);
        text_link_row_init(down, text);
    }
    for (uint32_t i = 0; i < group->count; i++) {
        text_link_row_add(up, tally_link(tally, scenario_link_to_broker(group->first_node + i)));
        text_link_row_add(down,
                          tally_link(tally, scenario_link_from_broker(group->first_node + i)));
    }
}

/* One row for each direction of each group of clients; with too many groups, of all clients. */
static uint32_t text_link_rows_of_clients(const struct text_page *page, struct text_link_row *rows)
{
    const struct scenario *scenario = page->run->scenario;
    bool together = scenario->group_count == 1 || scenario->group_count > LINKS_ROWS / 4;
    uint32_t count = 0;
    char name[WORDS_LINK_MAX];

    for (uint32_t g = 0; g < scenario->group_count; g++) {
        const struct scenario_clients *group = &scenario->groups[g];
        snprintf(name, sizeof name, group->single ? "%s" : "%s*", group->prefix);
        if (group->part) {
            words_group(name, group);
        }
        if (!together || g == 0) {
            memset(&rows[count], 0, 2 * sizeof rows[0]);
            count += 2;
        }
        text_link_rows_of_group(page, group, together ? "clients" : name, &rows[count - 2],
                                &rows[count - 1]);
    }
    for (uint32_t i = 0; i < count; i++) {
        char links[WORDS_MAX];
        size_t used = strlen(rows[i].name);
        snprintf(links, sizeof links, " (%u links)", rows[i].count);
        if (rows[i].count > 1) {
            snprintf(rows[i].name + used, sizeof rows[i].name - used, "%s", links);
        }
    }
    return count;
}

/* Fills the rows, returns how many. */
static uint32_t text_link_rows(const struct text_page *page, bool each,
                               struct text_link_row rows[LINKS_ROWS])
{
    const struct scenario *scenario = page->run->scenario;
    const struct tally *tally = &page->run->verdict->tally;
    uint32_t singles = each ? scenario->link_count : 2 * scenario->server_count;
    uint32_t count = 0;
    char name[WORDS_LINK_MAX];

    for (uint32_t i = 0; i < singles && count < LINKS_ROWS / 2; i++) {
        words_link(name, scenario, i);
        text_link_row_init(&rows[count], name);
        text_link_row_add(&rows[count++], tally_link(tally, i));
    }
    if (!each) {
        count += text_link_rows_of_clients(page, rows + count);
    }
    return count;
}

static void text_links_heading(struct text_page *page, unsigned names)
{
    struct out *out = &page->out;
    unsigned base = LINKS_INDENT + names;

    out_heading(out, "Links");
    out_paint(out, OUT_DIM);
    out_right_to(out, base + LINKS_SENT, "sent");
    out_right_to(out, base + LINKS_LOST, "lost");
    out_right_to(out, base + LINKS_DUPLICATED, "copied");
    out_right_to(out, base + LINKS_DELIVERED, "arrived");
    out_paint(out, OUT_PLAIN);
    out_line(out);
}

void text_links(struct text_page *page)
{
    struct text_link_row rows[LINKS_ROWS];
    struct text_link_row all;
    bool each = page->run->scenario->link_count <= TEXT_LINKS_MAX;
    uint32_t count = text_link_rows(page, each, rows);
    unsigned names = 9;
    unsigned names_max = OUT_WIDTH - LINKS_INDENT - LINKS_DELIVERED;

    for (uint32_t i = 0; i < count; i++) {
        unsigned columns = out_columns(&page->out, rows[i].name);
        names = columns > names && columns <= names_max ? columns : names;
    }
    text_links_heading(page, names);
    for (uint32_t i = 0; i < count; i++) {
        text_link_row_print(page, &rows[i], names);
    }
    text_link_row_init(&all, "all links");
    all.sum = page->totals.links;
    all.count = 1;
    text_link_row_print(page, &all, names);
    if (!each) {
        out_painted(&page->out, OUT_DIM, "  Every link by itself: --json FILE");
        out_line(&page->out);
    }
}
