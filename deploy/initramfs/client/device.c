#include "device.h"
#include "daemon.h"
#include "netlink.h"
#include "vigil.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// The greeting proves that the server lives: it is sent at once. The grant may wait for a new epoch, as long as the server lives.
static int await_reply(int fd, uint8_t *into, size_t length, struct vigil *vigil, long long deadline_ms) {
  for (size_t have = 0; have < length;) {
    struct pollfd wait[2] = {{.fd = fd, .events = POLLIN}};
    int due_ms = vigil_wait(vigil, &wait[1].fd, &wait[1].events);
    poll(wait, 2, due_ms);
    if (wait[0].revents) {
      ssize_t got = recv(fd, into + have, length - have, MSG_DONTWAIT);
      if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) return -1;
      if (got > 0) have += got;
    } else if (!vigil_step(vigil) || now_ms() > deadline_ms) {
      return -1;
    }
  }
  return 0;
}

// Said once for each in a row: a server that is starting may refuse many times a second.
static void say_refusal(const struct address *server, const uint8_t *reason, uint32_t length) {
  static char said[120];
  char now[sizeof said];
  snprintf(now, sizeof now, "%s: %.*s", server->text, (int)length, (const char *)reason);
  if (strcmp(said, now) != 0) say("refused by %s", now);
  memcpy(said, now, sizeof said);
}

static enum nbd_answer read_answer(struct device *device, int server, int fd, struct nbd_export *export, struct address *elsewhere) {
  static uint8_t reply[NBD_REPLY_BYTES], body[NBD_NAME_BYTES_MAX];
  const struct address *address = &device->servers->list[server].address;
  struct vigil vigil;
  enum nbd_answer answer = NBD_MORE;
  long long deadline_ms = now_ms() + LOGIN_MS;
  vigil_begin(&vigil, NBD, address);
  *export = (struct nbd_export){.block_bytes = 512};
  while (answer == NBD_MORE) {
    if (await_reply(fd, reply, sizeof reply, &vigil, deadline_ms) || nbd_body_bytes(reply) > sizeof body ||
        await_reply(fd, body, nbd_body_bytes(reply), &vigil, deadline_ms)) {
      servers_suspect(device->servers, server);
      answer = NBD_NONSENSE;
    } else {
      answer = nbd_read(reply, body, export, elsewhere);
    }
  }
  if (answer == NBD_REFUSED) say_refusal(address, body, nbd_body_bytes(reply));
  vigil_end(&vigil);
  return answer;
}

static enum nbd_answer try_server(struct device *device, int server, int *fd, struct nbd_export *export, struct address *elsewhere) {
  uint8_t greeting[NBD_GREETING_BYTES], ask[NBD_ASK_BYTES_MAX];
  enum nbd_answer answer = NBD_NONSENSE;
  *fd = dial(&device->servers->list[server].address);
  if (*fd >= 0 && dial_wait(*fd, now_ms() + CONNECT_MS) == 0 &&
      receive_by(*fd, greeting, sizeof greeting, now_ms() + PROBE_MS) == 0 && nbd_is_greeting(greeting) &&
      transmit(*fd, ask, nbd_ask(ask, device->export)) == 0)
    answer = read_answer(device, server, *fd, export, elsewhere);
  else servers_suspect(device->servers, server);
  if (answer == NBD_GRANTED) return answer;
  if (*fd >= 0) close(*fd);
  *fd = -1;
  return answer;
}

// As by iSCSI: goes where a server sends the device, and comes back when nobody is there.
static int try_by(struct device *device, int server, struct nbd_export *export) {
  int sender = -1, fd = -1;
  for (int i = 0; i <= REDIRECTS_MAX; i++) {
    struct address elsewhere;
    enum nbd_answer answer = try_server(device, server, &fd, export, &elsewhere);
    if (answer == NBD_GRANTED) {
      device->server = device->servers->current = server;
      return fd;
    }
    if (answer == NBD_ELSEWHERE) {
      int next = servers_learn(device->servers, &elsewhere);
      if (next < 0 || next == server || servers_is_suspect(device->servers, next)) continue;
      sender = server;
      server = next;
    } else if (answer == NBD_NONSENSE && sender >= 0) {
      server = sender;
      sender = -1;
    } else {
      return -1;
    }
  }
  return -1;
}

static int try_all(struct device *device, struct nbd_export *export) {
  int order[SERVERS_MAX], count = servers_order(device->servers, order);
  for (int i = 0; i < count; i++) {
    int fd = try_by(device, order[i], export);
    if (fd >= 0) return fd;
  }
  return -1;
}

static void watch_requests(struct device *device) {
  char path[64], text[16];
  snprintf(path, sizeof path, "/sys/block/nbd%d/queue/io_timeout", device->index);
  int timeout = open(path, O_WRONLY | O_CLOEXEC);
  int length = snprintf(text, sizeof text, "%d", NBD_REQUEST_MS);
  if (timeout < 0 || write(timeout, text, length) < 0) say("nbd%d: a failover will take up to 30 s: no %s", device->index, path);
  if (timeout >= 0) close(timeout);
  snprintf(path, sizeof path, "/sys/block/nbd%d/inflight", device->index);
  device->inflight = open(path, O_RDONLY | O_CLOEXEC);
}

int device_attach(struct device *device, int index, const char *export, struct servers *servers) {
  *device = (struct device){.index = index, .export = export, .servers = servers, .events = netlink_open()};
  if (device->events < 0) {
    say("the kernel has no nbd");
    return -1;
  }
  long long give_up_ms = now_ms() + NBD_ATTACH_MS;
  for (int said = 0; (device->fd = try_all(device, &device->offered)) < 0; poll(NULL, 0, PAUSE_MS)) {
    if (now_ms() > give_up_ms) return -1;
    if (!said++) say("nbd%d: no server has it yet; trying for %d s", index, NBD_ATTACH_MS / 1000);
  }
  int code = netlink_attach(index, &device->offered, device->fd);
  if (code != 0) {
    say("nbd%d: %s", index, strerror(-code));
    return -1;
  }
  watch_requests(device);
  say("nbd%d: %llu bytes from %s", index, (unsigned long long)device->offered.size_bytes,
      servers->list[device->server].address.text);
  return 0;
}

static int is_alive(int fd, uint64_t *received) {
  struct tcp_info info = {0};
  int known = getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &(socklen_t){sizeof info}) == 0;
  *received = info.tcpi_bytes_received;
  return known && info.tcpi_state == 1; // established
}

static int has_requests(const struct device *device) {
  char text[64] = {0};
  if (device->inflight < 0 || pread(device->inflight, text, sizeof text - 1, 0) <= 0) return 1;
  return strspn(text, " 0\n") != strlen(text);
}

// The kernel may see a little later than we that the old connection is dead.
static int hand_over(struct device *device, int fresh) {
  for (int i = 0; i < 100; i++) {
    int code = netlink_replace(device->index, fresh);
    if (code != -ENOSPC) return code;
    poll(NULL, 0, 20);
  }
  return -ENOSPC;
}

static void move_on(struct device *device) {
  long long began_ms = now_ms();
  int said = 0;
  shutdown(device->fd, SHUT_RDWR);
  for (;; poll(NULL, 0, PAUSE_MS)) {
    struct nbd_export offered;
    int fresh = try_all(device, &offered);
    if (fresh < 0) continue;
    // Another size is another disk: nothing may be written to it.
    int code = offered.size_bytes == device->offered.size_bytes ? hand_over(device, fresh) : -EINVAL;
    if (code == 0) {
      close(device->fd);
      device->fd = fresh;
      break;
    }
    if (code != said) say("nbd%d: %s: %s", device->index, device->servers->list[device->server].address.text, strerror(-code));
    said = code;
    servers_suspect(device->servers, device->server);
    close(fresh);
  }
  say("nbd%d by %s after %lld ms", device->index, device->servers->list[device->server].address.text, now_ms() - began_ms);
}

void device_keep(struct device *device) {
  for (;; move_on(device)) {
    struct vigil vigil;
    uint64_t received, before = 0;
    vigil_begin(&vigil, NBD, &device->servers->list[device->server].address);
    while (is_alive(device->fd, &received)) {
      int is_busy = has_requests(device);
      if (received != before || !is_busy) vigil_heard(&vigil);
      else if (!vigil_step(&vigil)) {
        say("nbd%d: %s is silent", device->index, vigil.server->text);
        servers_suspect(device->servers, device->server);
        break;
      }
      before = received;
      // The kernel's message only wakes this loop; what is dead is seen from the socket, so none can be missed.
      char ignored[4096];
      struct pollfd wait[2] = {{.fd = device->events, .events = POLLIN}};
      int due_ms = vigil_wait(&vigil, &wait[1].fd, &wait[1].events), most_ms = is_busy ? NBD_WATCH_MS : NBD_IDLE_WATCH_MS;
      if (poll(wait, 2, is_busy && due_ms < most_ms ? due_ms : most_ms) > 0 && wait[0].revents)
        recv(device->events, ignored, sizeof ignored, MSG_DONTWAIT);
    }
    vigil_end(&vigil);
  }
}
