#include "cli/story.h"

#include <inttypes.h>
#include <stdint.h>

#include "report/ladder.h"
#include "report/why.h"

#define STORY_REQUESTS_MAX 5   /* failed ones that are told of */
#define STORY_RECORDS_MAX  400 /* of a run that is small enough for a chart of all of it */
#define STORY_WIDTH        100 /* columns of the chart */

static bool story_is_failed(const struct request_result *request)
{
    return request->outcome != OUTCOME_ANSWERED || request->wrong;
}

/* Notes the first requests that failed. Returns how many. */
static uint32_t story_find(const struct verdict *verdict,
                           const struct request_result *found[STORY_REQUESTS_MAX])
{
    uint32_t count = 0;

    for (uint64_t i = 0; i < verdict->request_count && count < STORY_REQUESTS_MAX; i++) {
        if (story_is_failed(&verdict->requests[i])) {
            found[count++] = &verdict->requests[i];
        }
    }
    return count;
}

/* The chart of these requests; of none: of the whole run, if it is small. */
static bool story_chart(FILE *out, const struct report_look *look, const struct report_style *style,
                        const struct request_result *const *requests, uint32_t count)
{
    const struct scenario *scenario = look->run->scenario;
    char text[STORY_REQUESTS_MAX * (CLIENT_NAME_MAX + 24)] = "";
    char error[REPORT_ONLY_ERROR_MAX];
    struct report_look part = *look;
    struct report_only only;
    size_t size = 0;

    if (count == 0) {
        return look->log->record_count > STORY_RECORDS_MAX ||
               (fputs("\nAll of it\n\n", out) != EOF &&
                report_ladder(out, &part, style, STORY_WIDTH));
    }
    for (uint32_t i = 0; i < count; i++) {
        size +=
            (size_t)snprintf(text + size, sizeof text - size, "%s%s/%" PRIu32, i == 0 ? "" : ",",
                             scenario->nodes[requests[i]->client].name, requests[i]->n);
    }
    if (!report_only_parse(&only, scenario, text, error)) {
        return false;
    }
    part.only = &only;
    bool good = fprintf(out, "\nWhat failed first: %s\n\n", text) > 0 &&
                report_ladder(out, &part, style, STORY_WIDTH);
    report_only_free(&only);
    return good;
}

bool story_write(FILE *out, const struct report_look *look)
{
    static const struct report_style style = {.unicode = true};
    const struct request_result *requests[STORY_REQUESTS_MAX] = {NULL};
    uint32_t count = story_find(look->run->verdict, requests);
    bool good = report_text(out, look->run, &style, false) &&
                story_chart(out, look, &style, requests, count);

    for (uint32_t i = 0; i < count && good; i++) {
        good = fputc('\n', out) != EOF &&
               report_why(out, look, &style, requests[i]->client, requests[i]->n);
    }
    return good && fflush(out) == 0 && !ferror(out);
}
