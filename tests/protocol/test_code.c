#include "protocol/code.h"

#include <ctype.h>

#include "harness.h"

static const unsigned codes[] = {200, 400, 404, 408, 409, 413, 429, 500, 503, 504, 505};

static void only_500_and_504_leave_open_whether_it_was_executed(void)
{
    CU_ASSERT_TRUE(code_is_definite(400));
    CU_ASSERT_TRUE(code_is_definite(404));
    CU_ASSERT_TRUE(code_is_definite(408));
    CU_ASSERT_TRUE(code_is_definite(409));
    CU_ASSERT_TRUE(code_is_definite(413));
    CU_ASSERT_TRUE(code_is_definite(429));
    CU_ASSERT_TRUE(code_is_definite(503));
    CU_ASSERT_TRUE(code_is_definite(505));
    CU_ASSERT_FALSE(code_is_definite(500));
    CU_ASSERT_FALSE(code_is_definite(504));
    CU_ASSERT_FALSE(code_is_definite(200));
    CU_ASSERT_FALSE(code_is_definite(CODE_NONE));
}

static void a_client_tries_again_only_where_it_helps_and_does_no_harm(void)
{
    size_t i;

    for (i = 0; i < HARNESS_COUNT(codes); i++) {
        bool always = codes[i] == 429 || codes[i] == 503;
        bool idempotent = always || codes[i] == 500 || codes[i] == 504;
        CU_ASSERT_EQUAL(code_may_retry(codes[i], false), always);
        CU_ASSERT_EQUAL(code_may_retry(codes[i], true), idempotent);
    }
}

static void every_code_has_a_reason_of_its_own_in_lower_case(void)
{
    size_t i;
    size_t k;

    for (i = 0; i < HARNESS_COUNT(codes); i++) {
        const char *reason = code_reason(codes[i]);
        CU_ASSERT_STRING_NOT_EQUAL(reason, code_reason(999));
        for (k = 0; reason[k] != '\0'; k++) {
            CU_ASSERT(islower((unsigned char)reason[k]) || reason[k] == ' ');
        }
        for (k = 0; k < i; k++) {
            CU_ASSERT_STRING_NOT_EQUAL(reason, code_reason(codes[k]));
        }
    }
    CU_ASSERT_STRING_EQUAL(code_reason(404), "unknown op"); /* protocol.md, Vectors */
    CU_ASSERT_STRING_EQUAL(code_reason(504), "no answer");  /* protocol.md, Plain */
    CU_ASSERT_STRING_EQUAL(code_reason(999), "unknown code");
}

static const struct harness_test tests[] = {
    HARNESS_TEST(only_500_and_504_leave_open_whether_it_was_executed),
    HARNESS_TEST(a_client_tries_again_only_where_it_helps_and_does_no_harm),
    HARNESS_TEST(every_code_has_a_reason_of_its_own_in_lower_case),
};

int main(void)
{
    return harness_run("protocol/code", tests, HARNESS_COUNT(tests));
}
