// The machine's own write cache: a device-mapper snapshot of its disk, which it can only read, that lies in its memory or on its own disk.
#pragma once
#include "servers.h"

struct cache;

// Makes it, in the first place that can be had: the one that is wanted, then, for ram-disk memory alone or the disk alone, for disk memory.
// wanted: PLACE or PLACE,BYTES of memory. disk: the kernel's name of the machine's disk, whose partitions then are the cache's instead.
// NULL: there is none; the farm has been told.
struct cache *cache_make(const char *wanted, const char *disk, struct servers *servers, const char *name, int may_make);
// N of /dev/dm-N, the first partition.
int cache_first_partition(const struct cache *cache);
// Tells the farm how it is, for as long as the machine runs.
_Noreturn void cache_watch(struct cache *cache);
