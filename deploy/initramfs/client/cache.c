#define _GNU_SOURCE
#include "cache.h"
#include "daemon.h"
#include "dm.h"
#include "report.h"
#include "store.h"
#include <dirent.h>
#include <fcntl.h>
#include <linux/blkpg.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define BOTH "hatchery-store"
#define SNAPSHOT "hatchery-disk"

enum { PARTITIONS_MAX = 128 };

struct cache {
  const char *disk, *name;
  struct servers *servers;
  uint64_t ram_bytes;
  int may_make, first_partition;
  struct store memory, local;
  struct state state;
};

// As a device-mapper table has a device: its numbers.
static void numbers_of(const char *name, char into[24]) {
  char path[64];
  snprintf(path, sizeof path, "/sys/class/block/%s/dev", name);
  if (!read_line(path, into, 24)) into[0] = 0;
}

static struct dm_target linear(const char *device, uint64_t from_sector, uint64_t at_sector, uint64_t sectors) {
  struct dm_target target = {.start_sectors = at_sector, .sectors = sectors, .type = "linear"};
  char numbers[24];
  numbers_of(device, numbers);
  snprintf(target.arguments, sizeof target.arguments, "%s %llu", numbers, (unsigned long long)from_sector);
  return target;
}

static enum fallback take_stores(struct cache *cache, enum place place) {
  static const enum fallback reasons[] = {[FOUND_NONE] = NO_DISK, [FOUND_SMALL] = DISK_SMALL, [FOUND_BROKEN] = DISK_FAILS};
  if (place != PLACE_RAM) {
    enum found found = store_on_disk(&cache->local, cache->disk, cache->may_make);
    if (found != FOUND) return reasons[found];
  }
  return place != PLACE_DISK && !store_in_memory(&cache->memory, cache->ram_bytes) ? RAM_SMALL : AS_WANTED;
}

// What is written first lies in what comes first: memory.
static int join(struct cache *cache, char name[32]) {
  struct store *memory = &cache->memory, *local = &cache->local;
  snprintf(name, 32, "%s", memory->bytes > 0 ? memory->name : local->name);
  if (memory->bytes == 0 || local->bytes == 0) return 0;
  struct dm_target parts[] = {linear(memory->name, 0, 0, memory->bytes / 512),
                              linear(local->name, 0, memory->bytes / 512, local->bytes / 512)};
  int made = dm_make(BOTH, parts, 2);
  snprintf(name, 32, "dm-%d", made);
  return made < 0 ? made : 0;
}

// The kernel lets a snapshot of what takes no discards take none either: what is discarded is not given back.
static int take_snapshot(const char *disk, const char *store) {
  char disk_numbers[24], store_numbers[24], path[64];
  numbers_of(disk, disk_numbers);
  numbers_of(store, store_numbers);
  snprintf(path, sizeof path, "/sys/class/block/%s/size", disk);
  struct dm_target target = {.sectors = read_number(path), .type = "snapshot"};
  snprintf(target.arguments, sizeof target.arguments, "%s %s N %d", disk_numbers, store_numbers, CACHE_CHUNK_SECTORS);
  return dm_make(SNAPSHOT, &target, 1);
}

static enum fallback build(struct cache *cache, enum place place, int *snapshot) {
  char store[32];
  enum fallback why = take_stores(cache, place);
  if (why == AS_WANTED && (join(cache, store) != 0 || (*snapshot = take_snapshot(cache->disk, store)) < 0))
    why = place == PLACE_RAM ? FAILS : DISK_FAILS;
  if (why == AS_WANTED) return why;
  dm_remove(BOTH);
  store_give_back(&cache->memory);
  cache->local = (struct store){0};
  return why;
}

// The partitions of the disk become the snapshot's: what is not there any more cannot be mounted by mistake.
static int take_partitions(struct cache *cache, int snapshot) {
  char folder[64], path[400], whole[16], name[40];
  int numbers[PARTITIONS_MAX], count = 0, is_made = 1;
  snprintf(folder, sizeof folder, "/sys/class/block/%s", cache->disk);
  snprintf(whole, sizeof whole, "dm-%d", snapshot);
  DIR *parts = opendir(folder);
  for (struct dirent *part; parts && count < PARTITIONS_MAX && (part = readdir(parts));) {
    snprintf(path, sizeof path, "%s/%s/partition", folder, part->d_name);
    int number = (int)read_number(path);
    if (number <= 0) continue;
    snprintf(path, sizeof path, "%s/%s/start", folder, part->d_name);
    uint64_t start = read_number(path);
    snprintf(path, sizeof path, "%s/%s/size", folder, part->d_name);
    struct dm_target target = linear(whole, start, 0, read_number(path));
    snprintf(name, sizeof name, SNAPSHOT "%d", number);
    int made = dm_make(name, &target, 1);
    is_made &= made >= 0;
    if (number == 1) cache->first_partition = made;
    numbers[count++] = number;
  }
  if (parts) closedir(parts);
  snprintf(path, sizeof path, "/dev/%s", cache->disk);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  for (int i = 0; i < count && fd >= 0; i++) {
    struct blkpg_partition gone = {.pno = numbers[i]};
    is_made &= ioctl(fd, BLKPG, &(struct blkpg_ioctl_arg){BLKPG_DEL_PARTITION, 0, sizeof gone, &gone}) == 0;
  }
  if (fd >= 0) close(fd);
  return is_made && cache->first_partition >= 0;
}

static int begin(struct cache *cache, const char *wanted) {
  size_t length = strcspn(wanted, ",");
  if (!place_parse(wanted, length, &cache->state.wanted)) return 0;
  cache->ram_bytes = wanted[length] ? strtoull(wanted + length + 1, NULL, 10) & CACHE_RAM_MASK : 0;
  return 1;
}

struct cache *cache_make(const char *wanted, const char *disk, struct servers *servers, const char *name, int may_make) {
  static const enum place orders[][4] = {
      [PLACE_RAM] = {PLACE_RAM}, [PLACE_RAM_DISK] = {PLACE_RAM_DISK, PLACE_RAM, PLACE_DISK}, [PLACE_DISK] = {PLACE_DISK, PLACE_RAM}};
  static struct cache only;
  struct cache *cache = &only;
  *cache = (struct cache){.disk = disk, .name = name, .servers = servers, .may_make = may_make, .first_partition = -1};
  if (!begin(cache, wanted)) return NULL;
  struct state *state = &cache->state;
  int snapshot = -1;
  for (const enum place *place = orders[state->wanted]; *place != PLACE_NONE && snapshot < 0; place++) {
    enum fallback why = build(cache, *place, &snapshot);
    if (why == AS_WANTED) state->place = *place;
    else if (state->why == AS_WANTED) state->why = why;
  }
  if (snapshot >= 0 && !take_partitions(cache, snapshot)) {
    state->place = PLACE_NONE;
    state->why = FAILS;
  }
  state->size_bytes = cache->memory.bytes + cache->local.bytes;
  if (state->place != PLACE_NONE && state->why == AS_WANTED && cache->memory.bytes < cache->ram_bytes) state->why = RAM_SMALL;
  if (state->place != PLACE_NONE) return cache;
  state->size_bytes = 0;
  for (int tries = 0; tries < REPORT_TRIES && report(servers, name, state) == NOT_HEARD; tries++) poll(NULL, 0, REPORT_MS);
  return NULL;
}

int cache_first_partition(const struct cache *cache) { return cache->first_partition; }

static void look(struct state *state) {
  char text[100];
  unsigned long long used, all;
  if (dm_state(SNAPSHOT, text, sizeof text) != 0) return;
  if (sscanf(text, "%llu/%llu", &used, &all) == 2)
    state->used_bytes = used * 512 < state->size_bytes ? used * 512 : state->size_bytes;
  else if (!state->is_over) {
    say("the write cache in the machine was full: its disk gives errors, and it has to boot");
    state->is_over = 1;
    state->used_bytes = state->size_bytes;
  }
}

static int is_filling(const struct state *state) { return state->used_bytes >= state->size_bytes / 100 * CACHE_WARN_PERCENT; }

_Noreturn void cache_watch(struct cache *cache) {
  struct state *now = &cache->state, said = {.is_over = -1};
  long long said_ms = 0, not_before_ms = 0, pause_ms = CACHE_LOOK_MS;
  say("the write cache is in the machine: %s, %llu MiB", place_name(now->place), (unsigned long long)now->size_bytes >> 20);
  for (;; dm_wait(CACHE_LOOK_MS)) {
    look(now);
    uint64_t more = now->used_bytes - said.used_bytes;
    int is_due = now->is_over != said.is_over || is_filling(now) != is_filling(&said) || more > now->size_bytes / CACHE_TOLD_PARTS ||
                 (more > 0 && now_ms() - said_ms > CACHE_TOLD_MS);
    if (!is_due || now_ms() < not_before_ms) continue;
    enum told told = report(cache->servers, cache->name, now);
    if (told == TOLD_IN_VAIN) say("no server wants to know of the write cache");
    if (told == TOLD || told == TOLD_IN_VAIN) {
      said = *now;
      said_ms = now_ms();
      pause_ms = CACHE_LOOK_MS;
    } else if (told == NOT_HEARD && pause_ms < REPORT_PAUSE_MS_MAX) {
      pause_ms *= 2;
    }
    not_before_ms = now_ms() + pause_ms;
  }
}
