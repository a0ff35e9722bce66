#include "ledger.h"
#include <stddef.h>
#include <string.h>

enum { NONE = -1 };

void ledger_begin(struct ledger *ledger) {
  memset(ledger, 0, offsetof(struct ledger, chunks));
  ledger->oldest = ledger->newest = ledger->unsent = NONE;
  for (int i = 0; i < NBD_CHUNKS; i++) ledger->next_chunk[i] = i + 1 < NBD_CHUNKS ? i + 1 : NONE;
}

int ledger_is_empty(const struct ledger *ledger) { return ledger->oldest == NONE; }

static uint32_t payload_bytes(const struct nbd_request *request) { return request->command == NBD_WRITE ? request->length : 0; }

// Where to look for a request, first to last. Cookies differ in few bits, and which ones depends on the kernel.
static int place_of(uint64_t cookie, int i) { return ((cookie * 0x9e3779b97f4a7c15ull >> 32) + i) % NBD_REQUESTS_MAX; }

static int add(struct ledger *ledger, const struct nbd_request *request) {
  int at = 0;
  while (at < NBD_REQUESTS_MAX && ledger->entries[place_of(request->cookie, at)].is_used) at++;
  if (at == NBD_REQUESTS_MAX) return 0;
  int16_t place = place_of(request->cookie, at);
  struct entry *entry = &ledger->entries[place];
  *entry = (struct entry){.request = *request, .first = NONE, .last = NONE, .before = ledger->newest, .after = NONE, .is_used = 1};
  memcpy(entry->header, ledger->header, sizeof entry->header);
  if (ledger->newest == NONE) ledger->oldest = place;
  else ledger->entries[ledger->newest].after = place;
  ledger->newest = place;
  if (ledger->unsent == NONE) {
    ledger->unsent = place;
    ledger->unsent_done = 0;
  }
  return 1;
}

static enum taken take_header(struct ledger *ledger, uint64_t *too_long) {
  struct nbd_request request;
  if (!nbd_request_read(ledger->header, &request)) return TAKEN_NONSENSE;
  if (request.command == NBD_DISCONNECT) {
    ledger->is_over = 1;
  } else if ((request.command == NBD_READ || request.command == NBD_WRITE) && request.length > NBD_REQUEST_BYTES_MAX) {
    ledger->skip = payload_bytes(&request);
    ledger->header_have = 0;
    *too_long = request.cookie;
    return TAKEN_TOO_LONG;
  } else if (!add(ledger, &request)) {
    return TAKEN_FULL;
  }
  ledger->header_have = 0;
  return TAKEN_ALL;
}

// Takes up to the end of a chunk. Returns how many bytes; 0: there is no chunk free.
static size_t take_payload(struct ledger *ledger, struct entry *entry, const uint8_t *bytes, size_t length) {
  size_t left = payload_bytes(&entry->request) - entry->have, used = entry->have % NBD_CHUNK_BYTES, room = NBD_CHUNK_BYTES - used;
  if (used == 0) {
    int16_t chunk = ledger->free_chunk;
    if (chunk == NONE) return 0;
    ledger->free_chunk = ledger->next_chunk[chunk];
    ledger->next_chunk[chunk] = NONE;
    if (entry->first == NONE) entry->first = chunk;
    else ledger->next_chunk[entry->last] = chunk;
    entry->last = chunk;
  }
  size_t take = left < room ? left : room;
  if (take > length) take = length;
  memcpy(ledger->chunks[entry->last] + used, bytes, take);
  entry->have += take;
  return take;
}

enum taken ledger_take(struct ledger *ledger, const uint8_t *bytes, size_t length, size_t *taken, uint64_t *too_long) {
  *taken = 0;
  while (*taken < length && !ledger->is_over) {
    size_t left = length - *taken, step;
    struct entry *newest = ledger->newest == NONE ? NULL : &ledger->entries[ledger->newest];
    if (ledger->skip > 0) {
      step = ledger->skip < left ? ledger->skip : left;
      ledger->skip -= step;
    } else if (newest && newest->have < payload_bytes(&newest->request)) {
      step = take_payload(ledger, newest, bytes + *taken, left);
      if (step == 0) return TAKEN_FULL;
    } else {
      step = NBD_REQUEST_BYTES - ledger->header_have;
      if (step > left) step = left;
      memcpy(ledger->header + ledger->header_have, bytes + *taken, step);
      ledger->header_have += step;
    }
    *taken += step;
    if (ledger->header_have == NBD_REQUEST_BYTES) {
      enum taken result = take_header(ledger, too_long);
      // The header's last byte is taken once there is a place for it.
      if (result == TAKEN_FULL) {
        ledger->header_have--;
        --*taken;
      }
      if (result != TAKEN_ALL) return result;
    }
  }
  return TAKEN_ALL;
}

static uint32_t whole_bytes(const struct entry *entry) { return NBD_REQUEST_BYTES + payload_bytes(&entry->request); }

int ledger_unsent(struct ledger *ledger, struct iovec *parts, int most) {
  int count = 0;
  uint32_t done = ledger->unsent_done;
  for (int at = ledger->unsent; at != NONE && count < most; at = ledger->entries[at].after, done = 0) {
    struct entry *entry = &ledger->entries[at];
    if (done < NBD_REQUEST_BYTES) parts[count++] = (struct iovec){entry->header + done, NBD_REQUEST_BYTES - done};
    uint32_t from = done > NBD_REQUEST_BYTES ? done - NBD_REQUEST_BYTES : 0, begin = 0;
    for (int chunk = entry->first; chunk != NONE && count < most; chunk = ledger->next_chunk[chunk], begin += NBD_CHUNK_BYTES) {
      uint32_t end = begin + NBD_CHUNK_BYTES < entry->have ? begin + NBD_CHUNK_BYTES : entry->have;
      uint32_t start = from > begin ? from : begin;
      if (start < end) parts[count++] = (struct iovec){ledger->chunks[chunk] + (start - begin), end - start};
    }
  }
  return count;
}

void ledger_sent(struct ledger *ledger, size_t bytes) {
  while (ledger->unsent != NONE) {
    struct entry *entry = &ledger->entries[ledger->unsent];
    uint32_t left = whole_bytes(entry) - ledger->unsent_done;
    if (bytes < left) {
      ledger->unsent_done += bytes;
      return;
    }
    bytes -= left;
    entry->is_sent = 1;
    ledger->unsent = entry->after;
    ledger->unsent_done = 0;
  }
}

void ledger_rewind(struct ledger *ledger) {
  for (int at = ledger->oldest; at != NONE; at = ledger->entries[at].after) ledger->entries[at].is_sent = 0;
  ledger->unsent = ledger->oldest;
  ledger->unsent_done = 0;
}

int ledger_find(const struct ledger *ledger, const struct nbd_reply *reply) {
  for (int i = 0; i < NBD_REQUESTS_MAX; i++) {
    int place = place_of(reply->cookie, i);
    const struct entry *entry = &ledger->entries[place];
    if (entry->is_used && entry->is_sent && entry->request.cookie == reply->cookie) return place;
  }
  return NONE;
}

size_t ledger_reply_bytes(const struct ledger *ledger, int entry, const struct nbd_reply *reply) {
  const struct nbd_request *request = &ledger->entries[entry].request;
  return NBD_REPLY_BYTES + (request->command == NBD_READ && reply->error == NBD_OK ? request->length : 0);
}

void ledger_remove(struct ledger *ledger, int at) {
  struct entry *entry = &ledger->entries[at];
  if (entry->before == NONE) ledger->oldest = entry->after;
  else ledger->entries[entry->before].after = entry->after;
  if (entry->after == NONE) ledger->newest = entry->before;
  else ledger->entries[entry->after].before = entry->before;
  if (entry->last != NONE) {
    ledger->next_chunk[entry->last] = ledger->free_chunk;
    ledger->free_chunk = entry->first;
  }
  entry->is_used = 0;
}
