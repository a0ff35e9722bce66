#pragma once
#include "servers.h"

// A block device of the kernel's, whose requests go to whichever server has the disk. The kernel speaks NBD to a socket of ours that
// never breaks.
struct device;

// Makes /dev/nbdINDEX once a server has its disk. NULL: it cannot be.
struct device *device_attach(int index, const char *export, struct servers *servers);
// Returns when the kernel has closed the device.
void device_serve(struct device *device);
