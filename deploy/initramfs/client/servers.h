#pragma once
#include "limits.h"
#include "net.h"

// The farm's servers as this machine knows them: those that it was told of, and those that a server sent it to. One table for all
// processes of the program.
struct server {
  struct address address;
  _Atomic int is_there;
  _Atomic long long suspect_until_ms;
  // It says nothing, where others at least refuse: asking it takes time.
  _Atomic int is_silent;
};

struct servers {
  _Atomic int claimed;
  // Where the device was last let in, and whether it ever was.
  _Atomic int current;
  _Atomic int was_let_in;
  // Connections in a row that ended at once.
  _Atomic unsigned short_lived;
  struct server list[SERVERS_MAX];
};

// Reads ADDRESS:PORT,ADDRESS:PORT... NULL: something in it is no address.
struct servers *servers_parse(const char *list);
int servers_count(struct servers *servers);
// The number of the server with this address, new or known; -1 when there is no room.
int servers_learn(struct servers *servers, const struct address *address);
void servers_suspect(struct servers *servers, int server, int is_silent);
int servers_is_suspect(struct servers *servers, int server);
// Writes the servers in the order in which they are to be asked: from the current one on, suspects last. Returns how many.
int servers_order(struct servers *servers, int order[SERVERS_MAX]);
