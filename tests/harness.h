/* What every CUnit program of the tests shares: a table of stories, and one way to run them. */
#ifndef TESTS_HARNESS_H
#define TESTS_HARNESS_H

#include <CUnit/CUnit.h>
#include <stddef.h>

/* One test: its name is the sentence that the function's name spells. */
struct harness_test {
    const char *name;
    void (*run)(void);
};

#define HARNESS_TEST(function)                                                                     \
    {                                                                                              \
#function, function                                                                        \
    }
#define HARNESS_COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* Runs `count` tests as the suite `suite`, prints each failed assertion and, last, the line
 * "SUITE: N passed, N failed" (tests, not assertions). Returns main's exit status: 0 only if the
 * suite ran and nothing failed. With the environment's SIMRUN_TEST=NAME only that test runs. */
int harness_run(const char *suite, const struct harness_test *tests, size_t count);

#endif
