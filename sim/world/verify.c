#include "world/verify.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/prng.h"
#include "world/verify_parts.h"

/* ---- what may differ --------------------------------------------------------------------------
 */

static void verify_name(struct verify *verify, const char *words)
{
    char *text = verify->result->exempt;
    size_t used = strlen(text);

    if (strstr(text, words) == NULL) {
        snprintf(text + used, sizeof verify->result->exempt - used, "%s%s", used > 0 ? "; " : "",
                 words);
    }
}

static void verify_exempt(struct verify *verify, const char *words)
{
    verify_name(verify, words);
    verify->outcomes_exempt = true;
}

/* Links whose faults go by order or by the clock. */
static void verify_exempt_rules(struct verify *verify)
{
    const struct scenario *scenario = verify->scenario;

    for (uint32_t i = 0; i < scenario->rule_count; i++) {
        const struct scenario_rule *rule = &scenario->rules[i];
        bool by_position = false;
        for (uint32_t k = 0; k < rule->faults.exact_count; k++) {
            by_position = by_position || rule->faults.exact[k].which == EXACT_POSITIONS;
        }
        const char *memory = rule->kind == RULE_FAULTS ? fault_set_memory(&rule->faults) : NULL;
        if (rule->kind == RULE_NOTE || rule->kind == RULE_HEAL ||
            (!rule->timed && !by_position && memory == NULL)) {
            continue;
        }
        if (scenario_rule_is_of_nodes(rule)) {
            verify_exempt(verify, "what happens to nodes races with the datagrams");
            continue;
        }
        for (uint32_t link = 0; link < scenario->link_count; link++) {
            if (scenario_in_bitmap(rule->links, link)) {
                /* With one client, all goes in order. */
                verify->link_exempt[link] |=
                    rule->timed || memory != NULL || scenario->client_count > 1;
            }
        }
        if (rule->timed) {
            verify_exempt(verify, "timed faults race with the datagrams");
        } else if (memory != NULL) {
            verify_exempt(verify, "faults with a memory go by the order on the link");
        } else if (scenario->client_count > 1) {
            verify_exempt(verify, "faults by position go by the order on the link");
        }
    }
}

static void verify_exempt_nodes(struct verify *verify)
{
    const struct scenario *scenario = verify->scenario;
    uint64_t open = 0;

    for (uint32_t g = 0; g < scenario->group_count; g++) {
        const struct scenario_clients *group = &scenario->groups[g];
        uint64_t window =
            group->window < group->request_count ? group->window : group->request_count;
        open += window * group->count;
        if (group->plain) {
            verify_exempt(verify, "plain requests go by their order");
        }
    }
    for (uint32_t i = 0; i < scenario->server_count; i++) {
        const struct scenario_server *server = &scenario->servers[i];
        bool waits = server->service_ns > 0 || server->jitter_ns > 0;
        if (waits && open > 1) {
            verify_exempt(verify, "requests wait for a server in the order of their arrival");
        }
    }
    if (scenario->broker.pending < open) {
        verify_exempt(verify, "the broker's table can fill");
    }
}

/* ---- requests ---------------------------------------------------------------------------------
 */

static uint64_t verify_place(const struct verify *verify, const struct request_result *request)
{
    return verify->first[request->client] + request->n - 1;
}

/* Whether it was close in one of the worlds. */
static bool verify_is_close(const struct verify *verify, const struct request_result *virtual,
                            const struct request_result *real)
{
    return real->undecided || virtual->margin_ns < VERDICT_MARGIN_NS ||
           verify->races[verify_place(verify, real)].raced;
}

/* Whether the time limit, which may find other requests open, ended one of the two. */
static bool verify_is_cut_off(const struct verify *verify, const struct request_result *virtual,
                              const struct request_result *real)
{
    return verify->limit_reached &&
           (virtual->outcome == OUTCOME_CANCELLED || real->outcome == OUTCOME_CANCELLED);
}

/* Compares the requests; as verify_fates_compare. `order`: places -> the virtual run's results. */
static uint64_t verify_requests_compare(struct verify *verify, const struct verdict *expected,
                                        const uint64_t *order, const struct verdict *seen,
                                        uint32_t run)
{
    struct verify_result *result = verify->result;
    uint64_t stay = 0;

    result->requests_compared = 0;
    result->requests_left_out = 0;
    result->requests_close = 0;
    for (uint64_t i = 0; i < seen->request_count; i++) {
        const struct request_result *real = &seen->requests[i];
        uint64_t place = verify_place(verify, real);
        const struct request_result *virtual = &expected->requests[order[place]];
        if (verify->outcomes_exempt || verify_is_cut_off(verify, virtual, real)) {
            result->requests_left_out++;
            continue;
        }
        if (verify_is_close(verify, virtual, real)) {
            result->requests_left_out++;
            result->requests_close++;
            continue;
        }
        result->requests_compared++;
        if (real->outcome == virtual->outcome && real->code == virtual->code &&
            real->tries == virtual->tries) {
            continue;
        }
        verify->shown[place]++;
        result->passing++;
        if (verify->shown[place] < run) {
            continue;
        }
        stay++;
        if (run == VERIFY_RUNS_MAX && result->difference[0] == '\0') {
            snprintf(result->difference, sizeof result->difference,
                     "%s/%u: virtual %s (code %u, tries %u), real %s (code %u, tries %u)",
                     verify->scenario->nodes[real->client].name, real->n,
                     outcome_name((enum outcome) virtual->outcome), virtual->code, virtual->tries,
                     outcome_name((enum outcome)real->outcome), real->code, real->tries);
        }
    }
    return stay;
}

/* ---- runs -------------------------------------------------------------------------------------
 */

static void verify_take(void *context, const struct trace_record *record, const uint8_t *bytes)
{
    struct verify_sink *sink = context;

    (void)bytes;
    verify_fates_take(sink, record);
    verify_races_take(sink->verify, record);
}

/* One run whose fates and requests are kept. The verdict is to be freed if 0 is returned. */
static int verify_one(struct verify *verify, const struct run_options *options,
                      enum scenario_world world, struct verdict *verdict,
                      struct verify_fates *fates, int *signal, char error[RUN_ERROR_MAX])
{
    struct scenario scenario = *verify->scenario; /* all it points to stays the scenario's */
    struct run_options keeping = *options;
    struct verify_sink sink = {.verify = verify, .fates = fates};
    struct run_facts facts;

    scenario.world = world;
    keeping.keep_requests = true;
    keeping.trace_off = false;
    keeping.events = (struct trace_sink){.take = verify_take, .context = &sink};
    verify_races_clear(verify->races, scenario.request_count);
    if (run_scenario(&scenario, &keeping, verdict, &facts, error) != 0) {
        return -1;
    }
    verdict->scenario = verify->scenario;
    verify->result->datagrams_left_out = sink.left_out;
    *signal = facts.end == RUN_SIGNAL ? facts.signal : 0;
    verify->limit_reached |= world == WORLD_VIRTUAL && facts.end == RUN_TIME_LIMIT;
    bool whole = facts.missing_records == 0 && !fates->failed;
    run_facts_free(&facts);
    if (!whole) {
        verdict_free(verdict);
        snprintf(error, RUN_ERROR_MAX, "no memory for all that happens in a run");
        return -1;
    }
    return 0;
}

/* One real run beside the virtual one. *stay: differences that every real run has shown so far. */
static int verify_real_run(struct verify *verify, const struct run_options *options,
                           const struct verdict *expected, const uint64_t *order,
                           struct verify_fates *expected_fates, uint32_t run, uint64_t *stay,
                           int *signal, char error[RUN_ERROR_MAX])
{
    struct verify_fates fates;
    struct verdict verdict;
    int status = -1;

    if (verify_fates_init(&fates) != 0) {
        snprintf(error, RUN_ERROR_MAX, "no memory for the fates of a run");
        return -1;
    }
    if (verify_one(verify, options, WORLD_REAL, &verdict, &fates, signal, error) == 0) {
        verify->result->runs = run;
        if (*signal == 0) {
            *stay = verify_requests_compare(verify, expected, order, &verdict, run) +
                    verify_fates_compare(verify, expected_fates, &fates, run);
        }
        verdict_free(&verdict);
        status = 0;
    }
    verify_fates_free(&fates);
    return status;
}

/* The places of the virtual run's results: NULL if there is no memory. */
static uint64_t *verify_order(const struct verify *verify, const struct verdict *verdict)
{
    uint64_t *order = calloc(verify->scenario->request_count + 1, sizeof *order);

    for (uint64_t i = 0; order != NULL && i < verdict->request_count; i++) {
        order[verify_place(verify, &verdict->requests[i])] = i;
    }
    return order;
}

static int verify_no_memory(const struct verify *verify, char error[RUN_ERROR_MAX])
{
    snprintf(error, RUN_ERROR_MAX, "no memory to compare %llu requests",
             (unsigned long long)verify->scenario->request_count);
    return -1;
}

static int verify_real(struct verify *verify, const struct run_options *options, int *signal,
                       char error[RUN_ERROR_MAX])
{
    struct verify_fates fates;
    struct verdict verdict;
    uint64_t stay = 1;
    int status;

    if (verify_fates_init(&fates) != 0) {
        snprintf(error, RUN_ERROR_MAX, "no memory for the fates of a run");
        return -1;
    }
    status = verify_one(verify, options, WORLD_VIRTUAL, &verdict, &fates, signal, error);
    if (status == 0) {
        uint64_t *order = verify_order(verify, &verdict);
        if (order == NULL) {
            status = verify_no_memory(verify, error);
        }
        verify_races_keep(verify->races, verify->scenario->request_count);
        if (verify->limit_reached) {
            verify_name(verify, "the time limit cuts off what the clock finds open");
        }
        for (uint32_t run = 1; status == 0 && *signal == 0 && stay > 0 && run <= VERIFY_RUNS_MAX;
             run++) {
            status = verify_real_run(verify, options, &verdict, order, &fates, run, &stay, signal,
                                     error);
        }
        free(order);
        verdict_free(&verdict);
    }
    verify_fates_free(&fates);
    verify->result->same = stay == 0;
    return status;
}

/* ---- the virtual world, twice ------------------------------------------------------------------
 */

/* A hash of all records and bytes so far, and of how many there were. */
struct verify_log {
    uint64_t hash;
    uint64_t count;
};

static void verify_take_log(void *context, const struct trace_record *record, const uint8_t *bytes)
{
    /* Field by field: what lies between and behind them says nothing. */
    const uint64_t words[] = {
        record->t_ns,
        record->id,
        record->due_ns,
        record->value_ns,
        (uint64_t)record->node << 32 | record->from,
        (uint64_t)record->to << 32 | record->client,
        (uint64_t)record->n << 32 | record->carriage,
        (uint64_t)record->size << 32 | (uint64_t)record->code << 16 | record->bytes_size,
        (uint64_t)record->event << 40 | (uint64_t)record->reason << 32 |
            (uint64_t)record->try << 24 | (uint64_t)record->copy << 16 |
            (uint64_t)record->form << 8 | record->op,
        (uint64_t)record->cut << 16 | record->flip,
    };
    struct verify_log *log = context;

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        log->hash = prng_draw(log->hash, words[i]);
    }
    if (record->bytes_size > 0) {
        log->hash = prng_draw_text(log->hash, (const char *)bytes, record->bytes_size);
    }
    log->count++;
}

static int verify_virtual(struct verify *verify, const struct run_options *options, int *signal,
                          char error[RUN_ERROR_MAX])
{
    struct verify_log logs[2] = {{0}};

    for (unsigned i = 0; i < 2 && *signal == 0; i++) {
        struct run_options logging = *options;
        struct verdict verdict;
        struct run_facts facts;
        logging.trace_off = false;
        logging.events = (struct trace_sink){.take = verify_take_log, .context = &logs[i]};
        if (run_scenario(verify->scenario, &logging, &verdict, &facts, error) != 0) {
            return -1;
        }
        *signal = facts.end == RUN_SIGNAL ? facts.signal : 0;
        verify->result->requests_compared = verify->scenario->request_count;
        verdict_free(&verdict);
        run_facts_free(&facts);
    }
    verify->result->runs = 2;
    verify->result->datagrams_compared = logs[0].count;
    verify->result->same = logs[0].hash == logs[1].hash && logs[0].count == logs[1].count;
    if (!verify->result->same) {
        snprintf(verify->result->difference, sizeof verify->result->difference,
                 "two virtual runs gave different records (%llu and %llu of them)",
                 (unsigned long long)logs[0].count, (unsigned long long)logs[1].count);
    }
    return 0;
}

int verify_run(const struct scenario *scenario, const struct run_options *options,
               struct verify_result *result, int *signal, char error[RUN_ERROR_MAX])
{
    struct verify verify = {.scenario = scenario, .result = result};
    uint64_t requests = 0;
    int status = -1;

    *result = (struct verify_result){0};
    *signal = 0;
    if (scenario->world == WORLD_VIRTUAL) {
        return verify_virtual(&verify, options, signal, error);
    }
    verify.link_exempt = calloc(scenario->link_count + 1, sizeof *verify.link_exempt);
    verify.shown = calloc(scenario->request_count + 1, sizeof *verify.shown);
    verify.first = calloc(scenario->node_count, sizeof *verify.first);
    verify.races = calloc(scenario->request_count + 1, sizeof *verify.races);
    if (verify.link_exempt == NULL || verify.shown == NULL || verify.first == NULL ||
        verify.races == NULL) {
        status = verify_no_memory(&verify, error);
    } else {
        for (uint32_t node = 0; node < scenario->node_count; node++) {
            verify.first[node] = requests;
            if (scenario->nodes[node].kind == NODE_KIND_CLIENT) {
                requests += scenario->groups[scenario->nodes[node].index].request_count;
            }
        }
        verify_exempt_rules(&verify);
        verify_exempt_nodes(&verify);
        status = verify_real(&verify, options, signal, error);
    }
    free(verify.link_exempt);
    free(verify.shown);
    free(verify.first);
    free(verify.races);
    return status;
}
