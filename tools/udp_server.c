#include "udp_server.h"

#include <arpa/inet.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "args.h"
#include "node.h"
#include "server/server.h"

#define UDP_SERVER_QUEUE     1024
#define UDP_SERVER_NEVER_MAX 64 /* addresses that are never answered, its own among them */

struct udp_server {
    const char *program;
    enum op op;
    struct sockaddr_in address;                      /* to bind to */
    struct sockaddr_in never[UDP_SERVER_NEVER_MAX];  /* never answered, besides its own */
    uint32_t never_count;                            /* entries in use */
    struct endpoint endpoints[UDP_SERVER_NEVER_MAX]; /* the same and its own, for the core */
    bool verbose;
};

/* What argument parsing may decide. */
enum udp_server_action { UDP_SERVER_SERVE, UDP_SERVER_HELPED, UDP_SERVER_WRONG };

static const struct option UDP_SERVER_OPTIONS[] = {
    {"port", required_argument, NULL, 'p'},
    {"bind", required_argument, NULL, 'b'},
    {"never-answer", required_argument, NULL, 'n'},
    {"verbose", no_argument, NULL, 'v'},
    {"help", no_argument, NULL, 'h'},
    {"version", no_argument, NULL, 'V'},
    {NULL, 0, NULL, 0},
};

static void udp_server_help(const struct udp_server *self, unsigned port)
{
    const char *name = op_name(self->op);
    const char *answer = self->op == OP_TOUPPER ? "HELLO" : "hello";
    const char *text = self->op == OP_TOUPPER ? "hello" : "HELLO";

    printf("Usage: %s [OPTION...]\n"
           "The %s server: gets a text in a datagram, answers it in %s letters.\n"
           "\n"
           "  --port N          listens on this port (default %u; 0: any free one)\n"
           "  --bind ADDR       listens on this address (default 127.0.0.1, which only this\n"
           "                    machine can reach; 0.0.0.0 is every address)\n"
           "  --never-answer HOST:PORT\n"
           "                    an address that never asks, such as another server's: what\n"
           "                    seems to come from there is forged (repeatable; always:\n"
           "                    its own, 127.0.0.1:%u and 127.0.0.1:%u)\n"
           "  -v, --verbose     a line for each datagram, the counts at the end\n"
           "  -h, --help   --version\n"
           "\n"
           "It speaks two forms. Plain, the bare text:\n"
           "  printf '%s' | nc -u -w1 127.0.0.1 %u          # %s\n"
           "and enveloped, which udp_broker speaks: `SIM1 Q id try ttl crc %s:%s`.\n"
           "Ends on SIGTERM or Ctrl-C. Status 2: wrong usage; 3: the port is in use, or the\n"
           "like.\n",
           self->program, name, self->op == OP_TOUPPER ? "capital" : "small", port,
           UDP_TOUPPER_PORT, UDP_TOLOWER_PORT, text, port, answer, name, text);
}

static bool udp_server_add_never(struct udp_server *self, const char *text)
{
    /* One place stays free, for its own. */
    if (self->never_count == UDP_SERVER_NEVER_MAX - 1) {
        fprintf(stderr, "%s: --never-answer: at most %u addresses\n", self->program,
                UDP_SERVER_NEVER_MAX - 3);
        return false;
    }
    return args_peer(self->program, text, &self->never[self->never_count++]);
}

static enum udp_server_action udp_server_parse(struct udp_server *self, int argc, char **argv)
{
    unsigned default_port = ntohs(self->address.sin_port);
    uint16_t port = (uint16_t)default_port;
    bool good = true;
    int option;

    while (good && (option = getopt_long(argc, argv, "hv", UDP_SERVER_OPTIONS, NULL)) != -1) {
        switch (option) {
        case 'p':
            good = args_port(self->program, optarg, &port);
            break;
        case 'b':
            good = args_host(self->program, optarg, &self->address.sin_addr);
            break;
        case 'n':
            good = udp_server_add_never(self, optarg);
            break;
        case 'v':
            self->verbose = true;
            break;
        case 'h':
            udp_server_help(self, default_port);
            return UDP_SERVER_HELPED;
        case 'V':
            printf("%s %s\n", self->program, SIMRUN_VERSION);
            return UDP_SERVER_HELPED;
        default:
            good = false;
            break;
        }
    }
    if (good && optind < argc) {
        fprintf(stderr, "%s: '%s': it takes no arguments but options\n", self->program,
                argv[optind]);
        good = false;
    }
    self->address.sin_port = htons(port);
    return good ? UDP_SERVER_SERVE : UDP_SERVER_WRONG;
}

/* ---- the core -------------------------------------------------------------------------------- */

static void udp_server_on_datagram(void *core, uint64_t now_ns, struct endpoint from,
                                   const uint8_t *bytes, size_t size, struct outbox *outbox)
{
    server_on_datagram(core, now_ns, from, bytes, size, outbox);
}

static void udp_server_on_deadline(void *core, uint64_t now_ns, struct outbox *outbox)
{
    server_on_deadline(core, now_ns, outbox);
}

static uint64_t udp_server_deadline_ns(const void *core)
{
    return server_deadline_ns(core);
}

static int udp_server_serve(struct udp_server *self, struct node *node)
{
    struct server server;
    struct server_config config = {
        .op = self->op,
        .key = node_random(),
        .workers = 1,
        .queue = UDP_SERVER_QUEUE,
        .accept_plain = true,
        .never_answered = self->endpoints,
        .never_answered_count = self->never_count + 1,
    };
    struct node_core core = {.core = &server,
                             .on_datagram = udp_server_on_datagram,
                             .on_deadline = udp_server_on_deadline,
                             .deadline_ns = udp_server_deadline_ns};

    self->endpoints[0] = node_endpoint(node, node->bound);
    for (uint32_t i = 0; i < self->never_count; i++) {
        self->endpoints[i + 1] = node_endpoint(node, self->never[i]);
    }
    if (server_init(&server, &config) != 0) {
        fprintf(stderr, "%s: no memory\n", self->program);
        return ARGS_MACHINE;
    }
    node_announce(node);
    int status = node_run(node, &core);
    if (self->verbose || node->counts.kernel_drops > 0) {
        node_print_counts(node);
    }
    server_free(&server);
    return status;
}

/* The servers of the original system never ask each other anything. */
static void udp_server_add_family(struct udp_server *self)
{
    static const uint16_t PORTS[] = {UDP_TOUPPER_PORT, UDP_TOLOWER_PORT};

    for (unsigned i = 0; i < sizeof PORTS / sizeof PORTS[0]; i++) {
        self->never[self->never_count++] = (struct sockaddr_in){
            .sin_family = AF_INET,
            .sin_port = htons(PORTS[i]),
            .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
        };
    }
}

int udp_server_main(int argc, char **argv, enum op op, const char *program, unsigned port)
{
    struct udp_server self = {
        .program = program,
        .op = op,
        .address = {.sin_family = AF_INET,
                    .sin_port = htons((uint16_t)port),
                    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)},
    };
    struct node *node;
    int status;

    node_hold_standard_streams();
    udp_server_add_family(&self);
    switch (udp_server_parse(&self, argc, argv)) {
    case UDP_SERVER_SERVE:
        break;
    case UDP_SERVER_HELPED:
        return args_finish_output(program);
    case UDP_SERVER_WRONG:
        return args_usage(program);
    }
    node = malloc(sizeof *node);
    if (node == NULL) {
        return ARGS_MACHINE;
    }
    status = node_open(node, program, self.verbose, self.address);
    if (status == 0) {
        node_ask_buffer(node);
        status = node_catch_signals(node);
        status = status == 0 ? udp_server_serve(&self, node) : status;
        node_close(node);
    }
    free(node);
    return status;
}
