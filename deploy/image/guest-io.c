// guest-io fill|check FILE SEED MEBIBYTES       writes a file from a seed and fsyncs it; reads it and compares
// guest-io hold FILE SECONDS PAUSE_MS           writes, fsyncs and reads back all the time; says once a second how it goes
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { MEBIBYTE = 1 << 20, ROUND_BYTES = 16 << 10, ROUNDS_IN_FILE = 64 };

static long long now_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

static int failed(const char *what) {
  printf("guest-io: %s: %s\n", what, strerror(errno));
  return 1;
}

// xorshift64*: the same seed gives the same bytes everywhere.
static void generate(uint64_t *state, void *into, size_t length) {
  for (uint64_t *next = into; length > 0; length -= 8) {
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    *next++ = *state * 0x2545F4914F6CDD1DULL;
  }
}

static uint64_t start(uint64_t seed) { return (seed + 1) * 0x9E3779B97F4A7C15ULL; }

static int fill(const char *path, uint64_t seed, int mebibytes) {
  static char buffer[MEBIBYTE];
  uint64_t state = start(seed);
  int fd = open(path, O_CREAT | O_TRUNC | O_WRONLY, 0600);
  if (fd < 0) return failed("open");
  for (int i = 0; i < mebibytes; i++) {
    generate(&state, buffer, sizeof buffer);
    if (write(fd, buffer, sizeof buffer) != sizeof buffer) return failed("write");
  }
  return fsync(fd) == 0 && close(fd) == 0 ? 0 : failed("fsync");
}

static int check(const char *path, uint64_t seed, int mebibytes) {
  static char wanted[MEBIBYTE], found[MEBIBYTE];
  uint64_t state = start(seed);
  int fd = open(path, O_RDONLY);
  if (fd < 0) return failed("open");
  for (int i = 0; i < mebibytes; i++) {
    generate(&state, wanted, sizeof wanted);
    if (read(fd, found, sizeof found) != sizeof found) return failed("read");
    if (memcmp(wanted, found, sizeof wanted) != 0) {
      printf("guest-io: other bytes than written in mebibyte %d\n", i);
      return 1;
    }
  }
  return 0;
}

static int hold(const char *path, int seconds, int pause_ms) {
  void *wanted, *found;
  // O_DIRECT: every round goes to the disk and comes from it, not from the page cache.
  int fd = open(path, O_CREAT | O_RDWR | O_DIRECT, 0600);
  if (fd < 0 || posix_memalign(&wanted, 4096, ROUND_BYTES) || posix_memalign(&found, 4096, ROUND_BYTES)) return failed("open");
  long long begin = now_ms(), end = begin + seconds * 1000LL, said = begin, worst = 0, lately = 0;
  for (uint64_t round = 0; now_ms() < end; round++) {
    uint64_t state = start(round);
    off_t at = (round % ROUNDS_IN_FILE) * ROUND_BYTES;
    generate(&state, wanted, ROUND_BYTES);
    long long from = now_ms();
    if (pwrite(fd, wanted, ROUND_BYTES, at) != ROUND_BYTES) return failed("HOLD write");
    if (fdatasync(fd) != 0) return failed("HOLD fsync");
    if (pread(fd, found, ROUND_BYTES, at) != ROUND_BYTES) return failed("HOLD read");
    if (memcmp(wanted, found, ROUND_BYTES) != 0) {
      printf("guest-io: HOLD read other bytes than written in round %llu\n", (unsigned long long)round);
      return 1;
    }
    long long took = now_ms() - from;
    if (took > worst) worst = took;
    if (took > lately) lately = took;
    if (now_ms() - said >= 1000) {
      said = now_ms();
      printf("HOLD %llu ok, worst stall %lld ms, since last said %lld ms\n", (unsigned long long)round, worst, lately);
      lately = 0;
      fflush(stdout);
    }
    usleep(pause_ms * 1000);
  }
  printf("HELD %d s, worst stall %lld ms\n", seconds, worst);
  return 0;
}

int main(int argc, char **argv) {
  const char *what = argc > 1 ? argv[1] : "";
  if (argc == 5 && strcmp(what, "fill") == 0) return fill(argv[2], strtoull(argv[3], NULL, 10), atoi(argv[4]));
  if (argc == 5 && strcmp(what, "check") == 0) return check(argv[2], strtoull(argv[3], NULL, 10), atoi(argv[4]));
  if (argc == 5 && strcmp(what, "hold") == 0) return hold(argv[2], atoi(argv[3]), atoi(argv[4]));
  fprintf(stderr, "usage: guest-io fill|check FILE SEED MEBIBYTES | guest-io hold FILE SECONDS PAUSE_MS\n");
  return 64;
}
