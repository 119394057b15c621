#include "scenario/write.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/time.h"

/* Bytes of a duration's text, with the NUL. */
#define WRITE_DURATION_MAX 48

/* ---- plans ------------------------------------------------------------------------------------
 */

static int write_group_init(struct write_group *group, const struct scenario_clients *clients)
{
    *group = (struct write_group){.client_count = clients->count};
    group->clients = calloc(clients->count, sizeof *group->clients);
    group->step_skip = calloc(clients->step_count + 1, sizeof *group->step_skip);
    group->step_count = calloc(clients->step_count + 1, sizeof *group->step_count);
    if (group->clients == NULL || group->step_skip == NULL || group->step_count == NULL) {
        return -ENOMEM;
    }
    for (uint32_t i = 0; i < clients->count; i++) {
        group->clients[i] = clients->first_node + i;
    }
    for (uint32_t i = 0; i < clients->step_count; i++) {
        group->step_count[i] = clients->steps[i].kind == CLIENT_SEND ? clients->steps[i].count : 1;
    }
    return 0;
}

int write_plan_init(struct write_plan *plan, const struct scenario *scenario)
{
    *plan = (struct write_plan){.scenario = scenario, .expectation = UINT32_MAX};
    plan->groups = calloc(scenario->group_count + 1, sizeof *plan->groups);
    for (uint32_t g = 0; plan->groups != NULL && g < scenario->group_count; g++) {
        if (write_group_init(&plan->groups[g], &scenario->groups[g]) != 0) {
            write_plan_free(plan);
            return -ENOMEM;
        }
    }
    return plan->groups == NULL ? -ENOMEM : 0;
}

void write_plan_free(struct write_plan *plan)
{
    for (uint32_t g = 0; plan->groups != NULL && g < plan->scenario->group_count; g++) {
        free(plan->groups[g].clients);
        free(plan->groups[g].step_skip);
        free(plan->groups[g].step_count);
    }
    free(plan->groups);
    plan->groups = NULL;
}

int write_plan_copy(struct write_plan *copy, const struct write_plan *plan)
{
    int status = write_plan_init(copy, plan->scenario);

    if (status != 0) {
        return status;
    }
    copy->choices = plan->choices;
    copy->choice_count = plan->choice_count;
    copy->expectation = plan->expectation;
    copy->chance = plan->chance;
    for (uint32_t g = 0; g < plan->scenario->group_count; g++) {
        const struct write_group *from = &plan->groups[g];
        struct write_group *to = &copy->groups[g];
        uint32_t steps = plan->scenario->groups[g].step_count;
        to->client_count = from->client_count;
        memcpy(to->clients, from->clients, from->client_count * sizeof *to->clients);
        memcpy(to->step_skip, from->step_skip, steps * sizeof *to->step_skip);
        memcpy(to->step_count, from->step_count, steps * sizeof *to->step_count);
    }
    return 0;
}

/* The request's new number, 0 if it is not kept. */
static uint32_t write_new_n(const struct write_plan *plan, uint32_t group_index, uint32_t n)
{
    const struct scenario_clients *clients = &plan->scenario->groups[group_index];
    const struct write_group *group = &plan->groups[group_index];
    uint32_t before = 0;     /* requests of earlier steps */
    uint32_t new_before = 0; /* and how many of them are kept */

    for (uint32_t i = 0; i < clients->step_count; i++) {
        if (clients->steps[i].kind != CLIENT_SEND) {
            continue;
        }
        if (n <= before + clients->steps[i].count) {
            uint32_t offset = n - before - 1;
            bool kept = offset >= group->step_skip[i] &&
                        offset - group->step_skip[i] < group->step_count[i];
            return kept ? new_before + offset - group->step_skip[i] + 1 : 0;
        }
        before += clients->steps[i].count;
        new_before += group->step_count[i];
    }
    return 0;
}

bool write_plan_request(const struct write_plan *plan, uint32_t client, uint32_t n,
                        uint32_t *new_client, uint32_t *new_n)
{
    uint32_t group_index = plan->scenario->nodes[client].index;
    const struct write_group *group = &plan->groups[group_index];

    for (uint32_t i = 0; i < group->client_count; i++) {
        if (group->clients[i] == client) {
            *new_client = i + 1;
            *new_n = write_new_n(plan, group_index, n);
            return *new_n > 0;
        }
    }
    return false;
}

/* ---- words ------------------------------------------------------------------------------------
 */

static void write_duration(FILE *out, const char *word, uint64_t span_ns)
{
    char text[WRITE_DURATION_MAX];

    scenario_format_duration(text, sizeof text, span_ns);
    fprintf(out, " %s%s%s", word, word[0] != '\0' ? " " : "", text);
}

/* Bytes of a text between quotes; `fields`: a brace must be escaped. */
static void write_bytes(FILE *out, const uint8_t *bytes, size_t size, bool fields)
{
    for (size_t i = 0; i < size; i++) {
        if (bytes[i] == '"' || bytes[i] == '\\') {
            fprintf(out, "\\%c", bytes[i]);
        } else if (!bytes_is_printable(bytes[i]) || (fields && bytes[i] == '{')) {
            fprintf(out, "\\x%02x", bytes[i]);
        } else {
            fputc(bytes[i], out);
        }
    }
}

static void write_text(FILE *out, const struct client_text *text)
{
    if (text->random) {
        fprintf(out, " random %ub..%ub", text->random_size_min, text->random_size_max);
        return;
    }
    fputs(" \"", out);
    for (uint32_t i = 0; i < text->part_count; i++) {
        switch (text->parts[i].kind) {
        case CLIENT_TEXT_LITERAL:
            write_bytes(out, text->parts[i].bytes, text->parts[i].size, true);
            break;
        case CLIENT_TEXT_CLIENT:
            fputs("{client}", out);
            break;
        case CLIENT_TEXT_N:
            fputs("{n}", out);
            break;
        }
    }
    fputc('"', out);
}

static void write_policy(FILE *out, const struct retry_policy *policy)
{
    static const char *const BACKOFFS[] = {"constant", "linear", "exponential"};
    static const char *const JITTERS[] = {"none", "coap", "full", "equal", "decorrelated"};

    write_duration(out, "timeout", policy->timeout_ns);
    fprintf(out, " tries %u backoff %s", policy->tries, BACKOFFS[policy->backoff]);
    if (policy->backoff == BACKOFF_EXPONENTIAL) {
        fprintf(out, " %u.%03u", policy->factor_milli / 1000, policy->factor_milli % 1000);
    }
    if (policy->jitter != JITTER_NONE) {
        fprintf(out, " jitter %s", JITTERS[policy->jitter]);
    }
    if (policy->cap_ns != TIME_NEVER) {
        write_duration(out, "cap", policy->cap_ns);
    }
}

/* ---- nodes ------------------------------------------------------------------------------------
 */

static void write_servers(FILE *out, const struct scenario *scenario)
{
    for (uint32_t i = 0; i < scenario->server_count; i++) {
        const struct scenario_server *server = &scenario->servers[i];
        fprintf(out, "server  %s", op_name(server->op));
        write_duration(out, "service", server->service_ns);
        if (server->exponential) {
            fputs(" distribution exponential", out);
        } else if (server->jitter_ns > 0) {
            write_duration(out, "", server->jitter_ns);
        }
        fprintf(out, " workers %u queue %u\n", server->workers, server->queue);
    }
}

static void write_broker(FILE *out, const struct scenario_broker *broker)
{
    fprintf(out, "broker  pending %u", broker->pending);
    if (broker->policy.timeout_ns > 0) {
        write_policy(out, &broker->policy);
    }
    fputc('\n', out);
}

static void write_step(FILE *out, const struct client_step *step, uint32_t count)
{
    switch (step->kind) {
    case CLIENT_SEND:
        if (count == 0) {
            return;
        }
        fprintf(out, "  send %u %s", count, step->op);
        write_text(out, &step->text);
        if (step->every_ns > 0) {
            write_duration(out, "every", step->every_ns);
            fputs(step->poisson ? " distribution exponential" : "", out);
        }
        break;
    case CLIENT_WAIT:
        fputs("  wait", out);
        write_duration(out, "", step->wait_ns);
        break;
    case CLIENT_RAW:
        fputs("  raw", out);
        write_text(out, &step->text);
        break;
    }
    fputc('\n', out);
}

/* What the numbers of a group's clients stand behind: of a part of a `clients` line a prefix of its
 * own, since its clients are counted from 1 again. */
static void write_prefix(FILE *out, const struct scenario_clients *clients)
{
    fputs(clients->prefix, out);
    if (clients->part) {
        fprintf(out, "%u-", clients->first_number);
    }
}

static void write_clients(FILE *out, const struct scenario_clients *clients,
                          const struct write_group *group)
{
    if (group->client_count == 0) {
        return;
    }
    if (clients->single) {
        fprintf(out, "client  %s", clients->prefix);
    } else {
        fprintf(out, "clients %u as ", group->client_count);
        write_prefix(out, clients);
    }
    write_policy(out, &clients->policy);
    write_duration(out, "deadline", clients->deadline_ns);
    if (clients->window == CLIENT_WINDOW_UNLIMITED) {
        fputs(" window unlimited", out);
    } else {
        fprintf(out, " window %u", clients->window);
    }
    if (clients->start_ns > 0) {
        write_duration(out, "start", clients->start_ns);
    }
    fputs(clients->plain ? " plain\n" : "\n", out);
    for (uint32_t i = 0; i < clients->step_count; i++) {
        write_step(out, &clients->steps[i], group->step_count[i]);
    }
}

/* ---- links ------------------------------------------------------------------------------------
 */

/* Length of the word at `at`, up to a blank or the end. */
static size_t write_word_size(const char *at)
{
    return strcspn(at, " ");
}

static bool write_word_is(const char *at, const char *word)
{
    return strlen(word) == write_word_size(at) && strncmp(at, word, strlen(word)) == 0;
}

static const char *write_skip(const char *at)
{
    at += write_word_size(at);
    return *at == ' ' ? at + 1 : at;
}

static bool write_is_duration(const char *at)
{
    size_t size = write_word_size(at);
    return size > 1 && *at >= '0' && *at <= '9' && at[size - 1] >= 'a' && at[size - 1] <= 'z';
}

/* A rule's text without what chance decides: `loss P`, `duplicate P`, jitters. Returns the number
 * of faults left in it. */
static uint32_t write_without_chance(FILE *out, const char *text, bool chance)
{
    uint32_t faults = 0;
    const char *at = text;

    while (*at != '\0') {
        bool loss = write_word_is(at, "loss");
        const char *value = write_skip(at);
        bool duplicate = write_word_is(at, "duplicate") && write_word_size(value) > 0 &&
                         value[write_word_size(value) - 1] == '%';
        if (!chance && (loss || duplicate)) {
            at = write_skip(value);
            continue;
        }
        bool delay = write_word_is(at, "delay");
        faults += delay || loss || duplicate || write_word_is(at, "down") ||
                  write_word_is(at, "clear") || write_word_is(at, "drop") ||
                  write_word_is(at, "duplicate");
        fprintf(out, " %.*s", (int)write_word_size(at), at);
        at = write_skip(at);
        if (delay) {
            fprintf(out, " %.*s", (int)write_word_size(at), at);
            at = write_skip(at);
            if (!chance && write_is_duration(at)) {
                at = write_skip(at);
            }
            if (!chance && write_word_is(at, "distribution")) {
                at = write_skip(write_skip(at));
            }
        }
    }
    return faults;
}

/* A `network`, `link` or `at` line; nothing if no fault is left of it. */
static bool write_rule(FILE *out, const struct scenario_rule *rule, bool chance)
{
    char *text = NULL;
    size_t size;
    FILE *line = open_memstream(&text, &size);
    uint32_t faults;

    if (line == NULL || rule->note != NULL) {
        return line != NULL && fclose(line) == 0 && (free(text), true);
    }
    faults = write_without_chance(line, rule->text, chance);
    if (fclose(line) != 0) {
        free(text);
        return false;
    }
    if (faults > 0 && !rule->timed) {
        fprintf(out, "%s\n", text + 1);
    } else if (faults > 0) {
        fputs("at", out);
        write_duration(out, "", rule->at_ns);
        if (rule->every_ns > 0) {
            write_duration(out, "every", rule->every_ns);
            if (rule->times != UINT64_MAX) {
                fprintf(out, " times %llu", (unsigned long long)rule->times);
            }
        }
        if (rule->for_ns != TIME_NEVER) {
            write_duration(out, "for", rule->for_ns);
        }
        fprintf(out, "%s\n", text);
    }
    free(text);
    return true;
}

/* The name of a client when the plan is carried out. */
static void write_client_name(FILE *out, const struct write_plan *plan, uint32_t client,
                              uint32_t new_client)
{
    const struct scenario_clients *clients =
        &plan->scenario->groups[plan->scenario->nodes[client].index];

    if (clients->single) {
        fputs(clients->prefix, out);
    } else {
        write_prefix(out, clients);
        fprintf(out, "%u", new_client);
    }
}

static void write_node_name(FILE *out, const struct write_plan *plan, uint32_t node)
{
    const struct scenario *scenario = plan->scenario;
    uint32_t new_client;
    uint32_t new_n;

    if (scenario->nodes[node].kind == NODE_KIND_CLIENT) {
        (void)write_plan_request(plan, node, 1, &new_client, &new_n);
        write_client_name(out, plan, node, new_client);
    } else {
        fputs(scenario->nodes[node].name, out);
    }
}

static void write_choice(FILE *out, const struct write_plan *plan,
                         const struct fault_choice *choice)
{
    static const char *const KINDS[] = {"drop", "duplicate", "delay"};
    uint32_t new_client;
    uint32_t new_n;
    bool known = choice->client != UINT32_MAX;

    if (choice->copy > 0 ||
        (known && !write_plan_request(plan, choice->client, choice->n, &new_client, &new_n))) {
        return;
    }
    fputs("link    ", out);
    write_node_name(out, plan, scenario_link_from(choice->link));
    fputs(" -> ", out);
    write_node_name(out, plan, scenario_link_to(choice->link));
    fprintf(out, "  %s", KINDS[choice->kind]);
    if (choice->kind == CHOICE_DELAY) {
        write_duration(out, "", choice->delay_ns);
    }
    if (!known) {
        fprintf(out, " %u\n", choice->n);
        return;
    }
    fprintf(out, " %u of request ", choice->carriage + 1);
    write_client_name(out, plan, choice->client, new_client);
    fprintf(out, "/%u try %u\n", new_n, choice->try);
}

/* ---- the whole --------------------------------------------------------------------------------
 */

static void write_story(FILE *out, const char *story)
{
    while (*story != '\0') {
        size_t size = strcspn(story, "\n");
        fprintf(out, "# %.*s\n", (int)size, story);
        story += size + (story[size] == '\n');
    }
}

static void write_expectation(FILE *out, const struct expectation *expectation)
{
    fputs("expect", out);
    if (expectation->label != NULL) {
        fputs(" \"", out);
        write_bytes(out, (const uint8_t *)expectation->label, strlen(expectation->label), false);
        fputc('"', out);
    }
    fprintf(out, " %s\n", expectation->text);
}

bool write_scenario(FILE *out, const struct write_plan *plan, const char *story)
{
    const struct scenario *scenario = plan->scenario;
    bool good = true;

    write_story(out, story);
    if (scenario->title != NULL) {
        fputs("title   \"", out);
        write_bytes(out, (const uint8_t *)scenario->title, strlen(scenario->title), false);
        fputs("\"\n", out);
    }
    fprintf(out, "seed    %llu\nworld   virtual\ntime-limit", (unsigned long long)scenario->seed);
    write_duration(out, "", scenario->time_limit_ns);
    fputs("\n\n", out);
    for (uint32_t i = 0; i < scenario->rule_count; i++) {
        good = write_rule(out, &scenario->rules[i], plan->chance) && good;
    }
    for (uint32_t i = 0; i < plan->choice_count; i++) {
        write_choice(out, plan, &plan->choices[i]);
    }
    fputc('\n', out);
    write_servers(out, scenario);
    write_broker(out, &scenario->broker);
    for (uint32_t g = 0; g < scenario->group_count; g++) {
        write_clients(out, &scenario->groups[g], &plan->groups[g]);
    }
    if (plan->expectation != UINT32_MAX) {
        fputc('\n', out);
        write_expectation(out, &scenario->expectations[plan->expectation]);
    }
    return good && !ferror(out);
}
