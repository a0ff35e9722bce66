// A disk of the farm's, by one of two protocols spoken by libraries of Debian's. Nothing here waits: the loop in machine.c polls.
#pragma once
#include <poll.h>
#include <stdint.h>

enum { BLOCK_BYTES = 4096, SPAN_MAX = 16, DEPTH = 8 };

enum operation { WRITE, WRITE_DURABLY, FLUSH, READ };
enum state { FREE, WAITING, SENT };

struct request {
  enum operation operation;
  enum state state;
  uint32_t block, count;
  // Of the first block's write; the next block's is one higher.
  uint64_t sequence;
  // Requests are sent in this order, and again in this order to the next server.
  uint64_t number;
  long long begun_us;
  _Alignas(4096) uint8_t bytes[SPAN_MAX * BLOCK_BYTES];
};

// What becomes of a request that was sent: done; to be sent again, as the server asks; or failed, for this reason.
enum outcome { DONE, AGAIN, FAILED };
void request_ended(struct request *request, enum outcome outcome, const char *why);

struct disk {
  // Begins to connect. 0, or -1.
  int (*begin)(const char *host, const char *port, const char *target);
  int (*is_ready)(void);
  void (*wait)(struct pollfd *poll);
  // Goes on after a poll. 0, or -1: the connection is lost. What had been sent is to be sent again.
  int (*step)(short events);
  // 0, or -1: the connection is lost.
  int (*send)(struct request *request);
  // No request ends by it.
  void (*end)(void);
};

extern const struct disk iscsi_disk, nbd_disk;
