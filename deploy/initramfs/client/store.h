// Where a machine's own write cache can lie: its memory, and a partition that is named for it.
#pragma once
#include <stdint.h>

// Whole MiB.
#define CACHE_RAM_MASK (~((1ull << 20) - 1))

struct store {
  // Of the kernel's, below /dev; empty: there is none.
  char name[32];
  uint64_t bytes;
};

// Writes what the file says, without its last line's end. False: it cannot be read.
int read_line(const char *path, char *into, int room);
uint64_t read_number(const char *path);

// A disk of the machine's own that is not removable; NAME is the kernel's.
int disk_is_local(const char *name);

// A block device in memory, which takes as much of it as is written. asked: 0 for half of what is free. Less than was asked for is said by the
// size. False: there is not enough, or the kernel cannot.
int store_in_memory(struct store *store, uint64_t asked_bytes);
void store_give_back(struct store *store);

enum found { FOUND, FOUND_NONE, FOUND_SMALL, FOUND_BROKEN };
// The partition named hatchery-cache of a disk that is not this one.
// may_make: where there is none, and a disk is empty, it is made there.
enum found store_on_disk(struct store *store, const char *not_on, int may_make);
