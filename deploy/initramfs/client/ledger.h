// The requests that the kernel's NBD device has under way, each with what it writes, in the order in which they came: what is sent to
// a server, and sent again to the next one until it is answered. Requests that need each other's outcome are never under way together,
// so that a second time changes nothing.
#pragma once
#include "nbd.h"
#include <sys/types.h>
#include <sys/uio.h>

struct entry {
  struct nbd_request request;
  uint8_t header[NBD_REQUEST_BYTES];
  // What it writes: how much has come, and the first and last of the chunks that hold it.
  uint32_t have;
  int16_t first, last;
  int16_t before, after;
  uint8_t is_used, is_sent;
};

struct ledger {
  // The list of entries; the first that is not wholly sent, and how much of it is.
  int16_t oldest, newest, unsent;
  uint32_t unsent_done;
  // The header that is coming in, and what is to be thrown away of a write that is too long.
  uint8_t header[NBD_REQUEST_BYTES];
  uint32_t header_have, skip;
  int16_t free_chunk;
  // The kernel has said that it closes the device.
  int is_over;
  struct entry entries[NBD_REQUESTS_MAX];
  int16_t next_chunk[NBD_CHUNKS];
  uint8_t chunks[NBD_CHUNKS][NBD_CHUNK_BYTES];
};

void ledger_begin(struct ledger *ledger);
int ledger_is_empty(const struct ledger *ledger);

enum taken { TAKEN_ALL, TAKEN_TOO_LONG, TAKEN_FULL, TAKEN_NONSENSE };
// Takes what the kernel sent, in pieces of any length, and says in taken how many bytes. Full: there is no room for more yet. Too
// long: a request that has to be answered with an error, with this cookie; go on after that.
enum taken ledger_take(struct ledger *ledger, const uint8_t *bytes, size_t length, size_t *taken, uint64_t *too_long);

// What is to be sent next, as up to so many parts. Returns how many; 0: nothing.
int ledger_unsent(struct ledger *ledger, struct iovec *parts, int most);
void ledger_sent(struct ledger *ledger, size_t bytes);
// Everything is to be sent again.
void ledger_rewind(struct ledger *ledger);

// The request that this reply is to, -1: none.
int ledger_find(const struct ledger *ledger, const struct nbd_reply *reply);
// Length of the reply with what was read.
size_t ledger_reply_bytes(const struct ledger *ledger, int entry, const struct nbd_reply *reply);
void ledger_remove(struct ledger *ledger, int entry);
