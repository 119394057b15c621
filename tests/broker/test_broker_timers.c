#include "broker_story.h"

#include "base/prng.h"

#define MODEL_IDS   12u /* from 1 on; four more than the broker has room for */
#define MODEL_STEPS 20000u

static struct story story;

static void what_an_ended_entry_wanted_wakes_the_broker_once_for_nothing(void)
{
    uint64_t upstream;

    story_init(&story);
    story_start(&story);
    story_ask(&story, 0, STORY_C1, 1, 1, 1000);
    upstream = story_forwarded(&story, STORY_TOUPPER, 1, 1000, "hello");
    story_ask(&story, 100 * MS, STORY_C1, 2, 1, 2000);
    story_reply(&story, 200 * MS, STORY_TOUPPER, upstream, 1, CODE_OK, "HELLO");
    CU_ASSERT_EQUAL(broker_deadline_ns(&story.broker), 1000 * MS);
    story_wake(&story, 1000 * MS);
    CU_ASSERT_EQUAL(outbox_count(&story.outbox), 0);
    CU_ASSERT_EQUAL(broker_deadline_ns(&story.broker), 2100 * MS);
    story_wake(&story, 2100 * MS);
    CU_ASSERT(story_closed(&story, CODE_NONE));
    CU_ASSERT_EQUAL(broker_deadline_ns(&story.broker), TIME_NEVER);
    story_end(&story);
}

static void many_requests_that_are_answered_leave_one_timer(void)
{
    uint64_t upstream;

    story_init(&story);
    story_start(&story);
    for (uint64_t id = 1; id <= 1000; id++) {
        story_ask(&story, id * MS, STORY_C1, id, 1, 5000);
        upstream = story_forwarded(&story, STORY_TOUPPER, 1, 5000, "hello");
        story_reply(&story, id * MS, STORY_TOUPPER, upstream, 1, CODE_OK, "HELLO");
        CU_ASSERT_EQUAL(broker_deadline_ns(&story.broker), TIME_NEVER);
        CU_ASSERT_EQUAL(story.broker.timers.count, 1);
    }
    story_end(&story);
}

static void a_shorter_life_in_a_place_used_before_ends_in_time(void)
{
    uint64_t upstream;

    story_init(&story);
    story_start(&story);
    story_ask(&story, 0, STORY_C1, 1, 1, 5000);
    upstream = story_forwarded(&story, STORY_TOUPPER, 1, 5000, "hello");
    story_reply(&story, 1 * MS, STORY_TOUPPER, upstream, 1, CODE_OK, "HELLO");
    story_ask(&story, 2 * MS, STORY_C1, 2, 1, 100);
    CU_ASSERT_EQUAL(broker_deadline_ns(&story.broker), 102 * MS);
    story_wake(&story, 102 * MS);
    CU_ASSERT(story_closed(&story, CODE_NONE));
    story_end(&story);
}

/* The open requests, as simple as can be: each looked through. */
struct model {
    uint64_t upstream[MODEL_IDS + 1]; /* 0: not open */
    uint64_t due_ns[MODEL_IDS + 1];
    uint64_t order[MODEL_IDS + 1]; /* of the latest copy */
    uint32_t count;
};

/* The one that is due first, the one asked for first among equals; 0: none is open. */
static uint64_t model_first(const struct model *model)
{
    uint64_t first = 0;

    for (uint64_t id = 1; id <= MODEL_IDS; id++) {
        if (model->upstream[id] != 0 && (first == 0 || model->due_ns[id] < model->due_ns[first] ||
                                         (model->due_ns[id] == model->due_ns[first] &&
                                          model->order[id] < model->order[first]))) {
            first = id;
        }
    }
    return first;
}

static void model_ask(struct model *model, uint64_t now_ns, uint64_t id, uint64_t step)
{
    uint32_t ttl_ms = 1 + (uint32_t)prng_below(prng_draw(1, step), 6);
    uint64_t due_ns = now_ns + ttl_ms * MS;

    story_ask(&story, now_ns, STORY_C1, id, 1, ttl_ms);
    if (model->upstream[id] == 0) {
        if (model->count == story.config.pending) {
            return;
        }
        model->upstream[id] = story_forwarded(&story, STORY_TOUPPER, 1, ttl_ms, "hello");
        model->due_ns[id] = 0;
        model->count++;
    }
    model->due_ns[id] = due_ns > model->due_ns[id] ? due_ns : model->due_ns[id];
    model->order[id] = step;
}

/* Wakes the broker whenever it wants to be, up to now_ns. Returns how often it did what the model
 * would not have done. */
static unsigned model_wake(struct model *model, uint64_t now_ns)
{
    unsigned wrong = 0;

    while (broker_deadline_ns(&story.broker) <= now_ns) {
        uint64_t due_ns = broker_deadline_ns(&story.broker);
        uint64_t first = model_first(model);
        story_wake(&story, due_ns);
        if (outbox_count(&story.outbox) == 0) {
            wrong += first != 0 && model->due_ns[first] <= due_ns;
            continue;
        }
        const struct outbox_note *note = story_note(&story, NOTE_ENTRY_CLOSED);
        wrong +=
            note == NULL || note->id != model->upstream[first] || model->due_ns[first] != due_ns;
        model->upstream[first] = 0;
        model->count--;
    }
    return wrong;
}

static void entries_end_at_their_instants_in_the_order_of_their_latest_copies(void)
{
    struct model model = {.count = 0};
    uint64_t now_ns = 0;
    unsigned wrong = 0;

    story_init(&story);
    story_start(&story);
    for (uint64_t step = 0; step < MODEL_STEPS; step++) {
        uint64_t random = prng_draw(2, step);
        uint64_t id = 1 + random % MODEL_IDS;

        now_ns += (random >> 32 & 3) == 0 ? MS : 0; /* few instants, so that many are equal */
        wrong += model_wake(&model, now_ns);
        if ((random >> 40 & 3) != 0) {
            model_ask(&model, now_ns, id, step);
        } else if (model.upstream[id] != 0) {
            story_reply(&story, now_ns, STORY_TOUPPER, model.upstream[id], 1, CODE_OK, "HELLO");
            model.upstream[id] = 0;
            model.count--;
        } else if ((random >> 48 & 63) == 0) {
            broker_restart(&story.broker);
            memset(&model, 0, sizeof model);
        }
        wrong += broker_entry_count(&story.broker) != model.count;
        wrong += model.count > 0 &&
                 broker_deadline_ns(&story.broker) > model.due_ns[model_first(&model)];
    }
    CU_ASSERT_EQUAL(wrong, 0);
    story_end(&story);
}

static const struct harness_test tests[] = {
    HARNESS_TEST(what_an_ended_entry_wanted_wakes_the_broker_once_for_nothing),
    HARNESS_TEST(many_requests_that_are_answered_leave_one_timer),
    HARNESS_TEST(a_shorter_life_in_a_place_used_before_ends_in_time),
    HARNESS_TEST(entries_end_at_their_instants_in_the_order_of_their_latest_copies),
};

int main(void)
{
    return harness_run("broker/timers", tests, HARNESS_COUNT(tests));
}
