#include "node.h"

#include <errno.h>
#include <fcntl.h>
#include <ifaddrs.h>
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
#include "base/prng.h"
#include "base/time.h"
#include "node_lines.h"

/* Asked for a broker's or a server's socket; the kernel's default holds 256 small datagrams. */
#define NODE_BUFFER_BYTES (4 << 20)

/* Datagrams read from a socket before the next one and the timers have their turn. */
#define NODE_READS_MAX 1024

/* Timers fired before the socket has its turn. */
#define NODE_STEPS_MAX 256

/* Ports of closed channels that are remembered; then all are forgotten. */
#define NODE_RETIRED_MAX 8192

/* Attempts to get a port that no closed channel had. */
#define NODE_PORT_ATTEMPTS 16

static uint64_t node_now_ns(void)
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

/* ---- set-up ---------------------------------------------------------------------------------- */

/* A socket bound to `address`, which is set to what the kernel gave. Returns it, or -errno. */
static int node_open_socket(struct sockaddr_in *address)
{
    socklen_t size = sizeof *address;
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    if (fd < 0) {
        return -errno;
    }
    if (bind(fd, (struct sockaddr *)address, sizeof *address) != 0 ||
        getsockname(fd, (struct sockaddr *)address, &size) != 0) {
        int status = -errno;
        close(fd);
        return status;
    }
    return fd;
}

static void node_complain_of_port(const char *program, struct sockaddr_in address, int error)
{
    char name[NODE_ADDRESS_MAX];
    unsigned port = ntohs(address.sin_port);

    node_write_address(name, ntohl(address.sin_addr.s_addr), (uint16_t)port);
    if (error == EADDRINUSE) {
        fprintf(stderr,
                "%s: port %u is in use (%s): `ss -ulpn sport = :%u` shows by whom; --port N takes "
                "another\n",
                program, port, name, port);
    } else if (error == EADDRNOTAVAIL) {
        fprintf(stderr, "%s: %s is not an address of this machine\n", program, name);
    } else {
        fprintf(stderr, "%s: cannot listen on %s: %s\n", program, name, strerror(error));
    }
}

/* Finds the addresses that a socket bound to all of them has, besides 127.0.0.0/8. */
static void node_find_own(struct node *node)
{
    struct ifaddrs *all;

    if (getifaddrs(&all) != 0) {
        return;
    }
    for (const struct ifaddrs *one = all; one != NULL; one = one->ifa_next) {
        if (one->ifa_addr != NULL && one->ifa_addr->sa_family == AF_INET &&
            node->own_count < sizeof node->own / sizeof node->own[0]) {
            struct sockaddr_in address;
            memcpy(&address, one->ifa_addr, sizeof address);
            node->own[node->own_count++] = address.sin_addr;
        }
    }
    freeifaddrs(all);
}

int node_open(struct node *node, const char *program, bool verbose, struct sockaddr_in address)
{
    int yes = 1;

    *node = (struct node){.program = program,
                          .verbose = verbose,
                          .start_ns = node_now_ns(),
                          .secret = node_random() | UINT64_C(1) << 63,
                          .bound = address,
                          .poll_count = NODE_POLL_MAIN + 1};
    for (unsigned i = 0; i < NODE_POLL_COUNT; i++) {
        node->polls[i] = (struct pollfd){.fd = -1, .events = POLLIN};
    }
    int fd = node_open_socket(&node->bound);
    if (fd < 0) {
        node_complain_of_port(program, address, -fd);
        return ARGS_MACHINE;
    }
    node->polls[NODE_POLL_MAIN].fd = fd;
    (void)setsockopt(fd, SOL_SOCKET, SO_RXQ_OVFL, &yes, sizeof yes);
    if (node->bound.sin_addr.s_addr == htonl(INADDR_ANY)) {
        node_find_own(node);
    }
    return 0;
}

void node_close(struct node *node)
{
    for (unsigned i = 0; i < node->poll_count; i++) {
        if (node->polls[i].fd >= 0) {
            close(node->polls[i].fd);
        }
    }
}

void node_ask_buffer(struct node *node)
{
    int bytes = NODE_BUFFER_BYTES;

    (void)setsockopt(node->polls[NODE_POLL_MAIN].fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
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

/* ---- addresses ------------------------------------------------------------------------------- */

/* Whether a datagram to the address would come to the main socket. */
static bool node_is_own(const struct node *node, struct sockaddr_in address)
{
    if (address.sin_port != node->bound.sin_port) {
        return false;
    }
    if (node->bound.sin_addr.s_addr != htonl(INADDR_ANY)) {
        return address.sin_addr.s_addr == node->bound.sin_addr.s_addr;
    }
    for (unsigned i = 0; i < node->own_count; i++) {
        if (address.sin_addr.s_addr == node->own[i].s_addr) {
            return true;
        }
    }
    return args_is_loopback(address.sin_addr);
}

struct endpoint node_endpoint(const struct node *node, struct sockaddr_in address)
{
    if (node_is_own(node, address)) {
        address = node->bound;
    }
    uint32_t host = ntohl(address.sin_addr.s_addr);
    uint16_t port = ntohs(address.sin_port);
    /* A bijection of 48 bits below the secret's highest, which keeps it from 0. */
    uint64_t key = prng_mix(node->secret ^ ((uint64_t)host << 16 | port));

    return (struct endpoint){.key = key, .node = host, .port = port};
}

static struct sockaddr_in node_address(struct endpoint endpoint)
{
    return (struct sockaddr_in){.sin_family = AF_INET,
                                .sin_port = htons(endpoint.port),
                                .sin_addr.s_addr = htonl(endpoint.node)};
}

/* ---- channels -------------------------------------------------------------------------------- */

static bool node_port_is_retired(const struct node *node, uint16_t port)
{
    return (node->retired[port / 8] >> (port % 8) & 1) != 0;
}

/* Remembers the port of a socket that is closed: an answer to it may still be on its way, and must
 * not find a new channel there. */
static void node_retire_port(struct node *node, int fd)
{
    struct sockaddr_in address = {.sin_port = 0};
    socklen_t size = sizeof address;

    (void)getsockname(fd, (struct sockaddr *)&address, &size);
    uint16_t port = ntohs(address.sin_port);
    if (node->retired_count == NODE_RETIRED_MAX) {
        memset(node->retired, 0, sizeof node->retired);
        node->retired_count = 0;
    }
    if (!node_port_is_retired(node, port)) {
        node->retired[port / 8] = (uint8_t)(node->retired[port / 8] | 1u << (port % 8));
        node->retired_count++;
    }
}

static void node_close_channel(struct node *node, uint16_t channel)
{
    struct pollfd *entry = &node->polls[NODE_POLL_MAIN + channel];

    if (channel == 0 || entry->fd < 0) {
        return; /* none was opened: its datagram could not be sent */
    }
    node_retire_port(node, entry->fd);
    close(entry->fd);
    entry->fd = -1;
    entry->revents = 0;
    while (node->polls[node->poll_count - 1].fd < 0) {
        node->poll_count--;
    }
}

/* The socket of a channel, opened if it is not. Returns it, or -errno. */
static int node_channel_fd(struct node *node, uint16_t channel)
{
    struct pollfd *entry = &node->polls[NODE_POLL_MAIN + channel];
    int fd = entry->fd;

    for (int attempt = 0; fd < 0 && attempt < NODE_PORT_ATTEMPTS; attempt++) {
        struct sockaddr_in address = node->bound;
        address.sin_port = 0;
        fd = node_open_socket(&address);
        if (fd < 0) {
            return fd;
        }
        if (node_port_is_retired(node, ntohs(address.sin_port))) {
            close(fd);
            fd = -EADDRINUSE;
        }
    }
    entry->fd = fd >= 0 ? fd : -1;
    if (fd >= 0 && node->poll_count < NODE_POLL_MAIN + channel + 1u) {
        node->poll_count = NODE_POLL_MAIN + channel + 1u;
    }
    return fd;
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

    for (unsigned i = 0; i < outbox->count; i++) {
        const struct outbox_item *item = &outbox->items[i];
        if (item->is_note) {
            node_take_note(node, core, &outbox->notes[item->index]);
        } else {
            node_send(node, &outbox->datagrams[item->index]);
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
