/* Who is who on the wire: what the ids and addresses of a run are made of. Private to the folder.
 */
#ifndef SCENARIO_IDS_H
#define SCENARIO_IDS_H

#include "scenario/scenario.h"

/* Makes the directory of ids of a scenario whose nodes are known. Returns 0 or -ENOMEM. */
int ids_make(struct scenario *scenario);
void ids_free(struct scenario *scenario);

#endif
