#include "client_story.h"

static struct client_identity named(const char *name)
{
    struct client_identity identity = {.name = name, .key = 7};
    return identity;
}

static void a_text_is_its_parts_in_a_row(void)
{
    struct client_text_part parts[] = {
        {CLIENT_TEXT_LITERAL, (const uint8_t *)"from ", 5},
        {CLIENT_TEXT_CLIENT, NULL, 0},
        {CLIENT_TEXT_LITERAL, (const uint8_t *)", number ", 9},
        {CLIENT_TEXT_N, NULL, 0},
    };
    struct client_text text = {.parts = parts, .part_count = 4};
    struct client_identity identity = named("student12");
    uint8_t bytes[WIRE_TEXT_MAX];

    size_t size = client_text_write(&identity, &text, 307, bytes);
    CU_ASSERT_EQUAL(size, 26);
    CU_ASSERT(memcmp(bytes, "from student12, number 307", 26) == 0);
}

static void numbers_are_written_without_zeros_before_them(void)
{
    struct client_text_part part = {CLIENT_TEXT_N, NULL, 0};
    struct client_text text = {.parts = &part, .part_count = 1};
    struct client_identity identity = named("c1");
    uint8_t bytes[WIRE_TEXT_MAX];

    CU_ASSERT_EQUAL(client_text_write(&identity, &text, 0, bytes), 1);
    CU_ASSERT_EQUAL(bytes[0], '0');
    CU_ASSERT_EQUAL(client_text_write(&identity, &text, CLIENT_REQUESTS_MAX, bytes), 8);
    CU_ASSERT(memcmp(bytes, "16777215", 8) == 0);
    CU_ASSERT_EQUAL(client_text_write(&identity, &text, UINT32_MAX, bytes), 10);
    CU_ASSERT(memcmp(bytes, "4294967295", 10) == 0);
}

static void a_text_that_grows_over_1024_bytes_is_cut_there(void)
{
    uint8_t long_text[1020];
    struct client_text_part parts[] = {
        {CLIENT_TEXT_LITERAL, long_text, sizeof(long_text)},
        {CLIENT_TEXT_CLIENT, NULL, 0},
        {CLIENT_TEXT_N, NULL, 0},
    };
    struct client_text text = {.parts = parts, .part_count = 3};
    struct client_identity identity = named("student12");
    uint8_t bytes[WIRE_TEXT_MAX + 1];

    memset(long_text, 'x', sizeof(long_text));
    bytes[WIRE_TEXT_MAX] = 0xee;
    CU_ASSERT_EQUAL(client_text_write(&identity, &text, 5, bytes), WIRE_TEXT_MAX);
    CU_ASSERT(memcmp(bytes + 1020, "stud", 4) == 0);
    CU_ASSERT_EQUAL(bytes[WIRE_TEXT_MAX], 0xee);
}

static void an_empty_text_has_no_bytes(void)
{
    struct client_text text = {.part_count = 0};
    struct client_identity identity = named("c1");
    uint8_t byte;

    CU_ASSERT_EQUAL(client_text_write(&identity, &text, 1, &byte), 0);
}

static void random_text_is_a_function_of_key_and_number(void)
{
    struct client_text text = {.random = true, .random_size_min = 64, .random_size_max = 64};
    struct client_identity identity = named("c1");
    struct client_identity other_key = named("c1");
    uint8_t first[WIRE_TEXT_MAX];
    uint8_t again[WIRE_TEXT_MAX];

    other_key.key = 8;
    CU_ASSERT_EQUAL(client_text_write(&identity, &text, 3, first), 64);
    client_text_write(&identity, &text, 4, again);
    CU_ASSERT(memcmp(first, again, 64) != 0);
    client_text_write(&other_key, &text, 3, again);
    CU_ASSERT(memcmp(first, again, 64) != 0);
    client_text_write(&identity, &text, 3, again);
    CU_ASSERT(memcmp(first, again, 64) == 0);
}

static void random_sizes_take_both_ends_and_nothing_beyond(void)
{
    struct client_text text = {.random = true, .random_size_min = 1, .random_size_max = 4};
    struct client_identity identity = named("c1");
    uint8_t bytes[WIRE_TEXT_MAX];
    unsigned seen[6] = {0};

    for (uint32_t n = 1; n <= 1000; n++) {
        size_t size = client_text_write(&identity, &text, n, bytes);
        seen[size < 5 ? size : 5]++;
    }
    CU_ASSERT_EQUAL(seen[0] + seen[5], 0);
    for (unsigned size = 1; size <= 4; size++) {
        CU_ASSERT(seen[size] > 200 && seen[size] < 300);
    }
}

static void random_bytes_take_every_value(void)
{
    struct client_text text = {.random = true, .random_size_min = 600, .random_size_max = 600};
    struct client_identity identity = named("c1");
    uint8_t bytes[WIRE_TEXT_MAX];
    unsigned seen[256] = {0};
    unsigned different = 0;

    for (uint32_t n = 1; n <= 10; n++) {
        size_t size = client_text_write(&identity, &text, n, bytes);
        for (size_t i = 0; i < size; i++) {
            different += seen[bytes[i]]++ == 0;
        }
    }
    CU_ASSERT_EQUAL(different, 256);
}

static void an_id_prefix_leaves_24_bits_for_the_number(void)
{
    for (uint64_t key = 0; key < 1000; key++) {
        uint64_t prefix = client_id_prefix(key);
        CU_ASSERT_EQUAL(prefix & 0xffffff, 0);
        CU_ASSERT_NOT_EQUAL(prefix, 0);
        CU_ASSERT_NOT_EQUAL(prefix, client_id_prefix(key + 1));
    }
}

int main(void)
{
    static const struct harness_test tests[] = {
        HARNESS_TEST(a_text_is_its_parts_in_a_row),
        HARNESS_TEST(numbers_are_written_without_zeros_before_them),
        HARNESS_TEST(a_text_that_grows_over_1024_bytes_is_cut_there),
        HARNESS_TEST(an_empty_text_has_no_bytes),
        HARNESS_TEST(random_text_is_a_function_of_key_and_number),
        HARNESS_TEST(random_sizes_take_both_ends_and_nothing_beyond),
        HARNESS_TEST(random_bytes_take_every_value),
        HARNESS_TEST(an_id_prefix_leaves_24_bits_for_the_number),
    };
    return harness_run("client/client_text", tests, HARNESS_COUNT(tests));
}
