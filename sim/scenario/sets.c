#include "scenario/parse.h"

#include <stdio.h>
#include <string.h>

/* One item of a selector. */
struct sets_item {
    const char *bytes;
    size_t size;
};

/* Whether the item means the client of that name. */
static bool sets_means(struct sets_item item, const char *name)
{
    if ((item.size == 1 && item.bytes[0] == '*') ||
        (item.size == 7 && memcmp(item.bytes, "clients", 7) == 0)) {
        return true;
    }
    if (item.size > 0 && item.bytes[item.size - 1] == '*') {
        return strncmp(item.bytes, name, item.size - 1) == 0;
    }
    return strlen(name) == item.size && memcmp(item.bytes, name, item.size) == 0;
}

/* Whether any item of the word means the group's client with that number. */
static bool sets_selects(const struct parse_word *word, const struct scenario_clients *group,
                         uint32_t number)
{
    char name[CLIENT_NAME_MAX + 12];

    snprintf(name, sizeof name, group->single ? "%s" : "%s%u", group->prefix, number);
    for (size_t at = 0; at <= word->size;) {
        const char *comma = memchr(word->bytes + at, ',', word->size - at);
        size_t end = comma != NULL ? (size_t)(comma - word->bytes) : word->size;
        if (sets_means((struct sets_item){word->bytes + at, end - at}, name)) {
            return true;
        }
        at = end + 1;
    }
    return false;
}

/* How many clients from number `from` of the group on are alike: selected, or not. */
static uint32_t sets_count_alike(const struct parse_word *word,
                                 const struct scenario_clients *group, uint32_t from,
                                 bool *selected)
{
    uint32_t end = group->first_number + group->count;
    uint32_t number = from + 1;

    *selected = sets_selects(word, group, from);
    while (number < end && sets_selects(word, group, number) == *selected) {
        number++;
    }
    return number - from;
}

/* Each item must mean a client. */
static bool sets_check_items(struct parse *parse, const struct parse_word *word)
{
    for (size_t at = 0; at <= word->size;) {
        const char *comma = memchr(word->bytes + at, ',', word->size - at);
        size_t end = comma != NULL ? (size_t)(comma - word->bytes) : word->size;
        struct parse_word item = {
            .bytes = word->bytes + at, .size = end - at, .column = word->column + (uint32_t)at};
        bool any = false;
        for (uint32_t g = 0; g < parse->group_count && !any; g++) {
            const struct scenario_clients *group = &parse->groups[g];
            for (uint32_t i = 0; i < group->count && !any; i++) {
                any = sets_selects(&item, group, group->first_number + i);
            }
        }
        if (!any) {
            return parse_error(parse, &item, "there is no client %s", parse_show(&item).text);
        }
        at = end + 1;
    }
    return true;
}

bool parse_set_client(struct parse *parse)
{
    const struct parse_word *word = parse_next(parse);
    struct scenario_clients *old = parse->groups;
    struct parse_place *old_places = parse->group_places;
    uint32_t old_count = parse->group_count;
    uint32_t words_at = parse->at;

    if (word == NULL || word->quoted) {
        return parse_error(parse, word,
                           "expected which clients: a name, a prefix with *, or clients");
    }
    if (!sets_check_items(parse, word)) {
        return false;
    }
    if (parse_peek(parse) == NULL) {
        return parse_error(parse, NULL, "expected what to change, like: timeout 60ms");
    }
    /* A group of which some are meant and some are not falls into parts. */
    parse->groups = NULL;
    parse->group_places = NULL;
    parse->group_count = 0;
    for (uint32_t g = 0; g < old_count; g++) {
        uint32_t number = old[g].first_number;
        while (number < old[g].first_number + old[g].count) {
            struct scenario_clients *group = parse_grow_groups(parse);
            bool selected;
            *group = old[g];
            group->first_number = number;
            group->count = sets_count_alike(word, &old[g], number, &selected);
            group->part = group->part || group->count < old[g].count;
            parse->group_places[parse->group_count++] = old_places[g];
            number += group->count;
            parse->at = words_at;
            if (selected && !parse_client_words(parse, group)) {
                return false;
            }
        }
    }
    return true;
}

bool parse_set_clients(struct parse *parse)
{
    const struct parse_word *word = parse_peek(parse);
    struct scenario_clients *group = NULL;
    uint32_t lines = 0;
    uint64_t count;

    for (uint32_t g = 0; g < parse->group_count; g++) {
        if (!parse->groups[g].single) {
            lines += group == NULL || group->line != parse->groups[g].line;
            group = &parse->groups[g];
        }
    }
    if (lines != 1) {
        return parse_error(parse, word,
                           "`clients N` resizes the only `clients` line of a file, and this one "
                           "has %u",
                           lines);
    }
    if (!parse_count(parse, "how many clients", 1, SCENARIO_CLIENTS_MAX, &count)) {
        return false;
    }
    if (group->part) {
        return parse_error(parse, word,
                           "resize before you change some of them: put this --set first");
    }
    group->count = (uint32_t)count;
    parse->group_places[group - parse->groups] =
        (struct parse_place){.line = parse->line, .column = word->column};
    return parse_client_words(parse, group);
}
