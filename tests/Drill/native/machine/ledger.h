// What the disk has to hold: for each block the writes that were acknowledged, flushed, and sent without an answer yet. A write is a
// number, higher each time, from which its bytes come.
#pragma once
#include <stdint.h>

struct losses {
  // Blocks that went back to what was there before a write that a flush covered; before one that was acknowledged and not flushed.
  unsigned flushed, acknowledged;
  // Blocks with bytes that were never written there.
  unsigned wrong;
};

// 0, or -1 without memory.
int ledger_open(uint32_t blocks, uint64_t seed);
// The number of the first of these writes, and their bytes.
uint64_t ledger_write(uint32_t block, uint32_t count, uint8_t *bytes);
void ledger_written(uint32_t block, uint32_t count, uint64_t sequence, int is_durable);
// A flush covers what was acknowledged when it began. One at a time.
void ledger_flush_begun(void);
void ledger_flushed(void);
// Compares what was read, with no write of these blocks under way; says on stderr what is not as it has to be.
void ledger_check(uint32_t block, uint32_t count, const uint8_t *bytes, struct losses *losses);
