// The kernel's side of an NBD device, by generic netlink (include/uapi/linux/nbd-netlink.h). Calls return 0 or -errno.
#pragma once
#include "nbd.h"

// Finds the nbd family. Returns a socket that hears when a connection dies, or -1: the kernel has no nbd.
int netlink_open(void);
int netlink_attach(int index, const struct nbd_export *export, int fd);
// Puts a socket in the place of the dead one. -ENOSPC: the kernel has not seen yet that it is dead.
int netlink_replace(int index, int fd);
