// A partition for the write cache, on a disk that is empty.
#pragma once
#include <stdint.h>

#define CACHE_PARTITION "hatchery-cache"

// Whether all is zeroes where partition tables, file systems, volume managers and arrays have their marks. A disk that cannot be read is not empty.
int disk_is_empty(int fd, uint64_t bytes);
// Writes a partition table (UEFI 2.10, chapter 5) with one partition of this name. 0, or -1: errno says why.
int gpt_write(int fd, uint64_t bytes, uint32_t sector_bytes);
