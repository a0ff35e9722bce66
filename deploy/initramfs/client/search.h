// Which server has the machine's disk now, by either protocol: the order in which they are asked, where they send it, and how long
// each is waited for.
#pragma once
#include "answer.h"
#include "servers.h"
#include "vigil.h"

struct search {
  enum protocol protocol;
  struct servers *servers;
  // Whoever the disk is for: when it closes its connection, the search is over. -1: nobody yet.
  int client;
  // Says the protocol's login to the server at fd, which has just taken the connection, and reads what it answers by search_receive.
  enum answer (*log_in)(struct search *search, struct address *elsewhere);
  // The server that is asked, and once one has accepted, that one.
  int server, fd;
  struct vigil vigil;
  long long deadline_ms, accepted_ms;
  unsigned rounds;
};

int has_left(int client);
// 0 when so many bytes have come; waits as long as the client does, the server lives and a login may take.
int search_receive(struct search *search, void *into, size_t length);
// Asks each server once, those that are silent only while nobody else answers. Refused: every server that answered did so.
enum answer search_once(struct search *search);
// Waits before the next time, longer each time.
void search_pause(struct search *search);
const struct address *search_server(const struct search *search);

enum end { NOT_ENDED, CLIENT_LEFT, SERVER_GONE, SERVER_SILENT, SERVER_STOPS, SERVER_NONSENSE };
// Closes the connection to the server that had accepted, and says why. The next search begins afresh.
void search_end(struct search *search, enum end why);
