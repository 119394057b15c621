#include "world/real_batch.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct real_batch *real_batch_make(unsigned capacity)
{
    struct real_batch *batch = calloc(1, sizeof *batch);

    if (batch == NULL) {
        return NULL;
    }
    batch->capacity = capacity;
    batch->receive_headers = calloc(capacity, sizeof *batch->receive_headers);
    batch->send_headers = calloc(capacity, sizeof *batch->send_headers);
    batch->receive_vectors = calloc(capacity, sizeof *batch->receive_vectors);
    batch->send_vectors = calloc(capacity, sizeof *batch->send_vectors);
    batch->receive_from = calloc(capacity, sizeof *batch->receive_from);
    batch->send_to = calloc(capacity, sizeof *batch->send_to);
    batch->send_due_ns = calloc(capacity, sizeof *batch->send_due_ns);
    batch->receive_bytes = calloc(capacity, sizeof *batch->receive_bytes);
    batch->send_bytes = calloc(capacity, sizeof *batch->send_bytes);
    if (batch->receive_headers == NULL || batch->send_headers == NULL ||
        batch->receive_vectors == NULL || batch->send_vectors == NULL ||
        batch->receive_from == NULL || batch->send_to == NULL || batch->send_due_ns == NULL ||
        batch->receive_bytes == NULL || batch->send_bytes == NULL) {
        real_batch_free(batch);
        return NULL;
    }
    for (unsigned i = 0; i < capacity; i++) {
        batch->receive_vectors[i] =
            (struct iovec){.iov_base = batch->receive_bytes[i], .iov_len = REAL_DATAGRAM_MAX};
        batch->receive_headers[i].msg_hdr = (struct msghdr){
            .msg_name = &batch->receive_from[i],
            .msg_namelen = sizeof batch->receive_from[i],
            .msg_iov = &batch->receive_vectors[i],
            .msg_iovlen = 1,
        };
        batch->send_vectors[i].iov_base = batch->send_bytes[i];
        batch->send_headers[i].msg_hdr = (struct msghdr){
            .msg_name = &batch->send_to[i],
            .msg_namelen = sizeof batch->send_to[i],
            .msg_iov = &batch->send_vectors[i],
            .msg_iovlen = 1,
        };
    }
    return batch;
}

void real_batch_free(struct real_batch *batch)
{
    if (batch == NULL) {
        return;
    }
    free(batch->receive_headers);
    free(batch->send_headers);
    free(batch->receive_vectors);
    free(batch->send_vectors);
    free(batch->receive_from);
    free(batch->send_to);
    free(batch->send_due_ns);
    free(batch->receive_bytes);
    free(batch->send_bytes);
    free(batch);
}

void real_batch_add(struct real_batch *batch, struct sockaddr_in to, const uint8_t *bytes,
                    size_t size, uint64_t due_ns)
{
    unsigned slot = batch->send_count++;

    assert(size <= REAL_DATAGRAM_MAX);
    memcpy(batch->send_bytes[slot], bytes, size);
    batch->send_vectors[slot].iov_len = size;
    batch->send_to[slot] = to;
    batch->send_due_ns[slot] = due_ns;
}

unsigned real_batch_write(struct real_batch *batch, int fd)
{
    unsigned done = 0;
    unsigned refused = 0;

    while (done < batch->send_count) {
        int sent = sendmmsg(fd, batch->send_headers + done, batch->send_count - done, 0);
        if (sent > 0) {
            done += (unsigned)sent;
        } else if (errno != EINTR && errno != EAGAIN && errno != ENOBUFS) {
            done++; /* the kernel will not have this one */
            refused++;
        }
    }
    batch->send_count = 0;
    return refused;
}

unsigned real_batch_read(struct real_batch *batch, int fd)
{
    int count;

    for (unsigned i = 0; i < batch->received_count; i++) {
        batch->receive_headers[i].msg_hdr.msg_namelen = sizeof batch->receive_from[i];
    }
    batch->received_count = 0;
    batch->taken_count = 0;
    count = recvmmsg(fd, batch->receive_headers, batch->capacity, MSG_DONTWAIT, NULL);
    if (count > 0) {
        batch->received_count = (unsigned)count;
    }
    return batch->received_count;
}
