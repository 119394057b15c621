#include "scenario/write.h"

#include <string.h>

#include "base/bytes.h"
#include "base/time.h"
#include "scenario/write_parts.h"

/* Bytes of a duration's text, with the NUL. */
#define WRITE_DURATION_MAX 48

/* ---- words ------------------------------------------------------------------------------------
 */

void writer_put_duration(const struct writer *writer, const char *word, uint64_t span_ns)
{
    char text[WRITE_DURATION_MAX];

    scenario_format_duration(text, sizeof text, span_ns);
    fprintf(writer->out, " %s%s%s", word, word[0] != '\0' ? " " : "", text);
}

static void writer_put_bytes(const struct writer *writer, const uint8_t *bytes, size_t size,
                             bool fields)
{
    for (size_t i = 0; i < size; i++) {
        if (bytes[i] == '"' || bytes[i] == '\\') {
            fprintf(writer->out, "\\%c", bytes[i]);
        } else if (!bytes_is_printable(bytes[i]) || (fields && bytes[i] == '{')) {
            fprintf(writer->out, "\\x%02x", bytes[i]);
        } else {
            fputc(bytes[i], writer->out);
        }
    }
}

void writer_put_quoted(const struct writer *writer, const uint8_t *bytes, size_t size, bool fields)
{
    fputc('"', writer->out);
    writer_put_bytes(writer, bytes, size, fields);
    fputc('"', writer->out);
}

void writer_put_prefix(const struct writer *writer, const struct scenario_clients *clients)
{
    fputs(clients->prefix, writer->out);
    if (clients->part) {
        fprintf(writer->out, "%u-", clients->first_number);
    }
}

void writer_put_name(const struct writer *writer, uint32_t node)
{
    const struct scenario *scenario = writer->plan->scenario;
    const struct scenario_node *what = &scenario->nodes[node];

    if (what->kind != NODE_KIND_CLIENT) {
        fputs(what->name, writer->out);
    } else if (scenario->groups[what->index].single) {
        fputs(scenario->groups[what->index].prefix, writer->out);
    } else {
        writer_put_prefix(writer, &scenario->groups[what->index]);
        fprintf(writer->out, "%u", write_plan_node(writer->plan, node));
    }
}

static void writer_put_text(const struct writer *writer, const struct client_text *text)
{
    if (text->random) {
        fprintf(writer->out, " random %ub..%ub", text->random_size_min, text->random_size_max);
        return;
    }
    fputs(" \"", writer->out);
    for (uint32_t i = 0; i < text->part_count; i++) {
        switch (text->parts[i].kind) {
        case CLIENT_TEXT_LITERAL:
            writer_put_bytes(writer, text->parts[i].bytes, text->parts[i].size, true);
            break;
        case CLIENT_TEXT_CLIENT:
            fputs("{client}", writer->out);
            break;
        case CLIENT_TEXT_N:
            fputs("{n}", writer->out);
            break;
        }
    }
    fputc('"', writer->out);
}

static void writer_put_policy(const struct writer *writer, const struct retry_policy *policy)
{
    static const char *const BACKOFFS[] = {"constant", "linear", "exponential"};
    static const char *const JITTERS[] = {"none", "coap", "full", "equal", "decorrelated"};

    writer_put_duration(writer, "timeout", policy->timeout_ns);
    fprintf(writer->out, " tries %u backoff %s", policy->tries, BACKOFFS[policy->backoff]);
    if (policy->backoff == BACKOFF_EXPONENTIAL) {
        char factor[32];
        scenario_format_milli(factor, sizeof factor, policy->factor_milli);
        fprintf(writer->out, " %s", factor);
    }
    if (policy->jitter != JITTER_NONE) {
        fprintf(writer->out, " jitter %s", JITTERS[policy->jitter]);
    }
    if (policy->cap_ns != TIME_NEVER) {
        writer_put_duration(writer, "cap", policy->cap_ns);
    }
}

/* ---- nodes ------------------------------------------------------------------------------------
 */

static void writer_put_servers(const struct writer *writer)
{
    const struct scenario *scenario = writer->plan->scenario;

    for (uint32_t i = 0; i < scenario->server_count; i++) {
        const struct scenario_server *server = &scenario->servers[i];
        fprintf(writer->out, "server  %s", op_name(server->op));
        writer_put_duration(writer, "service", server->service_ns);
        if (server->exponential) {
            fputs(" distribution exponential", writer->out);
        } else if (server->jitter_ns > 0) {
            writer_put_duration(writer, "", server->jitter_ns);
        }
        fprintf(writer->out, " workers %u queue %u\n", server->workers, server->queue);
    }
}

static void writer_put_broker(const struct writer *writer)
{
    const struct scenario_broker *broker = &writer->plan->scenario->broker;

    fprintf(writer->out, "broker  pending %u", broker->pending);
    if (broker->policy.timeout_ns > 0) {
        writer_put_policy(writer, &broker->policy);
    }
    fputc('\n', writer->out);
}

static void writer_put_step(const struct writer *writer, const struct client_step *step,
                            uint32_t count)
{
    if (count == 0) {
        return;
    }
    switch (step->kind) {
    case CLIENT_SEND:
        fprintf(writer->out, "  send %u %s", count, step->op);
        writer_put_text(writer, &step->text);
        if (step->every_ns > 0) {
            writer_put_duration(writer, "every", step->every_ns);
            fputs(step->poisson ? " distribution exponential" : "", writer->out);
        }
        break;
    case CLIENT_WAIT:
        fputs("  wait", writer->out);
        writer_put_duration(writer, "", step->wait_ns);
        break;
    case CLIENT_RAW:
        fputs("  raw", writer->out);
        writer_put_text(writer, &step->text);
        break;
    }
    fputc('\n', writer->out);
}

static void writer_put_clients(const struct writer *writer, uint32_t number)
{
    const struct scenario_clients *clients = &writer->plan->scenario->groups[number];
    const struct write_group *group = &writer->plan->groups[number];

    if (group->client_count == 0) {
        return;
    }
    if (clients->single) {
        fprintf(writer->out, "client  %s", clients->prefix);
    } else {
        fprintf(writer->out, "clients %u as ", group->client_count);
        writer_put_prefix(writer, clients);
    }
    writer_put_policy(writer, &clients->policy);
    writer_put_duration(writer, "deadline", clients->deadline_ns);
    if (clients->window == CLIENT_WINDOW_UNLIMITED) {
        fputs(" window unlimited", writer->out);
    } else {
        fprintf(writer->out, " window %u", clients->window);
    }
    if (clients->start_ns > 0) {
        writer_put_duration(writer, "start", clients->start_ns);
    }
    fputs(clients->plain ? " plain\n" : "\n", writer->out);
    for (uint32_t i = 0; i < clients->step_count; i++) {
        writer_put_step(writer, &clients->steps[i], group->step_count[i]);
    }
}

/* ---- the whole --------------------------------------------------------------------------------
 */

static void writer_put_story(const struct writer *writer, const char *story)
{
    while (*story != '\0') {
        size_t size = strcspn(story, "\n");
        fprintf(writer->out, "#%s%.*s\n", size > 0 ? " " : "", (int)size, story);
        story += size + (story[size] == '\n');
    }
}

static void writer_put_title(const struct writer *writer, const char *title)
{
    if (title != NULL) {
        fputs("title   ", writer->out);
        writer_put_quoted(writer, (const uint8_t *)title, strlen(title), false);
        fputc('\n', writer->out);
    }
}

/* An expectation about one request says it by its new number; any other as it was written. */
static void writer_put_expectation(const struct writer *writer,
                                   const struct expectation *expectation)
{
    bool reply = expectation->kind == EXPECT_REPLY;

    fputs("expect ", writer->out);
    if (expectation->label != NULL) {
        writer_put_quoted(writer, (const uint8_t *)expectation->label, strlen(expectation->label),
                          false);
        fputc(' ', writer->out);
    }
    if (!reply && expectation->kind != EXPECT_OUTCOME) {
        fprintf(writer->out, "%s\n", expectation->text);
        return;
    }
    uint32_t group = writer->plan->scenario->nodes[expectation->client].index;
    fputs(reply ? "reply of " : "outcome of ", writer->out);
    writer_put_name(writer, expectation->client);
    fprintf(writer->out, "/%u = ", write_plan_n(writer->plan, group, expectation->n));
    if (reply) {
        writer_put_quoted(writer, expectation->reply, expectation->reply_size, true);
    } else {
        fputs(outcome_name(expectation->outcome), writer->out);
    }
    fputc('\n', writer->out);
}

bool write_scenario(FILE *out, const struct write_plan *plan, const char *story)
{
    const struct scenario *scenario = plan->scenario;
    const struct writer writer = {.out = out, .plan = plan};

    writer_put_story(&writer, story);
    writer_put_title(&writer, scenario->title);
    fprintf(out, "seed    %llu\nworld   virtual\ntime-limit", (unsigned long long)scenario->seed);
    writer_put_duration(&writer, "", scenario->time_limit_ns);
    fputs("\n\n", out);
    bool good = writer_put_rules(&writer);
    writer_put_choices(&writer);
    fputc('\n', out);
    writer_put_servers(&writer);
    writer_put_broker(&writer);
    for (uint32_t g = 0; g < scenario->group_count; g++) {
        writer_put_clients(&writer, g);
    }
    if (plan->expectation != UINT32_MAX) {
        fputc('\n', out);
        writer_put_expectation(&writer, &scenario->expectations[plan->expectation]);
    }
    return good && !ferror(out);
}
