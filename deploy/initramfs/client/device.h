#pragma once
#include "nbd.h"
#include "servers.h"

// A block device of the kernel's, which is moved from server to server under requests that wait.
struct device {
  int index;
  const char *export;
  struct servers *servers;
  struct nbd_export offered;
  // The connection, and the server that it is to.
  int fd, server;
  // The kernel's news, and how many requests are under way.
  int events, inflight;
};

// 0 once /dev/nbdINDEX is there.
int device_attach(struct device *device, int index, const char *export, struct servers *servers);
_Noreturn void device_keep(struct device *device);
