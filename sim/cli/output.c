#include "cli/output.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A file beside `path`, with the rights that a plain open would have given it. */
static int output_open_beside(struct output *output, const struct stat *old)
{
    size_t size = strlen(output->path) + sizeof ".XXXXXX";
    char *name = malloc(size);
    int fd;

    if (name == NULL) {
        return -ENOMEM;
    }
    snprintf(name, size, "%s.XXXXXX", output->path);
    fd = mkstemp(name);
    if (fd < 0) {
        int status = -errno;
        free(name);
        return status;
    }
    mode_t mask = umask(0);
    umask(mask);
    (void)fchmod(fd, old != NULL ? old->st_mode & 0777 : 0666 & ~mask);
    output->file = fdopen(fd, "w");
    if (output->file == NULL) {
        int status = -errno;
        close(fd);
        unlink(name);
        free(name);
        return status;
    }
    output->temporary = name;
    return 0;
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
    if (output->temporary != NULL) {
        if (good && status == 0 && rename(output->temporary, output->path) != 0) {
            status = -errno;
        }
        if (!good || status != 0) {
            unlink(output->temporary);
        }
        free(output->temporary);
        output->temporary = NULL;
    }
    return status;
}
