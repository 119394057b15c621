#include "report/report.h"

#include "report/out.h"
#include "report/words.h"

#define PROGRESS_COLUMNS     79 /* one less than a line, lest the terminal begin another */
#define PROGRESS_BAR_COLUMNS 24

/* Blanks up to the end, over whatever stood there. */
static void progress_fill(struct out *out)
{
    while (out->column < PROGRESS_COLUMNS) {
        out_text(out, " ");
    }
}

void report_progress_draw(FILE *file, const struct report_style *style,
                          const struct report_progress *progress)
{
    struct out out;
    uint64_t total = progress->total > 0 ? progress->total : 1;
    uint64_t settled = progress->settled < total ? progress->settled : total;
    unsigned eighths = (unsigned)((double)settled / (double)total * PROGRESS_BAR_COLUMNS * 8);
    char count[2][WORDS_MAX];

    out_init(&out, file, style);
    fputc('\r', file);
    out_text(&out, "[");
    out_bar(&out, eighths);
    out_pad_to(&out, 1 + PROGRESS_BAR_COLUMNS);
    words_count(count[0], progress->settled);
    words_count(count[1], progress->total);
    out_format(&out, "] %s of %s requests  %.1f s", count[0], count[1],
               (double)progress->elapsed_ns / (double)NS_PER_S);
    progress_fill(&out);
    (void)out_finish(&out);
}

void report_progress_wipe(FILE *file)
{
    static const struct report_style plain = {0};
    struct out out;

    out_init(&out, file, &plain);
    fputc('\r', file);
    progress_fill(&out);
    fputc('\r', file);
    (void)out_finish(&out);
}
