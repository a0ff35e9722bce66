// In the place of netlink.c: what the kernel would say is said by whoever connects to the address or path NBD_KERNEL, an NBD client.
// It gets the disk's size and flags by the greeting of the protocol's old style, and then is where the kernel would be. As many
// clients as NBD_LOOKS says are there before it, and only look: fio does.
#include "netlink.h"
#include "daemon.h"
#include <endian.h>
#include <errno.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

int netlink_attach(int index, const struct nbd_export *export) {
  uint8_t greeting[152] = "NBDMAGIC\x00\x00\x42\x02\x81\x86\x12\x53";
  uint64_t size = htobe64(export->size_bytes);
  uint32_t flags = htobe32(export->flags);
  memcpy(greeting + 16, &size, sizeof size);
  memcpy(greeting + 24, &flags, sizeof flags);
  const char *name = getenv("NBD_KERNEL");
  struct address at = {.length = sizeof(struct sockaddr_un)};
  if (!address_parse(name, strlen(name), &at)) {
    struct sockaddr_un *path = (struct sockaddr_un *)&at.socket;
    path->sun_family = AF_UNIX;
    strncpy(path->sun_path, name, sizeof path->sun_path - 1);
  }
  int listener = socket(at.socket.ss_family, SOCK_STREAM, 0);
  if (bind(listener, (struct sockaddr *)&at.socket, at.length) != 0 || listen(listener, 1) != 0) return -errno;
  say("nbd%d: the kernel is at %s", index, name);
  int looks = getenv("NBD_LOOKS") ? atoi(getenv("NBD_LOOKS")) : 0, fd;
  char disconnect[NBD_REQUEST_BYTES];
  while ((fd = accept(listener, NULL, NULL)) >= 0 && transmit(fd, greeting, sizeof greeting) == 0 && looks-- > 0) {
    while (recv(fd, disconnect, sizeof disconnect, 0) > 0) continue;
    close(fd);
  }
  close(listener);
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
  return fd < 0 ? -errno : fd;
}
