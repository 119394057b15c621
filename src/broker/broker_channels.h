/* The broker's pool of sockets toward plain servers. A bare answer carries no id: which request it
 * answers is told by the socket alone, so that each has one open question at most. A channel is the
 * number of such a socket; the owner of the broker opens it when it first sends on it. */
#ifndef BROKER_BROKER_CHANNELS_H
#define BROKER_BROKER_CHANNELS_H

#include <stdbool.h>
#include <stdint.h>

#define BROKER_CHANNELS_MAX 1024 /* channels are 1 to this; all may be in use at once */

struct broker_channels {
    uint32_t entry[BROKER_CHANNELS_MAX + 1]; /* whose question is open on it; MAP_NONE = none */
    bool open[BROKER_CHANNELS_MAX + 1];      /* there is a socket behind it */
    uint16_t idle[BROKER_CHANNELS_MAX];      /* a stack: open, without a question */
    uint16_t idle_count;
    uint16_t open_count;
    uint16_t next; /* where the search for one that is not open begins */
};

/* Starts with none open. */
void broker_channels_init(struct broker_channels *channels);

/* A channel for the question of `entry`: one whose last question was answered, else one that is not
 * open: never used, or closed longest ago. Returns 0 if all have an open question. */
uint16_t broker_channels_take(struct broker_channels *channels, uint32_t entry);

/* Whether broker_channels_take would find one. */
static inline bool broker_channels_are_free(const struct broker_channels *channels)
{
    return channels->idle_count > 0 || channels->open_count < BROKER_CHANNELS_MAX;
}

/* The question on the channel was answered: it stays open, for the next. */
void broker_channels_release(struct broker_channels *channels, uint16_t channel);

/* The question was given up, and its answer may still come: the socket must go (the caller says so
 * by NOTE_CHANNEL_CLOSE). The number comes back, as late as may be, for another socket. */
void broker_channels_close(struct broker_channels *channels, uint16_t channel);

/* The entry whose question is open on the channel, MAP_NONE if there is none, or no such channel.
 */
uint32_t broker_channels_entry(const struct broker_channels *channels, uint16_t channel);

#endif
