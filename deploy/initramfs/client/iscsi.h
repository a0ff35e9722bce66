// iSCSI (RFC 7143) as far as the relay has to understand it. All of these are total: they take any bytes.
#pragma once
#include "answer.h"
#include <stdint.h>

enum { PDU_HEADER_BYTES = 48, PROBE_BYTES_MAX = 256 };

// Length of a PDU with its padding, from the first 48 bytes; header and data without digests.
size_t pdu_bytes(const uint8_t header[PDU_HEADER_BYTES]);
int pdu_is_login(const uint8_t header[PDU_HEADER_BYTES]);

// Reads a whole PDU.
enum answer login_read(const uint8_t *pdu, size_t length, struct address *redirected_to);

// Writes a login for discovery: any server answers it, and nothing changes by it. Returns its length.
size_t login_probe(uint8_t into[PROBE_BYTES_MAX]);

// Reads one direction of a connection as it goes by, and counts: requests begun in what an initiator sends, requests ended in what
// a target sends.
struct tally {
  uint8_t header[PDU_HEADER_BYTES];
  unsigned have;
  size_t skip;
};
unsigned tally_feed(struct tally *tally, const uint8_t *bytes, size_t length);
