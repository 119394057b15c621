/* Files that a run writes: whole, or not at all. */
#ifndef CLI_OUTPUT_H
#define CLI_OUTPUT_H

#include <stdbool.h>
#include <stdio.h>

/* A file to be written. A regular file (or a new one) is written beside and renamed when it is
 * complete; anything else (a device, a pipe) is opened in place. */
struct output {
    const char *path; /* as given, not owned; NULL = not wanted; "-" = standard output */
    FILE *file;       /* NULL = not open */
    char *target;     /* owned: the file that is to be replaced; NULL = in place */
    char *temporary;  /* owned: the name it is written under; NULL = in place */
    char *buffer;     /* owned: of `file`; NULL = its usual one */
};

/* Opens; `path` NULL is allowed (and output->file stays NULL). Returns 0 or -errno. */
int output_open(struct output *output, const char *path);

/* Closes and puts the file in its place; with `good` false, or if writing failed, the new file is
 * removed and an old one stays as it was. Returns 0, or -errno if what was written did not get
 * there. */
int output_close(struct output *output, bool good);

#endif
