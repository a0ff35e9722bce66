#define _GNU_SOURCE
#include "store.h"
#include "gpt.h"
#include "limits.h"
#include "net.h"
#include <dirent.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/loop.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

int read_line(const char *path, char *into, int room) {
  FILE *file = fopen(path, "re");
  int is_read = file && fgets(into, room, file);
  if (file) fclose(file);
  if (is_read) into[strcspn(into, "\n")] = 0;
  return is_read;
}

uint64_t read_number(const char *path) {
  char line[32];
  return read_line(path, line, sizeof line) ? strtoull(line, NULL, 10) : 0;
}

static uint64_t available_bytes(void) {
  unsigned long long kib = 0;
  char line[100];
  FILE *file = fopen("/proc/meminfo", "re");
  while (file && fgets(line, sizeof line, file) && sscanf(line, "MemAvailable: %llu kB", &kib) != 1) {}
  if (file) fclose(file);
  return kib << 10;
}

static int open_loop(const struct store *store) {
  char path[64];
  snprintf(path, sizeof path, "/dev/%s", store->name);
  return open(path, O_RDWR | O_CLOEXEC);
}

// A loop device on a file that is in memory alone. Unlike zram it has sectors of 512 bytes, as images have, and unlike brd a size of its own.
static int attach_loop(struct store *store, int file) {
  int control = open("/dev/loop-control", O_RDWR | O_CLOEXEC), number = control < 0 ? -1 : ioctl(control, LOOP_CTL_GET_FREE);
  if (control >= 0) close(control);
  if (number < 0) return 0;
  snprintf(store->name, sizeof store->name, "loop%d", number);
  int loop = open_loop(store);
  if (loop < 0) return 0;
  struct loop_config config = {.fd = (unsigned)file, .info = {.lo_file_name = "hatchery-cache"}};
  int is_there = ioctl(loop, LOOP_CONFIGURE, &config) == 0;
  close(loop);
  return is_there;
}

int store_in_memory(struct store *store, uint64_t asked_bytes) {
  uint64_t free_bytes = available_bytes(), bytes = asked_bytes;
  if (bytes == 0 || bytes > free_bytes / 4 * 3) bytes = free_bytes / 2;
  bytes &= CACHE_RAM_MASK;
  *store = (struct store){0};
  int file = bytes < CACHE_RAM_BYTES_MIN ? -1 : memfd_create("hatchery-cache", MFD_CLOEXEC);
  int is_there = file >= 0 && ftruncate(file, bytes) == 0 && attach_loop(store, file);
  // The loop device has its own hold of it.
  if (file >= 0) close(file);
  if (is_there) store->bytes = bytes;
  return is_there;
}

void store_give_back(struct store *store) {
  int loop = store->bytes > 0 ? open_loop(store) : -1;
  if (loop >= 0) {
    ioctl(loop, LOOP_CLR_FD);
    close(loop);
  }
  *store = (struct store){0};
}

// Calls for each block device until it returns something else than 0, and returns that.
static int each(const char *folder, int (*look)(const char *name, const char *folder, void *with), void *with) {
  DIR *all = opendir(folder);
  int result = 0;
  for (struct dirent *one; result == 0 && all && (one = readdir(all));)
    if (one->d_name[0] != '.' && strlen(one->d_name) < sizeof((struct store *)0)->name) result = look(one->d_name, folder, with);
  if (all) closedir(all);
  return result;
}

struct search_for {
  const char *not_on;
  struct store *store;
};

static int is_the_partition(const char *name, const char *folder, void *with) {
  struct search_for *search = with;
  char path[320], real[PATH_MAX], line[100], part[80];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  snprintf(part, sizeof part, "/%s/", search->not_on);
  if (!realpath(path, real) || strstr(real, part)) return 0;
  snprintf(path, sizeof path, "%s/%s/uevent", folder, name);
  FILE *file = fopen(path, "re");
  int is_found = 0;
  while (file && fgets(line, sizeof line, file)) is_found |= strcmp(line, "PARTNAME=" CACHE_PARTITION "\n") == 0;
  if (file) fclose(file);
  if (!is_found) return 0;
  snprintf(search->store->name, sizeof search->store->name, "%s", name);
  snprintf(path, sizeof path, "%s/%s/size", folder, name);
  search->store->bytes = read_number(path) * 512;
  return 1;
}

static int has_parts(const char *name, const char *folder, void *with) {
  char path[400];
  (void)with;
  snprintf(path, sizeof path, "%s/%s/partition", folder, name);
  return access(path, F_OK) == 0;
}

int disk_is_local(const char *name) {
  static const char *const local[] = {"vd", "sd", "nvme", "mmcblk", "xvd"};
  char path[320];
  snprintf(path, sizeof path, "/sys/block/%s/removable", name);
  for (size_t i = 0; i < sizeof local / sizeof *local; i++)
    if (strncmp(name, local[i], strlen(local[i])) == 0) return read_number(path) == 0;
  return 0;
}

// 1 when the disk was empty and has the partition now.
static int make_on(const char *name, const char *folder, void *with) {
  struct search_for *search = with;
  char path[320];
  unsigned sector_bytes = 0;
  uint64_t bytes = 0;
  snprintf(path, sizeof path, "%s/%s", folder, name);
  if (!disk_is_local(name) || strcmp(name, search->not_on) == 0 || each(path, has_parts, NULL)) return 0;
  snprintf(path, sizeof path, "/dev/%s", name);
  // Nobody else may have it.
  int fd = open(path, O_RDWR | O_EXCL | O_CLOEXEC);
  if (fd < 0) return 0;
  int is_made = ioctl(fd, BLKGETSIZE64, &bytes) == 0 && ioctl(fd, BLKSSZGET, &sector_bytes) == 0 && disk_is_empty(fd, bytes) &&
                gpt_write(fd, bytes, sector_bytes) == 0 && ioctl(fd, BLKRRPART) == 0;
  close(fd);
  if (is_made) fprintf(stderr, "hatchery-root: %s was empty, and has a partition " CACHE_PARTITION " now\n", name);
  return is_made;
}

enum found store_on_disk(struct store *store, const char *not_on, int may_make) {
  struct search_for search = {not_on, store};
  char path[64];
  *store = (struct store){0};
  for (long long until_ms = now_ms() + CACHE_DISK_MS; !each("/sys/class/block", is_the_partition, &search); poll(NULL, 0, 100)) {
    if (now_ms() < until_ms) continue;
    if (!may_make || !each("/sys/block", make_on, &search)) return FOUND_NONE;
    may_make = 0;
    until_ms = now_ms() + CACHE_DISK_MS;
  }
  if (store->bytes < CACHE_DISK_BYTES_MIN) return FOUND_SMALL;
  snprintf(path, sizeof path, "/dev/%s", store->name);
  int fd = open(path, O_RDWR | O_EXCL | O_CLOEXEC);
  if (fd < 0) return FOUND_BROKEN;
  close(fd);
  return FOUND;
}
