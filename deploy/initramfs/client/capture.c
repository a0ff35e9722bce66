#define _GNU_SOURCE
#include "capture.h"
#include "daemon.h"
#include "http.h"
#include "sha256.h"
#include "store.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

enum outcome { TAKEN, STARTS_OVER, ENDS };

struct sending {
  struct address server;
  const char *name;
  char disk[80];
  int fd, is_heard;
  uint64_t bytes;
  unsigned sector_bytes;
  // What the server said last.
  char line[HTTP_LINE_BYTES_MAX];
};

// Asks until the server has an answer; one that is away is waited for.
static int ask(struct sending *sending, const char *method, const char *path, int asks_first, const void *body, size_t length) {
  char request[NBD_NAME_BYTES_MAX + 200];
  snprintf(request, sizeof request, "%s /capture/%s%s", method, sending->name, path);
  for (;; poll(NULL, 0, CAPTURE_PAUSE_MS)) {
    int status = http_ask(&sending->server, request, asks_first, body, length, sending->line);
    int is_heard = status != 0 && status < 500;
    if (!is_heard && sending->is_heard) say("waits for %s: %s", sending->server.text, status ? sending->line : "no answer");
    sending->is_heard = is_heard;
    if (is_heard) return status;
  }
}

// The farm is told that nothing will come.
static void give_up(struct sending *sending, const char *why) {
  char body[HTTP_LINE_BYTES_MAX + 10];
  int length = snprintf(body, sizeof body, "why=%.200s\n", why);
  say("%s", why);
  ask(sending, "POST", "", 0, body, length);
}

static enum outcome send_part(struct sending *sending, const char *method, const char *path, const void *body, size_t length) {
  int status = ask(sending, method, path, strcmp(method, "PUT") == 0 && length > 0, body, length);
  if (status / 100 == 2) return TAKEN;
  if (status == 409) return STARTS_OVER;
  // Over, or somebody else's; anything else is a refusal that will not change.
  if (status != 410 && status != 403) give_up(sending, sending->line);
  return ENDS;
}

static int list_disks(char *into, size_t room, char largest[80]) {
  DIR *all = opendir("/sys/block");
  uint64_t most = 0;
  size_t length = 0;
  into[0] = 0;
  for (struct dirent *one; all && (one = readdir(all));) {
    char path[320];
    if (!disk_is_local(one->d_name)) continue;
    snprintf(path, sizeof path, "/sys/block/%s/size", one->d_name);
    uint64_t sectors = read_number(path);
    if (length < room) length += snprintf(into + length, room - length, " %s (%llu MiB)", one->d_name, (unsigned long long)sectors >> 11);
    if (sectors <= most) continue;
    most = sectors;
    snprintf(largest, 80, "/dev/%.64s", one->d_name);
  }
  if (all) closedir(all);
  return most > 0;
}

// 0, or -1 when it was said why there is none.
static int open_disk(struct sending *sending, const char *named) {
  char disks[160], why[400];
  long long began_ms = now_ms();
  if (named) snprintf(sending->disk, sizeof sending->disk, "%s", named);
  for (;; poll(NULL, 0, WAIT_MS)) {
    int is_there = list_disks(disks, sizeof disks, named ? (char[80]){0} : sending->disk);
    if (named ? access(named, F_OK) == 0 : is_there && now_ms() - began_ms > CAPTURE_SETTLE_MS) break;
    if (now_ms() - began_ms < CAPTURE_DISK_MS) continue;
    snprintf(why, sizeof why, "there is no %s: the machine has%s", named ? named : "disk", disks[0] ? disks : " none that its kernel knows");
    give_up(sending, why);
    return -1;
  }
  struct stat status;
  sending->fd = open(sending->disk, O_RDONLY | O_EXCL | O_CLOEXEC);
  sending->sector_bytes = 512;
  if (sending->fd < 0 || fstat(sending->fd, &status) != 0) {
    snprintf(why, sizeof why, "%s cannot be read: %s", sending->disk, errno == EBUSY ? "it is mounted or otherwise in use" : strerror(errno));
  } else if (S_ISREG(status.st_mode)) {
    sending->bytes = status.st_size;
    return 0;
  } else if (!S_ISBLK(status.st_mode) || ioctl(sending->fd, BLKGETSIZE64, &sending->bytes) != 0 ||
             ioctl(sending->fd, BLKSSZGET, &sending->sector_bytes) != 0) {
    snprintf(why, sizeof why, "%s is no disk", sending->disk);
  } else {
    return 0;
  }
  give_up(sending, why);
  return -1;
}

static int read_chunk(struct sending *sending, uint64_t offset, uint8_t *into, size_t length) {
  for (size_t have = 0; have < length;) {
    ssize_t got = pread(sending->fd, into + have, length - have, offset + have);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) {
      char why[200];
      snprintf(why, sizeof why, "%s cannot be read at byte %llu: %s", sending->disk, (unsigned long long)(offset + have),
               got < 0 ? strerror(errno) : "it ends there");
      give_up(sending, why);
      return -1;
    }
    have += got;
  }
  // It is read once: other things need the memory.
  posix_fadvise(sending->fd, offset, length, POSIX_FADV_DONTNEED);
  return 0;
}

static enum outcome send_zeroes(struct sending *sending, uint64_t from, uint64_t *count) {
  char path[80];
  snprintf(path, sizeof path, "/%llu?zeroes=%llu", (unsigned long long)from, (unsigned long long)*count);
  enum outcome outcome = *count > 0 ? send_part(sending, "PUT", path, NULL, 0) : TAKEN;
  *count = 0;
  return outcome;
}

static enum outcome send_chunk(struct sending *sending, uint64_t chunk, const uint8_t *bytes, size_t length) {
  char path[160], hash[SHA256_HEX_BYTES];
  sha256_hex(bytes, length, hash);
  snprintf(path, sizeof path, "/%llu?sha256=%s", (unsigned long long)chunk, hash);
  return send_part(sending, "PUT", path, bytes, length);
}

static enum outcome send_chunks(struct sending *sending) {
  static uint8_t bytes[CAPTURE_CHUNK_BYTES];
  uint64_t count = (sending->bytes + sizeof bytes - 1) / sizeof bytes, zeroes = 0, told = 0;
  enum outcome outcome = TAKEN;
  for (uint64_t chunk = 0; chunk < count && outcome == TAKEN; chunk++) {
    uint64_t offset = chunk * sizeof bytes, percent = 100 * chunk / count;
    size_t length = sending->bytes - offset < sizeof bytes ? sending->bytes - offset : sizeof bytes;
    if (read_chunk(sending, offset, bytes, length)) return ENDS;
    if (bytes[0] == 0 && memcmp(bytes, bytes + 1, length - 1) == 0) {
      if (++zeroes == CAPTURE_ZEROES_MAX) outcome = send_zeroes(sending, chunk + 1 - CAPTURE_ZEROES_MAX, &zeroes);
    } else {
      outcome = send_zeroes(sending, chunk - zeroes, &zeroes);
      if (outcome == TAKEN) outcome = send_chunk(sending, chunk, bytes, length);
    }
    if (percent < told + CAPTURE_TOLD_PERCENT) continue;
    told = percent - percent % CAPTURE_TOLD_PERCENT;
    say("%llu %% of %s", (unsigned long long)told, sending->disk);
  }
  return outcome == TAKEN ? send_zeroes(sending, count - zeroes, &zeroes) : outcome;
}

static enum outcome send_disk(struct sending *sending) {
  char hello[200];
  int length = snprintf(hello, sizeof hello, "disk=%s\nsize=%llu\nsector=%u\n", sending->disk, (unsigned long long)sending->bytes,
                        sending->sector_bytes);
  enum outcome outcome = send_part(sending, "POST", "", hello, length);
  if (outcome == TAKEN) outcome = send_chunks(sending);
  for (; outcome == TAKEN; poll(NULL, 0, CAPTURE_PAUSE_MS)) outcome = send_part(sending, "POST", "/end", NULL, 0);
  return outcome;
}

int capture(const char *server, const char *name, const char *disk) {
  struct sending sending = {.name = name, .fd = -1, .is_heard = 1};
  if (!address_parse(server, strlen(server), &sending.server) || strlen(name) > NBD_NAME_BYTES_MAX) return -1;
  if (open_disk(&sending, disk)) return 0;
  say("sends %s, %llu MiB, to %s", sending.disk, (unsigned long long)sending.bytes >> 20, sending.server.text);
  while (send_disk(&sending) == STARTS_OVER) {
    say("starts over: %s", sending.line);
    poll(NULL, 0, CAPTURE_PAUSE_MS);
  }
  close(sending.fd);
  say("%s", sending.line);
  return 0;
}
