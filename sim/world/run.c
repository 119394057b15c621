#include "world/run.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "world/real.h"
#include "world/virtual.h"

int run_facts_init(struct run_facts *facts, const struct scenario *scenario)
{
    memset(facts, 0, sizeof *facts);
    facts->node_count = scenario->node_count;
    facts->nodes = calloc(scenario->node_count, sizeof *facts->nodes);
    return facts->nodes == NULL ? -ENOMEM : 0;
}

void run_facts_free(struct run_facts *facts)
{
    free(facts->nodes);
    facts->nodes = NULL;
}

int run_scenario(const struct scenario *scenario, const struct run_options *options,
                 struct verdict *verdict, struct run_facts *facts, char error[RUN_ERROR_MAX])
{
    struct verdict_options judged = {.keep_requests = options->keep_requests,
                                     .trace_off = options->trace_off,
                                     .pooled = options->pooled};
    int status = run_facts_init(facts, scenario);

    if (status == 0) {
        status = verdict_init(verdict, scenario, &judged);
        if (status != 0) {
            run_facts_free(facts);
        }
    }
    if (status != 0) {
        snprintf(error, RUN_ERROR_MAX, "no memory for %u nodes", scenario->node_count);
        return -1;
    }
    status = scenario->world == WORLD_REAL ? real_run(scenario, options, verdict, facts, error)
                                           : virtual_run(scenario, options, verdict, facts, error);
    if (status != 0) {
        verdict_free(verdict);
        run_facts_free(facts);
        return -1;
    }
    verdict_finish(verdict, facts);
    return 0;
}
