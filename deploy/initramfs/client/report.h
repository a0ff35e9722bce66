// Tells the farm how the machine's own write cache is (Hatchery.Devices/OwnCaches/OwnCacheReport.cs reads it).
#pragma once
#include "limits.h"
#include "servers.h"
#include <stdint.h>

enum place { PLACE_NONE, PLACE_RAM, PLACE_RAM_DISK, PLACE_DISK };
// Why it is not where it was to be.
enum fallback { AS_WANTED, NO_DISK, DISK_SMALL, DISK_FAILS, RAM_SMALL, FAILS };

struct state {
  enum place place, wanted;
  enum fallback why;
  uint64_t size_bytes, used_bytes;
  // It was full, and is lost.
  int is_over;
};

// False: it is none.
int place_parse(const char *text, size_t length, enum place *place);
const char *place_name(enum place place);
// Returns its length.
int report_write(char into[REPORT_BYTES_MAX], const struct state *state);

enum told { TOLD, NOT_HEARD, TOLD_TOO_SOON, TOLD_IN_VAIN };
// Asks one server after the other until one has taken it. In vain: they do not want to hear it.
enum told report(struct servers *servers, const char *name, const struct state *state);
