#include "world/planted.h"

#include <string.h>

#include "protocol/code.h"
#include "server/server.h"

/* One request in so many. */
#define PLANTED_SHARE 20

void __real_server_on_datagram(struct server *server, uint64_t now_ns, struct endpoint from,
                               const uint8_t *bytes, size_t size, struct outbox *outbox);
void __wrap_server_on_datagram(struct server *server, uint64_t now_ns, struct endpoint from,
                               const uint8_t *bytes, size_t size, struct outbox *outbox);

/* The reply in the outbox with another text and code. */
static void planted_rewrite(struct outbox_datagram *datagram, unsigned code, uint8_t spoil)
{
    uint8_t bytes[WIRE_DATAGRAM_MAX];
    uint8_t text[WIRE_TEXT_MAX];
    struct wire_message reply;

    memcpy(bytes, datagram->bytes, datagram->size);
    if (wire_decode(&reply, bytes, datagram->size) != WIRE_OK || reply.text_size == 0) {
        return;
    }
    memcpy(text, reply.text, reply.text_size);
    text[0] ^= spoil;
    reply.text = text;
    reply.code = code;
    datagram->size = wire_encode(&reply, datagram->bytes);
}

/* The last note once more. */
static void planted_execute_again(struct outbox *outbox)
{
    struct outbox_note first = outbox->notes[outbox->note_count - 1];

    *outbox_add_note(outbox, NOTE_EXECUTE) = first;
}

void __wrap_server_on_datagram(struct server *server, uint64_t now_ns, struct endpoint from,
                               const uint8_t *bytes, size_t size, struct outbox *outbox)
{
    __real_server_on_datagram(server, now_ns, from, bytes, size, outbox);
    if (outbox->note_count != 1 || outbox->notes[0].kind != NOTE_EXECUTE ||
        outbox->datagram_count != 1) {
        return;
    }
    bool chosen = outbox->notes[0].id % PLANTED_SHARE == 0;
    if (planted_defect == PLANTED_EXECUTES_TWICE && outbox->notes[0].try > 1) {
        planted_execute_again(outbox);
    } else if (planted_defect == PLANTED_WRONG_TEXT && chosen) {
        planted_rewrite(&outbox->datagrams[0], CODE_OK, 1);
    } else if (planted_defect == PLANTED_DENIES && chosen) {
        planted_rewrite(&outbox->datagrams[0], CODE_UNKNOWN_OP, 0);
    }
}
