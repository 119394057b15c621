/* Suites and cases of --junit, as they are written. */
#ifndef REPORT_JUNIT_PARTS_H
#define REPORT_JUNIT_PARTS_H

#include <stdint.h>
#include <stdio.h>

/* Failure: it was not as expected. Error: it could not be judged to its end. */
enum junit_verdict { JUNIT_PASSED, JUNIT_FAILURE, JUNIT_ERROR, JUNIT_SKIPPED };

struct junit_case {
    const char *kind; /* "run", "expectations", "promises", "sweep", "seeds": end of its class */
    const char *name;
    uint32_t same; /* how many cases of its kind before it have this name */
    uint64_t time_ns;
    enum junit_verdict verdict;
    const char *type;    /* of failures and errors: in one word, what failed */
    const char *message; /* unless passed: why, in one line */
    const char *command; /* of failures and errors: repeats it; NULL = not known */
    const char *remark;  /* if passed: what there is to say of it; NULL = nothing */
};

/* Cases are gone through twice, for the head of their suite wants to know how they ended. */
struct junit_suite {
    FILE *out;        /* NULL: they are counted, not written */
    const char *path; /* of the scenario: the suite's name, and in its cases' classes */
    const char *row;  /* of --vary: likewise; NULL = none */
    uint64_t tests;
    uint64_t failures;
    uint64_t errors;
    uint64_t skipped;
};

/* One more case: counts it, or writes it. */
void junit_add(struct junit_suite *suite, const struct junit_case *result);

/* The start of a suite whose cases are counted, up to its properties; `time_ns`: of all cases. */
void junit_begin_suite(FILE *out, const struct junit_suite *suite, uint64_t time_ns);

/* A property of the suite; none if `value` is NULL. */
void junit_property(FILE *out, const char *name, const char *value);

/* The properties are written: cases follow. */
void junit_begin_cases(FILE *out);

/* Its end, with the command that repeats it (NULL: none does). */
void junit_end_suite(FILE *out, const char *command);

#endif
