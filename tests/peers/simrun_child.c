/* Runs a program as a shell cannot:
 *
 *   simrun_child exec COMMAND...        in its own place, with no signal ignored
 *   simrun_child peak FILE COMMAND...   and writes to FILE how many KiB of memory it had at most;
 *                                       the exit status is the command's */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* A shell that runs a command in the background has it ignore SIGINT, and its children with it. */
static int run_here(char **command)
{
    sigset_t none;

    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    signal(SIGINT, SIG_DFL);
    signal(SIGTERM, SIG_DFL);
    signal(SIGPIPE, SIG_DFL);
    execvp(command[0], command);
    perror(command[0]);
    return 127;
}

static int run_measured(const char *path, char **command)
{
    struct rusage usage;
    int status;
    pid_t child = fork();

    if (child == 0) {
        _exit(run_here(command));
    }
    if (child < 0 || wait4(child, &status, 0, &usage) != child) {
        perror("simrun_child");
        return 127;
    }
    FILE *file = fopen(path, "w");
    if (file == NULL || fprintf(file, "%ld\n", usage.ru_maxrss) < 0 || fclose(file) != 0) {
        perror(path);
        return 127;
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int main(int argc, char **argv)
{
    if (argc > 2 && strcmp(argv[1], "exec") == 0) {
        return run_here(argv + 2);
    }
    if (argc > 3 && strcmp(argv[1], "peak") == 0) {
        return run_measured(argv[2], argv + 3);
    }
    fputs("usage: simrun_child exec COMMAND..., or peak FILE COMMAND...\n", stderr);
    return 2;
}
