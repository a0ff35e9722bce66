#include "nbd.h"
#include <endian.h>
#include <string.h>

enum {
  FLAG_FIXED_NEWSTYLE = 1,
  FLAG_NO_ZEROES = 2,
  OPTION_GO = 7,
  REPLY_ACK = 1,
  REPLY_INFO = 3,
  INFO_EXPORT = 0,
  INFO_BLOCK_SIZE = 3,
  EXPORT_IS_READ_ONLY = 2,
};

#define REPLY_MAGIC 0x3e889045565a9ull
#define REQUEST_MAGIC 0x25609513u
#define SIMPLE_REPLY_MAGIC 0x67446698u
#define REPLY_IS_ERROR (1u << 31)
#define REPLY_SHUTTING_DOWN (REPLY_IS_ERROR | 7)

static uint16_t read16(const uint8_t *at) { return at[0] << 8 | at[1]; }
static uint32_t read32(const uint8_t *at) { return (uint32_t)read16(at) << 16 | read16(at + 2); }
static uint64_t read64(const uint8_t *at) { return (uint64_t)read32(at) << 32 | read32(at + 4); }

static uint8_t *write32(uint8_t *at, uint32_t value) {
  value = htobe32(value);
  return (uint8_t *)memcpy(at, &value, 4) + 4;
}

int nbd_is_greeting(const uint8_t greeting[NBD_GREETING_BYTES]) {
  return memcmp(greeting, "NBDMAGICIHAVEOPT", 16) == 0 && read16(greeting + 16) & FLAG_FIXED_NEWSTYLE;
}

size_t nbd_ask(uint8_t into[NBD_ASK_BYTES_MAX], const char *export) {
  size_t name = strlen(export);
  uint8_t *at = write32(into, FLAG_FIXED_NEWSTYLE | FLAG_NO_ZEROES);
  at = (uint8_t *)memcpy(at, "IHAVEOPT", 8) + 8;
  at = write32(at, OPTION_GO);
  at = write32(at, 4 + name + 4);
  at = write32(at, name);
  at = (uint8_t *)memcpy(at, export, name) + name;
  // One thing is asked for besides: the block sizes.
  return write32(at, 1 << 16 | INFO_BLOCK_SIZE) - into;
}

uint32_t nbd_body_bytes(const uint8_t reply[NBD_OPTION_REPLY_BYTES]) { return read32(reply + 16); }

// The last word of a reason, where it is an address.
static int find_address(const uint8_t *body, size_t length, struct address *address) {
  size_t from = length;
  while (from > 0 && body[from - 1] != ' ') from--;
  return address_parse((const char *)body + from, length - from, address);
}

enum answer nbd_read(const uint8_t reply[NBD_OPTION_REPLY_BYTES], const uint8_t *body, struct nbd_export *export,
                     struct address *elsewhere) {
  uint32_t type = read32(reply + 12), length = nbd_body_bytes(reply);
  if (read64(reply) != REPLY_MAGIC || read32(reply + 8) != OPTION_GO) return ANSWER_NONSENSE;
  if (type == REPLY_ACK) return export->size_bytes > 0 ? ANSWER_ACCEPTED : ANSWER_NONSENSE;
  if (type == REPLY_SHUTTING_DOWN) return find_address(body, length, elsewhere) ? ANSWER_ELSEWHERE : ANSWER_UNAVAILABLE;
  if (type & REPLY_IS_ERROR) return ANSWER_REFUSED;
  if (type != REPLY_INFO || length < 2) return ANSWER_MORE;
  if (read16(body) == INFO_EXPORT && length == 12) {
    export->size_bytes = read64(body + 2);
    export->flags = read16(body + 10);
  } else if (read16(body) == INFO_BLOCK_SIZE && length == 14) {
    uint32_t minimum = read32(body + 2);
    if (minimum > export->block_bytes && minimum <= 4096 && (minimum & (minimum - 1)) == 0) export->block_bytes = minimum;
  }
  return ANSWER_MORE;
}

int nbd_is_same(const struct nbd_export *attached, const struct nbd_export *offered) {
  return attached->size_bytes == offered->size_bytes && offered->block_bytes <= attached->block_bytes &&
         (attached->flags & ~offered->flags) == 0 && ((attached->flags ^ offered->flags) & EXPORT_IS_READ_ONLY) == 0;
}

int nbd_request_read(const uint8_t header[NBD_REQUEST_BYTES], struct nbd_request *request) {
  *request = (struct nbd_request){.command = read16(header + 6), .cookie = read64(header + 8), .length = read32(header + 24)};
  return read32(header) == REQUEST_MAGIC;
}

int nbd_reply_read(const uint8_t header[NBD_REPLY_BYTES], struct nbd_reply *reply) {
  *reply = (struct nbd_reply){.error = read32(header + 4), .cookie = read64(header + 8)};
  return read32(header) == SIMPLE_REPLY_MAGIC;
}

void nbd_reply_write(uint8_t into[NBD_REPLY_BYTES], const struct nbd_reply *reply) {
  uint8_t *cookie = write32(write32(into, SIMPLE_REPLY_MAGIC), reply->error);
  write32(write32(cookie, reply->cookie >> 32), reply->cookie);
}
