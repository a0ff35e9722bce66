#define _GNU_SOURCE
#include "relay.h"
#include "daemon.h"
#include "iscsi.h"
#include "search.h"
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

struct half {
  int from, to;
  size_t start, end;
  struct tally tally;
  uint8_t bytes[LINK_BUFFER_BYTES];
};

// One process serves one connection at a time, so this exists once.
static struct half up, down;
static uint8_t login[LOGIN_PDU_BYTES_MAX], answer[LOGIN_PDU_BYTES_MAX], refusal[PDU_HEADER_BYTES];
static size_t login_bytes, answer_bytes;

int relay_listen(const struct address *at) {
  int fd = socket(at->socket.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int));
  return fd >= 0 && bind(fd, (const struct sockaddr *)&at->socket, at->length) == 0 && listen(fd, 16) == 0 ? fd : -1;
}

static int read_login(int client) {
  long long deadline_ms = now_ms() + FIRST_LOGIN_MS;
  if (receive_by(client, login, PDU_HEADER_BYTES, deadline_ms) || !pdu_is_login(login)) return -1;
  login_bytes = pdu_bytes(login);
  return login_bytes > sizeof login ? -1
                                    : receive_by(client, login + PDU_HEADER_BYTES, login_bytes - PDU_HEADER_BYTES, deadline_ms);
}

static enum answer log_in(struct search *search, struct address *elsewhere) {
  if (transmit(search->fd, login, login_bytes) || search_receive(search, answer, PDU_HEADER_BYTES)) return ANSWER_NONSENSE;
  answer_bytes = pdu_bytes(answer);
  if (answer_bytes > sizeof answer || search_receive(search, answer + PDU_HEADER_BYTES, answer_bytes - PDU_HEADER_BYTES))
    return ANSWER_NONSENSE;
  enum answer result = login_read(answer, answer_bytes, elsewhere);
  if (result == ANSWER_REFUSED) {
    memcpy(refusal, answer, sizeof refusal);
    memset(refusal + 4, 0, 4); // nothing follows
  }
  return result;
}

// 0 when a server has taken the login, -1: the client has left, or was given a refusal.
static int find_server(struct search *search) {
  long long began_ms = now_ms(), refused_ms = 0;
  for (; !has_left(search->client); search_pause(search)) {
    enum answer result = search_once(search);
    if (result == ANSWER_ACCEPTED) {
      say("iSCSI by %s after %lld ms", search_server(search)->text, now_ms() - began_ms);
      return 0;
    }
    // A machine that runs from the disk has nothing to do but ask again.
    if (result != ANSWER_REFUSED || search->servers->was_let_in) refused_ms = 0;
    else if (refused_ms == 0) refused_ms = now_ms();
    else if (now_ms() - refused_ms >= REFUSAL_MS) {
      say("the iSCSI login is refused by every server that answers");
      transmit(search->client, refusal, sizeof refusal);
      return -1;
    }
    if (search->rounds == 0) say("no server takes the iSCSI login; asking until one does");
  }
  return -1;
}

// Moves bytes one way. False: that way is closed.
static int move(struct half *half, int readable, unsigned *count) {
  if (readable && half->end == 0) {
    ssize_t got = recv(half->from, half->bytes, sizeof half->bytes, MSG_DONTWAIT);
    if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) return 0;
    if (got > 0) {
      half->end = got;
      *count += tally_feed(&half->tally, half->bytes, got);
    }
  }
  while (half->start < half->end) {
    ssize_t sent = send(half->to, half->bytes + half->start, half->end - half->start, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) return errno == EAGAIN;
    half->start += sent;
  }
  half->start = half->end = 0;
  return 1;
}

static void prepare(struct half *half, int from, int to) {
  half->from = from;
  half->to = to;
  half->start = half->end = 0;
  half->tally = (struct tally){0};
}

// Until the client has closed the connection, or its server is gone.
static void pass_on(struct search *search) {
  struct vigil vigil;
  unsigned begun = 0, ended = 0;
  prepare(&up, search->client, search->fd);
  prepare(&down, search->fd, search->client);
  vigil_begin(&vigil, ISCSI, search_server(search));
  enum end why = NOT_ENDED;
  while (!why) {
    int outstanding = begun != ended || up.end > 0;
    struct pollfd wait[3] = {
        {.fd = search->client, .events = (up.end ? 0 : POLLIN) | (down.end ? POLLOUT : 0)},
        {.fd = search->fd, .events = (down.end ? 0 : POLLIN) | (up.end ? POLLOUT : 0)},
        {.fd = -1},
    };
    int due_ms = outstanding ? vigil_wait(&vigil, &wait[2].fd, &wait[2].events) : -1;
    if (poll(wait, 3, due_ms) < 0) continue;
    int said = wait[1].revents & (POLLIN | POLLHUP | POLLERR);
    if (!move(&down, said, &ended)) why = SERVER_GONE;
    else if (!move(&up, wait[0].revents & (POLLIN | POLLHUP | POLLERR), &begun)) why = CLIENT_LEFT;
    else if (said || !outstanding) vigil_heard(&vigil);
    else if (!vigil_step(&vigil)) why = SERVER_SILENT;
  }
  vigil_end(&vigil);
  search_end(search, why);
}

static void serve(struct servers *servers, int client) {
  struct search search = {.protocol = ISCSI, .servers = servers, .client = client, .log_in = log_in};
  if (read_login(client) || find_server(&search)) return;
  if (transmit(client, answer, answer_bytes) == 0) pass_on(&search);
  else search_end(&search, CLIENT_LEFT);
}

static _Noreturn void work(struct servers *servers, int listener) {
  for (;;) {
    struct pollfd one = {.fd = listener, .events = POLLIN};
    poll(&one, 1, -1);
    int client = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (client < 0) continue;
    serve(servers, client);
    close(client);
  }
}

void relay_run(int listener, struct servers *servers, int foreground, char **argv) {
  for (int running = 0;;) {
    pid_t child = 1;
    while (running < LINKS && (child = fork()) > 0) running++;
    if (child == 0) {
      if (foreground) prctl(PR_SET_PDEATHSIG, SIGKILL);
      become_indispensable(argv);
      work(servers, listener);
    }
    if (wait(NULL) > 0) running--;
    else poll(NULL, 0, PAUSE_MS_MAX);
  }
}
