/* An open request of a client and all that can happen to it: private to this folder. A slot is
 * named by its index in client_slots. */
#ifndef CLIENT_CLIENT_SLOT_H
#define CLIENT_CLIENT_SLOT_H

#include "client/client.h"

/* What a draw is for: a key of its own, so that no draw shifts another. */
#define CLIENT_DRAW_WAIT UINT64_C(0x77616974) /* "wait": jitter, by (n, try) */
#define CLIENT_DRAW_GAP  UINT64_C(0x676170)   /* "gap": of poisson arrivals, by n */
#define CLIENT_DRAW_TEXT UINT64_C(0x74657874) /* "text": random texts, by n */
#define CLIENT_DRAW_ID   UINT64_C(0x6964)     /* "id": the id prefix */

/* Up to so many slots a search is a walk over all of them, and needs no index. */
#define CLIENT_SLOT_WALK_MAX 8

/* Makes the slots, all free. Returns 0 or -ENOMEM. */
int client_slot_init(struct client *client);
void client_slot_free(struct client *client);

/* The id on the wire of request `n`; 0 for a plain client. */
uint64_t client_slot_id(const struct client *client, uint32_t n);

/* The slot whose timer is due first, of the least number among equals; MAP_NONE if none is open. */
uint32_t client_slot_first(const struct client *client);

/* When the earliest timer is due; TIME_NEVER if none is open. */
uint64_t client_slot_first_ns(const struct client *client);

/* The slot of request `n`, MAP_NONE if it is not open. */
uint32_t client_slot_find(const struct client *client, uint32_t n);

/* The slot of the open request with the least number, MAP_NONE if none is open. */
uint32_t client_slot_find_oldest(const struct client *client);

/* Begins the next request, of the current step; a slot must be free. `due_ns`: when it should have
 * begun. Puts NOTE_BEGIN and the datagram. */
void client_slot_begin(struct client *client, uint64_t now_ns, uint64_t due_ns,
                       struct outbox *outbox);

/* Its timer has come: sends again, or ends the request. */
void client_slot_fire(struct client *client, uint64_t now_ns, uint32_t index,
                      struct outbox *outbox);

/* A 200 to its try number `try` has come, with `size` bytes of text. */
void client_slot_answer(struct client *client, uint64_t now_ns, uint32_t index, unsigned try,
                        const uint8_t *text, size_t size, struct outbox *outbox);

/* An error reply to its try number `try` has come. */
void client_slot_refuse(struct client *client, uint64_t now_ns, uint32_t index, unsigned try,
                        unsigned code, const uint8_t *text, size_t size, struct outbox *outbox);

/* Ends the request without an answer: puts NOTE_FAILED and frees the slot. */
void client_slot_fail(struct client *client, uint64_t now_ns, uint32_t index, enum outcome outcome,
                      unsigned code, struct outbox *outbox);

#endif
