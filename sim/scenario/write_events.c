#include "scenario/write_parts.h"

#include <inttypes.h>

#include "base/time.h"

/* What a `when` rule waits for. */
static void writer_put_progress(const struct writer *writer, const struct scenario_rule *rule)
{
    static const char *const PROGRESS[] = {"", "send", "deliver", "execute"};
    const struct scenario *scenario = writer->plan->scenario;

    fputs("when ", writer->out);
    writer_put_name(writer, rule->when_node);
    fprintf(writer->out, " %s", PROGRESS[rule->progress]);
    if (rule->when_client != NODE_NONE) {
        fputc(' ', writer->out);
        writer_put_name(writer, rule->when_client);
        fprintf(writer->out, "/%" PRIu32,
                write_plan_n(writer->plan, scenario->nodes[rule->when_client].index, rule->when_n));
    }
}

void writer_put_time(const struct writer *writer, const struct scenario_rule *rule)
{
    if (rule == NULL || !rule->timed) {
        return;
    }
    if (rule->progress != PROGRESS_NONE) {
        writer_put_progress(writer, rule);
    } else {
        fputs("at", writer->out);
        writer_put_duration(writer, "", rule->at_ns);
    }
    if (rule->every_ns > 0) {
        writer_put_duration(writer, "every", rule->every_ns);
        if (rule->times != UINT64_MAX) {
            fprintf(writer->out, " times %" PRIu64, rule->times);
        }
    }
    if (rule->for_ns != TIME_NEVER) {
        writer_put_duration(writer, "for", rule->for_ns);
    }
    fputc(' ', writer->out);
}

/* One line for each WRITE_NAMES_MAX kept nodes of the bitmap, and none if there are none: the time,
 * `before`, their names, `behind`. */
static void writer_put_nodes(const struct writer *writer, const struct scenario_rule *rule,
                             const uint64_t *nodes, const char *before, const char *behind)
{
    uint32_t names = 0;

    for (uint32_t node = 0; node < writer->plan->scenario->node_count; node++) {
        if (!scenario_in_bitmap(nodes, node) || write_plan_node(writer->plan, node) == 0) {
            continue;
        }
        if (names % WRITE_NAMES_MAX != 0) {
            fputc(',', writer->out);
        } else {
            fputs(names > 0 ? behind : "", writer->out);
            writer_put_time(writer, rule);
            fputs(before, writer->out);
        }
        writer_put_name(writer, node);
        names++;
    }
    fputs(names > 0 ? behind : "", writer->out);
}

/* One side has the broker; it alone has links to the other. */
static void writer_put_partition(const struct writer *writer, const struct scenario_rule *rule)
{
    bool broker_first = scenario_in_bitmap(rule->nodes, NODE_BROKER);
    const uint64_t *away = broker_first ? rule->others : rule->nodes;

    if (!rule->one_way) {
        writer_put_nodes(writer, rule, away, "partition broker | ", "\n");
    } else if (broker_first) {
        writer_put_nodes(writer, rule, away, "partition broker -> ", "\n");
    } else {
        writer_put_nodes(writer, rule, away, "partition ", " -> broker\n");
    }
}

bool writer_put_event(const struct writer *writer, const struct scenario_rule *rule)
{
    switch (rule->kind) {
    case RULE_FAULTS:
        return false;
    case RULE_NOTE:
        writer_put_time(writer, rule);
        fputs("note ", writer->out);
        writer_put_quoted(writer, (const uint8_t *)rule->note, rule->note_size, false);
        fputc('\n', writer->out);
        break;
    case RULE_PARTITION:
        writer_put_partition(writer, rule);
        break;
    case RULE_HEAL:
        writer_put_time(writer, rule);
        fputs("heal\n", writer->out);
        break;
    case RULE_CRASH:
        writer_put_nodes(writer, rule, rule->nodes, "crash ", "\n");
        break;
    case RULE_RESTART:
        writer_put_nodes(writer, rule, rule->nodes, "restart ", "\n");
        break;
    case RULE_PAUSE:
        writer_put_nodes(writer, rule, rule->nodes, "pause ", "\n");
        break;
    case RULE_RESUME:
        writer_put_nodes(writer, rule, rule->nodes, "resume ", "\n");
        break;
    }
    return true;
}

bool writer_never_happens(const struct writer *writer, const struct scenario_rule *rule)
{
    uint32_t client;
    uint32_t n;

    return rule->progress != PROGRESS_NONE &&
           (write_plan_node(writer->plan, rule->when_node) == 0 ||
            (rule->when_client != NODE_NONE &&
             !write_plan_request(writer->plan, rule->when_client, rule->when_n, &client, &n)));
}
