#include "world/virtual_mail.h"

#include <errno.h>
#include <stdlib.h>

/* Datagrams that wait for a node that stands still, as they would in its socket: as many small ones
 * as fit into a buffer of the default size (212,992 bytes) under Linux. One more is dropped. */
#define VIRTUAL_MAIL_MAX 256

/* What has come to a node that stands still. */
struct virtual_mailbox {
    struct flight waiting; /* in order of arrival */
    uint64_t arrived;      /* so far: the order */
    uint64_t dropped;      /* that there was no room for */
};

int virtual_mail_init(struct virtual_mail *mail, uint32_t node_count)
{
    mail->boxes = calloc(node_count, sizeof *mail->boxes);
    mail->node_count = node_count;
    mail->waiting_count = 0;
    return mail->boxes == NULL ? -ENOMEM : 0;
}

void virtual_mail_free(struct virtual_mail *mail)
{
    for (uint32_t i = 0; mail->boxes != NULL && i < mail->node_count; i++) {
        if (mail->boxes[i] != NULL) {
            flight_free(&mail->boxes[i]->waiting);
            free(mail->boxes[i]);
        }
    }
    free(mail->boxes);
}

/* The node's box, made if need be; NULL: no memory. */
static struct virtual_mailbox *virtual_mailbox_of(struct virtual_mail *mail, uint32_t node)
{
    if (mail->boxes[node] == NULL) {
        struct virtual_mailbox *box = calloc(1, sizeof *box);
        if (box == NULL || flight_init(&box->waiting, VIRTUAL_MAIL_MAX) != 0) {
            free(box);
            return NULL;
        }
        mail->boxes[node] = box;
    }
    return mail->boxes[node];
}

void virtual_mail_put(struct virtual_mail *mail, const struct flight_item *item,
                      const uint8_t bytes[static FLIGHT_SMALL])
{
    struct virtual_mailbox *box = virtual_mailbox_of(mail, item->to);

    if (box == NULL) {
        return; /* no memory: the datagram is missing, and conservation says so */
    }
    struct flight_item *held =
        flight_push(&box->waiting, box->arrived, item->from, item->size, bytes);
    if (held == NULL) {
        box->dropped++;
        return;
    }
    held->id = item->id;
    held->to = item->to;
    held->client = item->client;
    held->n = item->n;
    held->try = item->try;
    held->form = item->form;
    box->arrived++;
    mail->waiting_count++;
}

void virtual_mail_read(struct virtual_mail *mail, uint32_t node, struct host *host, uint64_t now_ns,
                       uint8_t *bytes)
{
    struct virtual_mailbox *box = mail->boxes[node];

    while (box != NULL && flight_count(&box->waiting) > 0 && !host_is_paused(host)) {
        struct flight_item item;
        flight_pop(&box->waiting, &item, bytes);
        mail->waiting_count--;
        host_on_arrival(host, now_ns, &item, bytes);
    }
}

bool virtual_mail_is_awaited(const struct virtual_mail *mail, const struct host *hosts)
{
    for (uint32_t i = 0; mail->waiting_count > 0 && i < mail->node_count; i++) {
        const struct virtual_mailbox *box = mail->boxes[i];
        if (box != NULL && flight_count(&box->waiting) > 0 && !host_is_paused_for_good(&hosts[i])) {
            return true;
        }
    }
    return false;
}

void virtual_mail_fill_facts(const struct virtual_mail *mail, uint32_t node,
                             struct node_facts *facts)
{
    const struct virtual_mailbox *box = mail->boxes[node];

    if (box != NULL) {
        facts->unread = flight_count(&box->waiting);
        facts->kernel_drops = box->dropped;
    }
}
