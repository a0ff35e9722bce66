// Whether a server that is silent while something is outstanding still lives: asked by its protocol, on a connection of its own.
// A host that is frozen or cut off says nothing; a server with a slow disk answers, and is waited for.
#pragma once
#include "net.h"

enum protocol { ISCSI, NBD };

struct vigil {
  enum protocol protocol;
  const struct address *server;
  // The question's connection, -1: none is open.
  int probe;
  int asked;
  // Since the server was last known to live, or since the question's last step was taken.
  long long waited_ms;
  long long stepped_ms;
};

void vigil_begin(struct vigil *vigil, enum protocol protocol, const struct address *server);
// The server has said something, or nothing is outstanding.
void vigil_heard(struct vigil *vigil);
// What to poll for besides, as fd (-1: nothing) and events; returns the milliseconds until vigil_step is due.
int vigil_wait(struct vigil *vigil, int *fd, short *events);
// Goes on after a poll. False: the server is as good as dead.
int vigil_step(struct vigil *vigil);
void vigil_end(struct vigil *vigil);
