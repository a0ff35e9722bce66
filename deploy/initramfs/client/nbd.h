// NBD (doc/proto.md of the NetworkBlockDevice project) as far as the client's side has to understand it. All of these are total: they
// take any bytes.
#pragma once
#include "answer.h"
#include "limits.h"
#include <stdint.h>

enum {
  NBD_GREETING_BYTES = 18,
  NBD_OPTION_REPLY_BYTES = 20,
  NBD_ASK_BYTES_MAX = 4 + 16 + 4 + NBD_NAME_BYTES_MAX + 4,
  NBD_REQUEST_BYTES = 28,
  NBD_REPLY_BYTES = 16,
};

struct nbd_export {
  uint64_t size_bytes;
  uint32_t block_bytes;
  uint16_t flags;
};

int nbd_is_greeting(const uint8_t greeting[NBD_GREETING_BYTES]);
// Writes the client's flags and the request for the export. Returns its length.
size_t nbd_ask(uint8_t into[NBD_ASK_BYTES_MAX], const char *export);
// Length of what follows an option reply's header.
uint32_t nbd_body_bytes(const uint8_t reply[NBD_OPTION_REPLY_BYTES]);
// Reads one option reply; what it says of the export is added to it. Elsewhere: its reason names the server, "... ADDRESS:PORT".
enum answer nbd_read(const uint8_t reply[NBD_OPTION_REPLY_BYTES], const uint8_t *body, struct nbd_export *export,
                     struct address *elsewhere);
// Whether a disk that was attached as the one can go on as the other: of the same size, and all that the kernel counts on.
int nbd_is_same(const struct nbd_export *attached, const struct nbd_export *offered);

enum nbd_command { NBD_READ = 0, NBD_WRITE = 1, NBD_DISCONNECT = 2 };
struct nbd_request {
  uint16_t command;
  uint64_t cookie;
  uint32_t length;
};
// False: it is none.
int nbd_request_read(const uint8_t header[NBD_REQUEST_BYTES], struct nbd_request *request);

// As errno has them, whatever the machine.
enum nbd_error { NBD_OK = 0, NBD_EINVAL = 22, NBD_ESHUTDOWN = 108 };
struct nbd_reply {
  uint32_t error;
  uint64_t cookie;
};
// False: it is none, or one of a kind that was not asked for.
int nbd_reply_read(const uint8_t header[NBD_REPLY_BYTES], struct nbd_reply *reply);
void nbd_reply_write(uint8_t into[NBD_REPLY_BYTES], const struct nbd_reply *reply);
