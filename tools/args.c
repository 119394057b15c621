#include "args.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/time.h"
#include "protocol/wire.h"

#define ARGS_HOST_MAX 255 /* letters of a host's name, RFC 1035 section 2.3.4 */

/* The units of spans, the longer spelling of two first. */
static const struct args_unit {
    const char *name;
    uint64_t ns;
} ARGS_UNITS[] = {
    {"ns", 1},       {"us", NS_PER_US},    {"ms", NS_PER_MS},
    {"s", NS_PER_S}, {"m", 60 * NS_PER_S}, {"h", 3600 * NS_PER_S},
};

bool args_number(const char *program, const char *what, const char *text, uint32_t min,
                 uint32_t max, uint32_t *number)
{
    char *end;

    errno = 0;
    unsigned long long value = strtoull(text, &end, 10);
    if (!isdigit((unsigned char)text[0]) || *end != '\0' || errno != 0 || value < min ||
        value > max) {
        fprintf(stderr, "%s: %s '%s': a whole number from %u to %u\n", program, what, text, min,
                max);
        return false;
    }
    *number = (uint32_t)value;
    return true;
}

bool args_port(const char *program, const char *text, uint16_t *port)
{
    uint32_t number;

    if (!args_number(program, "port", text, 0, UINT16_MAX, &number)) {
        return false;
    }
    *port = (uint16_t)number;
    return true;
}

/* Reads "1.5ms": digits, perhaps a point and up to 9 digits, a unit. False if it is not that. */
static bool args_read_duration(const char *text, uint64_t *span_ns)
{
    uint64_t whole = 0;
    uint64_t fraction_e9 = 0; /* in units of 10^-9 */
    const char *at = text;

    if (!isdigit((unsigned char)*at)) {
        return false;
    }
    for (; isdigit((unsigned char)*at) && whole <= UINT32_MAX; at++) {
        whole = whole * 10 + (uint64_t)(*at - '0');
    }
    if (*at == '.' && isdigit((unsigned char)at[1])) {
        uint64_t place = NS_PER_S / 10;
        for (at++; isdigit((unsigned char)*at) && place > 0; at++, place /= 10) {
            fraction_e9 += (uint64_t)(*at - '0') * place;
        }
    }
    for (size_t i = 0; i < sizeof ARGS_UNITS / sizeof ARGS_UNITS[0]; i++) {
        uint64_t unit_ns = ARGS_UNITS[i].ns;
        if (strcmp(at, ARGS_UNITS[i].name) == 0) {
            if (whole > WIRE_TTL_MAX_MS * NS_PER_MS / unit_ns) {
                return false;
            }
            *span_ns = whole * unit_ns + (unit_ns >= NS_PER_S ? fraction_e9 * (unit_ns / NS_PER_S)
                                                              : fraction_e9 * unit_ns / NS_PER_S);
            return true;
        }
    }
    return false;
}

bool args_duration(const char *program, const char *what, const char *text, uint64_t *span_ns)
{
    uint64_t value_ns;

    if (!args_read_duration(text, &value_ns) || value_ns == 0 ||
        value_ns > WIRE_TTL_MAX_MS * NS_PER_MS) {
        fprintf(stderr,
                "%s: %s '%s': a span with its unit (ns us ms s m), like 500ms or 1.5s, at most "
                "600s\n",
                program, what, text);
        return false;
    }
    *span_ns = value_ns;
    return true;
}

bool args_host(const char *program, const char *text, struct in_addr *address)
{
    struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_DGRAM};
    struct addrinfo *found;
    int status;

    if (inet_pton(AF_INET, text, address) == 1) {
        return true;
    }
    status = text[0] == '\0' ? EAI_NONAME : getaddrinfo(text, NULL, &hints, &found);
    if (status != 0) {
        fprintf(stderr, "%s: host '%s': %s (an IPv4 address like 127.0.0.1, or a name)\n", program,
                text, gai_strerror(status));
        return false;
    }
    struct sockaddr_in first;
    memcpy(&first, found->ai_addr, sizeof first);
    *address = first.sin_addr;
    freeaddrinfo(found);
    return true;
}

bool args_peer(const char *program, const char *text, struct sockaddr_in *peer)
{
    const char *colon = strrchr(text, ':');
    char host[ARGS_HOST_MAX + 1];
    uint32_t port;

    if (colon == NULL || colon == text || (size_t)(colon - text) > ARGS_HOST_MAX) {
        fprintf(stderr, "%s: '%s' is not HOST:PORT, like 127.0.0.1:8080\n", program, text);
        return false;
    }
    memcpy(host, text, (size_t)(colon - text));
    host[colon - text] = '\0';
    *peer = (struct sockaddr_in){.sin_family = AF_INET};
    if (!args_number(program, "port", colon + 1, 1, UINT16_MAX, &port) ||
        !args_host(program, host, &peer->sin_addr)) {
        return false;
    }
    peer->sin_port = htons((uint16_t)port);
    return true;
}

bool args_is_loopback(struct in_addr address)
{
    return ntohl(address.s_addr) >> 24 == IN_LOOPBACKNET;
}

struct retry_policy args_policy(uint64_t timeout_ns, unsigned tries)
{
    return (struct retry_policy){.timeout_ns = timeout_ns,
                                 .cap_ns = TIME_NEVER,
                                 .tries = tries,
                                 .factor_milli = 2000,
                                 .backoff = BACKOFF_EXPONENTIAL,
                                 .jitter = JITTER_NONE};
}

int args_usage(const char *program)
{
    fprintf(stderr, "%s: see %s --help\n", program, program);
    return ARGS_USAGE;
}

int args_finish_output(const char *program)
{
    if (fflush(stdout) != 0 || ferror(stdout)) {
        fprintf(stderr, "%s: cannot write: %s\n", program, strerror(errno));
        return ARGS_MACHINE;
    }
    return ARGS_GOOD;
}
