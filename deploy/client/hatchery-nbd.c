// hatchery-nbd INDEX EXPORT CONNECTIONS SERVER...      SERVER is ADDRESS:PORT
//
// Attaches /dev/nbdINDEX and stays with it: a connection that dies is opened again, to the same server or to the next one that
// has the export, while the kernel holds the requests back. It goes to the background once the device is attached, and runs
// without files from then on, so it survives switch_root.
//
// Stock nbd-client cannot do this: it hands its sockets over once. The kernel can, by netlink (include/uapi/linux/nbd-netlink.h):
// NBD_CMD_RECONFIGURE puts new sockets in the place of dead ones.
#include <arpa/inet.h>
#include <endian.h>
#include <errno.h>
#include <linux/genetlink.h>
#include <linux/nbd-netlink.h>
#include <linux/netlink.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

enum {
  MAX_CONNECTIONS = 16,
  MAX_NAME_BYTES = 1024,
  HANDSHAKE_LIMIT_S = 3,
  // A request unanswered for this long condemns its connection; a slow flush must stay below it.
  REQUEST_LIMIT_S = 10,
  // How long requests wait when no connection is left, before they fail.
  DEAD_LIMIT_S = 120,
  RETRY_MS = 200,
  LOOK_AGAIN_MS = 1000,
};

// NBD protocol (doc/proto.md of the NetworkBlockDevice project), the part used here.
enum {
  FLAGS_FIXED_NEWSTYLE_NO_ZEROES = 3,
  OPT_GO = 7,
  REP_ACK = 1,
  REP_INFO = 3,
  INFO_EXPORT = 0,
  INFO_BLOCK_SIZE = 3,
};

#define FLAG_CAN_MULTI_CONN (1 << 8)
#define REP_IS_ERROR (1u << 31)

struct export {
  uint64_t size_bytes;
  uint16_t flags;
  uint32_t block_bytes;
};

static const char *export_name;
static char **servers;
static int server_count, server_now;

static long long now_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

static int receive(int socket, void *into, size_t length) {
  for (char *next = into; length > 0;) {
    ssize_t got = recv(socket, next, length, 0);
    if (got <= 0) return -1;
    next += got;
    length -= got;
  }
  return 0;
}

static int transmit(int socket, const void *from, size_t length) {
  return send(socket, from, length, MSG_NOSIGNAL) == (ssize_t)length ? 0 : -1;
}

static void set(int socket, int level, int option, int value) { setsockopt(socket, level, option, &value, sizeof value); }

static void limit(int socket, int seconds) {
  struct timeval time = {.tv_sec = seconds};
  setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &time, sizeof time);
  setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &time, sizeof time);
}

static int dial(const char *server) {
  struct sockaddr_in to = {.sin_family = AF_INET};
  char address[INET_ADDRSTRLEN];
  const char *colon = strrchr(server, ':');
  if (!colon || (size_t)(colon - server) >= sizeof address) return -1;
  memcpy(address, server, colon - server);
  address[colon - server] = 0;
  to.sin_port = htons(atoi(colon + 1));
  if (inet_pton(AF_INET, address, &to.sin_addr) != 1) return -1;

  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  limit(fd, HANDSHAKE_LIMIT_S);
  set(fd, IPPROTO_TCP, TCP_NODELAY, 1);
  if (connect(fd, (struct sockaddr *)&to, sizeof to) == 0) return fd;
  close(fd);
  return -1;
}

static int ask_for_export(int fd) {
  char greeting[18];
  uint32_t flags = htobe32(FLAGS_FIXED_NEWSTYLE_NO_ZEROES);
  if (receive(fd, greeting, sizeof greeting) || memcmp(greeting, "NBDMAGICIHAVEOPT", 16) || transmit(fd, &flags, 4)) return -1;

  // IHAVEOPT, option, length, then: length of the name, the name, one information request (the block sizes).
  struct __attribute__((packed)) {
    char magic[8];
    uint32_t option, length, name_length;
    char rest[MAX_NAME_BYTES + 4];
  } ask = {.magic = "IHAVEOPT", .option = htobe32(OPT_GO)};
  size_t name_length = strlen(export_name);
  ask.length = htobe32(4 + name_length + 4);
  ask.name_length = htobe32(name_length);
  memcpy(ask.rest, export_name, name_length);
  memcpy(ask.rest + name_length, (uint16_t[]){htobe16(1), htobe16(INFO_BLOCK_SIZE)}, 4);
  return transmit(fd, &ask, 20 + name_length + 4);
}

// Said once for each reason in a row: a server that is starting may refuse many times a second.
static void say_refusal(uint32_t error, const char *reason, int length) {
  static uint32_t said;
  if (said != error) printf("hatchery-nbd: %s refuses the export: error %u %.*s\n", servers[server_now], error, length, reason);
  fflush(stdout);
  said = error;
}

static int read_export(int fd, struct export *export) {
  *export = (struct export){.block_bytes = 512};
  for (;;) {
    struct __attribute__((packed)) {
      uint64_t magic;
      uint32_t option, type, length;
    } reply;
    char body[MAX_NAME_BYTES];
    if (receive(fd, &reply, sizeof reply)) return -1;
    uint32_t length = be32toh(reply.length), type = be32toh(reply.type);
    if (length > sizeof body || receive(fd, body, length)) return -1;
    if (type == REP_ACK) return export->size_bytes ? 0 : -1;
    if (type & REP_IS_ERROR) {
      say_refusal(type & ~REP_IS_ERROR, body, length);
      return -1;
    }
    if (type != REP_INFO || length < 2) continue;
    uint16_t kind;
    uint32_t minimum;
    memcpy(&kind, body, 2);
    if (be16toh(kind) == INFO_EXPORT && length >= 12) {
      memcpy(&export->size_bytes, body + 2, 8);
      memcpy(&export->flags, body + 10, 2);
      export->size_bytes = be64toh(export->size_bytes);
      export->flags = be16toh(export->flags);
    } else if (be16toh(kind) == INFO_BLOCK_SIZE && length >= 14) {
      memcpy(&minimum, body + 2, 4);
      if (be32toh(minimum) > export->block_bytes) export->block_bytes = be32toh(minimum);
    }
  }
}

// One try with one server; the next call goes to the next server if this one has nothing to give.
static int open_connection(struct export *export) {
  int fd = dial(servers[server_now]);
  if (fd >= 0 && ask_for_export(fd) == 0 && read_export(fd, export) == 0) {
    limit(fd, 0);
    // A peer that vanishes without a word is noticed within about 8 s, whether or not something is in flight.
    set(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
    set(fd, IPPROTO_TCP, TCP_KEEPIDLE, 2);
    set(fd, IPPROTO_TCP, TCP_KEEPINTVL, 2);
    set(fd, IPPROTO_TCP, TCP_KEEPCNT, 3);
    set(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, 8000);
    return fd;
  }
  if (fd >= 0) close(fd);
  server_now = (server_now + 1) % server_count;
  return -1;
}

// Generic netlink: one message is built, sent and answered at a time.
static char message[4096];
static size_t message_length;
static int netlink, family;

static void begin(int type, int command) {
  memset(message, 0, sizeof message);
  *(struct nlmsghdr *)message = (struct nlmsghdr){.nlmsg_type = type, .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK};
  *(struct genlmsghdr *)(message + NLMSG_HDRLEN) = (struct genlmsghdr){.cmd = command, .version = 1};
  message_length = NLMSG_HDRLEN + GENL_HDRLEN;
}

static void add(int type, const void *value, size_t length) {
  struct nlattr *attribute = (struct nlattr *)(message + message_length);
  *attribute = (struct nlattr){.nla_type = type, .nla_len = NLA_HDRLEN + length};
  memcpy((char *)attribute + NLA_HDRLEN, value, length);
  message_length += NLA_ALIGN(attribute->nla_len);
}

static void add_u32(int type, uint32_t value) { add(type, &value, sizeof value); }
static void add_u64(int type, uint64_t value) { add(type, &value, sizeof value); }

static struct nlattr *begin_nest(int type) {
  struct nlattr *nest = (struct nlattr *)(message + message_length);
  nest->nla_type = type | NLA_F_NESTED;
  message_length += NLA_HDRLEN;
  return nest;
}

static void end_nest(struct nlattr *nest) { nest->nla_len = message + message_length - (char *)nest; }

static void add_sockets(const int *fds, int count) {
  struct nlattr *all = begin_nest(NBD_ATTR_SOCKETS);
  for (int i = 0; i < count; i++) {
    struct nlattr *item = begin_nest(NBD_SOCK_ITEM);
    add_u32(NBD_SOCK_FD, fds[i]);
    end_nest(item);
  }
  end_nest(all);
}

// Sends the message and reads to the kernel's acknowledgement; an answer before it is copied out. Returns 0 or -errno.
static int exchange(char *answer, size_t room) {
  ((struct nlmsghdr *)message)->nlmsg_len = message_length;
  if (send(netlink, message, message_length, 0) < 0) return -errno;
  for (;;) {
    char buffer[8192];
    int got = recv(netlink, buffer, sizeof buffer, 0);
    if (got < 0) return -errno;
    for (struct nlmsghdr *part = (struct nlmsghdr *)buffer; NLMSG_OK(part, (unsigned)got); part = NLMSG_NEXT(part, got)) {
      if (part->nlmsg_type == NLMSG_ERROR) return ((struct nlmsgerr *)NLMSG_DATA(part))->error;
      if (answer) memcpy(answer, part, part->nlmsg_len < room ? part->nlmsg_len : room);
    }
  }
}

static struct nlattr *find(struct nlattr *first, char *end, int type) {
  for (char *at = (char *)first; at + NLA_HDRLEN <= end; at += NLA_ALIGN(((struct nlattr *)at)->nla_len)) {
    struct nlattr *attribute = (struct nlattr *)at;
    if (attribute->nla_len < NLA_HDRLEN) break;
    if ((attribute->nla_type & NLA_TYPE_MASK) == type) return attribute;
  }
  return NULL;
}

static struct nlattr *inside(struct nlattr *nest) { return (struct nlattr *)((char *)nest + NLA_HDRLEN); }
static char *end_of(struct nlattr *attribute) { return (char *)attribute + attribute->nla_len; }

static int open_netlink(void) {
  int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC);
  struct sockaddr_nl any = {.nl_family = AF_NETLINK};
  return bind(fd, (struct sockaddr *)&any, sizeof any) == 0 ? fd : -1;
}

// Finds the nbd family and returns a socket that hears its LINK_DEAD messages, or -1.
static int find_nbd(void) {
  char answer[4096] = {0};
  netlink = open_netlink();
  begin(GENL_ID_CTRL, CTRL_CMD_GETFAMILY);
  add(CTRL_ATTR_FAMILY_NAME, NBD_GENL_FAMILY_NAME, sizeof NBD_GENL_FAMILY_NAME);
  if (exchange(answer, sizeof answer) != 0) return -1;
  struct nlattr *first = (struct nlattr *)(answer + NLMSG_HDRLEN + GENL_HDRLEN);
  char *end = answer + ((struct nlmsghdr *)answer)->nlmsg_len;
  struct nlattr *id = find(first, end, CTRL_ATTR_FAMILY_ID), *groups = find(first, end, CTRL_ATTR_MCAST_GROUPS);
  if (!id || !groups) return -1;
  family = *(uint16_t *)inside(id);
  struct nlattr *group = inside(groups), *group_id = find(inside(group), end_of(group), CTRL_ATTR_MCAST_GRP_ID);
  int events = open_netlink();
  if (!group_id || setsockopt(events, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, inside(group_id), sizeof(int))) return -1;
  return events;
}

static int attach(int index, const struct export *export, const int *fds, int count) {
  begin(family, NBD_CMD_CONNECT);
  add_u32(NBD_ATTR_INDEX, index);
  add_u64(NBD_ATTR_SIZE_BYTES, export->size_bytes);
  add_u64(NBD_ATTR_BLOCK_SIZE_BYTES, export->block_bytes);
  add_u64(NBD_ATTR_SERVER_FLAGS, export->flags);
  add_u64(NBD_ATTR_TIMEOUT, REQUEST_LIMIT_S);
  add_u64(NBD_ATTR_DEAD_CONN_TIMEOUT, DEAD_LIMIT_S);
  add_sockets(fds, count);
  return exchange(NULL, 0);
}

static int replace_dead_socket(int index, int fd) {
  begin(family, NBD_CMD_RECONFIGURE);
  add_u32(NBD_ATTR_INDEX, index);
  add_u64(NBD_ATTR_TIMEOUT, REQUEST_LIMIT_S);
  add_u64(NBD_ATTR_DEAD_CONN_TIMEOUT, DEAD_LIMIT_S);
  add_sockets(&fd, 1);
  return exchange(NULL, 0);
}

static int is_alive(int fd) {
  struct tcp_info info;
  socklen_t length = sizeof info;
  return getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &length) == 0 && info.tcpi_state == TCP_ESTABLISHED;
}

// Puts a new connection in a dead one's place. False: not now, try again shortly.
static int revive(int index, int *fd, const struct export *export) {
  struct export offered;
  int fresh = open_connection(&offered);
  if (fresh < 0) return 0;
  // Another size is another disk: nothing may be written to it.
  int code = offered.size_bytes == export->size_bytes ? replace_dead_socket(index, fresh) : -EINVAL;
  if (code != 0) {
    // ENOSPC: the kernel has not seen yet that the old socket is dead.
    if (code != -ENOSPC) printf("hatchery-nbd: nbd%d: %s: %s\n", index, servers[server_now], strerror(-code));
    close(fresh);
    return 0;
  }
  close(*fd);
  *fd = fresh;
  return 1;
}

static void keep_alive(int index, const struct export *export, int *fds, int count, int events) {
  long long lost_at = 0;
  for (;;) {
    int dead = 0;
    for (int i = 0; i < count; i++) {
      if (is_alive(fds[i])) continue;
      if (!lost_at) lost_at = now_ms();
      if (!revive(index, &fds[i], export)) dead++;
    }
    if (!dead && lost_at) {
      printf("hatchery-nbd: nbd%d is with %s again after %lld ms\n", index, servers[server_now], now_ms() - lost_at);
      fflush(stdout);
      lost_at = 0;
    }
    // The kernel's message only wakes this loop; what is dead is seen from the sockets, so none can be missed.
    char ignored[4096];
    struct pollfd wait = {.fd = events, .events = POLLIN};
    if (dead) usleep(RETRY_MS * 1000);
    else if (poll(&wait, 1, LOOK_AGAIN_MS) == 1) recv(events, ignored, sizeof ignored, MSG_DONTWAIT);
  }
}

int main(int argc, char **argv) {
  int index = argc > 4 ? atoi(argv[1]) : 0, wanted = argc > 4 ? atoi(argv[3]) : 0;
  if (argc < 5 || wanted < 1 || wanted > MAX_CONNECTIONS || strlen(argv[2]) > MAX_NAME_BYTES) {
    fprintf(stderr, "usage: %s INDEX EXPORT CONNECTIONS ADDRESS:PORT...\n", argv[0]);
    return 64;
  }
  export_name = argv[2];
  servers = argv + 4;
  server_count = argc - 4;
  // Its own disk may be what is gone: nothing of it may have to be paged in.
  mlockall(MCL_CURRENT | MCL_FUTURE);

  int events = find_nbd();
  if (events < 0) {
    fprintf(stderr, "hatchery-nbd: the kernel has no nbd\n");
    return 1;
  }
  struct export export;
  int fds[MAX_CONNECTIONS], count = 0, said = 0;
  for (long long give_up = now_ms() + DEAD_LIMIT_S * 1000; count < wanted;) {
    struct export offered;
    int fd = open_connection(&offered);
    if (fd < 0) {
      if (now_ms() > give_up) return 1;
      if (!said++) printf("hatchery-nbd: no answer yet from %s; trying for %d s\n", servers[server_now], DEAD_LIMIT_S);
      fflush(stdout);
      usleep(RETRY_MS * 1000);
      continue;
    }
    fds[count++] = fd;
    export = offered;
    if (!(export.flags & FLAG_CAN_MULTI_CONN)) wanted = 1;
  }
  int code = attach(index, &export, fds, count);
  if (code != 0) {
    fprintf(stderr, "hatchery-nbd: nbd%d: %s\n", index, strerror(-code));
    return 1;
  }
  printf("hatchery-nbd: nbd%d: %llu bytes from %s by %d connections\n", index, (unsigned long long)export.size_bytes,
         servers[server_now], count);
  fflush(stdout);
  if (fork() != 0) return 0;
  setsid();
  mlockall(MCL_CURRENT | MCL_FUTURE); // locks are not inherited
  keep_alive(index, &export, fds, count, events);
}
