#include "gpt.h"
#include "limits.h"
#include <stddef.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

enum { ENTRIES = 128, ENTRY_BYTES = 128, ENTRIES_BYTES = ENTRIES * ENTRY_BYTES, HEADER_BYTES = 92 };

// All on disk is little-endian, as are the machines that this runs on but for the byte order of the compiler's choice: written byte by byte.
static void put(uint8_t *at, uint64_t value, int bytes) {
  for (int i = 0; i < bytes; i++) at[i] = value >> (8 * i);
}

static uint32_t crc32(const uint8_t *bytes, size_t length) {
  uint32_t crc = ~0u;
  while (length-- > 0) {
    crc ^= *bytes++;
    for (int bit = 0; bit < 8; bit++) crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc;
}

static int write_at(int fd, const void *from, size_t length, uint64_t offset) {
  return pwrite(fd, from, length, offset) == (ssize_t)length ? 0 : -1;
}

static void write_header(uint8_t *header, uint64_t self, uint64_t other, uint64_t entries_at, uint64_t first, uint64_t last,
                         const uint8_t guid[16], const uint8_t *entries) {
  memset(header, 0, HEADER_BYTES);
  memcpy(header, "EFI PART", 8);
  put(header + 8, 0x00010000, 4);
  put(header + 12, HEADER_BYTES, 4);
  put(header + 24, self, 8);
  put(header + 32, other, 8);
  put(header + 40, first, 8);
  put(header + 48, last, 8);
  memcpy(header + 56, guid, 16);
  put(header + 72, entries_at, 8);
  put(header + 80, ENTRIES, 4);
  put(header + 84, ENTRY_BYTES, 4);
  put(header + 88, crc32(entries, ENTRIES_BYTES), 4);
  put(header + 16, crc32(header, HEADER_BYTES), 4);
}

static int is_zero(int fd, uint64_t from, uint64_t to) {
  static uint8_t block[64 << 10];
  for (; from < to; from += sizeof block) {
    size_t length = to - from < sizeof block ? to - from : sizeof block;
    if (pread(fd, block, length, from) != (ssize_t)length) return 0;
    for (size_t i = 0; i < length; i++)
      if (block[i] != 0) return 0;
  }
  return 1;
}

int disk_is_empty(int fd, uint64_t bytes) {
  return bytes >= CACHE_DISK_BYTES_MIN + 2 * EMPTY_BYTES && is_zero(fd, 0, EMPTY_BYTES) && is_zero(fd, bytes - EMPTY_BYTES, bytes);
}

int gpt_write(int fd, uint64_t bytes, uint32_t sector_bytes) {
  static uint8_t entries[ENTRIES_BYTES], sector[4096], guids[2][16];
  // "Linux reserved": nobody mounts or formats it by itself.
  static const uint8_t type[16] = {0x39, 0x33, 0xa6, 0x8d, 0x07, 0x00, 0xc0, 0x60, 0xc4, 0x36, 0x08, 0x3a, 0xc8, 0x23, 0x09, 0x08};
  if (sector_bytes < 512 || sector_bytes > sizeof sector || getrandom(guids, sizeof guids, 0) != sizeof guids) return -1;
  uint64_t last = bytes / sector_bytes - 1, table = ENTRIES_BYTES / sector_bytes;
  uint64_t first_usable = 2 + table, last_usable = last - table - 1, align = (1 << 20) / sector_bytes;
  for (int i = 0; i < 2; i++) {
    guids[i][7] = (guids[i][7] & 0x0f) | 0x40;
    guids[i][8] = (guids[i][8] & 0x3f) | 0x80;
  }
  memcpy(entries, type, 16);
  memcpy(entries + 16, guids[1], 16);
  put(entries + 32, align, 8);
  put(entries + 40, last_usable / align * align - 1, 8);
  for (size_t i = 0; i < sizeof CACHE_PARTITION - 1; i++) entries[56 + 2 * i] = CACHE_PARTITION[i];

  // What says that there is a table comes last.
  if (write_at(fd, entries, sizeof entries, 2 * sector_bytes) || write_at(fd, entries, sizeof entries, (last - table) * sector_bytes))
    return -1;
  write_header(sector, last, 1, last - table, first_usable, last_usable, guids[0], entries);
  if (write_at(fd, sector, sector_bytes, last * sector_bytes)) return -1;
  write_header(sector, 1, last, 2, first_usable, last_usable, guids[0], entries);
  if (write_at(fd, sector, sector_bytes, sector_bytes)) return -1;
  memset(sector, 0, sizeof sector);
  sector[446 + 2] = 2;
  sector[446 + 4] = 0xee;
  memset(sector + 446 + 5, 0xff, 3);
  put(sector + 446 + 8, 1, 4);
  put(sector + 446 + 12, last < UINT32_MAX ? last : UINT32_MAX, 4);
  put(sector + 510, 0xaa55, 2);
  return write_at(fd, sector, sector_bytes, 0) || fsync(fd) != 0 ? -1 : 0;
}
