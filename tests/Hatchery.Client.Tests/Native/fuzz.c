// fuzz SEED ROUNDS: gives everything of hatchery-root that reads what a peer sent bytes that are almost right, in memory of exactly
// their length, so that the sanitizers see every step beyond it; and checks what has to hold for any bytes.
#include "iscsi.h"
#include "nbd.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static unsigned long long state;

static unsigned next(unsigned below) {
  state = state * 6364136223846793005ull + 1442695040888963407ull;
  return (unsigned)(state >> 33) % below;
}

static void require(int holds, const char *what) {
  if (holds) return;
  printf("does not hold: %s\n", what);
  exit(1);
}

// Somewhere in it a few bytes are others, and now and then it is shorter.
static uint8_t *mutate(const void *seed, size_t *length, size_t least) {
  if (*length > least && next(4) == 0) *length = least + next(*length - least + 1);
  uint8_t *bytes = malloc(*length ? *length : 1);
  memcpy(bytes, seed, *length);
  for (unsigned i = next(6); i > 0 && *length > 0; i--) bytes[next(*length)] = next(3) ? next(256) : (uint8_t[]){0, 1, 0x7f, 0xff}[next(4)];
  return bytes;
}

static void fuzz_address(void) {
  static const char *const seeds[] = {"10.77.0.1:3260", "[fe80::1]:10809", "1.2.3.4:65535", ":1", "[]:1", "1.2.3.4:", "1.2.3.4:99999"};
  const char *seed = seeds[next(sizeof seeds / sizeof *seeds)];
  size_t length = strlen(seed);
  char *text = (char *)mutate(seed, &length, 0);
  struct address address, again;
  if (address_parse(text, length, &address))
    require(address_parse(address.text, strlen(address.text), &again) && address_same(&address, &again), "an address reads back");
  free(text);
}

static void fuzz_login(void) {
  static const char text[] = "TargetPortalGroupTag=1\0TargetAddress=10.77.0.2:3260,1\0AuthMethod=None";
  uint8_t seed[PDU_HEADER_BYTES + sizeof text + 3] = {0x23, 0x87};
  seed[7] = sizeof text;
  seed[36] = next(4);
  memcpy(seed + PDU_HEADER_BYTES, text, sizeof text);
  size_t length = PDU_HEADER_BYTES + (sizeof text + 3) / 4 * 4;
  uint8_t *pdu = mutate(seed, &length, 0);
  struct address to;
  enum login_answer answer = login_read(pdu, length, &to);
  require(answer != LOGIN_ACCEPTED || (length >= PDU_HEADER_BYTES && pdu[36] == 0), "only status class 0 is a login");
  free(pdu);
}

static void fuzz_tally(void) {
  uint8_t seed[400] = {0};
  for (size_t at = 0; at + PDU_HEADER_BYTES + 64 < sizeof seed; at += pdu_bytes(seed + at)) {
    seed[at] = (uint8_t[]){0x00, 0x01, 0x05, 0x21, 0x25, 0x20}[next(6)];
    seed[at + 7] = next(64);
  }
  size_t length = sizeof seed;
  uint8_t *bytes = mutate(seed, &length, 0);
  struct tally whole = {0}, parts = {0};
  unsigned wanted = tally_feed(&whole, bytes, length), counted = 0;
  for (size_t at = 0; at < length;) {
    size_t step = 1 + next(60);
    if (step > length - at) step = length - at;
    counted += tally_feed(&parts, bytes + at, step);
    at += step;
  }
  require(counted == wanted, "a stream is counted alike in one piece and in many");
  require(parts.have < PDU_HEADER_BYTES, "a header is never overfull");
  free(bytes);
}

static void fuzz_nbd(void) {
  static const uint8_t seeds[][NBD_REPLY_BYTES + 24] = {
      {0, 3, 0xe8, 0x89, 4, 0x55, 0x65, 0xa9, 0, 0, 0, 7, 0, 0, 0, 1},
      {0, 3, 0xe8, 0x89, 4, 0x55, 0x65, 0xa9, 0, 0, 0, 7, 0, 0, 0, 3, 0, 0, 0, 12, 0, 0, 0, 0, 0, 0, 1},
      {0, 3, 0xe8, 0x89, 4, 0x55, 0x65, 0xa9, 0, 0, 0, 7, 0, 0, 0, 3, 0, 0, 0, 14, 0, 3, 0, 0, 16, 0},
      {0, 3, 0xe8, 0x89, 4, 0x55, 0x65, 0xa9, 0, 0, 0, 7, 0x80, 0, 0, 7, 0, 0, 0, 19, 'b', 'y', ' ', '1', '0', '.', '7', '7', '.', '0',
       '.', '2', ':', '1', '0', '8', '0', '9', '0'},
  };
  size_t length = sizeof seeds[0];
  uint8_t *bytes = mutate(seeds[next(4)], &length, NBD_REPLY_BYTES);
  // The caller has read as much of the body as the header says, and no more than its own bound.
  uint32_t body = nbd_body_bytes(bytes);
  if (body <= NBD_NAME_BYTES_MAX) {
    uint8_t *rest = calloc(1, body ? body : 1);
    size_t have = length - NBD_REPLY_BYTES < body ? length - NBD_REPLY_BYTES : body;
    memcpy(rest, bytes + NBD_REPLY_BYTES, have);
    struct nbd_export export = {.block_bytes = 512};
    struct address elsewhere;
    nbd_read(bytes, rest, &export, &elsewhere);
    require(export.block_bytes >= 512 && export.block_bytes <= 4096, "a block is one that the kernel takes");
    free(rest);
  }
  size_t greeting = NBD_GREETING_BYTES;
  uint8_t *first = mutate("NBDMAGICIHAVEOPT\0\3", &greeting, NBD_GREETING_BYTES);
  nbd_is_greeting(first);
  free(first);
  free(bytes);
}

int main(int argc, char **argv) {
  if (argc != 3) return 64;
  state = strtoull(argv[1], NULL, 10);
  uint8_t probe[PROBE_BYTES_MAX], ask[NBD_ASK_BYTES_MAX];
  char name[NBD_NAME_BYTES_MAX + 1];
  require(login_probe(probe) == pdu_bytes(probe) && pdu_is_login(probe), "the probe is a login");
  memset(name, 'n', NBD_NAME_BYTES_MAX);
  name[NBD_NAME_BYTES_MAX] = 0;
  require(nbd_ask(ask, name) == NBD_ASK_BYTES_MAX, "the longest name fits");
  for (int left = atoi(argv[2]); left > 0; left--) {
    fuzz_address();
    fuzz_login();
    fuzz_tally();
    fuzz_nbd();
  }
  puts("fuzzed");
  return 0;
}
