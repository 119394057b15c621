/* The client of the original system, for a person's terminal: asks the broker, waits, asks again,
 * prints the answer. Each request has a socket and an id of its own. */
#include <arpa/inet.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "args.h"
#include "base/bytes.h"
#include "base/time.h"
#include "client/client.h"
#include "node.h"
#include "node_lines.h"
#include "protocol/code.h"

#define UDP_CLIENT_NAME       "udp_client"
#define UDP_CLIENT_TIMEOUT_NS (500 * NS_PER_MS)

/* Of a request or a reason in a message, as many characters are shown. */
#define UDP_CLIENT_SHOWN_MAX 60

/* Of a line of input, as many octets are kept: one more than a datagram has room for. */
#define UDP_CLIENT_LINE_MAX (WIRE_DATAGRAM_MAX + 1)

/* How a request ended, or did not begin. */
enum udp_client_end {
    UDP_CLIENT_OPEN,
    UDP_CLIENT_ANSWERED,
    UDP_CLIENT_REFUSED, /* an error reply was the end of it */
    UDP_CLIENT_SILENT   /* nobody answered */
};

struct udp_client {
    struct sockaddr_in broker; /* whom it asks */
    struct retry_policy policy;
    bool plain; /* speaks the plain form */
    bool verbose;
    bool terminal;        /* answers are shown to a person */
    uint64_t start_ns;    /* of the first request; 0: none yet */
    struct client client; /* the core of the current request; all below is about that one */
    enum udp_client_end end;
    uint8_t answer[WIRE_TEXT_MAX];
    size_t answer_size;
    unsigned code;                     /* enveloped: of the error reply that ended it */
    char reason[UDP_CLIENT_SHOWN_MAX]; /* plain: the error that ended it, escaped */
    unsigned tries;                    /* sends until the end */
    uint64_t elapsed_ns;               /* until the end */
    struct node node;                  /* its socket */
};

static const struct option UDP_CLIENT_OPTIONS[] = {
    {"plain", no_argument, NULL, 'p'},
    {"timeout", required_argument, NULL, 't'},
    {"tries", required_argument, NULL, 'n'},
    {"verbose", no_argument, NULL, 'v'},
    {"help", no_argument, NULL, 'h'},
    {"version", no_argument, NULL, 'V'},
    {NULL, 0, NULL, 0},
};

static void udp_client_help(void)
{
    printf("Usage: udp_client [OPTION...] HOST PORT [REQUEST...]\n"
           "Sends requests to a broker, one after the other, prints each answer on a line.\n"
           "A REQUEST is OPERATION:TEXT. Without any, each line of standard input is one.\n"
           "\n"
           "  --plain         speaks the plain form: the bare request, the bare answer\n"
           "  --timeout D     sends again without an answer after D (default 500ms); each\n"
           "                  wait is twice the one before\n"
           "  --tries N       so often in all (default %d)\n"
           "  -v, --verbose   a line for each datagram on standard error\n"
           "  -h, --help   --version\n"
           "\n"
           "For example, with udp_toupper, udp_tolower and udp_broker running:\n"
           "  udp_client 127.0.0.1 8082 toupper:hello            # HELLO\n"
           "  printf 'toupper:hello\\ntolower:HELLO\\n' | udp_client 127.0.0.1 8082\n"
           "\n"
           "A request carries an id, so that an answer to something else is never taken for\n"
           "its own. With --plain it has none: each copy is a new request to the broker, and\n"
           "`Error: reason` ends it.\n"
           "Status 0: all answered; 1: at least one was not; 2: wrong usage; 3: the machine\n"
           "said no.\n",
           ARGS_TRIES_DEFAULT);
}

/* ---- messages -------------------------------------------------------------------------------- */

/* Prints text from outside on a terminal: what would move or colour it is made visible. */
static void udp_client_print_shown(const uint8_t *text, size_t size)
{
    for (size_t i = 0; i < size;) {
        size_t character = bytes_utf8_size(text + i, size - i);
        /* U+0080 to U+009f are control characters as well. */
        bool control = character == 2 && text[i] == 0xc2 && text[i + 1] < 0xa0;
        if (character > 1 ? !control : bytes_is_printable(text[i])) {
            fwrite(text + i, 1, character, stdout);
            i += character;
        } else {
            printf("\\x%02x", text[i]);
            i++;
        }
    }
}

/* Prints the answer and a line feed. Returns 0 or ARGS_MACHINE, and says why. */
static int udp_client_print_answer(const struct udp_client *self)
{
    if (self->terminal) {
        udp_client_print_shown(self->answer, self->answer_size);
    } else {
        fwrite(self->answer, 1, self->answer_size, stdout);
    }
    putchar('\n');
    return args_finish_output(UDP_CLIENT_NAME);
}

static void udp_client_write_span(char *text, size_t capacity, uint64_t span_ns)
{
    uint64_t tenths = (span_ns + 50 * NS_PER_MS) / (100 * NS_PER_MS);

    if (span_ns < NS_PER_S) {
        snprintf(text, capacity, "%" PRIu64 " ms", (span_ns + NS_PER_MS / 2) / NS_PER_MS);
    } else {
        snprintf(text, capacity, "%" PRIu64 ".%" PRIu64 " s", tenths / 10, tenths % 10);
    }
}

static void udp_client_print_failure(const struct udp_client *self, const uint8_t *request,
                                     size_t size)
{
    const uint64_t *rejected = self->node.counts.rejected;
    char name[NODE_ADDRESS_MAX];
    char shown[UDP_CLIENT_SHOWN_MAX];
    char span[32];

    bytes_escape(shown, sizeof shown, request, size);
    node_write_address(name, ntohl(self->broker.sin_addr.s_addr), ntohs(self->broker.sin_port));
    if (self->end == UDP_CLIENT_REFUSED && self->plain) {
        fprintf(stderr, UDP_CLIENT_NAME ": %s: %s\n", shown, self->reason);
        return;
    }
    if (self->end == UDP_CLIENT_REFUSED) {
        fprintf(stderr, UDP_CLIENT_NAME ": %s: %u %s\n", shown, self->code,
                code_reason(self->code));
        return;
    }
    udp_client_write_span(span, sizeof span, self->elapsed_ns);
    fprintf(stderr,
            UDP_CLIENT_NAME
            ": %s: nobody answered at %s after %u %s in %s: is udp_broker running?\n",
            shown, name, self->tries, self->tries == 1 ? "try" : "tries", span);
    if (!self->plain && rejected[REJECT_MALFORMED] > 0) {
        fputs(UDP_CLIENT_NAME ": what came was no envelope: perhaps --plain is spoken there\n",
              stderr);
    }
}

/* ---- the core -------------------------------------------------------------------------------- */

static void udp_client_on_datagram(void *core, uint64_t now_ns, struct endpoint from,
                                   const uint8_t *bytes, size_t size, struct outbox *outbox)
{
    struct udp_client *self = core;

    client_on_datagram(&self->client, now_ns, from, bytes, size, outbox);
}

static void udp_client_on_deadline(void *core, uint64_t now_ns, struct outbox *outbox)
{
    struct udp_client *self = core;

    client_on_deadline(&self->client, now_ns, outbox);
}

static uint64_t udp_client_deadline_ns(const void *core)
{
    const struct udp_client *self = core;

    return client_deadline_ns(&self->client);
}

static bool udp_client_is_done(const void *core)
{
    const struct udp_client *self = core;

    return self->end != UDP_CLIENT_OPEN;
}

static void udp_client_on_note(void *owner, const struct outbox_note *note)
{
    struct udp_client *self = owner;

    if (note->kind == NOTE_ANSWERED) {
        self->end = UDP_CLIENT_ANSWERED;
        self->answer_size = note->size;
        memcpy(self->answer, note->bytes, note->size);
    } else if (note->kind == NOTE_REPLY_ERROR && self->plain) {
        /* There is no code that would say whether another try may help. */
        self->end = UDP_CLIENT_REFUSED;
        bytes_escape(self->reason, sizeof self->reason, note->bytes, note->size);
    } else if (note->kind == NOTE_FAILED && self->end == UDP_CLIENT_OPEN) {
        self->end = note->outcome == OUTCOME_ERROR ? UDP_CLIENT_REFUSED : UDP_CLIENT_SILENT;
        self->tries = note->try;
        self->elapsed_ns = note->value_ns;
        self->code = note->code;
    }
}

/* Asks once, with a socket and an id that nothing else has. Returns 0 once it has ended, see
 * self->end, or ARGS_MACHINE. */
static int udp_client_exchange(struct udp_client *self, const struct client_config *config)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    struct client_config whole = *config;
    struct client_identity identity = {.name = UDP_CLIENT_NAME,
                                       .key = node_random(),
                                       .id_prefix = client_id_prefix(node_random())};
    struct node_core core = {.core = self,
                             .on_datagram = udp_client_on_datagram,
                             .on_deadline = udp_client_on_deadline,
                             .deadline_ns = udp_client_deadline_ns,
                             .is_done = udp_client_is_done,
                             .on_note = udp_client_on_note,
                             .owner = self};
    int status;

    if (args_is_loopback(self->broker.sin_addr)) {
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    }
    status = node_open(&self->node, UDP_CLIENT_NAME, self->verbose, address);
    if (status != 0) {
        return status;
    }
    self->start_ns = self->start_ns != 0 ? self->start_ns : self->node.start_ns;
    self->node.start_ns = self->start_ns;
    whole.broker = node_endpoint(&self->node, self->broker);
    status = client_init(&self->client, &whole, &identity) == 0 ? 0 : ARGS_MACHINE;
    if (status == 0) {
        self->end = UDP_CLIENT_OPEN;
        status = node_run(&self->node, &core);
        client_free(&self->client);
    }
    node_close(&self->node);
    return status;
}

/* ---- requests -------------------------------------------------------------------------------- */

/* Says what is wrong with a request. */
static void udp_client_complain(const uint8_t *request, size_t size, enum wire_status status)
{
    char shown[UDP_CLIENT_SHOWN_MAX];

    bytes_escape(shown, sizeof shown, request, size);
    if (status == WIRE_BAD_BODY) {
        fprintf(stderr,
                UDP_CLIENT_NAME ": '%s' is no request: write OPERATION:TEXT, like toupper:hello\n",
                shown);
    } else {
        fprintf(stderr, UDP_CLIENT_NAME ": '%s' is too long: a text has at most %d octets\n", shown,
                WIRE_TEXT_MAX);
    }
}

/* Sends a request and prints what comes of it. Returns an exit status. */
static int udp_client_ask(struct udp_client *self, const uint8_t *request, size_t size)
{
    struct wire_message message;
    struct client_text_part part = {.kind = CLIENT_TEXT_LITERAL};
    struct client_step step = {
        .kind = CLIENT_SEND, .count = 1, .text = {.parts = &part, .part_count = 1}};
    enum wire_status form = wire_decode_plain(&message, request, size);
    int status;

    if (form != WIRE_OK) {
        udp_client_complain(request, size, form);
        return ARGS_FAILED;
    }
    part.bytes = message.text;
    part.size = message.text_size;
    memcpy(step.op, message.op, message.op_size);
    step.op_size = (uint8_t)message.op_size;
    struct client_config config = {
        .steps = &step,
        .step_count = 1,
        .request_count = 1,
        .policy = self->policy,
        .deadline_ns = time_min(retry_span_max_ns(&self->policy), WIRE_TTL_MAX_MS * NS_PER_MS),
        .window = 1,
        .plain = self->plain,
    };
    status = udp_client_exchange(self, &config);
    if (status != 0) {
        return status;
    }
    if (self->end == UDP_CLIENT_ANSWERED) {
        return udp_client_print_answer(self);
    }
    udp_client_print_failure(self, request, size);
    return ARGS_FAILED;
}

static int udp_client_ask_arguments(struct udp_client *self, char **requests)
{
    int worst = ARGS_GOOD;

    for (char **one = requests; *one != NULL; one++) {
        struct wire_message message;
        size_t size = strlen(*one);
        enum wire_status form = wire_decode_plain(&message, (const uint8_t *)*one, size);
        if (form != WIRE_OK) {
            udp_client_complain((const uint8_t *)*one, size, form);
            return ARGS_USAGE; /* before any is sent */
        }
    }
    for (char **one = requests; *one != NULL && worst != ARGS_MACHINE; one++) {
        int status = udp_client_ask(self, (const uint8_t *)*one, strlen(*one));
        worst = status > worst ? status : worst;
    }
    return worst;
}

/* Reads a line of standard input without its line feed; what is beyond the room is left out. False:
 * there is none. */
static bool udp_client_read_line(uint8_t line[UDP_CLIENT_LINE_MAX], size_t *size)
{
    int byte = getchar();

    *size = 0;
    if (byte == EOF) {
        return false;
    }
    for (; byte != EOF && byte != '\n'; byte = getchar()) {
        if (*size < UDP_CLIENT_LINE_MAX) {
            line[(*size)++] = (uint8_t)byte;
        }
    }
    return true;
}

static int udp_client_ask_lines(struct udp_client *self)
{
    uint8_t request[UDP_CLIENT_LINE_MAX];
    size_t size;
    int worst = ARGS_GOOD;

    if (isatty(STDIN_FILENO)) {
        fputs(UDP_CLIENT_NAME ": type requests like toupper:hello; Ctrl-D ends\n", stderr);
    }
    while (worst != ARGS_MACHINE && udp_client_read_line(request, &size)) {
        if (size > 0) {
            int status = udp_client_ask(self, request, size);
            worst = status > worst ? status : worst;
        }
    }
    if (ferror(stdin)) {
        perror(UDP_CLIENT_NAME ": standard input");
        worst = ARGS_MACHINE;
    }
    return worst;
}

/* ---- arguments ------------------------------------------------------------------------------- */

/* Reads HOST and PORT. */
static bool udp_client_read_broker(struct udp_client *self, int count, char **words)
{
    uint32_t port;

    if (count < 2) {
        fputs(UDP_CLIENT_NAME ": HOST and PORT of a broker are missing, like 127.0.0.1 8082\n",
              stderr);
        return false;
    }
    self->broker.sin_family = AF_INET;
    if (!args_host(UDP_CLIENT_NAME, words[0], &self->broker.sin_addr) ||
        !args_number(UDP_CLIENT_NAME, "port", words[1], 1, UINT16_MAX, &port)) {
        return false;
    }
    self->broker.sin_port = htons((uint16_t)port);
    if (!args_is_loopback(self->broker.sin_addr)) {
        fprintf(stderr,
                UDP_CLIENT_NAME ": warning: %s is not on this machine's loopback; nothing that is "
                                "sent is secret or checked\n",
                words[0]);
    }
    return true;
}

/* Reads the options. Returns -1, or the exit status if there is nothing more to do. */
static int udp_client_parse(struct udp_client *self, int argc, char **argv)
{
    uint64_t timeout_ns = UDP_CLIENT_TIMEOUT_NS;
    uint32_t tries = ARGS_TRIES_DEFAULT;
    bool good = true;
    int option;

    while (good && (option = getopt_long(argc, argv, "hv", UDP_CLIENT_OPTIONS, NULL)) != -1) {
        switch (option) {
        case 'p':
            self->plain = true;
            break;
        case 't':
            good = args_duration(UDP_CLIENT_NAME, "--timeout", optarg, &timeout_ns);
            break;
        case 'n':
            good = args_number(UDP_CLIENT_NAME, "--tries", optarg, 1, WIRE_TRY_MAX, &tries);
            break;
        case 'v':
            self->verbose = true;
            break;
        case 'h':
            udp_client_help();
            return args_finish_output(UDP_CLIENT_NAME);
        case 'V':
            puts(UDP_CLIENT_NAME " " SIMRUN_VERSION);
            return args_finish_output(UDP_CLIENT_NAME);
        default:
            good = false;
            break;
        }
    }
    self->policy = args_policy(timeout_ns, tries);
    self->terminal = isatty(STDOUT_FILENO) != 0;
    if (!good || !udp_client_read_broker(self, argc - optind, argv + optind)) {
        return args_usage(UDP_CLIENT_NAME);
    }
    return -1;
}

int main(int argc, char **argv)
{
    struct udp_client *self;
    int status;

    node_hold_standard_streams();
    self = calloc(1, sizeof *self);
    if (self == NULL) {
        return ARGS_MACHINE;
    }
    status = udp_client_parse(self, argc, argv);
    if (status < 0) {
        char **requests = argv + optind + 2;
        status = *requests != NULL ? udp_client_ask_arguments(self, requests)
                                   : udp_client_ask_lines(self);
    }
    free(self);
    return status;
}
