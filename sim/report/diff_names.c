#include "report/diff_parts.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"

#define NAMES_MAX (UINT32_C(1) << 24)

bool diff_names_init(struct diff_names *names)
{
    *names = (struct diff_names){.names = NULL};
    return map_init(&names->by_hash, NAMES_MAX) == 0;
}

void diff_names_free(struct diff_names *names)
{
    free(names->names);
    free(names->ranks);
    map_free(&names->by_hash);
}

/* FNV-1a. Names that hash alike are told apart by probing. */
static uint64_t names_hash(const char *name)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);

    for (; *name != '\0'; name++) {
        hash = (hash ^ (uint8_t)*name) * UINT64_C(0x100000001b3);
    }
    return hash;
}

uint32_t diff_names_add(struct diff_names *names, const char *name)
{
    uint64_t key = names_hash(name);
    uint32_t found;

    while ((found = map_get(&names->by_hash, key)) != MAP_NONE) {
        if (strcmp(names->names[found], name) == 0) {
            return found;
        }
        key++;
    }
    if (names->count == names->capacity) {
        void *grown = array_grow(names->names, &names->capacity, sizeof *names->names, 64);
        if (grown == NULL) {
            return DIFF_NONE;
        }
        names->names = grown;
    }
    if (!map_put(&names->by_hash, key, names->count)) {
        return DIFF_NONE;
    }
    strcpy(names->names[names->count], name); /* shorter than DIFF_NAME_MAX: its reader has seen */
    return names->count++;
}

/* Where the digits at the end of a name begin. */
static size_t names_digits(const char *name)
{
    size_t at = strlen(name);

    while (at > 0 && name[at - 1] >= '0' && name[at - 1] <= '9') {
        at--;
    }
    return at;
}

/* By letters, then by the number at the end: the longer is the larger (no leading zeros). */
static int names_compare(const char *a, const char *b)
{
    size_t a_digits = names_digits(a);
    size_t b_digits = names_digits(b);

    if (a_digits != b_digits || strncmp(a, b, a_digits) != 0) {
        return strcmp(a, b);
    }
    size_t a_size = strlen(a);
    size_t b_size = strlen(b);
    return a_size != b_size ? (a_size < b_size ? -1 : 1) : strcmp(a, b);
}

struct names_place {
    const char *name;
    uint32_t number;
};

static int names_by_order(const void *left, const void *right)
{
    return names_compare(((const struct names_place *)left)->name,
                         ((const struct names_place *)right)->name);
}

bool diff_names_rank(struct diff_names *names)
{
    struct names_place *places = calloc(names->count + 1u, sizeof *places);
    uint32_t *ranks = calloc(names->count + 1u, sizeof *ranks);

    if (places == NULL || ranks == NULL) {
        free(places);
        free(ranks);
        return false;
    }
    for (uint32_t i = 0; i < names->count; i++) {
        places[i] = (struct names_place){names->names[i], i};
    }
    qsort(places, names->count, sizeof *places, names_by_order);
    for (uint32_t i = 0; i < names->count; i++) {
        ranks[places[i].number] = i;
    }
    free(places);
    free(names->ranks);
    names->ranks = ranks;
    return true;
}
