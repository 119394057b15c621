/* --pcap: a run as a capture for Wireshark (pcapng, IPv4 and UDP). */
#ifndef REPORT_PCAP_H
#define REPORT_PCAP_H

#include <stdbool.h>
#include <stdio.h>

#include "report/look.h"

/* Writes the capture: a frame for each datagram that was sent and for each copy that a link made,
 * lost or not. `look->only` does not matter here: a capture has everything. False if writing
 * failed or memory ran out. Source: draft-ietf-opsawg-pcapng. */
bool report_pcap(FILE *out, const struct report_look *look);

#endif
