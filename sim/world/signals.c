#include "world/signals.h"

#include <pthread.h>
#include <time.h>

void signals_fill(sigset_t *set)
{
    sigemptyset(set);
    sigaddset(set, SIGINT);
    sigaddset(set, SIGTERM);
}

void signals_hold(sigset_t *before)
{
    sigset_t set;

    signals_fill(&set);
    pthread_sigmask(SIG_BLOCK, &set, before);
}

void signals_restore(const sigset_t *before)
{
    pthread_sigmask(SIG_SETMASK, before, NULL);
}

int signals_take(void)
{
    struct timespec none = {0};
    sigset_t set;
    int signal;

    signals_fill(&set);
    signal = sigtimedwait(&set, NULL, &none);
    return signal > 0 ? signal : 0;
}

void signals_let_kill(void)
{
    struct sigaction standard = {.sa_handler = SIG_DFL};
    sigset_t set;

    sigemptyset(&standard.sa_mask);
    sigaction(SIGINT, &standard, NULL);
    sigaction(SIGTERM, &standard, NULL);
    signals_fill(&set);
    pthread_sigmask(SIG_UNBLOCK, &set, NULL);
}
