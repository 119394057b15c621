/* Words of the stand-alone programs' command lines. Each function reads one word; if it is wrong,
 * it prints what would be right on standard error, after the program's name, and returns false. */
#ifndef TOOLS_ARGS_H
#define TOOLS_ARGS_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

#include "protocol/retry.h"

/* The exit statuses of the stand-alone programs. */
enum args_status {
    ARGS_GOOD = 0,    /* all went well */
    ARGS_FAILED = 1,  /* udp_client: a request was not answered */
    ARGS_USAGE = 2,   /* the command line is wrong */
    ARGS_MACHINE = 3, /* the machine said no: a port in use, no descriptors, cannot write */
};

#define ARGS_TRIES_DEFAULT 5

/* A whole number from `min` to `max`; `what` is the option's name, for the message. */
bool args_number(const char *program, const char *what, const char *text, uint32_t min,
                 uint32_t max, uint32_t *number);

/* A UDP port, 0 to 65535. */
bool args_port(const char *program, const char *text, uint16_t *port);

/* A span with its unit, as in the scenario language (ns us ms s m h), above 0 and at most 600 s. */
bool args_duration(const char *program, const char *what, const char *text, uint64_t *span_ns);

/* The IPv4 address of a host: its number or its name. */
bool args_host(const char *program, const char *text, struct in_addr *address);

/* HOST:PORT, the port not 0. */
bool args_peer(const char *program, const char *text, struct sockaddr_in *peer);

/* Whether an address can be reached from this machine alone (127.0.0.0/8). */
bool args_is_loopback(struct in_addr address);

/* Exponential backoff by 2 without cap or jitter: what a client does by default. */
struct retry_policy args_policy(uint64_t timeout_ns, unsigned tries);

/* Prints where help is found, and returns ARGS_USAGE. */
int args_usage(const char *program);

/* What was printed on standard output reaches it. Returns 0, or ARGS_MACHINE after saying why. */
int args_finish_output(const char *program);

#endif
