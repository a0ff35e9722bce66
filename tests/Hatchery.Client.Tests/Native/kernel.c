// In the place of netlink.c: what the kernel would say is said by whoever connects to the socket that NBD_KERNEL names, an NBD client.
// It gets the disk's size and flags by the greeting of the protocol's old style, and then is where the kernel would be.
#include "netlink.h"
#include "daemon.h"
#include <endian.h>
#include <errno.h>
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
  struct sockaddr_un at = {.sun_family = AF_UNIX};
  strncpy(at.sun_path, getenv("NBD_KERNEL"), sizeof at.sun_path - 1);
  int listener = socket(AF_UNIX, SOCK_STREAM, 0);
  if (bind(listener, (struct sockaddr *)&at, sizeof at) != 0 || listen(listener, 1) != 0) return -errno;
  say("nbd%d: the kernel is at %s", index, at.sun_path);
  int fd = accept(listener, NULL, NULL);
  close(listener);
  return fd < 0 || transmit(fd, greeting, sizeof greeting) != 0 ? -EIO : fd;
}
