#include "netlink.h"
#include <errno.h>
#include <linux/genetlink.h>
#include <linux/nbd-netlink.h>
#include <linux/netlink.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

// One message is built, sent and answered at a time.
static union {
  struct nlmsghdr header;
  char bytes[2048];
} message;
static size_t length;
static int commands, family;

static void begin(int type, int command) {
  memset(&message, 0, sizeof message);
  message.header.nlmsg_type = type;
  message.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
  *(struct genlmsghdr *)NLMSG_DATA(&message.header) = (struct genlmsghdr){.cmd = command, .version = 1};
  length = NLMSG_HDRLEN + GENL_HDRLEN;
}

static void add(int type, const void *value, size_t bytes) {
  struct nlattr *attribute = (struct nlattr *)(message.bytes + length);
  attribute->nla_type = type;
  attribute->nla_len = NLA_HDRLEN + bytes;
  memcpy((char *)attribute + NLA_HDRLEN, value, bytes);
  length += NLA_ALIGN(attribute->nla_len);
}

static void add_u32(int type, uint32_t value) { add(type, &value, sizeof value); }
static void add_u64(int type, uint64_t value) { add(type, &value, sizeof value); }

static struct nlattr *begin_nest(int type) {
  struct nlattr *nest = (struct nlattr *)(message.bytes + length);
  nest->nla_type = type | NLA_F_NESTED;
  length += NLA_HDRLEN;
  return nest;
}

static void end_nest(struct nlattr *nest) { nest->nla_len = message.bytes + length - (char *)nest; }

static void add_socket(int fd) {
  struct nlattr *all = begin_nest(NBD_ATTR_SOCKETS), *item = begin_nest(NBD_SOCK_ITEM);
  add_u32(NBD_SOCK_FD, fd);
  end_nest(item);
  end_nest(all);
}

// Sends the message and reads to the kernel's acknowledgement; an answer before it is copied out.
static int exchange(char *answer, size_t room) {
  static _Alignas(struct nlmsghdr) char buffer[8192];
  message.header.nlmsg_len = length;
  if (send(commands, &message, length, 0) < 0) return -errno;
  for (;;) {
    int got = recv(commands, buffer, sizeof buffer, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return -errno;
    for (struct nlmsghdr *part = (struct nlmsghdr *)buffer; NLMSG_OK(part, (unsigned)got); part = NLMSG_NEXT(part, got)) {
      if (part->nlmsg_type == NLMSG_ERROR) return ((struct nlmsgerr *)NLMSG_DATA(part))->error;
      if (answer) memcpy(answer, part, part->nlmsg_len < room ? part->nlmsg_len : room);
    }
  }
}

static struct nlattr *find(void *first, char *end, int type) {
  for (char *at = first; at + NLA_HDRLEN <= end;) {
    struct nlattr *attribute = (struct nlattr *)at;
    if (attribute->nla_len < NLA_HDRLEN) break;
    if ((attribute->nla_type & NLA_TYPE_MASK) == type) return attribute;
    at += NLA_ALIGN(attribute->nla_len);
  }
  return NULL;
}

static void *inside(struct nlattr *attribute) { return (char *)attribute + NLA_HDRLEN; }

static int find_family(void) {
  static _Alignas(struct nlmsghdr) char answer[4096];
  begin(GENL_ID_CTRL, CTRL_CMD_GETFAMILY);
  add(CTRL_ATTR_FAMILY_NAME, NBD_GENL_FAMILY_NAME, sizeof NBD_GENL_FAMILY_NAME);
  int code = exchange(answer, sizeof answer);
  if (code != 0) return code;
  struct nlattr *id = find(answer + NLMSG_HDRLEN + GENL_HDRLEN, answer + ((struct nlmsghdr *)answer)->nlmsg_len, CTRL_ATTR_FAMILY_ID);
  if (!id) return -ENOENT;
  family = *(uint16_t *)inside(id);
  return 0;
}

// No time limit by the kernel: it would give a request up whose server is only slow.
static int connect_device(int index, const struct nbd_export *export, int fd) {
  begin(family, NBD_CMD_CONNECT);
  add_u32(NBD_ATTR_INDEX, index);
  add_u64(NBD_ATTR_TIMEOUT, 0);
  add_u64(NBD_ATTR_DEAD_CONN_TIMEOUT, NBD_DEAD_LIMIT_S);
  add_u64(NBD_ATTR_SIZE_BYTES, export->size_bytes);
  add_u64(NBD_ATTR_BLOCK_SIZE_BYTES, export->block_bytes);
  add_u64(NBD_ATTR_SERVER_FLAGS, export->flags);
  add_socket(fd);
  return exchange(NULL, 0);
}

int netlink_attach(int index, const struct nbd_export *export) {
  int ends[2], code;
  commands = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC);
  if (commands < 0 || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) return -errno;
  for (int i = 0; i < 2; i++) setsockopt(ends[i], SOL_SOCKET, SO_SNDBUFFORCE, &(int){NBD_SOCKET_BYTES}, sizeof(int));
  if ((code = find_family()) == 0) code = connect_device(index, export, ends[1]);
  close(commands);
  // The kernel has its own hold of this end.
  close(ends[1]);
  if (code == 0) return ends[0];
  close(ends[0]);
  return code;
}
