/* --models: what each fault model was asked for, and what it gave. */
#ifndef CLI_MODELS_H
#define CLI_MODELS_H

#include <stdio.h>

/* Measures all and prints a table. Returns the exit status: 0, 1 where a model is out of its
 * bounds, 3 without memory. */
int models_print(FILE *out);

#endif
