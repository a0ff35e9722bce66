// A libc.so for a server whose disk is to fail: found by LD_LIBRARY_PATH and LD_PRELOAD, it stands before the C library for what the server calls to
// write, sync and read files below a folder that is called store. The first byte of FOLDER/PROCESS-ID, in the folder that HATCHERY_DRILL_DISKS names,
// says what becomes of it: 's' syncs fail, 'f' the disk is full, 'l' it is lost: nothing is read, written or synced; anything else: the disk is well.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

static const volatile char *state = "-";

__attribute__((constructor)) static void begin(void) {
  char path[4096];
  const char *folder = getenv("HATCHERY_DRILL_DISKS");
  if (!folder) return;
  snprintf(path, sizeof path, "%s/%d", folder, getpid());
  int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0 || ftruncate(fd, 1) != 0) return;
  const char *mapped = mmap(NULL, 1, PROT_READ, MAP_SHARED, fd, 0);
  if (mapped != MAP_FAILED) state = mapped;
  close(fd);
}

static int fails(int fd, char one, char other, int error) {
  char name[64], path[4096];
  char now = *state;
  if (now != one && now != other) return 0;
  snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(name, path, sizeof path - 2);
  if (length < 0) return 0;
  memcpy(path + length, "/", 2);
  if (!strstr(path, "/store/")) return 0;
  errno = error;
  return 1;
}

int fsync(int fd) {
  if (fails(fd, 's', 'l', EIO)) return -1;
  static int (*next)(int);
  if (!next) next = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
  return next(fd);
}

ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t offset) {
  if (fails(fd, 'f', 'f', ENOSPC) || fails(fd, 'l', 'l', EIO)) return -1;
  static ssize_t (*next)(int, const struct iovec *, int, off_t);
  if (!next) next = (ssize_t (*)(int, const struct iovec *, int, off_t))dlsym(RTLD_NEXT, "pwritev");
  return next(fd, parts, count, offset);
}

ssize_t pread64(int fd, void *to, size_t length, off64_t offset) {
  if (fails(fd, 'l', 'l', EIO)) return -1;
  static ssize_t (*next)(int, void *, size_t, off64_t);
  if (!next) next = (ssize_t (*)(int, void *, size_t, off64_t))dlsym(RTLD_NEXT, "pread64");
  return next(fd, to, length, offset);
}
