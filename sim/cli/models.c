#include "cli/models.h"

#include <string.h>

#include "cli/session.h"
#include "world/evidence.h"

#define MODELS_NUMBER_MAX 32

static void models_number(char text[MODELS_NUMBER_MAX], enum evidence_what what, double number)
{
    if (evidence_is_share(what)) {
        snprintf(text, MODELS_NUMBER_MAX, "%.4g%%", 100 * number);
    } else {
        snprintf(text, MODELS_NUMBER_MAX, "%.4g", number);
    }
}

static void models_row(FILE *out, const struct evidence *evidence,
                       const struct evidence_result *result)
{
    char wanted[MODELS_NUMBER_MAX];
    char low[MODELS_NUMBER_MAX];
    char high[MODELS_NUMBER_MAX];
    char measured[MODELS_NUMBER_MAX];
    char words[48];

    snprintf(words, sizeof words, "%s", evidence_words(evidence->what));
    if (evidence->lag > 0) {
        snprintf(words, sizeof words, "%s, lag %u", evidence_words(evidence->what), evidence->lag);
    }
    models_number(wanted, evidence->what, result->wanted);
    models_number(low, evidence->what, result->low);
    models_number(high, evidence->what, result->high);
    models_number(measured, evidence->what, result->measured);
    fprintf(out, "    %-30s %7s  %8s .. %-8s %9s  %s\n", words, wanted, low, high, measured,
            result->held ? "ok" : "FAIL");
}

int models_print(FILE *out)
{
    uint32_t count;
    uint32_t held = 0;
    const struct evidence *list = evidence_list(&count);

    fprintf(out,
            "Each model of a link's faults: what it was asked for, and what %d draws of\n"
            "seed %d gave. A right model is out of such bounds once in a million times.\n\n"
            "    %-30s %7s  %20s %9s\n",
            EVIDENCE_DRAWS, EVIDENCE_SEED, "", "asked", "accepted      ", "measured");
    for (uint32_t i = 0; i < count; i++) {
        struct evidence_result result;
        if (evidence_measure(&list[i], list[i].asked, &result) != 0) {
            fputs("simrun: no memory for the draws\n", stderr);
            return SESSION_MACHINE;
        }
        if (i == 0 || strcmp(list[i].asked, list[i - 1].asked) != 0) {
            fprintf(out, "%s\n", list[i].asked);
        }
        models_row(out, &list[i], &result);
        held += result.held;
    }
    fprintf(out, "\n%s  %u of %u within their bounds\n", held == count ? "PASS" : "FAIL", held,
            count);
    return held == count ? SESSION_HELD : SESSION_FAILED;
}
