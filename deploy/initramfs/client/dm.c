#define _GNU_SOURCE
#include "dm.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/dm-ioctl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/sysmacros.h>
#include <unistd.h>

enum {
  TARGETS_MAX = 2,
  // udev is told that this is its event to act on, as dmsetup tells it; no one waits for it.
  PRIMARY_SOURCE = 0x0040 << 16,
};

struct call {
  struct dm_ioctl header;
  char data[TARGETS_MAX * (sizeof(struct dm_target_spec) + sizeof((struct dm_target *)0)->arguments) + 256];
};

static int control = -1;

static void begin(struct call *call, const char *name) {
  *call = (struct call){.header = {.version = {4, 0, 0}, .data_size = sizeof *call, .data_start = sizeof call->header}};
  snprintf(call->header.name, sizeof call->header.name, "%s", name);
}

static int run(struct call *call, unsigned long request) {
  if (control < 0) control = open("/dev/mapper/control", O_RDWR | O_CLOEXEC);
  if (control < 0 || ioctl(control, request, call) != 0) return -errno;
  return 0;
}

static int load(const char *name, const struct dm_target *targets, int count) {
  struct call call;
  begin(&call, name);
  call.header.target_count = count;
  char *at = call.data;
  for (int i = 0; i < count; i++) {
    struct dm_target_spec *spec = (struct dm_target_spec *)at;
    size_t bytes = sizeof *spec + (strlen(targets[i].arguments) + 8) / 8 * 8;
    *spec = (struct dm_target_spec){
        .sector_start = targets[i].start_sectors, .length = targets[i].sectors, .next = (uint32_t)bytes};
    snprintf(spec->target_type, sizeof spec->target_type, "%s", targets[i].type);
    memcpy(at + sizeof *spec, targets[i].arguments, strlen(targets[i].arguments) + 1);
    at += bytes;
  }
  return run(&call, DM_TABLE_LOAD);
}

int dm_make(const char *name, const struct dm_target *targets, int count) {
  struct call call;
  begin(&call, name);
  int code = run(&call, DM_DEV_CREATE);
  if (code != 0) return code;
  int number = minor(call.header.dev);
  if ((code = load(name, targets, count)) == 0) {
    begin(&call, name);
    call.header.event_nr = PRIMARY_SOURCE;
    code = run(&call, DM_DEV_SUSPEND); // without its flag: resumes
  }
  if (code == 0) return number;
  dm_remove(name);
  return code;
}

void dm_remove(const char *name) {
  struct call call;
  begin(&call, name);
  run(&call, DM_DEV_REMOVE);
}

int dm_state(const char *name, char *text, int room) {
  struct call call;
  begin(&call, name);
  int code = run(&call, DM_TABLE_STATUS);
  if (code != 0) return code;
  if (call.header.target_count == 0 || call.header.data_start + sizeof(struct dm_target_spec) >= sizeof call) return -ENODATA;
  const char *state = (char *)&call + call.header.data_start + sizeof(struct dm_target_spec);
  snprintf(text, room, "%.*s", (int)(sizeof call - (state - (char *)&call) - 1), state);
  return 0;
}

void dm_wait(int limit_ms) {
  struct call call;
  begin(&call, "");
  run(&call, DM_DEV_ARM_POLL);
  struct pollfd one = {.fd = control, .events = POLLIN};
  poll(&one, 1, limit_ms);
}
