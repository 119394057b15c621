/* SIGINT and SIGTERM: who works on something holds them back, looks for them now and then, and ends
 * early when one has come; so neither a report nor a file is ever cut off. */
#ifndef WORLD_SIGNALS_H
#define WORLD_SIGNALS_H

#include <signal.h>

/* Both, and nothing else. */
void signals_fill(sigset_t *set);

/* Holds both back, in this thread and in those that it will start. *before: what was held back. */
void signals_hold(sigset_t *before);
void signals_restore(const sigset_t *before);

/* Takes one that was held back. Returns it; 0: none has come. */
int signals_take(void);

/* From now on they do what they do by default, in this thread: the next one ends the process. */
void signals_let_kill(void);

#endif
