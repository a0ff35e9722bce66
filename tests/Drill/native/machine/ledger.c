#include "ledger.h"
#include "disk.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WORDS = BLOCK_BYTES / 8, HEADER_WORDS = 3, COMPLAINTS_MAX = 20 };

static struct entry {
  uint64_t issued, acknowledged, flushed, covered;
} *entries;
static uint32_t entry_count;
static uint64_t disk_seed, last;
static unsigned complaints;

int ledger_open(uint32_t blocks, uint64_t seed) {
  entries = calloc(blocks, sizeof *entries);
  entry_count = blocks;
  disk_seed = seed;
  return entries ? 0 : -1;
}

// xorshift64*
static void generate(uint32_t block, uint64_t sequence, uint64_t *words) {
  uint64_t state = (disk_seed ^ sequence * 0x9E3779B97F4A7C15ULL ^ (uint64_t)block << 40) | 1;
  words[0] = disk_seed;
  words[1] = block;
  words[2] = sequence;
  for (int i = HEADER_WORDS; i < WORDS; i++) {
    state ^= state >> 12;
    state ^= state << 25;
    state ^= state >> 27;
    words[i] = state * 0x2545F4914F6CDD1DULL;
  }
}

uint64_t ledger_write(uint32_t block, uint32_t count, uint8_t *bytes) {
  uint64_t first = last + 1;
  for (uint32_t i = 0; i < count; i++) {
    entries[block + i].issued = ++last;
    generate(block + i, last, (uint64_t *)(bytes + (size_t)i * BLOCK_BYTES));
  }
  return first;
}

void ledger_written(uint32_t block, uint32_t count, uint64_t sequence, int is_durable) {
  for (uint32_t i = 0; i < count; i++) {
    entries[block + i].acknowledged = sequence + i;
    if (is_durable) entries[block + i].flushed = sequence + i;
  }
}

void ledger_flush_begun(void) {
  for (uint32_t i = 0; i < entry_count; i++) entries[i].covered = entries[i].acknowledged;
}

void ledger_flushed(void) {
  for (uint32_t i = 0; i < entry_count; i++)
    if (entries[i].flushed < entries[i].covered) entries[i].flushed = entries[i].covered;
}

// Which write's bytes these are; UINT64_MAX: of none.
static uint64_t recognise(uint32_t block, const uint8_t *bytes) {
  uint64_t found[WORDS], wanted[WORDS];
  memcpy(found, bytes, sizeof found);
  generate(block, found[2], wanted);
  return memcmp(found, wanted, sizeof found) == 0 ? found[2] : UINT64_MAX;
}

void ledger_check(uint32_t block, uint32_t count, const uint8_t *bytes, struct losses *losses) {
  for (uint32_t i = 0; i < count; i++) {
    struct entry *entry = entries + block + i;
    uint64_t found = recognise(block + i, bytes + (size_t)i * BLOCK_BYTES);
    if (found == entry->acknowledged) continue;
    // A write that failed may have been carried out.
    if (found > entry->acknowledged && found <= entry->issued) {
      entry->acknowledged = found;
      continue;
    }
    if (complaints++ < COMPLAINTS_MAX)
      fprintf(stderr, "block %u holds write %" PRId64 "; acknowledged is %" PRIu64 ", flushed %" PRIu64 ", last sent %" PRIu64 "\n",
              block + i, (int64_t)found, entry->acknowledged, entry->flushed, entry->issued);
    if (found > entry->issued) losses->wrong++;
    else if (found < entry->flushed) losses->flushed++;
    else losses->acknowledged++;
    // Counted once: from here on it holds what it holds.
    if (found > entry->issued) found = 0;
    entry->acknowledged = entry->flushed = entry->covered = found;
  }
}
