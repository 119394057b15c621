/* Who is who on the wire: what the ids and addresses of a run are made of. Private to the folder.
 */
#ifndef SCENARIO_IDS_H
#define SCENARIO_IDS_H

#include "scenario/scenario.h"

/* The key of a node's name: of the name alone, not 0. */
uint64_t ids_name_key(const char *name, size_t size);

/* Makes the directories of names (of two nodes with one name, the first has it) and ids of a
 * scenario whose nodes are known. Without memory the process aborts, as for the arena. */
void ids_make(struct scenario *scenario);
void ids_free(struct scenario *scenario);

#endif
