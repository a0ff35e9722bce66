#include "servers.h"
#include <string.h>
#include <sys/mman.h>

struct servers *servers_parse(const char *list) {
  struct servers *servers = mmap(NULL, sizeof *servers, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (servers == MAP_FAILED) return NULL;
  for (;;) {
    struct address address;
    size_t length = strcspn(list, ",");
    if (!address_parse(list, length, &address)) return NULL;
    servers_learn(servers, &address);
    if (list[length] == 0) return servers;
    list += length + 1;
  }
}

int servers_count(struct servers *servers) { return servers->claimed < SERVERS_MAX ? servers->claimed : SERVERS_MAX; }

int servers_learn(struct servers *servers, const struct address *address) {
  for (int i = 0; i < servers_count(servers); i++) {
    if (servers->list[i].is_there && address_same(&servers->list[i].address, address)) return i;
  }
  if (servers->claimed >= SERVERS_MAX) return -1;
  int mine = servers->claimed++;
  if (mine >= SERVERS_MAX) return -1;
  servers->list[mine].address = *address;
  servers->list[mine].is_there = 1;
  return mine;
}

void servers_suspect(struct servers *servers, int server, int is_silent) {
  servers->list[server].suspect_until_ms = now_ms() + SUSPECT_MS;
  servers->list[server].is_silent = is_silent;
}

int servers_is_suspect(struct servers *servers, int server) { return servers->list[server].suspect_until_ms > now_ms(); }

int servers_order(struct servers *servers, int order[SERVERS_MAX]) {
  int count = servers_count(servers), written = 0;
  for (int suspects = 0; suspects < 2; suspects++) {
    for (int i = 0; i < count; i++) {
      int at = (servers->current + i) % count;
      if (servers->list[at].is_there && !servers_is_suspect(servers, at) == !suspects) order[written++] = at;
    }
  }
  return written;
}
