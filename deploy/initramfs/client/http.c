#include "http.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>

size_t http_head(const char *answer, int *status) {
  const char *end = strstr(answer, "\r\n\r\n");
  *status = 0;
  if (end && strncmp(answer, "HTTP/1.", 7) == 0 && (sscanf(answer + 8, " %3d", status) != 1 || *status < 100)) *status = 0;
  return end ? (size_t)(end - answer) + 4 : 0;
}

void http_line(const char *body, char line[HTTP_LINE_BYTES_MAX]) {
  int length = 0;
  for (; length < HTTP_LINE_BYTES_MAX - 1 && body[length] && body[length] != '\n'; length++)
    line[length] = body[length] >= ' ' && body[length] <= '~' ? body[length] : '?';
  line[length] = 0;
}

// Up to the end of the head, or with to_end of the connection: what came already stays before it.
static int read_answer(int fd, char *into, size_t *have, int to_end, long long deadline_ms) {
  int status;
  while (*have < HTTP_ANSWER_BYTES_MAX - 1 && (to_end || http_head(into, &status) == 0)) {
    if (receive_by(fd, into + *have, 1, deadline_ms) != 0) return to_end ? 0 : -1;
    into[++*have] = 0;
  }
  return 0;
}

static int exchange(int fd, const char *head, int asks_first, const void *body, size_t length, char line[HTTP_LINE_BYTES_MAX]) {
  char answer[HTTP_ANSWER_BYTES_MAX] = "";
  size_t have = 0, head_bytes;
  int status;
  long long deadline_ms = now_ms() + CAPTURE_ANSWER_MS;
  if (transmit_by(fd, head, strlen(head), deadline_ms) || (!asks_first && transmit_by(fd, body, length, deadline_ms))) return 0;
  if (read_answer(fd, answer, &have, 0, deadline_ms)) return 0;
  head_bytes = http_head(answer, &status);
  if (asks_first && status == 100) {
    if (transmit_by(fd, body, length, deadline_ms)) return 0;
    have -= head_bytes;
    memmove(answer, answer + head_bytes, have + 1);
    if (read_answer(fd, answer, &have, 0, deadline_ms)) return 0;
    head_bytes = http_head(answer, &status);
  }
  if (head_bytes == 0 || read_answer(fd, answer, &have, 1, deadline_ms)) return 0;
  http_line(answer + head_bytes, line);
  return status;
}

int http_ask(const struct address *server, const char *method, int asks_first, const void *body, size_t length,
             char line[HTTP_LINE_BYTES_MAX]) {
  char head[NBD_NAME_BYTES_MAX + 400];
  snprintf(head, sizeof head, "%s HTTP/1.1\r\nHost: hatchery\r\nContent-Length: %zu\r\nConnection: close\r\n%s\r\n", method, length,
           asks_first ? "Expect: 100-continue\r\n" : "");
  line[0] = 0;
  int fd = dial(server), status = 0;
  if (fd < 0) return 0;
  if (dial_wait(fd, now_ms() + CONNECT_MS) == 0) status = exchange(fd, head, asks_first, body, length, line);
  close(fd);
  return status;
}
