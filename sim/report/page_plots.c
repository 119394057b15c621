#include "report/page_parts.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "report/totals.h"
#include "report/words.h"
#include "verdict/theory_path.h"

#define PLOTS_CDF_POINTS 200 /* at most */
#define PLOTS_BARS       40  /* of the histogram, at most */
#define PLOTS_LINKS      16  /* up to this many each has a row */

/* ---- latency --------------------------------------------------------------------------------- */

/* Which share of the answered requests was how quick. */
static void plots_cdf(struct page *page, const struct latency *latency)
{
    uint64_t count = latency_count(latency);
    uint64_t points = count < PLOTS_CDF_POINTS ? count : PLOTS_CDF_POINTS;

    fputs("\"cdf\":[", page->out);
    for (uint64_t i = 1; i <= points; i++) {
        double share = (double)i / (double)points;
        fprintf(page->out, "%s[%" PRIu64 ",", i > 1 ? "," : "",
                latency_quantile_ns(latency, share));
        page_put_real(page, share);
        fputs("]", page->out);
    }
    fputs("]", page->out);
}

/* The least of 1, 2, 5, 10, 20 ... with which the bars are not too many. */
static uint64_t plots_bar_ns(uint64_t min_ns, uint64_t max_ns)
{
    static const uint64_t steps[] = {1, 2, 5};

    for (uint64_t power = 1; power < UINT64_MAX / 100; power *= 10) {
        for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
            uint64_t bar_ns = steps[i] * power;
            if (max_ns / bar_ns - min_ns / bar_ns < PLOTS_BARS) {
                return bar_ns;
            }
        }
    }
    return UINT64_MAX / 2;
}

static void plots_histogram(struct page *page, const struct latency *latency)
{
    uint64_t min_ns = latency_min_ns(latency);
    uint64_t max_ns = latency_max_ns(latency);
    uint64_t bar_ns = plots_bar_ns(min_ns, max_ns);
    uint64_t first = min_ns / bar_ns;
    uint64_t last = max_ns / bar_ns;

    fputs(",\"histogram\":[", page->out);
    for (uint64_t i = first; i <= last; i++) {
        uint64_t from_ns = i * bar_ns;
        uint64_t to_ns = from_ns + bar_ns;
        fprintf(page->out, "%s[%" PRIu64 ",%" PRIu64 ",%" PRIu64 "]", i > first ? "," : "", from_ns,
                to_ns, latency_count_between(latency, from_ns, to_ns));
    }
    fputs("]", page->out);
}

static void plots_latency(struct page *page)
{
    const struct latency *latency = page->look->run->verdict->tally.latency;

    fputs(",\"latency\":", page->out);
    if (latency_count(latency) == 0) {
        fputs("null", page->out);
        return;
    }
    fputs("{", page->out);
    plots_cdf(page, latency);
    plots_histogram(page, latency);
    fputs("}", page->out);
}

/* ---- tries ----------------------------------------------------------------------------------- */

/* How many requests took how many tries, up to the most that any took. */
static void plots_tries(struct page *page)
{
    const struct verdict *verdict = page->look->run->verdict;
    bool theory = verdict->theory_holds && verdict->theory.uniform;
    uint64_t all = 0;
    unsigned most = 0;

    for (unsigned k = 1; k <= WIRE_TRY_MAX; k++) {
        all += verdict->tries_histogram[k];
        most = verdict->tries_histogram[k] > 0 ? k : most;
    }
    fputs(",\"tries\":[", page->out);
    for (unsigned k = 1; k <= most; k++) {
        fprintf(page->out, "%s[%u,%" PRIu64 ",", k > 1 ? "," : "", k, verdict->tries_histogram[k]);
        page_put_real(page, theory ? (double)all * totals_chance_of_tries(&verdict->theory.each, k)
                                   : NAN);
        fputs("]", page->out);
    }
    fputs("]", page->out);
}

/* ---- losses ---------------------------------------------------------------------------------- */

/* A row: one link, or all of a direction. */
struct plots_row {
    struct tally_link sum;
    double loss;      /* probability of every link in it */
    bool independent; /* each loss is by chance alone, all with that probability */
    uint32_t count;   /* links */
};

/* Whether chance decides of each datagram of the link by itself, the same from start to end. */
static bool plots_is_independent(const struct scenario *scenario, uint32_t link,
                                 const struct tally_link *counts)
{
    for (uint32_t i = 0; i < scenario->rule_count; i++) {
        const struct scenario_rule *rule = &scenario->rules[i];
        if (rule->timed && rule->links != NULL && scenario_in_bitmap(rule->links, link)) {
            return false;
        }
    }
    return scenario->script == NULL && theory_link_of(scenario, link).memory == NULL &&
           tally_link_lost(counts) == counts->lost[LOSS_LOSS];
}

static void plots_add_link(struct page *page, struct plots_row *row, uint32_t link)
{
    const struct report_run *run = page->look->run;
    const struct tally_link counts = tally_link(&run->verdict->tally, link);
    double loss = theory_link_of(run->scenario, link).loss;
    bool same = row->count == 0 || (row->independent && row->loss == loss);

    row->independent = same && plots_is_independent(run->scenario, link, &counts);
    row->loss = loss;
    row->count++;
    totals_add_link(&row->sum, &counts);
}

static void plots_put_row(struct page *page, const struct plots_row *row, const char *name,
                          bool first)
{
    uint64_t carried = row->sum.sent + row->sum.duplicated;
    uint64_t low;
    uint64_t high;

    fputs(first ? "[" : ",[", page->out);
    page_put_words(page, name);
    fprintf(page->out, ",%" PRIu64 ",%" PRIu64, carried, tally_link_lost(&row->sum));
    if (row->independent) {
        theory_binomial_bounds(carried, row->loss, THEORY_ALPHA, &low, &high);
        fprintf(page->out, ",%" PRIu64 ",%" PRIu64 ",", low, high);
        page_put_real(page, (double)carried * row->loss);
        fputs("]", page->out);
    } else {
        fputs(",null,null,null]", page->out);
    }
}

/* The rows of all clients' links, to the broker and from it. */
static void plots_put_clients(struct page *page)
{
    const struct scenario *scenario = page->look->run->scenario;
    struct plots_row rows[2] = {{.count = 0}};

    for (uint32_t link = 2 * scenario->server_count; link < scenario->link_count; link++) {
        plots_add_link(page, &rows[scenario_link_from(link) == NODE_BROKER], link);
    }
    plots_put_row(page, &rows[0], "clients -> broker", false);
    plots_put_row(page, &rows[1], "broker -> clients", false);
}

static void plots_losses(struct page *page)
{
    const struct scenario *scenario = page->look->run->scenario;
    bool each = scenario->link_count <= PLOTS_LINKS;
    uint32_t singles = each ? scenario->link_count : 2 * scenario->server_count;
    char name[WORDS_LINK_MAX];

    fputs(",\"losses\":[", page->out);
    for (uint32_t link = 0; link < singles; link++) {
        struct plots_row row = {.count = 0};
        plots_add_link(page, &row, link);
        words_link(name, scenario, link);
        plots_put_row(page, &row, name, link == 0);
    }
    if (!each) {
        plots_put_clients(page);
    }
    fputs("]", page->out);
}

void page_plots(struct page *page)
{
    plots_latency(page);
    plots_tries(page);
    plots_losses(page);
}
