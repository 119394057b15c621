/* A broker that answers each request with a hundred and more wrong datagrams, of which a client may
 * take none, then with the right one, whose text is TRUE, and with a copy of that. */
#include <stdbool.h>

#include "hostile.h"
#include "peer.h"
#include "protocol/wire.h"

#define FLIPS_A_REQUEST 100

struct evil {
    int fd;
    int other; /* another socket: whatever comes from it was not asked of it */
    struct sockaddr_in client;
    struct wire_message request;
    uint8_t request_bytes[WIRE_DATAGRAM_MAX + 1];
    size_t request_size;
    uint32_t answered; /* requests so far */
};

static void evil_send_reply(const struct evil *evil, int fd, uint64_t id, unsigned try,
                            const char *text)
{
    uint8_t bytes[WIRE_DATAGRAM_MAX];
    struct wire_message reply = {.kind = WIRE_REPLY,
                                 .id = id,
                                 .try = try,
                                 .code = 200,
                                 .text = (const uint8_t *)text,
                                 .text_size = strlen(text)};

    peer_send(fd, bytes, wire_encode(&reply, bytes), evil->client);
}

/* The right reply with one bit flipped: other bits for each request, in turn. */
static void evil_send_flips(const struct evil *evil)
{
    uint8_t bytes[WIRE_DATAGRAM_MAX];
    struct wire_message reply = {.kind = WIRE_REPLY,
                                 .id = evil->request.id,
                                 .try = evil->request.try,
                                 .code = 200,
                                 .text = (const uint8_t *)"EVIL",
                                 .text_size = 4};
    size_t size = wire_encode(&reply, bytes);

    for (size_t i = 0; i < FLIPS_A_REQUEST; i++) {
        size_t bit = (evil->answered * FLIPS_A_REQUEST + i) % (8 * size);
        bytes[bit / 8] = (uint8_t)(bytes[bit / 8] ^ 1u << bit % 8);
        peer_send(evil->fd, bytes, size, evil->client);
        bytes[bit / 8] = (uint8_t)(bytes[bit / 8] ^ 1u << bit % 8);
    }
    for (size_t cut = 0; cut < size; cut += 7) {
        peer_send(evil->fd, bytes, cut, evil->client);
    }
}

static void evil_send_others(const struct evil *evil)
{
    static uint8_t large[4000];
    uint64_t id = evil->request.id;
    unsigned try = evil->request.try;

    memset(large, 'a', sizeof large);
    peer_send(evil->fd, large, sizeof large, evil->client);
    peer_send(evil->fd, large, WIRE_DATAGRAM_MAX + 1, evil->client);
    peer_send(evil->fd, evil->request_bytes, evil->request_size, evil->client);
    peer_send(evil->fd, "EVIL", 4, evil->client);
    peer_send(evil->fd, "Error: EVIL", 11, evil->client);
    peer_send(evil->fd, "SIM2 Q 9f3a61c07be2d415 1 EVIL", 30, evil->client);
    evil_send_reply(evil, evil->fd, id ^ 2, try, "EVIL");
    evil_send_reply(evil, evil->fd, id ^ UINT64_C(1) << 60, try, "EVIL");
    evil_send_reply(evil, evil->fd, id, try + 1, "EVIL");
    evil_send_reply(evil, evil->other, id, try, "EVIL");
}

int main(void)
{
    struct evil evil = {.fd = peer_socket(peer_address(0)), .other = peer_socket(peer_address(0))};

    peer_announce("evil_broker", evil.fd);
    for (;;) {
        ssize_t size =
            peer_receive(evil.fd, evil.request_bytes, sizeof evil.request_bytes, &evil.client);
        evil.request_size = size > 0 ? (size_t)size : 0;
        if (wire_decode(&evil.request, evil.request_bytes, evil.request_size) != WIRE_OK ||
            evil.request.kind != WIRE_REQUEST) {
            continue;
        }
        if (evil.request.try == 1) {
            evil_send_flips(&evil);
            evil_send_others(&evil);
        }
        evil_send_reply(&evil, evil.fd, evil.request.id, evil.request.try, "TRUE");
        evil_send_reply(&evil, evil.fd, evil.request.id, evil.request.try, "TRUE");
        evil.answered++;
    }
}
