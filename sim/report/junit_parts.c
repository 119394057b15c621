#include "report/junit_parts.h"

#include <inttypes.h>
#include <string.h>

#include "base/time.h"
#include "report/xml.h"

/* ---- cases ----------------------------------------------------------------------------------- */

/* ` time="1.250000"`: seconds. */
static void junit_time(FILE *out, uint64_t time_ns)
{
    fprintf(out, " time=\"%" PRIu64 ".%06" PRIu64 "\"", time_ns / NS_PER_S,
            time_ns % NS_PER_S / NS_PER_US);
}

/* " [10%, 4]": what tells the rows of --vary apart. */
static void junit_row(FILE *out, const char *row)
{
    if (row != NULL) {
        fputs(" [", out);
        xml_text(out, row);
        fputc(']', out);
    }
}

/* ` classname="scenarios/loss10.expectations"`: readers take what follows the last dot for the
 * class and what is before it for the package, so the file's own ending would be in the way. */
static void junit_class(FILE *out, const struct junit_suite *suite, const char *kind)
{
    static const char ending[] = ".txt";
    const char *path = suite->path;
    size_t size = strlen(path);

    if (size >= sizeof ending && strcmp(path + size - (sizeof ending - 1), ending) == 0) {
        size -= sizeof ending - 1;
    }
    fputs(" classname=\"", out);
    xml_bytes(out, path, size);
    junit_row(out, suite->row);
    fprintf(out, ".%s\"", kind);
}

/* What a failure or an error says. */
static void junit_write_failure(FILE *out, const struct junit_case *result, const char *element)
{
    fprintf(out, "      <%s", element);
    xml_attribute(out, "message", result->message);
    xml_attribute(out, "type", result->type);
    fputc('>', out);
    xml_text(out, result->message);
    if (result->command != NULL) {
        fputs("\nrepeat: ", out);
        xml_text(out, result->command);
    }
    fprintf(out, "</%s>\n", element);
}

static void junit_write_case(const struct junit_suite *suite, const struct junit_case *result)
{
    FILE *out = suite->out;

    fputs("    <testcase", out);
    junit_class(out, suite, result->kind);
    fputs(" name=\"", out);
    xml_text(out, result->name);
    if (result->same > 0) {
        fprintf(out, " (%" PRIu32 ")", result->same + 1);
    }
    fputc('"', out);
    junit_time(out, result->time_ns);
    if (result->verdict == JUNIT_PASSED && result->remark == NULL) {
        fputs("/>\n", out);
        return;
    }
    fputs(">\n", out);
    switch (result->verdict) {
    case JUNIT_PASSED:
        fputs("      <system-out>", out);
        xml_text(out, result->remark);
        fputs("</system-out>\n", out);
        break;
    case JUNIT_FAILURE:
        junit_write_failure(out, result, "failure");
        break;
    case JUNIT_ERROR:
        junit_write_failure(out, result, "error");
        break;
    case JUNIT_SKIPPED:
        fputs("      <skipped", out);
        xml_attribute(out, "message", result->message);
        fputs("/>\n", out);
        break;
    }
    fputs("    </testcase>\n", out);
}

void junit_add(struct junit_suite *suite, const struct junit_case *result)
{
    if (suite->out != NULL) {
        junit_write_case(suite, result);
        return;
    }
    suite->tests++;
    switch (result->verdict) {
    case JUNIT_PASSED:
        break;
    case JUNIT_FAILURE:
        suite->failures++;
        break;
    case JUNIT_ERROR:
        suite->errors++;
        break;
    case JUNIT_SKIPPED:
        suite->skipped++;
        break;
    }
}

/* ---- suites ---------------------------------------------------------------------------------- */

void junit_property(FILE *out, const char *name, const char *value)
{
    if (value == NULL) {
        return;
    }
    fputs("      <property", out);
    xml_attribute(out, "name", name);
    xml_attribute(out, "value", value);
    fputs("/>\n", out);
}

void junit_begin_suite(FILE *out, const struct junit_suite *suite, uint64_t time_ns)
{
    fputs("  <testsuite name=\"", out);
    xml_text(out, suite->path);
    junit_row(out, suite->row);
    fprintf(out,
            "\" tests=\"%" PRIu64 "\" failures=\"%" PRIu64 "\" errors=\"%" PRIu64
            "\" skipped=\"%" PRIu64 "\"",
            suite->tests, suite->failures, suite->errors, suite->skipped);
    junit_time(out, time_ns);
    fputs(">\n    <properties>\n", out);
}

void junit_begin_cases(FILE *out)
{
    fputs("    </properties>\n", out);
}

void junit_end_suite(FILE *out, const char *command)
{
    if (command != NULL) {
        fputs("    <system-out>repeat: ", out);
        xml_text(out, command);
        fputs("</system-out>\n", out);
    }
    fputs("  </testsuite>\n", out);
}
