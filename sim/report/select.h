/* Which nodes or links a bitmap takes in, in words close to the language's selectors. */
#ifndef REPORT_SELECT_H
#define REPORT_SELECT_H

#include <stddef.h>
#include <stdint.h>

#include "scenario/scenario.h"

#define SELECT_MAX 400 /* bytes of the words, with the NUL; what is longer is cut */

/* "the broker, servers, c1, slow*" */
void select_nodes(char text[SELECT_MAX], const struct scenario *scenario, const uint64_t *bitmap);

/* "every link", "clients <-> broker", "c1, toupper -> broker; broker -> clients" */
void select_links(char text[SELECT_MAX], const struct scenario *scenario, const uint64_t *bitmap);

#endif
