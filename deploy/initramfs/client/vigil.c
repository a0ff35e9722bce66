#include "vigil.h"
#include "iscsi.h"
#include "limits.h"
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

void vigil_begin(struct vigil *vigil, enum protocol protocol, const struct address *server) {
  *vigil = (struct vigil){.protocol = protocol, .server = server, .probe = -1, .stepped_ms = now_ms()};
}

void vigil_heard(struct vigil *vigil) {
  vigil_end(vigil);
  vigil->waited_ms = 0;
  vigil->stepped_ms = now_ms();
}

static int patience_ms(const struct vigil *vigil) {
  if (vigil->probe < 0) return DOUBT_MS;
  return vigil->asked ? PROBE_MS : CONNECT_MS;
}

int vigil_wait(struct vigil *vigil, int *fd, short *events) {
  *fd = vigil->probe;
  *events = vigil->asked ? POLLIN : POLLOUT;
  long long left = patience_ms(vigil) - vigil->waited_ms;
  return left > WAIT_MS ? WAIT_MS : left > 0 ? (int)left : 0;
}

// 1: it lives, 0: not known yet, -1: it does not.
static int ask(struct vigil *vigil) {
  struct pollfd ready = {.fd = vigil->probe, .events = vigil->asked ? POLLIN : POLLOUT};
  if (poll(&ready, 1, 0) != 1) return 0;
  if (!vigil->asked) {
    uint8_t question[PROBE_BYTES_MAX];
    if (dial_failed(vigil->probe)) return -1;
    vigil->asked = 1;
    vigil->waited_ms = 0;
    // An NBD server speaks first.
    return vigil->protocol == NBD ? 0 : transmit(vigil->probe, question, login_probe(question));
  }
  uint8_t answer[PDU_HEADER_BYTES];
  size_t wanted = vigil->protocol == NBD ? 8 : PDU_HEADER_BYTES;
  ssize_t got = recv(vigil->probe, answer, wanted, MSG_PEEK | MSG_DONTWAIT);
  if (got < 0) return errno == EAGAIN || errno == EINTR ? 0 : -1;
  // A server that closes has no place left for one more connection, say; but a process that does so runs.
  if (got == 0) return 1;
  if ((size_t)got < wanted) return 0;
  return vigil->protocol == NBD ? (memcmp(answer, "NBDMAGIC", 8) == 0 ? 1 : -1) : ((answer[0] & 0x3f) == 0x23 ? 1 : -1);
}

int vigil_step(struct vigil *vigil) {
  long long now = now_ms(), pause = now - vigil->stepped_ms;
  vigil->waited_ms += pause < PAUSE_COUNTS_MS ? pause : PAUSE_COUNTS_MS;
  vigil->stepped_ms = now;
  if (vigil->probe < 0) {
    if (vigil->waited_ms < DOUBT_MS) return 1;
    vigil->asked = 0;
    vigil->waited_ms = 0;
    vigil->probe = dial(vigil->server);
    return vigil->probe >= 0;
  }
  int answer = ask(vigil);
  if (answer > 0) vigil_heard(vigil);
  return answer > 0 || (answer == 0 && vigil->waited_ms < patience_ms(vigil));
}

void vigil_end(struct vigil *vigil) {
  if (vigil->probe >= 0) close(vigil->probe);
  vigil->probe = -1;
}
