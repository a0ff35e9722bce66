// drill-machine iscsi|nbd SERVERS TARGET MEBIBYTES SEED PAUSE_US: a machine without an operating system. It fills its disk, and then begins
// a request every so many microseconds, up to eight at once, as a disk driver does: what was under way when a connection ended is sent
// again on the next one, to the next of SERVERS (ADDRESS:PORT,ADDRESS:PORT... or, by NBD, unix:PATH). It knows what each block has to
// hold, and compares whatever it reads.
// Words on its input, each answered by a line of JSON:
//   status   what came to pass since the last window, and how old the oldest request under way is
//   window   the same, and begins the next window
//   verify   once all of the disk was read and compared
//   rest     once all is flushed; it begins nothing more until it verifies
// With the end of its input it ends.
#define _GNU_SOURCE
#include "disk.h"
#include "ledger.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { HOSTS_MAX = 8, RETRY_US = 20000, ERRORS_SAID_MAX = 20, ATTEMPTS = 8 };

static struct {
  unsigned long long requests;
  long long longest_us;
  unsigned errors, connections;
  struct losses losses;
} window;

static const struct disk *disk;
static struct request requests[DEPTH];
static uint32_t blocks;
static uint64_t state, last_number;
static unsigned errors_said;
static enum { FILLING, WORKING, FINISHING, SYNCING, RESTING, READING } phase;
static int is_to_rest;
// Of what fills or reads all of the disk.
static uint32_t next_block;
static struct losses before_reading;

static long long now_us(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000000LL + now.tv_nsec / 1000;
}

static uint64_t random_word(void) {
  state ^= state << 13;
  state ^= state >> 7;
  return state ^= state << 17;
}

static void say_losses(const struct losses *losses) {
  printf("\"flushedLost\":%u,\"acknowledgedLost\":%u,\"wrong\":%u}\n", losses->flushed, losses->acknowledged, losses->wrong);
  fflush(stdout);
}

static int busy(void) {
  int count = 0;
  for (int i = 0; i < DEPTH; i++) count += requests[i].state != FREE;
  return count;
}

static void say_window(void) {
  long long oldest_us = 0, now = now_us();
  for (int i = 0; i < DEPTH; i++)
    if (requests[i].state != FREE && now - requests[i].begun_us > oldest_us) oldest_us = now - requests[i].begun_us;
  printf("{\"requests\":%llu,\"longestMs\":%.1f,\"underWayMs\":%.1f,\"errors\":%u,\"connections\":%u,", window.requests,
         window.longest_us / 1000.0, oldest_us / 1000.0, window.errors, window.connections);
  say_losses(&window.losses);
}

void request_ended(struct request *request, enum outcome outcome, const char *why) {
  if (outcome == AGAIN) {
    request->state = WAITING;
    return;
  }
  long long took_us = now_us() - request->begun_us;
  if (took_us > window.longest_us) window.longest_us = took_us;
  window.requests++;
  request->state = FREE;
  if (outcome == FAILED) {
    window.errors++;
    if (errors_said++ < ERRORS_SAID_MAX)
      fprintf(stderr, "%s of block %u failed: %s\n", request->operation == READ ? "read" : request->operation == FLUSH ? "flush" : "write",
              request->block, why);
  } else if (request->operation == READ) {
    ledger_check(request->block, request->count, request->bytes, &window.losses);
  } else if (request->operation == FLUSH) {
    ledger_flushed();
  } else {
    ledger_written(request->block, request->count, request->sequence, request->operation == WRITE_DURABLY);
  }
}

// Nothing says in which order two requests for one block are carried out, so there is one at a time.
static int is_under_way(uint32_t block, uint32_t count) {
  for (int i = 0; i < DEPTH; i++) {
    const struct request *other = &requests[i];
    if (other->state != FREE && block < other->block + other->count && other->block < block + count) return 1;
  }
  return 0;
}

static int flush_is_under_way(void) {
  for (int i = 0; i < DEPTH; i++)
    if (requests[i].state != FREE && requests[i].operation == FLUSH) return 1;
  return 0;
}

// Of ten requests six write, one writes durably, one flushes, two read; a quarter of them up to 64 KiB.
static int choose(struct request *request) {
  unsigned die = random_word() % 10;
  request->operation = die < 6 ? WRITE : die < 7 ? WRITE_DURABLY : die < 8 ? FLUSH : READ;
  request->block = request->count = 0;
  if (request->operation == FLUSH) return !flush_is_under_way();
  for (int i = 0; i < ATTEMPTS; i++) {
    uint32_t count = random_word() % 4 ? 1 : 1 + random_word() % SPAN_MAX, block = random_word() % (blocks - count + 1);
    if (is_under_way(block, count)) continue;
    request->block = block;
    request->count = count;
    return 1;
  }
  return 0;
}

// False: all of the disk is done.
static int choose_next(struct request *request, enum operation operation) {
  request->operation = operation;
  request->block = next_block;
  request->count = blocks - next_block < SPAN_MAX ? blocks - next_block : SPAN_MAX;
  next_block += request->count;
  return request->count > 0;
}

static int choose_to_fill(struct request *request) {
  if (choose_next(request, WRITE)) return 1;
  if (busy() == 0) phase = WORKING;
  return 0;
}

// Verifying: what is under way ends, a flush, a rest if there is to be one, all of the disk.
static int choose_to_verify(struct request *request) {
  request->block = request->count = 0;
  if (phase == FINISHING && busy() == 0) {
    phase = SYNCING;
    request->operation = FLUSH;
    return 1;
  }
  if (phase == SYNCING && busy() == 0) {
    phase = is_to_rest ? RESTING : READING;
    next_block = 0;
    if (is_to_rest) say_window();
  }
  if (phase != READING) return 0;
  if (choose_next(request, READ)) return 1;
  if (busy() == 0) {
    struct losses found = {window.losses.flushed - before_reading.flushed, window.losses.acknowledged - before_reading.acknowledged,
                           window.losses.wrong - before_reading.wrong};
    printf("{\"verifiedBlocks\":%u,", blocks);
    say_losses(&found);
    phase = WORKING;
  }
  return 0;
}

// False: nothing can be begun now.
static int begin_one(void) {
  struct request *request = NULL;
  for (int i = 0; i < DEPTH && !request; i++)
    if (requests[i].state == FREE) request = &requests[i];
  if (!request ||
      !(phase == FILLING ? choose_to_fill(request) : phase == WORKING ? choose(request) : choose_to_verify(request)))
    return 0;
  if (request->operation == FLUSH) ledger_flush_begun();
  if (request->operation == WRITE || request->operation == WRITE_DURABLY)
    request->sequence = ledger_write(request->block, request->count, request->bytes);
  request->number = ++last_number;
  request->begun_us = now_us();
  request->state = WAITING;
  return 1;
}

static int send_waiting(void) {
  for (;;) {
    struct request *next = NULL;
    for (int i = 0; i < DEPTH; i++)
      if (requests[i].state == WAITING && (!next || requests[i].number < next->number)) next = &requests[i];
    if (!next) return 0;
    next->state = SENT;
    if (disk->send(next)) return -1;
  }
}

// False: the end of the input.
static int obey(void) {
  static char line[64];
  static size_t length;
  char byte;
  if (read(STDIN_FILENO, &byte, 1) != 1) return 0;
  if (byte != '\n') {
    if (length < sizeof line - 1) line[length++] = byte;
    return 1;
  }
  line[length] = 0;
  length = 0;
  is_to_rest = strcmp(line, "rest") == 0;
  if (phase == WORKING && (is_to_rest || strcmp(line, "verify") == 0)) {
    before_reading = window.losses;
    phase = FINISHING;
  } else if (phase == RESTING && strcmp(line, "verify") == 0) {
    phase = READING;
  } else {
    say_window();
    if (strcmp(line, "window") == 0) memset(&window, 0, sizeof window);
  }
  return 1;
}

static int run(char **hosts, int host_count, const char *target, long long pause_us) {
  long long due_us = now_us(), connect_us = due_us;
  int is_connected = 0, host = 0;
  for (;;) {
    long long now = now_us();
    if (!is_connected && now >= connect_us) {
      char *colon = strrchr(hosts[host], ':');
      char address[128];
      snprintf(address, sizeof address, "%.*s", (int)(colon - hosts[host]), hosts[host]);
      window.connections++;
      connect_us = now + RETRY_US;
      is_connected = 1;
      if (disk->begin(address, colon + 1, target)) goto lost;
    }
    for (; now >= due_us; due_us += pause_us) {
      // What cannot be begun now is not made up for: eight at once is what a disk gets.
      if (!begin_one()) due_us = now;
    }
    if (is_connected && disk->is_ready() && send_waiting()) goto lost;

    struct pollfd polls[2] = {{.fd = STDIN_FILENO, .events = POLLIN}, {.fd = -1}};
    if (is_connected) disk->wait(&polls[1]);
    long long until_us = due_us - now_us();
    if (!is_connected && connect_us - now < until_us) until_us = connect_us - now;
    struct timespec until = {until_us > 0 ? until_us / 1000000 : 0, until_us > 0 ? until_us % 1000000 * 1000 : 0};
    if (ppoll(polls, 2, &until, NULL) < 0) continue;
    if (polls[0].revents && !obey()) return 0;
    if (!is_connected || disk->step(polls[1].revents) == 0) continue;
  lost:
    disk->end();
    is_connected = 0;
    host = (host + 1) % host_count;
    for (int i = 0; i < DEPTH; i++)
      if (requests[i].state == SENT) requests[i].state = WAITING;
  }
}

int main(int argc, char **argv) {
  char *hosts[HOSTS_MAX];
  int host_count = 0;
  if (argc == 7) {
    disk = strcmp(argv[1], "iscsi") == 0 ? &iscsi_disk : strcmp(argv[1], "nbd") == 0 ? &nbd_disk : NULL;
    for (char *one = strtok(argv[2], ","); one && host_count < HOSTS_MAX; one = strtok(NULL, ","))
      if (strchr(one, ':')) hosts[host_count++] = one;
    blocks = (uint32_t)atoi(argv[4]) * ((1 << 20) / BLOCK_BYTES);
    state = strtoull(argv[5], NULL, 10) * 0x9E3779B97F4A7C15ULL | 1;
  }
  if (!disk || host_count == 0 || blocks < SPAN_MAX || atoi(argv[6]) <= 0 || ledger_open(blocks, state)) {
    fputs("usage: drill-machine iscsi|nbd SERVERS TARGET MEBIBYTES SEED PAUSE_US\n", stderr);
    return 64;
  }
  int result = run(hosts, host_count, argv[3], atoi(argv[6]));
  if (disk) disk->end();
  return result;
}
