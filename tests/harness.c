#include "harness.h"

#include <CUnit/TestRun.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void harness_print_failures(void)
{
    const CU_FailureRecord *failure = CU_get_failure_list();
    for (; failure != NULL; failure = failure->pNext) {
        printf("%s:%u: FAIL %s: %s\n", failure->strFileName, failure->uiLineNumber,
               failure->pTest != NULL ? failure->pTest->pName : "(suite)", failure->strCondition);
    }
}

int harness_run(const char *suite_name, const struct harness_test *tests, size_t count)
{
    const char *only = getenv("SIMRUN_TEST");
    CU_pSuite suite;
    size_t i;

    if (CU_initialize_registry() != CUE_SUCCESS) {
        return EXIT_FAILURE;
    }
    suite = CU_add_suite(suite_name, NULL, NULL);
    for (i = 0; i < count; i++) {
        if (only == NULL || strcmp(only, tests[i].name) == 0) {
            CU_add_test(suite, tests[i].name, tests[i].run);
        }
    }
    (void)CU_run_all_tests();
    harness_print_failures();

    unsigned ran = CU_get_number_of_tests_run();
    unsigned failed = CU_get_number_of_tests_failed();
    bool good = ran > 0 && CU_get_number_of_failures() == 0 && failed == 0;
    printf("%s: %u passed, %u failed\n", suite_name, ran - failed, failed);
    CU_cleanup_registry();
    return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
