#include "world/swarm.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/prng.h"
#include "world/swarm_parts.h"

static const char *const SWARM_OPS[] = {"toupper", "tolower", "echo", "count"};

void swarm_put(struct swarm *swarm, const char *format, ...)
{
    va_list arguments;
    int wrote;

    va_start(arguments, format);
    wrote = vsnprintf(swarm->text + swarm->size, SWARM_TEXT_MAX - swarm->size, format, arguments);
    va_end(arguments);
    assert(wrote >= 0 && swarm->size + (size_t)wrote < SWARM_TEXT_MAX);
    swarm->size += (size_t)wrote;
}

unsigned swarm_number(struct swarm *swarm, unsigned low, unsigned high)
{
    uint64_t random = prng_draw(swarm->key, swarm->draws++);
    return low + (unsigned)prng_below(random, high - low + 1);
}

bool swarm_chance(struct swarm *swarm, unsigned percent)
{
    return swarm_number(swarm, 1, 100) <= percent;
}

/* ---- events -----------------------------------------------------------------------------------
 */

/* "at T [every D times N] [for D2]"; some events have no length. True: it has one. */
static bool swarm_time(struct swarm *swarm, bool lasts)
{
    unsigned every_ms = swarm_number(swarm, 60, 400);
    bool has_length = lasts && (swarm->passing || swarm_chance(swarm, 75));

    swarm_put(swarm, "at %ums", swarm_number(swarm, 0, 500));
    if (swarm_chance(swarm, 35)) {
        swarm_put(swarm, " every %ums times %u", every_ms, swarm_number(swarm, 1, 4));
    }
    if (has_length) {
        swarm_put(swarm, " for %ums", swarm_number(swarm, 1, every_ms - 1));
    }
    return has_length;
}

static void swarm_partition(struct swarm *swarm)
{
    static const char *const SIDES[] = {
        "clients | broker",  "broker | servers",  "broker | toupper", "g0* | broker",
        "broker -> servers", "servers -> broker", "g0* -> broker",    "broker -> clients"};
    unsigned sides = swarm_number(swarm, 0, 7);
    bool ends = swarm_time(swarm, true);

    swarm_put(swarm, " partition %s\n", SIDES[sides]);
    if (!ends || swarm_chance(swarm, 20)) {
        swarm_put(swarm, "at %ums heal\n", swarm_number(swarm, 0, 900));
    }
}

/* A crash or a pause, and most often what undoes it. */
static void swarm_node_event(struct swarm *swarm, bool crash)
{
    static const char *const HUBS[] = {"broker", "toupper", "tolower", "servers", "servers,broker"};
    static const char *const ANY[] = {"g0*", "clients", "g01", "broker,g0*", "*"};
    bool hub = crash || swarm_chance(swarm, 60);
    unsigned who = swarm_number(swarm, 0, 4);
    const char *name = hub ? HUBS[who] : ANY[who];
    bool ends = swarm_time(swarm, true);

    swarm_put(swarm, " %s %s\n", crash ? "crash" : "pause", name);
    if (!ends || swarm_chance(swarm, 20)) {
        swarm_put(swarm, "at %ums %s %s\n", swarm_number(swarm, 0, 900),
                  crash ? "restart" : "resume", name);
    }
}

/* Something on a node's own progress; what ends by itself, most often. */
static void swarm_when(struct swarm *swarm)
{
    static const char *const NODES[] = {"broker", "toupper", "tolower", "g01"};
    static const char *const PROGRESS[] = {"send", "deliver", "execute"};
    static const char *const EVENTS[] = {"crash", "pause", "restart", "link", "partition"};
    unsigned node = swarm_number(swarm, 0, 3);
    unsigned progress = swarm_number(swarm, 0, node == 1 || node == 2 ? 2 : 1);
    unsigned event = swarm_number(swarm, node == 3 ? 3 : 0, 4);

    swarm_put(swarm, "when %s %s", NODES[node], PROGRESS[progress]);
    if (swarm_chance(swarm, 40)) {
        swarm_put(swarm, " g01/1");
    }
    if (event != 2 && (event == 1 || swarm_chance(swarm, 85))) {
        swarm_put(swarm, " for %ums", swarm_number(swarm, 1, 400));
    }
    swarm_put(swarm, " %s %s", EVENTS[event], NODES[node]);
    if (event >= 3) {
        swarm_put(swarm, " -> %s%s", node == 0 ? "servers" : "broker", event == 3 ? " down" : "");
    }
    swarm_put(swarm, "\n");
}

static void swarm_events(struct swarm *swarm)
{
    for (unsigned lines = swarm->partitions ? swarm_number(swarm, 1, 2) : 0; lines > 0; lines--) {
        swarm_partition(swarm);
    }
    for (unsigned lines = swarm->crashes ? swarm_number(swarm, 1, 3) : 0; lines > 0; lines--) {
        swarm_node_event(swarm, true);
    }
    for (unsigned lines = swarm->pauses ? swarm_number(swarm, 1, 3) : 0; lines > 0; lines--) {
        swarm_node_event(swarm, false);
    }
    if (swarm->pauses) {
        swarm_put(swarm, "at 3s resume *\n"); /* lest a client never end */
    }
    for (unsigned lines = swarm->progress ? swarm_number(swarm, 1, 3) : 0; lines > 0; lines--) {
        swarm_when(swarm);
    }
}

/* ---- the nodes ------------------------------------------------------------------------------- */

static void swarm_policy(struct swarm *swarm, unsigned timeout_min_ms, unsigned timeout_max_ms)
{
    static const char *const BACKOFFS[] = {"constant", "linear", "exponential", "exponential 1.5",
                                           "exponential 3"};
    static const char *const JITTERS[] = {"none", "coap", "full", "equal", "decorrelated"};
    unsigned timeout_ms = swarm_number(swarm, timeout_min_ms, timeout_max_ms);

    swarm_put(swarm, " timeout %ums tries %u", timeout_ms, swarm_number(swarm, 1, 6));
    if (swarm->odd_policies) {
        swarm_put(swarm, " backoff %s", BACKOFFS[swarm_number(swarm, 0, 4)]);
        swarm_put(swarm, " jitter %s", JITTERS[swarm_number(swarm, 0, 4)]);
        if (swarm_chance(swarm, 50)) {
            swarm_put(swarm, " cap %ums", timeout_ms * swarm_number(swarm, 1, 8));
        }
    }
}

static void swarm_server(struct swarm *swarm, const char *op)
{
    unsigned service_us = swarm_number(swarm, 0, swarm->calm ? 400 : 40000);

    if (!swarm->service || !swarm_chance(swarm, 70)) {
        return;
    }
    swarm_put(swarm, "server %s service %uus", op, service_us);
    if (swarm_chance(swarm, 30)) {
        swarm_put(swarm, " %uus", swarm_number(swarm, 0, service_us));
    }
    if (swarm_chance(swarm, 50)) {
        swarm_put(swarm, " workers %u", swarm_number(swarm, 1, 4));
    }
    if (swarm->small_tables) {
        swarm_put(swarm, " queue %u", swarm_number(swarm, 0, 4));
    }
    swarm_put(swarm, "\n");
}

static void swarm_broker(struct swarm *swarm)
{
    if (!swarm->broker_leg && !swarm->small_tables) {
        return;
    }
    swarm_put(swarm, "broker");
    if (swarm->small_tables) {
        swarm_put(swarm, " pending %u", swarm_number(swarm, 1, 6));
    }
    if (swarm->broker_leg) {
        swarm_policy(swarm, swarm->calm ? 100 : 5, 120);
    }
    swarm_put(swarm, "\n");
}

static void swarm_step(struct swarm *swarm)
{
    const char *op = SWARM_OPS[swarm_number(swarm, 0, 3)];

    if (swarm->raw && swarm_chance(swarm, 20)) {
        swarm_put(swarm, swarm_chance(swarm, 50) ? "  raw random 0b..200b\n"
                                                 : "  raw \"toupper:rude {n}\"\n");
        return;
    }
    if (swarm_chance(swarm, 15)) {
        swarm_put(swarm, "  wait %ums\n", swarm_number(swarm, 0, 100));
        return;
    }
    op = swarm_chance(swarm, 3) ? "nobody" : op;
    swarm_put(swarm, "  send %u %s", swarm_number(swarm, 1, 6), op);
    swarm_put(swarm, swarm_chance(swarm, 30) ? " random 0b..600b" : " \"From {client}, Nr {n}\"");
    if (swarm_chance(swarm, 30)) {
        swarm_put(swarm, " every %ums", swarm_number(swarm, 0, 50) + 1);
        swarm_put(swarm, swarm_chance(swarm, 50) ? " distribution exponential" : "");
    }
    swarm_put(swarm, "\n");
}

/* Clients that begin at once or soon; `late`: when all faults that pass have passed. */
static void swarm_group(struct swarm *swarm, bool late)
{
    unsigned steps = swarm_number(swarm, 0, 3);
    const char *first_op;

    swarm_put(swarm, "clients %u as g%u", swarm_number(swarm, 1, 6), swarm->groups++);
    swarm_policy(swarm, swarm->calm ? 100 : 10, 300);
    if (!swarm->calm && swarm_chance(swarm, 30)) {
        swarm_put(swarm, " deadline %ums", swarm_number(swarm, 20, 900));
    }
    if (swarm->windows) {
        unsigned window = swarm_number(swarm, 1, 8);
        swarm_put(swarm, swarm_chance(swarm, 20) ? " window unlimited" : " window %u", window);
    }
    if (late) {
        swarm_put(swarm, " start 3s");
    } else if (swarm_chance(swarm, 30)) {
        swarm_put(swarm, " start %ums", swarm_number(swarm, 0, 200));
    }
    swarm_put(swarm, swarm->plain && swarm_chance(swarm, 50) ? " plain\n" : "\n");
    first_op = SWARM_OPS[swarm_number(swarm, 0, 3)];
    swarm_put(swarm, "  send %u %s \"First of {client}: {n}\"\n", swarm_number(swarm, 1, 5),
              first_op);
    while (steps-- > 0) {
        swarm_step(swarm);
    }
}

/* Most scenarios are stormy from beginning to end. Some are calm, and in some the faults pass:
 * what a system owes to its users then would not be looked at in a storm. */
static void swarm_choose_weather(struct swarm *swarm)
{
    unsigned weather = swarm_number(swarm, 1, 100);

    swarm->calm = weather <= 10;
    swarm->passing = weather > 10 && weather <= 35;
    if (swarm->calm || swarm->passing) {
        swarm->exact = false;
        swarm->raw = false;
        swarm->progress = false;
    }
    if (swarm->calm) {
        swarm->loss = false;
        swarm->delay = false;
        swarm->duplicate = false;
        swarm->damage = false;
        swarm->line = false;
        swarm->timed = false;
        swarm->partitions = false;
        swarm->crashes = false;
        swarm->pauses = false;
        swarm->small_tables = false;
    }
}

size_t swarm_write(uint64_t seed, char text[SWARM_TEXT_MAX])
{
    struct swarm swarm = {.text = text, .key = prng_draw(seed, UINT64_C(0x737761726d))};
    bool *const features[] = {
        &swarm.loss,     &swarm.delay,        &swarm.duplicate,    &swarm.exact,   &swarm.timed,
        &swarm.service,  &swarm.broker_leg,   &swarm.small_tables, &swarm.windows, &swarm.plain,
        &swarm.raw,      &swarm.odd_policies, &swarm.partitions,   &swarm.crashes, &swarm.pauses,
        &swarm.progress, &swarm.memory,       &swarm.spread,       &swarm.damage,  &swarm.line};

    for (unsigned i = 0; i < sizeof features / sizeof features[0]; i++) {
        *features[i] = swarm_chance(&swarm, i == 9 || i == 10 ? 15 : i > 11 ? 30 : 50);
    }
    swarm_choose_weather(&swarm);
    swarm_put(&swarm, "# A random scenario (swarm testing).\n");
    swarm_put(&swarm, "seed %llu\nworld virtual\ntime-limit 24h\n", (unsigned long long)seed);
    swarm_network(&swarm);
    swarm_events(&swarm);
    for (unsigned i = 0; i < 4; i++) {
        swarm_server(&swarm, SWARM_OPS[i]);
    }
    swarm_broker(&swarm);
    for (unsigned groups = swarm_number(&swarm, 1, 3); groups > 0; groups--) {
        swarm_group(&swarm, swarm.passing && groups == 1);
    }
    return swarm.size;
}
