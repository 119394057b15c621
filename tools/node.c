#include "node.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "args.h"
#include "base/time.h"
#include "node_lines.h"
#include "node_sockets.h"

/* Datagrams read from a socket before the next one and the timers have their turn. */
#define NODE_READS_MAX 1024

/* Timers fired before the socket has its turn. */
#define NODE_STEPS_MAX 256

uint64_t node_now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

uint64_t node_random(void)
{
    uint64_t random = 0;

    /* So few bytes come at once and whole, once the kernel has any (getrandom(2)). */
    while (getrandom(&random, sizeof random, 0) != (ssize_t)sizeof random) {
        if (errno != EINTR) {
            perror("getrandom");
            abort(); /* ids that somebody can guess would be worse */
        }
    }
    return random;
}

void node_hold_standard_streams(void)
{
    for (int fd = 0; fd <= 2; fd++) {
        if (fcntl(fd, F_GETFD) == -1 && errno == EBADF) {
            (void)!open("/dev/null", fd == 0 ? O_RDONLY : O_WRONLY);
        }
    }
    signal(SIGPIPE, SIG_IGN);
    setvbuf(stderr, NULL, _IOLBF, BUFSIZ); /* whole lines, also beside other programs' */
}

int node_catch_signals(struct node *node)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    node->polls[NODE_POLL_SIGNALS].fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    if (node->polls[NODE_POLL_SIGNALS].fd < 0 || sigprocmask(SIG_BLOCK, &set, NULL) != 0) {
        fprintf(stderr, "%s: cannot wait for signals: %s\n", node->program, strerror(errno));
        return ARGS_MACHINE;
    }
    return 0;
}

/* ---- what the core puts out ------------------------------------------------------------------ */

static void node_send(struct node *node, const struct outbox_datagram *datagram)
{
    struct sockaddr_in to = node_address(datagram->to);
    int fd = node_channel_fd(node, datagram->to.channel);
    ssize_t sent = -1;

    if (fd >= 0) {
        do {
            sent = sendto(fd, datagram->bytes, datagram->size, MSG_DONTWAIT, (struct sockaddr *)&to,
                          sizeof to);
        } while (sent < 0 && errno == EINTR);
    } else {
        errno = -fd;
    }
    if (sent < 0) {
        node_say_unsent(node, datagram, errno);
        node->counts.unsent++;
        return;
    }
    node_count_sent(node, datagram);
    node_say_sent(node, datagram);
}

static void node_take_note(struct node *node, const struct node_core *core,
                           const struct outbox_note *note)
{
    if (note->kind == NOTE_REJECTED) {
        node->counts.rejected[note->reason]++;
        node_say_rejected(node, note);
    } else if (note->kind == NOTE_CHANNEL_CLOSE) {
        node_close_channel(node, note->peer.channel);
    }
    if (core->on_note != NULL) {
        core->on_note(core->owner, note);
    }
}

/* Does all that the core put out, in its order. */
static void node_empty_outbox(struct node *node, const struct node_core *core)
{
    const struct outbox *outbox = &node->outbox;
    const struct outbox_note *note = outbox->notes;
    const struct outbox_datagram *datagram = outbox->datagrams;

    for (unsigned i = 0; i < outbox_count(outbox); i++) {
        if (outbox->is_note[i]) {
            node_take_note(node, core, note++);
        } else {
            node_send(node, datagram++);
        }
    }
    outbox_clear(&node->outbox);
}

/* ---- what comes in --------------------------------------------------------------------------- */

/* Reads the kernel's count of drops that came with a datagram. */
static void node_read_drops(struct node *node, struct msghdr *header)
{
    for (struct cmsghdr *part = CMSG_FIRSTHDR(header); part != NULL;
         part = CMSG_NXTHDR(header, part)) {
        if (part->cmsg_level == SOL_SOCKET && part->cmsg_type == SO_RXQ_OVFL) {
            memcpy(&node->counts.kernel_drops, CMSG_DATA(part), sizeof node->counts.kernel_drops);
        }
    }
}

/* Reads a datagram from the channel's socket and hands it to the core. False: there was none. */
static bool node_read(struct node *node, const struct node_core *core, uint16_t channel)
{
    uint8_t bytes[WIRE_DATAGRAM_MAX + 1];
    union {
        struct cmsghdr header; /* aligns it */
        char bytes[CMSG_SPACE(sizeof(uint32_t))];
    } control;
    struct sockaddr_in source = {.sin_family = AF_INET};
    struct iovec vector = {.iov_base = bytes, .iov_len = sizeof bytes};
    struct msghdr header = {.msg_name = &source,
                            .msg_namelen = sizeof source,
                            .msg_iov = &vector,
                            .msg_iovlen = 1,
                            .msg_control = &control,
                            .msg_controllen = sizeof control};
    ssize_t got = recvmsg(node->polls[NODE_POLL_MAIN + channel].fd, &header, MSG_DONTWAIT);

    if (got < 0) {
        return errno == EINTR;
    }
    size_t size = (header.msg_flags & MSG_TRUNC) != 0 ? sizeof bytes : (size_t)got;
    struct endpoint from = node_endpoint(node, source);
    from.channel = channel;
    node_read_drops(node, &header);
    node->counts.received++;
    node_say_received(node, from, bytes, size);
    core->on_datagram(core->core, node_now_ns(), from, bytes, size, &node->outbox);
    node_empty_outbox(node, core);
    return true;
}

static bool node_is_done(const struct node_core *core)
{
    return core->is_done != NULL && core->is_done(core->core);
}

/* Reads what is in the main socket, whether or not it was seen by poll, and in the channels. */
static void node_read_all(struct node *node, const struct node_core *core)
{
    for (unsigned i = 0; i < NODE_READS_MAX && node_read(node, core, 0); i++) {
        if (node_is_done(core)) {
            return;
        }
    }
    for (unsigned i = NODE_POLL_MAIN + 1; i < node->poll_count; i++) {
        unsigned reads = node->polls[i].revents != 0 ? NODE_READS_MAX : 0;
        while (reads > 0 && node->polls[i].fd >= 0 &&
               node_read(node, core, (uint16_t)(i - NODE_POLL_MAIN))) {
            reads--;
        }
    }
}

/* ---- the loop -------------------------------------------------------------------------------- */

/* Sleeps until something can be read, a signal has come, or the core's deadline. False: the kernel
 * refuses. */
static bool node_wait(struct node *node, const struct node_core *core)
{
    uint64_t deadline_ns = core->deadline_ns(core->core);
    uint64_t span_ns = time_since(node_now_ns(), deadline_ns);
    struct timespec span = {.tv_sec = (time_t)(span_ns / NS_PER_S),
                            .tv_nsec = (long)(span_ns % NS_PER_S)};
    int found =
        ppoll(node->polls, node->poll_count, deadline_ns == TIME_NEVER ? NULL : &span, NULL);

    if (found < 0 && errno != EINTR) {
        fprintf(stderr, "%s: ppoll: %s\n", node->program, strerror(errno));
        return false;
    }
    return true;
}

int node_run(struct node *node, const struct node_core *core)
{
    while (!node_is_done(core)) {
        if (!node_wait(node, core)) {
            return ARGS_MACHINE;
        }
        if (node->polls[NODE_POLL_SIGNALS].revents != 0) {
            return 0;
        }
        /* Before timers: an answer that is here has won the race. */
        node_read_all(node, core);
        for (unsigned i = 0; i < NODE_STEPS_MAX; i++) {
            uint64_t now_ns = node_now_ns();
            if (core->deadline_ns(core->core) > now_ns) {
                break;
            }
            core->on_deadline(core->core, now_ns, &node->outbox);
            node_empty_outbox(node, core);
        }
    }
    return 0;
}
