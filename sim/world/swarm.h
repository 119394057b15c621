/* Random scenarios (--random): swarm testing. Each seed switches a random subset of the features
 * on, so that every feature also runs without the others (Groce, Zhang, Eide, Chen and Regehr 2012,
 * "Swarm testing"), and writes a scenario as text: what failed can be read, kept and shrunk. No
 * expectations: only promises are judged. */
#ifndef WORLD_SWARM_H
#define WORLD_SWARM_H

#include <stddef.h>
#include <stdint.h>

/* Room enough for any scenario that swarm_write makes. */
#define SWARM_TEXT_MAX 8192

/* Writes the scenario of `seed`: its bytes and a closing NUL. Returns their number. A pure
 * function. */
size_t swarm_write(uint64_t seed, char text[SWARM_TEXT_MAX]);

#endif
