#include "broker/broker_channels.h"

#include <assert.h>

#include "base/map.h"

void broker_channels_init(struct broker_channels *channels)
{
    *channels = (struct broker_channels){.next = 1};
    for (uint32_t channel = 0; channel <= BROKER_CHANNELS_MAX; channel++) {
        channels->entry[channel] = MAP_NONE;
    }
}

/* The number behind `channel`, in a ring. */
static uint16_t broker_channels_after(uint16_t channel)
{
    return channel == BROKER_CHANNELS_MAX ? 1 : (uint16_t)(channel + 1);
}

uint16_t broker_channels_take(struct broker_channels *channels, uint32_t entry)
{
    uint16_t channel;

    if (channels->idle_count > 0) {
        channel = channels->idle[--channels->idle_count];
    } else if (channels->open_count < BROKER_CHANNELS_MAX) {
        channel = channels->next;
        while (channels->open[channel]) {
            channel = broker_channels_after(channel);
        }
        channels->open[channel] = true;
        channels->open_count++;
        channels->next = broker_channels_after(channel);
    } else {
        return 0;
    }
    channels->entry[channel] = entry;
    return channel;
}

void broker_channels_release(struct broker_channels *channels, uint16_t channel)
{
    assert(channels->entry[channel] != MAP_NONE);
    channels->entry[channel] = MAP_NONE;
    channels->idle[channels->idle_count++] = channel;
}

void broker_channels_close(struct broker_channels *channels, uint16_t channel)
{
    assert(channels->entry[channel] != MAP_NONE);
    channels->entry[channel] = MAP_NONE;
    channels->open[channel] = false;
    channels->open_count--;
}

uint32_t broker_channels_entry(const struct broker_channels *channels, uint16_t channel)
{
    return channel <= BROKER_CHANNELS_MAX ? channels->entry[channel] : MAP_NONE;
}
