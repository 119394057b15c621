/* The broker of the original system, with a socket of its own: takes requests from clients, asks
 * the server of their operation, relays the answer. */
#include <arpa/inet.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "args.h"
#include "base/time.h"
#include "broker/broker.h"
#include "node.h"
#include "udp_server.h"

#define UDP_BROKER_NAME    "udp_broker"
#define UDP_BROKER_PORT    8082
#define UDP_BROKER_PENDING 65536

/* Of its own leg, where only the number of tries is given. */
#define UDP_BROKER_TIMEOUT_NS (200 * NS_PER_MS)

struct udp_broker {
    struct sockaddr_in address;                              /* to bind to */
    struct sockaddr_in server_addresses[BROKER_SERVERS_MAX]; /* beside servers */
    struct broker_server servers[BROKER_SERVERS_MAX];        /* operation, and plain or not */
    uint32_t server_count;                                   /* entries in use of both */
    uint64_t timeout_ns;                                     /* of its own leg; 0: not given */
    uint32_t tries;                                          /* of its own leg; 0: not given */
    bool plain_servers;
    bool verbose;
    struct broker broker;
    struct node node;
};

/* What argument parsing may decide. */
enum udp_broker_action { UDP_BROKER_SERVE, UDP_BROKER_HELPED, UDP_BROKER_WRONG };

static const struct option UDP_BROKER_OPTIONS[] = {
    {"port", required_argument, NULL, 'p'},    {"bind", required_argument, NULL, 'b'},
    {"server", required_argument, NULL, 's'},  {"plain-servers", no_argument, NULL, 'P'},
    {"timeout", required_argument, NULL, 't'}, {"tries", required_argument, NULL, 'n'},
    {"verbose", no_argument, NULL, 'v'},       {"help", no_argument, NULL, 'h'},
    {"version", no_argument, NULL, 'V'},       {NULL, 0, NULL, 0},
};

static void udp_broker_help(void)
{
    printf("Usage: udp_broker [OPTION...]\n"
           "Takes requests like `toupper:hello` in UDP datagrams, asks the server of the\n"
           "operation, and relays its answer.\n"
           "\n"
           "  --port N          listens on this port (default %u; 0: any free one)\n"
           "  --bind ADDR       listens on this address (default 127.0.0.1, which only this\n"
           "                    machine can reach; 0.0.0.0 is every address)\n"
           "  --server OP=HOST:PORT\n"
           "                    where the server of an operation is (repeatable; default\n"
           "                    toupper=127.0.0.1:%u and tolower=127.0.0.1:%u)\n"
           "  --plain-servers   servers get the bare text and answer the bare text; each\n"
           "                    open request has a socket of its own, up to %u at once\n"
           "  --timeout D       sends to a server that is silent again after D, like 200ms;\n"
           "                    the waits double (default: only the client tries again)\n"
           "  --tries N         so often in all, then answers that nobody answered\n"
           "                    (default %u with --timeout)\n"
           "  -v, --verbose     a line for each datagram, the counts at the end\n"
           "  -h, --help   --version\n"
           "\n"
           "It speaks two forms at once. Plain, what a person types:\n"
           "  udp_toupper & udp_tolower & udp_broker &\n"
           "  printf 'toupper:hello' | nc -u -w1 127.0.0.1 %u      # HELLO\n"
           "and enveloped, which udp_client speaks and tries again with.\n"
           "Ends on SIGTERM or Ctrl-C. Status 2: wrong usage; 3: the port is in use, or the\n"
           "like.\n",
           UDP_BROKER_PORT, UDP_TOUPPER_PORT, UDP_TOLOWER_PORT, BROKER_CHANNELS_MAX,
           ARGS_TRIES_DEFAULT, UDP_BROKER_PORT);
}

/* ---- arguments ------------------------------------------------------------------------------- */

/* Sets where the server of an operation is, in the place of an earlier one. False: too many. */
static bool udp_broker_set_server(struct udp_broker *self, const char *op, size_t op_size,
                                  struct sockaddr_in address)
{
    uint32_t i = 0;

    while (i < self->server_count && (strncmp(self->servers[i].op, op, op_size) != 0 ||
                                      self->servers[i].op[op_size] != '\0')) {
        i++;
    }
    if (i == BROKER_SERVERS_MAX) {
        return false;
    }
    if (i == self->server_count) {
        self->server_count++;
        memcpy(self->servers[i].op, op, op_size);
        self->servers[i].op[op_size] = '\0';
    }
    self->server_addresses[i] = address;
    return true;
}

/* Reads OP=HOST:PORT. */
static bool udp_broker_read_server(struct udp_broker *self, const char *text)
{
    const char *equals = strchr(text, '=');
    size_t op_size = equals != NULL ? (size_t)(equals - text) : 0;
    struct sockaddr_in address;

    if (!wire_is_op((const uint8_t *)text, op_size)) {
        fprintf(stderr,
                UDP_BROKER_NAME ": --server '%s': OP=HOST:PORT, like toupper=127.0.0.1:8080\n",
                text);
        return false;
    }
    if (!args_peer(UDP_BROKER_NAME, equals + 1, &address)) {
        return false;
    }
    if (!udp_broker_set_server(self, text, op_size, address)) {
        fprintf(stderr, UDP_BROKER_NAME ": --server: at most %u\n", BROKER_SERVERS_MAX);
        return false;
    }
    return true;
}

static void udp_broker_set_defaults(struct udp_broker *self)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};

    self->address = address;
    self->address.sin_port = htons(UDP_BROKER_PORT);
    address.sin_port = htons(UDP_TOUPPER_PORT);
    (void)udp_broker_set_server(self, "toupper", strlen("toupper"), address);
    address.sin_port = htons(UDP_TOLOWER_PORT);
    (void)udp_broker_set_server(self, "tolower", strlen("tolower"), address);
}

/* What is wrong with all of the arguments together, if anything. */
static bool udp_broker_check(struct udp_broker *self)
{
    for (uint32_t i = 0; i < self->server_count; i++) {
        const struct sockaddr_in *server = &self->server_addresses[i];
        if (args_is_loopback(self->address.sin_addr) && !args_is_loopback(server->sin_addr)) {
            fprintf(stderr,
                    UDP_BROKER_NAME ": the server of %s is on another machine, which cannot answer "
                                    "to 127.0.0.1: give --bind ADDR too\n",
                    self->servers[i].op);
            return false;
        }
        if (server->sin_addr.s_addr == self->address.sin_addr.s_addr &&
            server->sin_port == self->address.sin_port) {
            fprintf(stderr, UDP_BROKER_NAME ": the server of %s has the broker's own address\n",
                    self->servers[i].op);
            return false;
        }
        self->servers[i].plain = self->plain_servers;
    }
    if (self->tries > 1 && self->timeout_ns == 0) {
        self->timeout_ns = UDP_BROKER_TIMEOUT_NS;
    }
    if (self->timeout_ns > 0 && self->tries == 0) {
        self->tries = ARGS_TRIES_DEFAULT;
    }
    return true;
}

static enum udp_broker_action udp_broker_parse(struct udp_broker *self, int argc, char **argv)
{
    uint16_t port = UDP_BROKER_PORT;
    bool good = true;
    int option;

    while (good && (option = getopt_long(argc, argv, "hv", UDP_BROKER_OPTIONS, NULL)) != -1) {
        switch (option) {
        case 'p':
            good = args_port(UDP_BROKER_NAME, optarg, &port);
            break;
        case 'b':
            good = args_host(UDP_BROKER_NAME, optarg, &self->address.sin_addr);
            break;
        case 's':
            good = udp_broker_read_server(self, optarg);
            break;
        case 'P':
            self->plain_servers = true;
            break;
        case 't':
            good = args_duration(UDP_BROKER_NAME, "--timeout", optarg, &self->timeout_ns);
            break;
        case 'n':
            good = args_number(UDP_BROKER_NAME, "--tries", optarg, 1, WIRE_TRY_MAX, &self->tries);
            break;
        case 'v':
            self->verbose = true;
            break;
        case 'h':
            udp_broker_help();
            return UDP_BROKER_HELPED;
        case 'V':
            puts(UDP_BROKER_NAME " " SIMRUN_VERSION);
            return UDP_BROKER_HELPED;
        default:
            good = false;
            break;
        }
    }
    self->address.sin_port = htons(port);
    if (good && optind < argc) {
        fprintf(stderr, UDP_BROKER_NAME ": '%s': it takes no arguments but options\n",
                argv[optind]);
        good = false;
    }
    return good && udp_broker_check(self) ? UDP_BROKER_SERVE : UDP_BROKER_WRONG;
}

/* ---- the core -------------------------------------------------------------------------------- */

static void udp_broker_on_datagram(void *core, uint64_t now_ns, struct endpoint from,
                                   const uint8_t *bytes, size_t size, struct outbox *outbox)
{
    broker_on_datagram(core, now_ns, from, bytes, size, outbox);
}

static void udp_broker_on_deadline(void *core, uint64_t now_ns, struct outbox *outbox)
{
    broker_on_deadline(core, now_ns, outbox);
}

static uint64_t udp_broker_deadline_ns(const void *core)
{
    return broker_deadline_ns(core);
}

/* A socket for each open question needs more descriptors than the usual limit. */
static void udp_broker_raise_limit(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &limit);
    }
}

static int udp_broker_serve(struct udp_broker *self)
{
    struct node *node = &self->node;
    struct broker_config config = {
        .key = node_random(),
        .servers = self->servers,
        .server_count = self->server_count,
        .self = node_endpoint(node, node->bound),
        .pending = UDP_BROKER_PENDING,
        .policy = args_policy(self->timeout_ns, self->tries),
    };
    struct node_core core = {.core = &self->broker,
                             .on_datagram = udp_broker_on_datagram,
                             .on_deadline = udp_broker_on_deadline,
                             .deadline_ns = udp_broker_deadline_ns};

    for (uint32_t i = 0; i < self->server_count; i++) {
        self->servers[i].endpoint = node_endpoint(node, self->server_addresses[i]);
    }
    if (broker_init(&self->broker, &config) != 0) {
        fputs(UDP_BROKER_NAME ": no memory\n", stderr);
        return ARGS_MACHINE;
    }
    node_announce(node);
    int status = node_run(node, &core);
    if (self->verbose || node->counts.kernel_drops > 0) {
        node_print_counts(node);
    }
    broker_free(&self->broker);
    return status;
}

static int udp_broker_main(struct udp_broker *self, int argc, char **argv)
{
    int status;

    udp_broker_set_defaults(self);
    switch (udp_broker_parse(self, argc, argv)) {
    case UDP_BROKER_SERVE:
        break;
    case UDP_BROKER_HELPED:
        return args_finish_output(UDP_BROKER_NAME);
    case UDP_BROKER_WRONG:
        return args_usage(UDP_BROKER_NAME);
    }
    udp_broker_raise_limit();
    status = node_open(&self->node, UDP_BROKER_NAME, self->verbose, self->address);
    if (status != 0) {
        return status;
    }
    node_ask_buffer(&self->node);
    status = node_catch_signals(&self->node);
    status = status == 0 ? udp_broker_serve(self) : status;
    node_close(&self->node);
    return status;
}

int main(int argc, char **argv)
{
    struct udp_broker *self;
    int status;

    node_hold_standard_streams();
    self = calloc(1, sizeof *self);
    if (self == NULL) {
        return ARGS_MACHINE;
    }
    status = udp_broker_main(self, argc, argv);
    free(self);
    return status;
}
