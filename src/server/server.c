#include "server/server.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/decimal.h"
#include "base/prng.h"
#include "base/time.h"
#include "protocol/code.h"

/* What a request asks for, as long as its bytes are still where they came in. */
struct server_request {
    struct reply_to to;
    uint64_t expires_ns; /* instant: not executed at or after it */
    const uint8_t *text;
    size_t text_size;
};

int server_init(struct server *server, const struct server_config *config)
{
    assert(config->op < OP_UNKNOWN);
    assert(config->workers >= 1 && config->workers <= SERVER_WORKERS_MAX);
    assert(config->queue <= SERVER_QUEUE_MAX);
    assert(!config->exponential || config->jitter_ns == 0);

    uint32_t job_max = config->workers + config->queue;
    *server = (struct server){.config = *config, .queue_head = MAP_NONE, .queue_tail = MAP_NONE};
    server->jobs = calloc(job_max, sizeof *server->jobs);
    server->free_jobs = calloc(job_max, sizeof *server->free_jobs);
    if (server->jobs == NULL || server->free_jobs == NULL ||
        heap_init(&server->busy, config->workers, false) != 0 ||
        (config->op == OP_COUNT && map_init(&server->counts, config->count_capacity) != 0)) {
        server_free(server);
        return -ENOMEM;
    }
    return 0;
}

void server_free(struct server *server)
{
    free(server->jobs);
    free(server->free_jobs);
    heap_free(&server->busy);
    map_free(&server->counts);
    *server = (struct server){0};
}

void server_restart(struct server *server)
{
    while (server->busy.count > 0) {
        (void)heap_pop(&server->busy);
    }
    map_clear(&server->counts);
    server->queue_head = MAP_NONE;
    server->queue_tail = MAP_NONE;
    server->queue_count = 0;
    server->free_count = 0;
    server->jobs_touched = 0;
}

/* ---- executing --------------------------------------------------------------------------------
 */

size_t server_execute(enum op op, uint32_t count, const uint8_t *text, size_t size, uint8_t *answer)
{
    assert(op < OP_UNKNOWN && size <= WIRE_TEXT_MAX);
    switch (op) {
    case OP_TOUPPER:
        for (size_t i = 0; i < size; i++) {
            answer[i] = bytes_upper(text[i]);
        }
        return size;
    case OP_TOLOWER:
        for (size_t i = 0; i < size; i++) {
            answer[i] = bytes_lower(text[i]);
        }
        return size;
    case OP_ECHO:
        if (size > 0) {
            memmove(answer, text, size);
        }
        return size;
    case OP_COUNT:
        return decimal_write(answer, count);
    case OP_UNKNOWN:
        break;
    }
    return 0;
}

/* The operation takes effect: counts it and puts NOTE_EXECUTE. False, and nothing done, if it is to
 * be counted and there is no room for one more id. A plain request has no id, so that each is a new
 * one: its count is 1. */
static bool server_take_effect(struct server *server, const struct reply_to *to,
                               const uint8_t *text, size_t text_size, uint64_t waited_ns,
                               uint32_t *count, struct outbox *outbox)
{
    *count = 1;
    if (server->config.op == OP_COUNT && to->id != 0) {
        uint32_t before = map_get(&server->counts, to->id);
        *count = before == MAP_NONE ? 1 : before < MAP_NONE - 1 ? before + 1 : before;
        if (!map_put(&server->counts, to->id, *count)) {
            return false;
        }
    }
    server->executed_count++;

    struct outbox_note *note = outbox_add_note(outbox, NOTE_EXECUTE);
    note->id = to->id;
    note->try = to->try;
    note->peer = to->client;
    note->bytes = text;
    note->size = (uint16_t)text_size;
    note->value_ns = waited_ns;
    return true;
}

static void server_answer(const struct server *server, const struct reply_to *to, uint32_t count,
                          const uint8_t *text, size_t text_size, struct outbox *outbox)
{
    uint8_t answer[WIRE_TEXT_MAX];

    if (server->config.op == OP_ECHO) {
        reply_add_answer(outbox, to, text, text_size);
        return;
    }
    size_t size = server_execute(server->config.op, count, text, text_size, answer);
    reply_add_answer(outbox, to, answer, size);
}

/* ---- jobs -------------------------------------------------------------------------------------
 */

static uint32_t server_take_job(struct server *server)
{
    if (server->free_count > 0) {
        return server->free_jobs[--server->free_count];
    }
    assert(server->jobs_touched < server->config.workers + server->config.queue);
    return server->jobs_touched++;
}

static void server_free_job(struct server *server, uint32_t index)
{
    server->free_jobs[server->free_count++] = index;
}

/* How long a worker is busy with a job: drawn anew for each id and try. */
static uint64_t server_draw_service_ns(const struct server *server, const struct reply_to *to)
{
    const struct server_config *config = &server->config;
    uint64_t id = to->id != 0 ? to->id : server->order; /* a plain request has none */
    uint64_t random = prng_draw(prng_draw(config->key, id), to->try);

    if (config->exponential) {
        return prng_exponential_ns(random, config->service_ns);
    }
    if (config->jitter_ns == 0) {
        return config->service_ns;
    }
    uint64_t above_least_ns = prng_below(random, 2 * config->jitter_ns);
    return time_since(config->jitter_ns, time_add(config->service_ns, above_least_ns));
}

/* The estimated wait for a worker, in ms: until the first is free, then a mean service time for
 * each of those that wait already, spread over the workers. */
static uint64_t server_estimate_wait_ms(const struct server *server, uint64_t now_ns)
{
    uint64_t each_ns = server->config.service_ns / server->config.workers;
    uint64_t first_ns = server->busy.count < server->config.workers
                            ? 0
                            : time_since(now_ns, heap_due_ns(&server->busy));

    if (each_ns > WIRE_TTL_MAX_MS * NS_PER_MS) {
        return WIRE_TTL_MAX_MS;
    }
    return time_to_ms_up(time_add(first_ns, each_ns * server->queue_count));
}

/* A worker begins the job: it takes effect now, its reply leaves when the service time is over. */
static void server_begin_job(struct server *server, uint64_t now_ns, uint32_t index,
                             struct outbox *outbox)
{
    struct server_job *job = &server->jobs[index];

    if (!server_take_effect(server, &job->to, job->text, job->text_size,
                            time_since(job->arrived_ns, now_ns), &job->count, outbox)) {
        reply_add_busy(outbox, &job->to, server_estimate_wait_ms(server, now_ns));
        server_free_job(server, index);
        return;
    }
    heap_push(&server->busy, time_add(now_ns, server_draw_service_ns(server, &job->to)),
              server->order, index);
    server->order++;
}

static void server_end_job(struct server *server, struct outbox *outbox)
{
    uint32_t index = heap_pop(&server->busy);
    struct server_job *job = &server->jobs[index];

    server_answer(server, &job->to, job->count, job->text, job->text_size, outbox);
    server_free_job(server, index);
}

static void server_queue_job(struct server *server, uint32_t index)
{
    if (server->queue_tail == MAP_NONE) {
        server->queue_head = index;
    } else {
        server->jobs[server->queue_tail].next = index;
    }
    server->queue_tail = index;
    server->queue_count++;
}

static uint32_t server_unqueue_job(struct server *server)
{
    uint32_t index = server->queue_head;

    server->queue_head = server->jobs[index].next;
    if (server->queue_head == MAP_NONE) {
        server->queue_tail = MAP_NONE;
    }
    server->queue_count--;
    return index;
}

/* ---- what comes in ----------------------------------------------------------------------------
 */

/* Executes a request and answers it at once. */
static void server_execute_now(struct server *server, const struct server_request *request,
                               struct outbox *outbox)
{
    uint32_t count;

    if (server_take_effect(server, &request->to, request->text, request->text_size, 0, &count,
                           outbox)) {
        server_answer(server, &request->to, count, request->text, request->text_size, outbox);
    } else {
        reply_add_busy(outbox, &request->to, 1);
    }
}

/* Begins a request, lets it wait, or turns it away. */
static __attribute__((noinline)) void server_take_in(struct server *server, uint64_t now_ns,
                                                     const struct server_request *request,
                                                     bool begins, struct outbox *outbox)
{
    if (!begins && server->queue_count == server->config.queue) {
        reply_add_busy(outbox, &request->to, server_estimate_wait_ms(server, now_ns));
        return;
    }

    uint32_t index = server_take_job(server);
    struct server_job *job = &server->jobs[index];
    job->to = request->to;
    job->arrived_ns = now_ns;
    job->expires_ns = request->expires_ns;
    job->next = MAP_NONE;
    job->text_size = (uint16_t)request->text_size;
    if (request->text_size > 0) {
        memcpy(job->text, request->text, request->text_size);
    }
    if (begins) {
        server_begin_job(server, now_ns, index, outbox);
    } else {
        server_queue_job(server, index);
    }
}

static void server_accept(struct server *server, uint64_t now_ns,
                          const struct server_request *request, struct outbox *outbox)
{
    const struct server_config *config = &server->config;
    bool begins = server->busy.count < config->workers && server->queue_count == 0;

    if (begins && config->service_ns == 0 && config->jitter_ns == 0) {
        server_execute_now(server, request, outbox);
    } else {
        server_take_in(server, now_ns, request, begins, outbox);
    }
}

static void server_on_envelope(struct server *server, uint64_t now_ns, struct endpoint from,
                               const struct wire_message *message, size_t size,
                               struct outbox *outbox)
{
    struct server_request request = {
        .to = reply_to_envelope(from, message, size),
        .expires_ns = time_add(now_ns, message->ttl_ms * NS_PER_MS),
        .text = message->text,
        .text_size = message->text_size,
    };

    if (op_from_name(message->op, message->op_size) != server->config.op) {
        (void)reply_add_error(outbox, &request.to, CODE_UNKNOWN_OP, NULL, 0);
    } else if (message->ttl_ms == 0) {
        (void)reply_add_error(outbox, &request.to, CODE_EXPIRED, NULL, 0);
    } else {
        server_accept(server, now_ns, &request, outbox);
    }
}

/* Bare text, to a stand-alone server. */
static void server_on_text(struct server *server, uint64_t now_ns, struct endpoint from,
                           const uint8_t *bytes, size_t size, struct outbox *outbox)
{
    struct server_request request = {
        .to = reply_to_plain(from, bytes, size),
        .expires_ns = TIME_NEVER,
        .text = bytes,
        .text_size = size,
    };

    if (wire_is_plain_error(bytes, size)) {
        reply_add_rejection(outbox, REJECT_WRONG_KIND, from, bytes, size);
    } else if (size > WIRE_TEXT_MAX) {
        (void)reply_add_error(outbox, &request.to, CODE_TOO_LARGE, NULL, 0);
    } else {
        server_accept(server, now_ns, &request, outbox);
    }
}

/* Whether bytes that are no envelope are bare text: not if they set out to be an envelope of this
 * version, or a reply of any. */
static bool server_is_bare_text(const uint8_t *bytes, size_t size)
{
    bool versioned = size >= 5 && memcmp(bytes, "SIM", 3) == 0 && bytes[3] >= '0' &&
                     bytes[3] <= '9' && bytes[4] == ' ';
    if (!versioned) {
        return true;
    }
    return bytes[3] != '1' && !(size >= 7 && bytes[5] == 'R' && bytes[6] == ' ');
}

static bool server_never_answers(const struct server *server, struct endpoint from)
{
    for (uint32_t i = 0; i < server->config.never_answered_count; i++) {
        if (endpoint_equal(server->config.never_answered[i], from)) {
            return true;
        }
    }
    return false;
}

void server_on_datagram(struct server *server, uint64_t now_ns, struct endpoint from,
                        const uint8_t *bytes, size_t size, struct outbox *outbox)
{
    struct wire_message message;

    if (size > WIRE_DATAGRAM_MAX) {
        reply_add_rejection(outbox, REJECT_TRUNCATED, from, bytes, size);
        return;
    }
    if (server_never_answers(server, from)) {
        reply_add_rejection(outbox, REJECT_SPOOFED, from, bytes, size);
        return;
    }

    enum wire_status status = wire_decode(&message, bytes, size);
    if (status == WIRE_OK) {
        if (message.kind == WIRE_REQUEST) {
            server_on_envelope(server, now_ns, from, &message, size, outbox);
        } else {
            reply_add_rejection(outbox, REJECT_WRONG_KIND, from, bytes, size);
        }
        return;
    }
    if (server->config.accept_plain &&
        (status == WIRE_PLAIN || (status == WIRE_MALFORMED && server_is_bare_text(bytes, size)))) {
        server_on_text(server, now_ns, from, bytes, size, outbox);
        return;
    }
    reply_refuse(outbox, status, &message, from, bytes, size);
}

/* ---- time passes ------------------------------------------------------------------------------
 */

void server_on_deadline(struct server *server, uint64_t now_ns, struct outbox *outbox)
{
    if (heap_due_ns(&server->busy) <= now_ns) {
        server_end_job(server, outbox);
    }
    if (server->busy.count == server->config.workers || server->queue_count == 0) {
        return;
    }
    uint32_t index = server_unqueue_job(server);
    struct server_job *job = &server->jobs[index];
    if (job->expires_ns <= now_ns) {
        (void)reply_add_error(outbox, &job->to, CODE_EXPIRED, NULL, 0);
        server_free_job(server, index);
    } else {
        server_begin_job(server, now_ns, index, outbox);
    }
}

uint64_t server_deadline_ns(const struct server *server)
{
    if (server->queue_count > 0 && server->busy.count < server->config.workers) {
        return 0;
    }
    return heap_due_ns(&server->busy);
}
