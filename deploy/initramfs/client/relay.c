#define _GNU_SOURCE
#include "relay.h"
#include "daemon.h"
#include "iscsi.h"
#include "vigil.h"
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
static struct servers *servers;

int relay_listen(const struct address *at) {
  int fd = socket(at->socket.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int));
  return fd >= 0 && bind(fd, (const struct sockaddr *)&at->socket, at->length) == 0 && listen(fd, 16) == 0 ? fd : -1;
}

static int has_left(int client) {
  struct pollfd one = {.fd = client, .events = POLLRDHUP};
  return poll(&one, 1, 0) > 0;
}

static int read_login(int client) {
  long long deadline_ms = now_ms() + FIRST_LOGIN_MS;
  if (receive_by(client, login, PDU_HEADER_BYTES, deadline_ms) || !pdu_is_login(login)) return -1;
  login_bytes = pdu_bytes(login);
  return login_bytes > sizeof login ? -1
                                    : receive_by(client, login + PDU_HEADER_BYTES, login_bytes - PDU_HEADER_BYTES, deadline_ms);
}

// More of the answer. 1: it is whole, 0: not yet, -1: it will not be.
static int read_answer(int fd) {
  size_t whole = answer_bytes < PDU_HEADER_BYTES ? PDU_HEADER_BYTES : pdu_bytes(answer);
  if (whole > sizeof answer) return -1;
  ssize_t got = recv(fd, answer + answer_bytes, whole - answer_bytes, MSG_DONTWAIT);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return 0;
  if (got <= 0) return -1;
  answer_bytes += got;
  return answer_bytes >= PDU_HEADER_BYTES && answer_bytes == pdu_bytes(answer);
}

// Waits for the answer to the login as long as the client does and the server lives.
static int await_answer(int fd, int client, const struct address *server) {
  struct vigil vigil;
  long long deadline_ms = now_ms() + LOGIN_MS;
  int whole = 0;
  vigil_begin(&vigil, ISCSI, server);
  for (answer_bytes = 0; whole == 0;) {
    struct pollfd wait[3] = {{.fd = fd, .events = POLLIN}, {.fd = client, .events = POLLRDHUP}};
    int due_ms = vigil_wait(&vigil, &wait[2].fd, &wait[2].events);
    poll(wait, 3, due_ms);
    if (wait[0].revents) whole = read_answer(fd);
    else if (wait[1].revents || !vigil_step(&vigil) || now_ms() > deadline_ms) whole = -1;
  }
  vigil_end(&vigil);
  return whole > 0 ? 0 : -1;
}

struct outcome {
  enum login_answer answer;
  int server, fd;
  struct address redirected_to;
};

static void log_in(struct outcome *outcome, int client) {
  const struct address *server = &servers->list[outcome->server].address;
  outcome->answer = LOGIN_NONSENSE;
  outcome->fd = dial(server);
  if (outcome->fd >= 0 && dial_wait(outcome->fd, now_ms() + CONNECT_MS) == 0 && transmit(outcome->fd, login, login_bytes) == 0 &&
      await_answer(outcome->fd, client, server) == 0)
    outcome->answer = login_read(answer, answer_bytes, &outcome->redirected_to);
  if (outcome->answer == LOGIN_ACCEPTED) return;
  if (outcome->answer == LOGIN_NONSENSE && !has_left(client)) servers_suspect(servers, outcome->server);
  if (outcome->fd >= 0) close(outcome->fd);
}

// Goes where a server sends the device, and comes back to it when nobody is there: it then takes the device itself.
static void log_in_by(struct outcome *outcome, int client) {
  int sender = -1;
  for (int i = 0; i <= REDIRECTS_MAX; i++) {
    log_in(outcome, client);
    if (outcome->answer == LOGIN_ACCEPTED || outcome->answer == LOGIN_REFUSED || has_left(client)) return;
    if (outcome->answer == LOGIN_REDIRECTED) {
      int next = servers_learn(servers, &outcome->redirected_to);
      if (next < 0 || next == outcome->server || servers_is_suspect(servers, next)) continue;
      sender = outcome->server;
      outcome->server = next;
    } else if (sender >= 0) {
      outcome->server = sender;
      sender = -1;
    } else {
      return;
    }
  }
  outcome->answer = LOGIN_UNAVAILABLE;
}

// Asks each server once. False: none took the login. What they all said is a refusal, if any that answered refused and none may
// change its mind.
static int ask_all(struct outcome *outcome, int client, int *is_refused) {
  int order[SERVERS_MAX], count = servers_order(servers, order), refusals = 0, others = 0;
  for (int i = 0; i < count && !has_left(client); i++) {
    outcome->server = order[i];
    log_in_by(outcome, client);
    if (outcome->answer == LOGIN_ACCEPTED) return 1;
    if (outcome->answer == LOGIN_UNAVAILABLE) others++;
    if (outcome->answer != LOGIN_REFUSED) continue;
    refusals++;
    memcpy(refusal, answer, sizeof refusal);
    memset(refusal + 4, 0, 4); // nothing follows
  }
  *is_refused = refusals > 0 && others == 0;
  return 0;
}

// Returns a socket to the server that took the login, or -1: the client has left, or was given a refusal.
static int find_server(int client, int *server) {
  long long began_ms = now_ms(), refused_ms = 0;
  for (int round = 0, is_refused; !has_left(client); round++) {
    struct outcome outcome;
    if (ask_all(&outcome, client, &is_refused)) {
      servers->current = *server = outcome.server;
      say("iSCSI by %s after %lld ms", servers->list[*server].address.text, now_ms() - began_ms);
      return outcome.fd;
    }
    if (!is_refused) refused_ms = 0;
    else if (refused_ms == 0) refused_ms = now_ms();
    else if (now_ms() - refused_ms >= REFUSAL_MS) {
      say("the iSCSI login is refused by every server that answers");
      transmit(client, refusal, sizeof refusal);
      return -1;
    }
    if (round == 0) say("no server takes the iSCSI login; asking until one does");
    struct pollfd pause = {.fd = client, .events = POLLRDHUP};
    poll(&pause, 1, PAUSE_MS);
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

static const char server_gone[] = "its server is gone";

static const char *pass_on(int client, int server_fd, int server) {
  const char *why = NULL;
  struct vigil vigil;
  unsigned begun = 0, ended = 0;
  prepare(&up, client, server_fd);
  prepare(&down, server_fd, client);
  vigil_begin(&vigil, ISCSI, &servers->list[server].address);
  while (!why) {
    int outstanding = begun != ended || up.end > 0;
    struct pollfd wait[3] = {
        {.fd = client, .events = (up.end ? 0 : POLLIN) | (down.end ? POLLOUT : 0)},
        {.fd = server_fd, .events = (down.end ? 0 : POLLIN) | (up.end ? POLLOUT : 0)},
        {.fd = -1},
    };
    int due_ms = outstanding ? vigil_wait(&vigil, &wait[2].fd, &wait[2].events) : -1;
    if (poll(wait, 3, due_ms) < 0) continue;
    int said = wait[1].revents & (POLLIN | POLLHUP | POLLERR);
    if (!move(&down, said, &ended)) why = server_gone;
    else if (!move(&up, wait[0].revents & (POLLIN | POLLHUP | POLLERR), &begun)) why = "closed";
    else if (said || !outstanding) vigil_heard(&vigil);
    else if (!vigil_step(&vigil)) {
      why = "its server is silent";
      servers_suspect(servers, server);
    }
  }
  vigil_end(&vigil);
  return why;
}

static void serve(int client) {
  int server;
  if (read_login(client)) return;
  int fd = find_server(client, &server);
  if (fd < 0) return;
  long long began_ms = now_ms();
  const char *why = transmit(client, answer, answer_bytes) == 0 ? pass_on(client, fd, server) : "closed";
  say("iSCSI by %s ended: %s", servers->list[server].address.text, why);
  close(fd);
  // iscsid comes back at once: a server that lets it in and drops it would have it do nothing else.
  if (why == server_gone && now_ms() - began_ms < SHORT_LIVED_MS) {
    servers_suspect(servers, server);
    poll(NULL, 0, PAUSE_MS);
  }
}

static _Noreturn void work(int listener) {
  for (;;) {
    struct pollfd one = {.fd = listener, .events = POLLIN};
    poll(&one, 1, -1);
    int client = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (client < 0) continue;
    serve(client);
    close(client);
  }
}

void relay_run(int listener, struct servers *known, int foreground, char **argv) {
  servers = known;
  for (int running = 0;;) {
    pid_t child = 1;
    while (running < LINKS && (child = fork()) > 0) running++;
    if (child == 0) {
      if (foreground) prctl(PR_SET_PDEATHSIG, SIGKILL);
      become_indispensable(argv);
      work(listener);
    }
    if (wait(NULL) > 0) running--;
    else poll(NULL, 0, PAUSE_MS);
  }
}
