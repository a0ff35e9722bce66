// The kernel's side of an NBD device, by generic netlink (include/uapi/linux/nbd-netlink.h).
#pragma once
#include "nbd.h"

// Makes /dev/nbdINDEX. Returns the socket on which its requests come, or -errno; -ENOENT: the kernel has no nbd.
int netlink_attach(int index, const struct nbd_export *export);
