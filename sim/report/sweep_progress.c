#include "report/sweep.h"

#include <inttypes.h>

#include "base/time.h"
#include "report/out.h"
#include "report/words.h"

#define SWEEP_PROGRESS_COLUMNS     79 /* one less than a line, lest the terminal begin another */
#define SWEEP_PROGRESS_BAR_COLUMNS 20

void report_sweep_progress_draw(FILE *file, const struct report_style *style, uint64_t elapsed_ns,
                                uint64_t done, uint64_t total, uint64_t failed)
{
    struct out out;
    double part = total > 0 ? (double)done / (double)total : 0;
    double elapsed_s = (double)elapsed_ns / (double)NS_PER_S;
    char count[2][WORDS_MAX];

    out_init(&out, file, style);
    fputc('\r', file);
    out_text(&out, "[");
    out_bar(&out, (unsigned)(part * SWEEP_PROGRESS_BAR_COLUMNS * 8));
    out_pad_to(&out, 1 + SWEEP_PROGRESS_BAR_COLUMNS);
    words_count(count[0], done);
    words_count(count[1], total);
    out_format(&out, "] %s of %s seeds  %.0f/s  ", count[0], count[1],
               elapsed_s > 0 ? (double)done / elapsed_s : 0);
    if (failed > 0) {
        out_paint(&out, OUT_BAD);
    }
    out_format(&out, "%" PRIu64 " failed", failed);
    if (failed > 0) {
        out_paint(&out, OUT_PLAIN);
    }
    out_pad_to(&out, SWEEP_PROGRESS_COLUMNS);
    (void)out_finish(&out);
}
