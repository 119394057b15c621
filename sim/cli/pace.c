#include "cli/pace.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <termios.h>
#include <unistd.h>

#include "base/time.h"
#include "world/wall.h"

/* How long it waits between two looks at signals. */
#define PACE_LOOK_NS (20 * NS_PER_MS)

int pace_open(struct pace *pace, const struct trace_sink *next, uint64_t pace_ppm)
{
    *pace = (struct pace){.next = *next, .pace_ppm = pace_ppm, .keys = -1};
    if (pace_ppm > 0) {
        return 0;
    }
    pace->keys = open("/dev/tty", O_RDONLY | O_CLOEXEC);
    return pace->keys >= 0 ? 0 : -errno;
}

void pace_close(struct pace *pace)
{
    if (pace->keys >= 0) {
        close(pace->keys);
    }
}

/* Whether the run is to end: it holds these signals back and looks for them only between events. */
static bool pace_is_interrupted(void)
{
    sigset_t pending;

    sigpending(&pending);
    return sigismember(&pending, SIGINT) == 1 || sigismember(&pending, SIGTERM) == 1;
}

/* Waits up to a look's time; with keys, also for one. */
static bool pace_wait(struct pace *pace, uint64_t wait_ns)
{
    struct pollfd keys = {.fd = pace->keys, .events = POLLIN};
    struct timespec wait = {.tv_nsec = (long)(wait_ns < PACE_LOOK_NS ? wait_ns : PACE_LOOK_NS)};

    return ppoll(&keys, pace->keys >= 0 ? 1 : 0, &wait, NULL) > 0;
}

/* Waits for any key. The terminal gives keys one by one, and does not show them, only meanwhile: it
 * is found as it was whatever happens between two events. */
static void pace_wait_for_key(struct pace *pace)
{
    struct termios before;
    struct termios keys;
    char key = 0;

    if (tcgetattr(pace->keys, &before) != 0) {
        pace->over = true;
        return;
    }
    keys = before;
    keys.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
    (void)tcsetattr(pace->keys, TCSANOW, &keys);
    while (!pace->over && !pace_wait(pace, PACE_LOOK_NS)) {
        pace->over = pace_is_interrupted();
    }
    if (!pace->over) {
        pace->over = read(pace->keys, &key, 1) != 1 || key == 'c';
    }
    (void)tcsetattr(pace->keys, TCSANOW, &before);
}

/* The instant of the wall clock at which a record is due. */
static uint64_t pace_due_ns(const struct pace *pace, uint64_t t_ns)
{
    uint64_t whole = t_ns / pace->pace_ppm;
    uint64_t rest = t_ns % pace->pace_ppm;

    if (whole > TIME_NEVER / PACE_ONE_PPM - 1) {
        return TIME_NEVER;
    }
    return time_add(pace->begin_ns, whole * PACE_ONE_PPM + rest * PACE_ONE_PPM / pace->pace_ppm);
}

void pace_take(void *context, const struct trace_record *record, const uint8_t *bytes)
{
    struct pace *pace = context;
    bool shown = trace_event_scope((enum trace_event)record->event) != TRACE_OF_TABLE;

    if (!pace->began) {
        pace->began = true;
        pace->begin_ns = wall_clock_ns();
    }
    if (pace->pace_ppm > 0 && !pace->over) {
        uint64_t due_ns = pace_due_ns(pace, record->t_ns);
        for (uint64_t now_ns = wall_clock_ns(); now_ns < due_ns && !pace->over;
             now_ns = wall_clock_ns()) {
            (void)pace_wait(pace, due_ns - now_ns);
            pace->over = pace_is_interrupted();
        }
    }
    pace->next.take(pace->next.context, record, bytes);
    if (pace->pace_ppm == 0 && shown && !pace->over) {
        pace_wait_for_key(pace);
    }
}
