#include "net.h"
#include "limits.h"
#include <arpa/inet.h>
#include <errno.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

int address_parse(const char *text, size_t length, struct address *address) {
  char host[INET6_ADDRSTRLEN + 2], *inside = host;
  size_t colon = length;
  while (colon > 0 && text[colon - 1] != ':') colon--;
  if (colon < 2 || colon - 1 >= sizeof host || length >= sizeof address->text || memchr(text, 0, length)) return 0;
  memcpy(host, text, colon - 1);
  host[colon - 1] = 0;
  unsigned port = 0;
  for (size_t i = colon; i < length; i++) {
    if (text[i] < '0' || text[i] > '9' || (port = port * 10 + (text[i] - '0')) > 65535) return 0;
  }
  if (port == 0) return 0;

  *address = (struct address){0};
  struct sockaddr_in *v4 = (struct sockaddr_in *)&address->socket;
  struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&address->socket;
  size_t last = strlen(host) - 1;
  if (host[0] == '[' && host[last] == ']') {
    host[last] = 0;
    inside++;
    *v6 = (struct sockaddr_in6){.sin6_family = AF_INET6, .sin6_port = htons(port)};
    address->length = sizeof *v6;
    if (inet_pton(AF_INET6, inside, &v6->sin6_addr) != 1) return 0;
  } else {
    *v4 = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons(port)};
    address->length = sizeof *v4;
    if (inet_pton(AF_INET, inside, &v4->sin_addr) != 1) return 0;
  }
  memcpy(address->text, text, length);
  return 1;
}

int address_same(const struct address *a, const struct address *b) {
  return a->length == b->length && memcmp(&a->socket, &b->socket, a->length) == 0;
}

long long now_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

int dial(const struct address *to) {
  int fd = socket(to->socket.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return -1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
  setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &(int){UNHEARD_MS}, sizeof(int));
  setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &(int){UNHEARD_MS / 2000}, sizeof(int));
  setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &(int){1}, sizeof(int));
  setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &(int){1}, sizeof(int));
  if (connect(fd, (const struct sockaddr *)&to->socket, to->length) == 0 || errno == EINPROGRESS) return fd;
  close(fd);
  return -1;
}

int dial_failed(int fd) {
  int error = 0;
  return getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &(socklen_t){sizeof error}) != 0 || error != 0;
}

static int wait_until(int fd, short events, long long deadline_ms) {
  for (;;) {
    long long left = deadline_ms - now_ms();
    struct pollfd one = {.fd = fd, .events = events};
    int ready = poll(&one, 1, left > 0 ? (int)left : 0);
    if (ready > 0) return 0;
    if (ready == 0 && now_ms() >= deadline_ms) return -1;
    if (ready < 0 && errno != EINTR) return -1;
  }
}

int dial_wait(int fd, long long deadline_ms) { return wait_until(fd, POLLOUT, deadline_ms) || dial_failed(fd) ? -1 : 0; }

int receive_by(int fd, void *into, size_t length, long long deadline_ms) {
  for (char *next = into; length > 0;) {
    if (wait_until(fd, POLLIN, deadline_ms)) return -1;
    ssize_t got = recv(fd, next, length, MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) continue;
    if (got <= 0) return -1;
    next += got;
    length -= got;
  }
  return 0;
}

int transmit_by(int fd, const void *from, size_t length, long long deadline_ms) {
  for (const char *next = from; length > 0;) {
    if (wait_until(fd, POLLOUT, deadline_ms)) return -1;
    ssize_t sent = send(fd, next, length, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0 && (errno == EAGAIN || errno == EINTR)) continue;
    if (sent < 0) return -1;
    next += sent;
    length -= sent;
  }
  return 0;
}

int transmit(int fd, const void *from, size_t length) {
  return send(fd, from, length, MSG_NOSIGNAL | MSG_DONTWAIT) == (ssize_t)length ? 0 : -1;
}
