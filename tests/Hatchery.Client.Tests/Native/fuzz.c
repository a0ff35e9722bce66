// fuzz SEED ROUNDS: gives everything of hatchery-root that reads what a peer sent bytes that are almost right, in memory of exactly
// their length, so that the sanitizers see every step beyond it; and checks what has to hold for any bytes.
#include "http.h"
#include "iscsi.h"
#include "ledger.h"
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

static void fuzz_http(void) {
  static const char seed[] = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 410 Gone\r\nContent-Length: 19\r\n\r\nit is vDisk golden\n";
  size_t length = sizeof seed - 1;
  char *text = realloc(mutate(seed, &length, 0), length + 1), line[HTTP_LINE_BYTES_MAX];
  text[length] = 0;
  int status;
  size_t head = http_head(text, &status);
  require(head <= strlen(text) && (status == 0 || (head > 0 && status >= 100 && status < 1000)), "an answer has a head and a status");
  http_line(text + head, line);
  for (const char *c = line; *c; c++) require(*c >= ' ' && *c <= '~', "a line can be printed");
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
  enum answer answer = login_read(pdu, length, &to);
  require(answer != ANSWER_ACCEPTED || (length >= PDU_HEADER_BYTES && pdu[36] == 0), "only status class 0 is a login");
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
  static const uint8_t seeds[][NBD_OPTION_REPLY_BYTES + 24] = {
      {0, 3, 0xe8, 0x89, 4, 0x55, 0x65, 0xa9, 0, 0, 0, 7, 0, 0, 0, 1},
      {0, 3, 0xe8, 0x89, 4, 0x55, 0x65, 0xa9, 0, 0, 0, 7, 0, 0, 0, 3, 0, 0, 0, 12, 0, 0, 0, 0, 0, 0, 1},
      {0, 3, 0xe8, 0x89, 4, 0x55, 0x65, 0xa9, 0, 0, 0, 7, 0, 0, 0, 3, 0, 0, 0, 14, 0, 3, 0, 0, 16, 0},
      {0, 3, 0xe8, 0x89, 4, 0x55, 0x65, 0xa9, 0, 0, 0, 7, 0x80, 0, 0, 7, 0, 0, 0, 19, 'b', 'y', ' ', '1', '0', '.', '7', '7', '.', '0',
       '.', '2', ':', '1', '0', '8', '0', '9', '0'},
  };
  size_t length = sizeof seeds[0];
  uint8_t *bytes = mutate(seeds[next(4)], &length, NBD_OPTION_REPLY_BYTES);
  // The caller has read as much of the body as the header says, and no more than its own bound.
  uint32_t body = nbd_body_bytes(bytes);
  if (body <= NBD_NAME_BYTES_MAX) {
    uint8_t *rest = calloc(1, body ? body : 1);
    size_t have = length - NBD_OPTION_REPLY_BYTES < body ? length - NBD_OPTION_REPLY_BYTES : body;
    memcpy(rest, bytes + NBD_OPTION_REPLY_BYTES, have);
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

// The kernel's side of the ledger: requests whose payload follows from their cookie, some of them under way.
static struct ledger ledger;
static uint64_t under_way[NBD_REQUESTS_MAX];
static unsigned last_cookie;

static uint32_t length_of(uint64_t cookie) { return cookie % 5 == 0 ? 40000 + cookie % 999 : cookie % 700; }
static int writes(uint64_t cookie) { return cookie % 3 == 0; }

static size_t write_request(uint8_t *into, uint64_t cookie) {
  uint32_t length = length_of(cookie);
  memset(into, 0, NBD_REQUEST_BYTES);
  memcpy(into, "\x25\x60\x95\x13", 4);
  into[7] = writes(cookie) ? NBD_WRITE : cookie % 3 == 1 ? NBD_READ : 3;
  for (int i = 0; i < 8; i++) into[8 + i] = cookie >> (56 - 8 * i);
  for (int i = 0; i < 4; i++) into[24 + i] = length >> (24 - 8 * i);
  if (!writes(cookie)) return NBD_REQUEST_BYTES;
  for (uint32_t i = 0; i < length; i++) into[NBD_REQUEST_BYTES + i] = cookie * 31 + i;
  return NBD_REQUEST_BYTES + length;
}

// The server gets what it did not answer, in order and byte by byte; after a rewind from the first of it on. It answers in any order.
static void fuzz_ledger(void) {
  static uint8_t stream[1 << 17], expected[1 << 17], got[1 << 17];
  size_t in_stream = 0, received = 0;
  unsigned count = 0, served = 0;
  ledger_begin(&ledger);
  for (int steps = 60 + next(100); steps > 0 || count > 0; steps--) {
    unsigned what = next(8);
    if (what < 3 && steps > 0 && count < NBD_REQUESTS_MAX && in_stream < 40000) {
      under_way[count++] = ++last_cookie;
      in_stream += write_request(stream + in_stream, last_cookie);
    } else if (what < 5 && in_stream > 0) {
      size_t piece = 1 + next(in_stream), taken;
      uint64_t too_long;
      enum taken result = ledger_take(&ledger, stream, piece, &taken, &too_long);
      require(result == TAKEN_ALL && taken == piece, "what the kernel may send is taken");
      memmove(stream, stream + taken, in_stream -= taken);
    } else if (what == 5) {
      struct iovec parts[5];
      int some = ledger_unsent(&ledger, parts, 5);
      size_t sent = 0;
      for (int i = 0; i < some && received + sent + parts[i].iov_len <= sizeof got; i++) {
        memcpy(got + received + sent, parts[i].iov_base, parts[i].iov_len);
        sent += parts[i].iov_len;
      }
      if (sent > 0) sent = next(sent + 1);
      ledger_sent(&ledger, sent);
      received += sent;
    } else if (what == 6 && next(4) == 0) {
      ledger_rewind(&ledger);
      received = served = 0;
      struct nbd_reply early = {.cookie = count > 0 ? under_way[0] : 0};
      require(ledger_find(&ledger, &early) < 0, "the next server cannot answer what it did not get");
    }
    // Whole requests reach the server, each as it was made.
    while (served < count) {
      size_t bytes = write_request(expected, under_way[served]);
      require(memcmp(got, expected, received < bytes ? received : bytes) == 0, "the server gets the requests in order");
      if (received < bytes) break;
      memmove(got, got + bytes, received -= bytes);
      served++;
    }
    if (served > 0 && next(2) == 0) {
      unsigned at = next(served);
      struct nbd_reply reply = {.error = next(2), .cookie = under_way[at]};
      int entry = ledger_find(&ledger, &reply);
      require(entry >= 0, "a request that was sent is known");
      size_t wanted = NBD_REPLY_BYTES + (reply.cookie % 3 == 1 && reply.error == 0 ? length_of(reply.cookie) : 0);
      require(ledger_reply_bytes(&ledger, entry, &reply) == wanted, "a reply is as long as it has to be");
      ledger_remove(&ledger, entry);
      memmove(under_way + at, under_way + at + 1, (count - at - 1) * sizeof *under_way);
      count--;
      served--;
    }
  }
  int chunks = 0;
  for (int at = ledger.free_chunk; at >= 0; at = ledger.next_chunk[at]) chunks++;
  require(ledger_is_empty(&ledger) && chunks == NBD_CHUNKS, "when all is answered, nothing is held");
}

static void fuzz_requests(void) {
  uint8_t seed[2000];
  size_t length = write_request(seed, 15 * next(40) + 3);
  for (int i = 0; i < 20; i++) length += write_request(seed + length, 3 * next(20) + 1);
  uint8_t *bytes = mutate(seed, &length, 0);
  ledger_begin(&ledger);
  for (size_t at = 0, taken; at < length; at += taken) {
    uint64_t too_long;
    enum taken result = ledger_take(&ledger, bytes + at, 1 + next(length - at), &taken, &too_long);
    require(at + taken <= length, "no more is taken than there is");
    if (result == TAKEN_NONSENSE || ledger.is_over) break;
  }
  struct iovec parts[64];
  for (int some; (some = ledger_unsent(&ledger, parts, 64)) > 0;) {
    size_t sent = 0;
    for (int i = 0; i < some; i++) sent += parts[i].iov_len;
    ledger_sent(&ledger, sent);
  }
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
    fuzz_http();
    fuzz_login();
    fuzz_tally();
    fuzz_nbd();
    if (left % 4 == 0) fuzz_requests();
    if (left % 400 == 0) fuzz_ledger();
  }
  puts("fuzzed");
  return 0;
}
