/* What a command costs: for tools/bench.
 *
 *   bench_cost COMMAND ARGUMENT...
 *
 * Runs it, then prints "NANOSECONDS KILOBYTES": its processor time, and the most memory that it had
 * at once. Its own output goes to standard error. Exit status: the command's. */
#include <stdio.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

static unsigned long long cost_ns(struct timeval span)
{
    return (unsigned long long)span.tv_sec * 1000000000u + (unsigned long long)span.tv_usec * 1000u;
}

int main(int argc, char **argv)
{
    struct rusage usage;
    int status;

    if (argc < 2) {
        fputs("usage: bench_cost COMMAND ARGUMENT...\n", stderr);
        return 2;
    }
    pid_t child = fork();
    if (child == 0) {
        dup2(STDERR_FILENO, STDOUT_FILENO);
        execvp(argv[1], argv + 1);
        perror(argv[1]);
        _exit(127);
    }
    if (child < 0 || wait4(child, &status, 0, &usage) != child) {
        perror("bench_cost");
        return 3;
    }
    printf("%llu %ld\n", cost_ns(usage.ru_utime) + cost_ns(usage.ru_stime), usage.ru_maxrss);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
