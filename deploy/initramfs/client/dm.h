// The kernel's device mapper (include/uapi/linux/dm-ioctl.h), as far as a write cache needs it.
#pragma once
#include <stdint.h>

// One line of a device's table.
struct dm_target {
  uint64_t start_sectors, sectors;
  const char *type;
  char arguments[120];
};

// Makes a device with this table. Returns its number, N of /dev/dm-N, or -errno.
int dm_make(const char *name, const struct dm_target *targets, int count);
void dm_remove(const char *name);
// The state of the device's first target, as text of that target's. 0, or -errno.
int dm_state(const char *name, char *text, int room);
// Waits until a device has something new to say, or the time is over.
void dm_wait(int limit_ms);
