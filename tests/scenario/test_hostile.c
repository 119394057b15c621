/* Hostile files: whatever the bytes are, there is an answer, soon, that a terminal may show. */
#include <dirent.h>
#include <stdlib.h>
#include <time.h>

#include "base/prng.h"
#include "parse_story.h"

#define SEED          UINT64_C(20)
#define MUTANTS       200 /* of each shipped scenario */
#define CHANGES_MAX   4   /* of a mutant */
#define SCENARIOS_MIN 10  /* shipped */
#define CPU_S_MAX     20 /* a file takes a second at most; work that grows as its square, minutes */

/* A file being made. */
struct bytes {
    char *at; /* owned */
    size_t size;
    size_t capacity;
};

static void bytes_add(struct bytes *bytes, const char *from, size_t size)
{
    if (bytes->at == NULL || bytes->size + size > bytes->capacity) {
        bytes->capacity = 2 * (bytes->size + size) + 16;
        bytes->at = realloc(bytes->at, bytes->capacity);
        CU_ASSERT_PTR_NOT_NULL_FATAL(bytes->at);
    }
    memcpy(bytes->at + bytes->size, from, size);
    bytes->size += size;
}

static void bytes_add_text(struct bytes *bytes, const char *text, unsigned times)
{
    for (unsigned i = 0; i < times; i++) {
        bytes_add(bytes, text, strlen(text));
    }
}

static void bytes_free(struct bytes *bytes)
{
    free(bytes->at);
    *bytes = (struct bytes){0};
}

/* ---- what holds of every answer ----------------------------------------------------------------
 */

static bool is_before(const struct scenario_message *a, const struct scenario_message *b)
{
    return a->set < b->set || (a->set == b->set && a->line <= b->line);
}

static void check_message(const struct scenario_message *message)
{
    size_t size = strlen(message->text);

    CU_ASSERT_TRUE(message->column >= 1);
    CU_ASSERT_TRUE(size > 0 && message->text[size - 1] == '\n');
    for (size_t i = 0; i < size; i++) {
        unsigned char c = (unsigned char)message->text[i];
        if ((c < 0x20 && c != '\n') || c == 0x7f) {
            CU_FAIL("a control character in a message");
            return;
        }
    }
}

/* Reads the file from memory of exactly its size, so that one byte too far is seen. Whether it is
 * good. */
static bool reads(const struct bytes *file, enum scenario_world world)
{
    struct scenario_overrides overrides = {.world_given = true, .world = world};
    struct scenario_messages messages = {0};
    struct scenario scenario;
    char *exact = malloc(file->size > 0 ? file->size : 1);
    uint32_t errors = 0;

    CU_ASSERT_PTR_NOT_NULL_FATAL(exact);
    memcpy(exact, file->at, file->size);
    bool good = scenario_parse(&scenario, "f", exact, file->size, &overrides, &messages);
    free(exact); /* a scenario keeps nothing of the file */
    for (uint32_t i = 0; i < messages.count; i++) {
        check_message(&messages.items[i]);
        errors += !messages.items[i].warning;
        CU_ASSERT_TRUE(i == 0 || is_before(&messages.items[i - 1], &messages.items[i]));
    }
    CU_ASSERT_EQUAL(errors, messages.error_count);
    CU_ASSERT_EQUAL(good, errors == 0);
    CU_ASSERT_TRUE(errors <= SCENARIO_ERRORS_MAX);
    if (good) {
        CU_ASSERT_EQUAL(scenario.link_count, 2 * (scenario.node_count - 1));
        scenario_free(&scenario);
    }
    scenario_messages_free(&messages);
    return good;
}

/* ---- mutants ------------------------------------------------------------------------------------
 */

static uint32_t draw(uint64_t *state, size_t bound)
{
    *state = prng_draw(SEED, *state);
    return (uint32_t)prng_below(*state, bound > 0 ? bound : 1);
}

/* A piece of the file, or a word that means something, in place of some bytes. */
static void mutate(struct bytes *file, uint64_t *state)
{
    static const char *const PIECES[] = {
        "\n",
        "\"",
        "#",
        "\\",
        "{",
        "\\x",
        " -> ",
        " <-> ",
        ",",
        "*",
        "/",
        "..",
        "%",
        " = ",
        " ~ ",
        " theory",
        "0",
        "4294967295",
        "99999",
        "ms",
        "\t",
        "\r",
        "\x7f",
        "\xe2\x80\x9c",
        "\xc2\x85",
        "\xff",
        "\xf0\x9f\x98\x80",
        "18446744073709551616",
        " of request ",
        " of each request",
        " drop 1-4294967295",
        "\nclients 5 as c",
        "\nclear",
        " every 1ms times 9 for 1ms ",
        "\nexpect ",
        " random 0b..1kb",
    };
    struct bytes changed = {0};
    size_t from = draw(state, file->size + 1);
    size_t gone = draw(state, 2) == 0 ? 0 : draw(state, 12);
    size_t count = sizeof PIECES / sizeof PIECES[0];
    uint32_t which = draw(state, count + 3);

    gone = gone > file->size - from ? file->size - from : gone;
    bytes_add(&changed, file->at, from);
    if (which < count) {
        bytes_add_text(&changed, PIECES[which], 1 + draw(state, 3));
    } else if (which == count) {
        char byte = (char)draw(state, 256);
        bytes_add(&changed, &byte, 1);
    } else if (which == count + 1) {
        size_t begin = draw(state, file->size);
        size_t size = draw(state, 80);
        bytes_add(&changed, file->at + begin, size > file->size - begin ? 0 : size);
    }
    bytes_add(&changed, file->at + from + gone, file->size - from - gone);
    bytes_free(file);
    *file = changed;
}

static void read_file(const char *path, struct bytes *file)
{
    char buf[4096];
    FILE *in = fopen(path, "rb");
    size_t size;

    CU_ASSERT_PTR_NOT_NULL_FATAL(in);
    while ((size = fread(buf, 1, sizeof buf, in)) > 0) {
        bytes_add(file, buf, size);
    }
    fclose(in);
}

/* Reads mutants of the file: how many of them are good. */
static unsigned read_mutants(const struct bytes *file, uint64_t state)
{
    unsigned good = 0;

    for (unsigned i = 0; i < MUTANTS; i++) {
        struct bytes mutant = {0};
        bytes_add(&mutant, file->at, file->size);
        for (uint32_t changes = 1 + draw(&state, CHANGES_MAX); changes > 0; changes--) {
            mutate(&mutant, &state);
        }
        good += reads(&mutant, i % 2 == 0 ? WORLD_REAL : WORLD_VIRTUAL);
        bytes_free(&mutant);
    }
    return good;
}

static void mutants_of_every_shipped_scenario_have_an_answer(void)
{
    DIR *directory = opendir("scenarios");
    unsigned files = 0;
    unsigned good = 0;

    CU_ASSERT_PTR_NOT_NULL_FATAL(directory);
    for (struct dirent *entry = readdir(directory); entry != NULL; entry = readdir(directory)) {
        char path[512];
        struct bytes file = {0};
        size_t size = strlen(entry->d_name);
        if (size < 4 || strcmp(entry->d_name + size - 4, ".txt") != 0) {
            continue;
        }
        snprintf(path, sizeof path, "scenarios/%s", entry->d_name);
        read_file(path, &file);
        CU_ASSERT_TRUE(reads(&file, WORLD_VIRTUAL));
        /* By its name: the order in a directory is anything. */
        good += read_mutants(&file, prng_draw_text(SEED, entry->d_name, size));
        files++;
        bytes_free(&file);
    }
    closedir(directory);
    CU_ASSERT_TRUE(files >= SCENARIOS_MIN);
    /* Both answers are met often: neither is a test of nothing. */
    CU_ASSERT_TRUE(good > files * MUTANTS / 20);
    CU_ASSERT_TRUE(good < files * MUTANTS * 19 / 20);
}

/* Every length of a file that uses most of the language. */
static void a_file_may_end_anywhere(void)
{
    struct bytes file = {0};

    bytes_add_text(&file,
                   "\xef\xbb\xbf# d\ntitle \"a\\x41\"\nserver count service 1ms 1ms workers 2\r\n"
                   "clients 3 as a timeout 5ms cap 9ms jitter full\n send 2 count \"{client}\" "
                   "every 1ms\n raw random 1b..2b\nlink a1,a2 <-> broker drop 1,2-3 of request "
                   "a1/2 try 1 delay 1ms 1ms\nat 1s every 2s times 3 for 1s network loss 1.5%\n"
                   "expect \"l\" lost.drop of a* -> broker ~ 10%\nexpect reply of a3/1 = \"{n}\"\n",
                   1);
    CU_ASSERT_TRUE(reads(&file, WORLD_REAL));
    while (file.size > 0) {
        file.size--;
        (void)reads(&file, WORLD_REAL);
    }
    bytes_free(&file);
}

/* ---- size ---------------------------------------------------------------------------------------
 */

/* Reads `times` lines behind `before` within bounds. */
static void reads_soon(const char *before, const char *line, unsigned times, bool good)
{
    struct bytes file = {0};
    clock_t begin;

    bytes_add_text(&file, before, 1);
    bytes_add_text(&file, line, times);
    begin = clock();
    CU_ASSERT_EQUAL(reads(&file, WORLD_VIRTUAL), good);
    CU_ASSERT_TRUE(clock() - begin < CPU_S_MAX * CLOCKS_PER_SEC);
    bytes_free(&file);
}

static void a_mebibyte_of_one_thing_is_read_soon(void)
{
    struct bytes line = {0};

    reads_soon("", "\"", SCENARIO_FILE_MAX, false);
    reads_soon("", " ", SCENARIO_FILE_MAX, false);
    reads_soon("", "\n", SCENARIO_FILE_MAX, true);
    reads_soon("", "client a\n", SCENARIO_FILE_MAX / 9, false);
    reads_soon("", "\"", SCENARIO_FILE_MAX + 1, false);
    bytes_add_text(&line, "a ", SCENARIO_LINE_MAX / 2 - 1);
    bytes_add(&line, "\n", 2);
    reads_soon("", line.at, 256, false);
    bytes_free(&line);
}

#define MANY "clients 100000\nsend 2 toupper \"x\"\n"

static void lines_about_many_clients_are_read_soon(void)
{
    reads_soon(MANY, "", 1, true);
    reads_soon(MANY, "network loss 1%\n", 9998, true);
    reads_soon(MANY, "link clients <-> broker loss 1%\n", 2000, true);
    reads_soon(MANY, "expect answered of c1* = 0\n", 2000, true);
    reads_soon(MANY, "expect tries of c99999/1 = 0\n", 9998, true);
    reads_soon(MANY, "link nobody -> broker loss 1%\n", 9998, false);
}

static void long_lines_about_many_clients_are_read_soon(void)
{
    struct bytes line = {0};

    bytes_add_text(&line, "link c*", 1);
    bytes_add_text(&line, ",c*", 1300);
    bytes_add(&line, " -> broker loss 1%\n", 20);
    reads_soon(MANY, line.at, 250, true);
    bytes_free(&line);
    bytes_add_text(&line, "network", 1);
    bytes_add_text(&line, " drop of request c99999/1", 160);
    bytes_add(&line, "\n", 2);
    reads_soon(MANY, line.at, 250, true);
    bytes_free(&line);
}

int main(void)
{
    static const struct harness_test tests[] = {
        HARNESS_TEST(mutants_of_every_shipped_scenario_have_an_answer),
        HARNESS_TEST(a_file_may_end_anywhere),
        HARNESS_TEST(a_mebibyte_of_one_thing_is_read_soon),
        HARNESS_TEST(lines_about_many_clients_are_read_soon),
        HARNESS_TEST(long_lines_about_many_clients_are_read_soon),
    };

    return harness_run("scenario/hostile", tests, HARNESS_COUNT(tests));
}
