#include "cli/output.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Of a long run's events there are hundreds of megabytes: with the usual 4 KiB a fifth of the run's
 * time goes into system calls. */
#define OUTPUT_BUFFER_BYTES 131072

/* A file beside `path` (beside what a symbolic link leads to), with the rights that a plain open
 * would have given it. */
static int output_open_beside(struct output *output, const struct stat *old)
{
    char *target = old != NULL ? realpath(output->path, NULL) : strdup(output->path);
    size_t size = target != NULL ? strlen(target) + sizeof ".XXXXXX" : 0;
    char *name = malloc(size);
    int fd = -1;
    int status;

    if (target == NULL || name == NULL) {
        goto fail;
    }
    snprintf(name, size, "%s.XXXXXX", target);
    fd = mkstemp(name);
    if (fd < 0) {
        goto fail;
    }
    mode_t mask = umask(0);
    umask(mask);
    (void)fchmod(fd, old != NULL ? old->st_mode & 0777 : 0666 & ~mask);
    output->file = fdopen(fd, "w");
    if (output->file == NULL) {
        goto fail;
    }
    output->buffer = malloc(OUTPUT_BUFFER_BYTES);
    if (output->buffer != NULL) {
        (void)setvbuf(output->file, output->buffer, _IOFBF, OUTPUT_BUFFER_BYTES);
    }
    output->target = target;
    output->temporary = name;
    return 0;

fail:
    status = -errno;
    if (fd >= 0) {
        close(fd);
        unlink(name);
    }
    free(name);
    free(target);
    return status;
}

int output_open(struct output *output, const char *path)
{
    struct stat old;

    memset(output, 0, sizeof *output);
    output->path = path;
    if (path == NULL) {
        return 0;
    }
    if (strcmp(path, "-") == 0) {
        output->file = stdout;
        return 0;
    }
    if (stat(path, &old) != 0) {
        return errno == ENOENT ? output_open_beside(output, NULL) : -errno;
    }
    if (S_ISREG(old.st_mode)) {
        return access(path, W_OK) == 0 ? output_open_beside(output, &old) : -errno;
    }
    output->file = fopen(path, "we");
    return output->file != NULL ? 0 : -errno;
}

int output_close(struct output *output, bool good)
{
    int status = 0;

    if (output->file == NULL) {
        return 0;
    }
    errno = 0;
    if (fflush(output->file) != 0 || ferror(output->file)) {
        status = errno != 0 ? -errno : -EIO;
    }
    if (output->file != stdout && fclose(output->file) != 0 && status == 0) {
        status = -errno;
    }
    output->file = NULL;
    free(output->buffer);
    output->buffer = NULL;
    if (output->temporary != NULL) {
        if (good && status == 0 && rename(output->temporary, output->target) != 0) {
            status = -errno;
        }
        if (!good || status != 0) {
            unlink(output->temporary);
        }
        free(output->temporary);
        free(output->target);
        output->temporary = NULL;
        output->target = NULL;
    }
    return status;
}
