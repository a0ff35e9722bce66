#define _GNU_SOURCE
#include "search.h"
#include "daemon.h"
#include <errno.h>
#include <poll.h>
#include <unistd.h>

int has_left(int client) {
  struct pollfd one = {.fd = client, .events = POLLRDHUP};
  return poll(&one, 1, 0) > 0;
}

const struct address *search_server(const struct search *search) { return &search->servers->list[search->server].address; }

int search_receive(struct search *search, void *into, size_t length) {
  for (size_t have = 0; have < length;) {
    struct pollfd wait[3] = {{.fd = search->fd, .events = POLLIN}, {.fd = search->client, .events = POLLRDHUP}};
    int due_ms = vigil_wait(&search->vigil, &wait[2].fd, &wait[2].events);
    poll(wait, 3, due_ms);
    if (wait[0].revents) {
      ssize_t got = recv(search->fd, (char *)into + have, length - have, MSG_DONTWAIT);
      if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) return -1;
      if (got > 0) have += got;
    } else if (wait[1].revents || !vigil_step(&search->vigil) || now_ms() > search->deadline_ms) {
      return -1;
    }
  }
  return 0;
}

static enum answer ask(struct search *search, struct address *elsewhere) {
  enum answer answer = ANSWER_NONSENSE;
  long long began_ms = now_ms();
  search->fd = dial(search_server(search));
  if (search->fd >= 0 && dial_wait(search->fd, now_ms() + CONNECT_MS) == 0) {
    search->deadline_ms = now_ms() + LOGIN_MS;
    vigil_begin(&search->vigil, search->protocol, search_server(search));
    answer = search->log_in(search, elsewhere);
    vigil_end(&search->vigil);
  }
  if (answer == ANSWER_ACCEPTED) return answer;
  if (answer == ANSWER_NONSENSE && !has_left(search->client))
    servers_suspect(search->servers, search->server, now_ms() - began_ms >= CONNECT_MS);
  if (search->fd >= 0) close(search->fd);
  search->fd = -1;
  return answer;
}

// Goes where a server sends the device, and comes back to it when nobody is there: it then takes the device itself.
static enum answer ask_by(struct search *search) {
  int sender = -1;
  for (int i = 0; i <= REDIRECTS_MAX; i++) {
    struct address elsewhere;
    enum answer answer = ask(search, &elsewhere);
    if (answer == ANSWER_ACCEPTED || answer == ANSWER_REFUSED || has_left(search->client)) return answer;
    if (answer == ANSWER_ELSEWHERE) {
      int next = servers_learn(search->servers, &elsewhere);
      if (next < 0 || next == search->server || servers_is_suspect(search->servers, next)) continue;
      sender = search->server;
      search->server = next;
    } else if (sender >= 0) {
      search->server = sender;
      sender = -1;
    } else {
      return answer;
    }
  }
  return ANSWER_UNAVAILABLE;
}

enum answer search_once(struct search *search) {
  int order[SERVERS_MAX], count = servers_order(search->servers, order), refusals = 0, others = 0;
  for (int i = 0; i < count && !has_left(search->client); i++) {
    // While one answers, it may have the device at any moment.
    if (servers_is_suspect(search->servers, order[i]) && search->servers->list[order[i]].is_silent && refusals + others > 0) continue;
    search->server = order[i];
    enum answer answer = ask_by(search);
    if (answer == ANSWER_ACCEPTED) {
      search->servers->current = search->server;
      search->servers->was_let_in = 1;
      search->accepted_ms = now_ms();
      search->rounds = 0;
      return answer;
    }
    refusals += answer == ANSWER_REFUSED;
    others += answer == ANSWER_UNAVAILABLE;
  }
  return refusals > 0 && others == 0 ? ANSWER_REFUSED : ANSWER_UNAVAILABLE;
}

static int pause_ms(unsigned round) {
  int longer = PAUSE_MS_MIN << (round < 8 ? round : 8);
  return longer < PAUSE_MS_MAX ? longer : PAUSE_MS_MAX;
}

void search_pause(struct search *search) {
  struct pollfd client = {.fd = search->client, .events = POLLRDHUP};
  poll(&client, 1, pause_ms(search->rounds++));
}

void search_end(struct search *search, enum end why) {
  static const char *const reasons[] = {
      [CLIENT_LEFT] = "closed",
      [SERVER_GONE] = "its server is gone",
      [SERVER_SILENT] = "its server is silent",
      [SERVER_STOPS] = "its server stops",
      [SERVER_NONSENSE] = "its server talks nonsense",
  };
  say("%s by %s ended: %s", search->protocol == NBD ? "NBD" : "iSCSI", search_server(search)->text, reasons[why]);
  close(search->fd);
  search->fd = -1;
  if (why == CLIENT_LEFT) return;
  int is_short = now_ms() - search->accepted_ms < SHORT_LIVED_MS;
  if (why != SERVER_GONE || is_short) servers_suspect(search->servers, search->server, why == SERVER_SILENT);
  // Servers that let the device in and drop it would have the machine do nothing else.
  if (is_short) poll(NULL, 0, pause_ms(search->servers->short_lived++));
  else search->servers->short_lived = 0;
}
