/* --why C/N: which request is meant, and errors that say what could be. */
#include "report/why.h"

#include <string.h>

#include "harness.h"

static void name_parse(struct scenario *scenario, const char *text)
{
    struct scenario_overrides overrides = {.sets = NULL};
    struct scenario_messages messages = {.items = NULL};

    CU_ASSERT_FATAL(
        scenario_parse(scenario, "test.txt", text, strlen(text), &overrides, &messages));
    scenario_messages_free(&messages);
}

static bool name_error_is(const char *text, const char *expected)
{
    struct scenario scenario;
    char error[REPORT_WHY_ERROR_MAX] = "";
    uint32_t client = 77;
    uint32_t n = 88;

    name_parse(&scenario, "clients 8\nsend 25 toupper \"x\"\nclient anna\nsend echo \"y\"\n"
                          "client mute\nraw \"z\"\n");
    bool good = report_why_parse(&scenario, text, &client, &n, error);
    if (strcmp(error, expected) != 0) {
        printf("%s: %s\n", text, error);
    }
    CU_ASSERT(!good && client == 77 && n == 88);
    scenario_free(&scenario);
    return strcmp(error, expected) == 0;
}

static void a_request_is_read(void)
{
    struct scenario scenario;
    char error[REPORT_WHY_ERROR_MAX];
    uint32_t client = 0;
    uint32_t n = 0;

    name_parse(&scenario, "clients 8\nsend 25 toupper \"x\"\n");
    CU_ASSERT_TRUE(report_why_parse(&scenario, "c2/25", &client, &n, error));
    CU_ASSERT_EQUAL(client, 4);
    CU_ASSERT_EQUAL(n, 25);
    scenario_free(&scenario);
}

static void errors_teach(void)
{
    CU_ASSERT(name_error_is("c1/26", "there is no request 'c1/26': c1 has numbers 1 to 25"));
    CU_ASSERT(name_error_is("c1/0", "there is no request 'c1/0': c1 has numbers 1 to 25"));
    CU_ASSERT(name_error_is("c1/4294967297",
                            "there is no request 'c1/4294967297': c1 has numbers 1 to 25"));
    CU_ASSERT(name_error_is("anna/x", "there is no request 'anna/x': anna has only number 1"));
    CU_ASSERT(name_error_is("c1", "write the request's number, too: 'c1/1' to 'c1/25'"));
    CU_ASSERT(name_error_is("anna", "write the request's number, too: 'anna/1'"));
    CU_ASSERT(name_error_is("mute/1", "mute makes no requests"));
    CU_ASSERT(name_error_is("toupper/1", "toupper makes no requests, only clients do; try 'c1/1'"));
    CU_ASSERT(name_error_is("Anna/1", "no client is called 'Anna' (did you mean 'anna'?): the "
                                      "clients are c1 .. c8, anna, mute"));
    CU_ASSERT(name_error_is("\x1b[2J/1", "no client is called '\\x1b[2J': the clients are c1 .. "
                                         "c8, anna, mute"));
}

int main(void)
{
    static const struct harness_test tests[] = {
        HARNESS_TEST(a_request_is_read),
        HARNESS_TEST(errors_teach),
    };
    return harness_run("report/why_name", tests, HARNESS_COUNT(tests));
}
