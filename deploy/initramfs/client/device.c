#define _GNU_SOURCE
#include "device.h"
#include "daemon.h"
#include "ledger.h"
#include "netlink.h"
#include "search.h"
#include <errno.h>
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

struct device {
  int index;
  const char *export;
  // As the kernel knows it; of no size before that.
  struct nbd_export disk, offered;
  // Its client is the kernel.
  struct search search;
  struct ledger ledger;
  // From the kernel: what the ledger has no room for yet.
  size_t taken, received;
  uint8_t requests[NBD_STAGING_BYTES];
  // From the server: what the kernel has got, whole replies, and the beginning of one more. A reply goes on when it is whole: its
  // server may die in the midst of it. Beyond what is read there is always room for the errors that are ours.
  size_t given, whole, end;
  uint8_t replies[NBD_REPLY_BYTES + NBD_REQUEST_BYTES_MAX + NBD_STAGING_BYTES + NBD_REQUESTS_MAX * NBD_REPLY_BYTES];
};

enum { REPLIES_READ_MAX = NBD_REPLY_BYTES + NBD_REQUEST_BYTES_MAX + NBD_STAGING_BYTES };

// Said once for each server in a row: one that is starting may refuse many times a second.
static void say_once(const struct search *search, const char *what, const char *reason, int length) {
  static char said[SERVERS_MAX][120];
  char now[sizeof said[0]];
  snprintf(now, sizeof now, "%s: %.*s", what, length, reason);
  if (strcmp(said[search->server], now) != 0) say("%s %s", search_server(search)->text, now);
  memcpy(said[search->server], now, sizeof now);
}

static int is_the_disk(struct device *device) {
  const struct nbd_export *disk = &device->disk, *offered = &device->offered;
  if (disk->size_bytes == 0 || nbd_is_same(disk, offered)) return 1;
  char reason[100];
  int length = snprintf(reason, sizeof reason, "%llu bytes, blocks of %u, flags %x, not %llu, %u, %x",
                        (unsigned long long)offered->size_bytes, offered->block_bytes, offered->flags,
                        (unsigned long long)disk->size_bytes, disk->block_bytes, disk->flags);
  say_once(&device->search, "has another disk by this name", reason, length);
  return 0;
}

static enum answer log_in(struct search *search, struct address *elsewhere) {
  struct device *device = (struct device *)((char *)search - offsetof(struct device, search));
  uint8_t greeting[NBD_GREETING_BYTES], ask[NBD_ASK_BYTES_MAX], reply[NBD_OPTION_REPLY_BYTES], body[NBD_NAME_BYTES_MAX];
  if (search_receive(search, greeting, sizeof greeting) || !nbd_is_greeting(greeting) ||
      transmit(search->fd, ask, nbd_ask(ask, device->export)))
    return ANSWER_NONSENSE;
  enum answer answer = ANSWER_MORE;
  device->offered = (struct nbd_export){.block_bytes = 512};
  while (answer == ANSWER_MORE) {
    if (search_receive(search, reply, sizeof reply) || nbd_body_bytes(reply) > sizeof body ||
        search_receive(search, body, nbd_body_bytes(reply)))
      return ANSWER_NONSENSE;
    answer = nbd_read(reply, body, &device->offered, elsewhere);
  }
  if (answer == ANSWER_REFUSED || answer == ANSWER_UNAVAILABLE) say_once(search, "refuses", (char *)body, nbd_body_bytes(reply));
  return answer == ANSWER_ACCEPTED && !is_the_disk(device) ? ANSWER_NONSENSE : answer;
}

// 0 when a server has let the device in; waits for one as long as the kernel has the device.
static int find_server(struct device *device, long long give_up_ms) {
  struct search *search = &device->search;
  long long began_ms = now_ms();
  for (; !has_left(search->client); search_pause(search)) {
    if (search_once(search) == ANSWER_ACCEPTED) {
      say("nbd%d by %s after %lld ms", device->index, search_server(search)->text, now_ms() - began_ms);
      return 0;
    }
    if (now_ms() > give_up_ms) return -1;
    if (search->rounds == 0) say("nbd%d: no server has the disk; asking until one does", device->index);
  }
  return -1;
}

struct device *device_attach(int index, const char *export, struct servers *servers) {
  struct device *device = mmap(NULL, sizeof *device, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (device == MAP_FAILED) return NULL;
  device->index = index;
  device->export = export;
  device->search = (struct search){.protocol = NBD, .servers = servers, .client = -1, .log_in = log_in};
  ledger_begin(&device->ledger);
  if (find_server(device, now_ms() + NBD_ATTACH_MS)) return NULL;
  device->disk = device->offered;
  int kernel = netlink_attach(index, &device->disk);
  if (kernel < 0) {
    say("nbd%d: %s", index, kernel == -ENOENT ? "the kernel has no nbd" : strerror(-kernel));
    return NULL;
  }
  device->search.client = kernel;
  return device;
}

// Answers a request itself, behind the last whole reply. False: there are more of those than the kernel may have under way.
static int answer_too_long(struct device *device, uint64_t cookie) {
  say("nbd%d: a request of more than %d bytes: lower /sys/block/nbd%d/queue/max_sectors_kb", device->index, NBD_REQUEST_BYTES_MAX,
      device->index);
  if (device->end + NBD_REPLY_BYTES > sizeof device->replies) return 0;
  uint8_t *at = device->replies + device->whole;
  memmove(at + NBD_REPLY_BYTES, at, device->end - device->whole);
  nbd_reply_write(at, &(struct nbd_reply){.error = NBD_EINVAL, .cookie = cookie});
  device->whole += NBD_REPLY_BYTES;
  device->end += NBD_REPLY_BYTES;
  return 1;
}

// False: the kernel has closed the device.
static int take_requests(struct device *device, int readable) {
  if (readable && device->taken == device->received) {
    ssize_t got = recv(device->search.client, device->requests, sizeof device->requests, MSG_DONTWAIT);
    if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) return 0;
    device->taken = 0;
    device->received = got > 0 ? got : 0;
  }
  for (;;) {
    size_t taken;
    uint64_t too_long;
    enum taken result =
        ledger_take(&device->ledger, device->requests + device->taken, device->received - device->taken, &taken, &too_long);
    device->taken += taken;
    if (result == TAKEN_NONSENSE) say("nbd%d: the kernel sent what is no request", device->index);
    if (result == TAKEN_NONSENSE || device->ledger.is_over) return 0;
    if (result != TAKEN_TOO_LONG) return 1;
    if (!answer_too_long(device, too_long)) return 0;
  }
}

// False: the server is gone.
static int send_requests(struct device *device) {
  struct iovec parts[64];
  for (int count; (count = ledger_unsent(&device->ledger, parts, 64)) > 0;) {
    struct msghdr message = {.msg_iov = parts, .msg_iovlen = count};
    ssize_t sent = sendmsg(device->search.fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) return errno == EAGAIN;
    ledger_sent(&device->ledger, sent);
  }
  return 1;
}

static int has_room(const struct device *device) { return device->end < REPLIES_READ_MAX; }

static enum end receive_replies(struct device *device) {
  size_t room = REPLIES_READ_MAX - device->end;
  ssize_t got =
      recv(device->search.fd, device->replies + device->end, room < NBD_STAGING_BYTES ? room : NBD_STAGING_BYTES, MSG_DONTWAIT);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return NOT_ENDED;
  if (got <= 0) return SERVER_GONE;
  device->end += got;
  while (device->end - device->whole >= NBD_REPLY_BYTES) {
    struct nbd_reply reply;
    int entry;
    if (!nbd_reply_read(device->replies + device->whole, &reply) || (entry = ledger_find(&device->ledger, &reply)) < 0)
      return SERVER_NONSENSE;
    // Not done, and not to be done here: another server does it.
    if (reply.error == NBD_ESHUTDOWN) return SERVER_STOPS;
    size_t bytes = ledger_reply_bytes(&device->ledger, entry, &reply);
    if (device->end - device->whole < bytes) break;
    ledger_remove(&device->ledger, entry);
    device->whole += bytes;
  }
  return NOT_ENDED;
}

// False: the kernel has closed the device.
static int give_replies(struct device *device) {
  while (device->given < device->whole) {
    size_t left = device->whole - device->given;
    ssize_t sent = send(device->search.client, device->replies + device->given, left, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) return errno == EAGAIN;
    device->given += sent;
  }
  // What is left begins a reply, which has to fit.
  if (device->given > 0 && (device->given == device->end || device->end > NBD_STAGING_BYTES)) {
    device->end -= device->given;
    memmove(device->replies, device->replies + device->given, device->end);
    device->given = device->whole = 0;
  }
  return 1;
}

static enum end pass_on(struct device *device) {
  struct search *search = &device->search;
  struct vigil vigil;
  enum end why = NOT_ENDED;
  vigil_begin(&vigil, NBD, search_server(search));
  while (!why) {
    int waits = device->taken < device->received, outstanding = !ledger_is_empty(&device->ledger);
    if (!send_requests(device)) why = SERVER_GONE;
    struct iovec part;
    int unsent = ledger_unsent(&device->ledger, &part, 1);
    struct pollfd wait[3] = {
        {.fd = search->client, .events = (waits ? 0 : POLLIN) | (device->given < device->whole ? POLLOUT : 0)},
        {.fd = search->fd, .events = (has_room(device) ? POLLIN : 0) | (unsent ? POLLOUT : 0)},
        {.fd = -1},
    };
    int due_ms = outstanding ? vigil_wait(&vigil, &wait[2].fd, &wait[2].events) : -1;
    if (why || poll(wait, 3, due_ms) < 0) continue;
    int said = wait[1].revents & (POLLIN | POLLHUP | POLLERR);
    if (said && has_room(device)) why = receive_replies(device);
    if ((wait[0].revents & (POLLHUP | POLLERR)) || !give_replies(device) || !take_requests(device, wait[0].revents & POLLIN))
      why = CLIENT_LEFT;
    else if (said || !outstanding) vigil_heard(&vigil);
    else if (!why && !vigil_step(&vigil)) why = SERVER_SILENT;
  }
  vigil_end(&vigil);
  return why;
}

void device_serve(struct device *device) {
  enum end why;
  do {
    why = pass_on(device);
    if (device->ledger.is_over) transmit(device->search.fd, device->ledger.header, NBD_REQUEST_BYTES);
    search_end(&device->search, why);
    // The next server gets all that has no whole reply.
    device->end = device->whole;
    ledger_rewind(&device->ledger);
  } while (why != CLIENT_LEFT && find_server(device, INT64_MAX) == 0);
  say("nbd%d is closed", device->index);
}
