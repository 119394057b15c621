#include "harness.h"

#include <string.h>

#include "world/vary.h"

static struct vary vary_of(const char *const *texts, uint32_t count)
{
    struct vary vary;
    char error[VARY_ERROR_MAX] = "";

    CU_ASSERT_TRUE_FATAL(vary_init(&vary, texts, count, error));
    return vary;
}

static const char *error_of(const char *text)
{
    static char error[VARY_ERROR_MAX];
    struct vary vary;

    CU_ASSERT(!vary_init(&vary, &text, 1, error));
    return error;
}

static void a_list_gives_a_set_for_each_of_its_values(void)
{
    static const char *const texts[] = {"network loss {0%,5%,10%} delay 2ms"};
    static const char *const wanted[] = {"network loss 0% delay 2ms", "network loss 5% delay 2ms",
                                         "network loss 10% delay 2ms"};
    struct vary vary = vary_of(texts, 1);
    char set[SCENARIO_LINE_MAX + 1];
    char label[64];

    CU_ASSERT_EQUAL_FATAL(vary.count, 3);
    for (uint64_t i = 0; i < 3; i++) {
        vary_write(&vary, i, 0, set);
        CU_ASSERT_STRING_EQUAL(set, wanted[i]);
    }
    vary_label(&vary, 2, label, sizeof label);
    CU_ASSERT_STRING_EQUAL(label, "10%");
}

static void several_lists_give_all_combinations_the_first_changing_slowest(void)
{
    static const char *const texts[] = {"network loss {0%, 5%} delay {1ms,2ms}",
                                        "client * tries {1,2,3}"};
    struct vary vary = vary_of(texts, 2);
    char set[SCENARIO_LINE_MAX + 1];
    char label[64];

    CU_ASSERT_EQUAL_FATAL(vary.count, 12);
    vary_label(&vary, 0, label, sizeof label);
    CU_ASSERT_STRING_EQUAL(label, "0%, 1ms, 1");
    vary_label(&vary, 1, label, sizeof label);
    CU_ASSERT_STRING_EQUAL(label, "0%, 1ms, 2");
    vary_label(&vary, 3, label, sizeof label);
    CU_ASSERT_STRING_EQUAL(label, "0%, 2ms, 1");
    vary_label(&vary, 11, label, sizeof label);
    CU_ASSERT_STRING_EQUAL(label, "5%, 2ms, 3");
    vary_write(&vary, 8, 0, set);
    CU_ASSERT_STRING_EQUAL(set, "network loss 5% delay 1ms");
    vary_write(&vary, 8, 1, set);
    CU_ASSERT_STRING_EQUAL(set, "client * tries 3");
}

static void a_value_may_be_empty(void)
{
    static const char *const texts[] = {"server count service 1ms {,workers 4}"};
    struct vary vary = vary_of(texts, 1);
    char set[SCENARIO_LINE_MAX + 1];

    CU_ASSERT_EQUAL_FATAL(vary.count, 2);
    vary_write(&vary, 0, 0, set);
    CU_ASSERT_STRING_EQUAL(set, "server count service 1ms ");
    vary_write(&vary, 1, 0, set);
    CU_ASSERT_STRING_EQUAL(set, "server count service 1ms workers 4");
}

static void a_label_is_cut_to_its_room(void)
{
    static const char *const texts[] = {"network loss {10%,20%} delay {100ms,200ms}"};
    struct vary vary = vary_of(texts, 1);
    char label[8];

    vary_label(&vary, 3, label, sizeof label);
    CU_ASSERT_STRING_EQUAL(label, "20%, 20");
}

static void what_is_wrong_is_told_with_what_to_write(void)
{
    CU_ASSERT_PTR_NOT_NULL(strstr(error_of("network loss 5%"), "in braces, like {0%,5%,10%}"));
    CU_ASSERT_PTR_NOT_NULL(strstr(error_of("network loss {5%,10%"), "not closed"));
    CU_ASSERT_PTR_NOT_NULL(strstr(error_of("network loss {5%,{1%}}"), "a list in a list"));
    CU_ASSERT_PTR_NOT_NULL(strstr(error_of("network loss {}"), "empty"));
}

static void ten_thousand_combinations_are_the_most(void)
{
    static const char *const ten = "client * tries {1,2,3,4,5,6,7,8,9,10}";
    const char *const texts[] = {ten, ten, ten, ten, "network loss {1%,2%}"};
    struct vary vary;
    char error[VARY_ERROR_MAX];

    CU_ASSERT(vary_init(&vary, texts, 4, error));
    CU_ASSERT_EQUAL(vary.count, 10000);
    CU_ASSERT(!vary_init(&vary, texts, 5, error));
    CU_ASSERT_PTR_NOT_NULL(strstr(error, "more than 10000 combinations"));
}

int main(void)
{
    static const struct harness_test tests[] = {
        HARNESS_TEST(a_list_gives_a_set_for_each_of_its_values),
        HARNESS_TEST(several_lists_give_all_combinations_the_first_changing_slowest),
        HARNESS_TEST(a_value_may_be_empty),
        HARNESS_TEST(a_label_is_cut_to_its_room),
        HARNESS_TEST(what_is_wrong_is_told_with_what_to_write),
        HARNESS_TEST(ten_thousand_combinations_are_the_most),
    };

    return harness_run("world/sweep_vary", tests, HARNESS_COUNT(tests));
}
