/* simrun with a defect in the system that it runs: the one that the environment names by PLANTED.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "world/planted.h"

static const struct {
    const char *name;
    enum planted defect;
} DEFECTS[] = {
    {"executes-twice", PLANTED_EXECUTES_TWICE},
    {"wrong-text", PLANTED_WRONG_TEXT},
    {"loses-unprovoked", PLANTED_LOSES_UNPROVOKED},
};

__attribute__((constructor)) static void planted_choose(void)
{
    const char *name = getenv("PLANTED");

    for (size_t i = 0; name != NULL && i < sizeof DEFECTS / sizeof DEFECTS[0]; i++) {
        if (strcmp(name, DEFECTS[i].name) == 0) {
            planted_defect = DEFECTS[i].defect;
            return;
        }
    }
    fprintf(stderr, "simrun_planted: PLANTED names no defect\n");
    exit(EXIT_FAILURE);
}
