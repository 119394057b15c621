#include "scenario/fault.h"

#include <errno.h>

/* Where a choice is looked for. Two different ones share a key once in 2^64: then the later is
 * lost. */
static uint64_t fault_choice_key(const struct fault_choice *choice)
{
    uint64_t key = prng_draw((uint64_t)choice->kind << 32 | choice->link, choice->client);

    key = prng_draw(key, (uint64_t)choice->n << 32 | choice->carriage);
    return prng_draw(key, (uint64_t)choice->try << 8 | choice->copy);
}

int fault_script_init(struct fault_script *script, const struct fault_choice *choices,
                      uint32_t count)
{
    int status = map_init(&script->index, count > 0 ? count : 1);

    script->choices = choices;
    script->count = count;
    for (uint32_t i = 0; status == 0 && i < count; i++) {
        if (!map_put(&script->index, fault_choice_key(&choices[i]), i)) {
            map_free(&script->index);
            status = -ENOMEM;
        }
    }
    return status;
}

void fault_script_free(struct fault_script *script)
{
    map_free(&script->index);
}

const struct fault_choice *fault_script_find(const struct fault_script *script,
                                             const struct fault_choice *choice)
{
    uint32_t at = map_get(&script->index, fault_choice_key(choice));

    return at == MAP_NONE ? NULL : &script->choices[at];
}

bool fault_choice_equal(const struct fault_choice *a, const struct fault_choice *b)
{
    return a->kind == b->kind && a->link == b->link && a->client == b->client && a->n == b->n &&
           a->carriage == b->carriage && a->try == b->try && a->copy == b->copy;
}
