#include "report.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char *const places[] = {"none", "ram", "ram-disk", "disk"};

int place_parse(const char *text, size_t length, enum place *place) {
  for (int i = PLACE_RAM; i <= PLACE_DISK; i++)
    if (strlen(places[i]) == length && memcmp(places[i], text, length) == 0) {
      *place = i;
      return 1;
    }
  return 0;
}

const char *place_name(enum place place) { return places[place]; }

int report_write(char into[REPORT_BYTES_MAX], const struct state *state) {
  static const char *const reasons[] = {"", "why=no-disk\n", "why=disk-small\n", "why=disk-fails\n", "why=ram-small\n", "why=fails\n"};
  return snprintf(into, REPORT_BYTES_MAX, "place=%s\nwanted=%s\nsize=%llu\nused=%llu\nover=%d\n%s", places[state->place],
                  places[state->wanted], (unsigned long long)state->size_bytes, (unsigned long long)state->used_bytes, state->is_over,
                  reasons[state->why]);
}

static enum told ask(const struct address *server, const char *message, int length) {
  enum told told = NOT_HEARD;
  char status[12]; // HTTP/1.1 204
  int fd = dial(server);
  if (fd < 0) return NOT_HEARD;
  if (dial_wait(fd, now_ms() + CONNECT_MS) == 0 && transmit(fd, message, length) == 0 &&
      receive_by(fd, status, sizeof status, now_ms() + REPORT_MS) == 0 && memcmp(status, "HTTP/1.", 7) == 0)
    told = status[9] == '2'                    ? TOLD
           : memcmp(status + 9, "429", 3) == 0 ? TOLD_TOO_SOON
           : status[9] == '4'                  ? TOLD_IN_VAIN
                                               : NOT_HEARD;
  close(fd);
  return told;
}

enum told report(struct servers *servers, const char *name, const struct state *state) {
  char body[REPORT_BYTES_MAX], message[REPORT_BYTES_MAX + NBD_NAME_BYTES_MAX + 200];
  int bytes = report_write(body, state), order[SERVERS_MAX], count = servers_order(servers, order);
  int length = snprintf(message, sizeof message,
                        "POST /cache/%s HTTP/1.1\r\nHost: hatchery\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n"
                        "Connection: close\r\n\r\n%s",
                        name, bytes, body);
  enum told told = NOT_HEARD;
  for (int i = 0; i < count && told == NOT_HEARD; i++) {
    told = ask(&servers->list[order[i]].address, message, length);
    if (told == NOT_HEARD) servers_suspect(servers, order[i], 1);
    else servers->current = order[i];
  }
  return told;
}
