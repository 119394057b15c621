/* Throws hostile datagrams at a socket of 127.0.0.1 that will not answer: simrun_throw PORT COUNT
 *
 * Whether the receiver has read what was thrown is seen in /proc/net/udp, so that none is lost
 * there. Prints `thrown: COUNT`. */
#include <inttypes.h>
#include <sched.h>
#include <stdbool.h>
#include <time.h>

#include "hostile.h"
#include "peer.h"

/* Thrown between two looks: so few fit into any socket's buffer. */
#define BETWEEN_LOOKS 40

/* Datagrams above this size fill a buffer by themselves. */
#define LARGE_SIZE 4096

#define PATIENCE_SECONDS 10

/* Bytes that wait in the socket of that port; -1: there is none. */
static long waiting_bytes(unsigned port)
{
    FILE *file = fopen("/proc/net/udp", "r");
    char line[512];
    long found = -1;

    while (file != NULL && found < 0 && fgets(line, sizeof line, file) != NULL) {
        unsigned address;
        unsigned local;
        unsigned long waiting;
        if (sscanf(line, " %*u: %x:%x %*x:%*x %*x %*x:%lx", &address, &local, &waiting) == 3 &&
            local == port && address == htonl(INADDR_LOOPBACK)) {
            found = (long)waiting;
        }
    }
    if (file != NULL) {
        fclose(file);
    }
    return found;
}

/* A socket that is not found may be there: where others come and go while the list is read, a line
 * of it can be missed. */
static void await_reader(unsigned port)
{
    time_t begin = time(NULL);
    long waiting;

    while ((waiting = waiting_bytes(port)) != 0 && time(NULL) - begin < PATIENCE_SECONDS) {
        sched_yield();
    }
    if (waiting != 0) {
        printf("simrun_throw: FAIL %s\n", waiting < 0 ? "the socket is gone" : "nobody reads");
        exit(1);
    }
}

int main(int argc, char **argv)
{
    static uint8_t bytes[HOSTILE_SIZE_MAX];

    if (argc != 3) {
        fputs("usage: simrun_throw PORT COUNT\n", stderr);
        return 2;
    }
    unsigned port = (unsigned)atoi(argv[1]);
    uint32_t count = (uint32_t)atoi(argv[2]);
    struct sockaddr_in target = peer_address(port);
    int fd = peer_socket(peer_address(0));

    for (uint32_t i = 0; i < count; i++) {
        size_t size = hostile_make(i, bytes);
        peer_send(fd, bytes, size, target);
        if (i % BETWEEN_LOOKS == 0 || size > LARGE_SIZE || i + 1 == count) {
            await_reader(port);
        }
    }
    printf("thrown: %" PRIu32 "\n", count);
    close(fd);
    return 0;
}
