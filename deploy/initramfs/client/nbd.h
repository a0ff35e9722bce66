// NBD (doc/proto.md of the NetworkBlockDevice project) as far as a client's handshake needs it. All of these are total: they take
// any bytes.
#pragma once
#include "limits.h"
#include "net.h"
#include <stdint.h>

enum { NBD_GREETING_BYTES = 18, NBD_REPLY_BYTES = 20, NBD_ASK_BYTES_MAX = 4 + 16 + 4 + NBD_NAME_BYTES_MAX + 4 };

struct nbd_export {
  uint64_t size_bytes;
  uint32_t block_bytes;
  uint16_t flags;
};

enum nbd_answer {
  // There is more to come.
  NBD_MORE,
  NBD_GRANTED,
  NBD_REFUSED,
  // The device is at another server, which the reason names: "... ADDRESS:PORT".
  NBD_ELSEWHERE,
  NBD_NONSENSE,
};

int nbd_is_greeting(const uint8_t greeting[NBD_GREETING_BYTES]);
// Writes the client's flags and the request for the export. Returns its length.
size_t nbd_ask(uint8_t into[NBD_ASK_BYTES_MAX], const char *export);
// Length of what follows a reply's header.
uint32_t nbd_body_bytes(const uint8_t reply[NBD_REPLY_BYTES]);
// Reads one reply; what it says of the export is added to it.
enum nbd_answer nbd_read(const uint8_t reply[NBD_REPLY_BYTES], const uint8_t *body, struct nbd_export *export,
                         struct address *elsewhere);
