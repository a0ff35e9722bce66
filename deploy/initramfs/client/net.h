#pragma once
#include <stddef.h>
#include <sys/socket.h>

// One place that listens.
struct address {
  struct sockaddr_storage socket;
  socklen_t length;
  char text[56];
};

// Reads ADDRESS:PORT or [ADDRESS]:PORT up to the length. False: it is none.
int address_parse(const char *text, size_t length, struct address *address);
int address_same(const struct address *a, const struct address *b);

// Milliseconds of a clock that does not jump.
long long now_ms(void);

// Begins to connect, without waiting. Returns a socket that does not block, or -1.
int dial(const struct address *to);
// 0 once connected, -1 if it failed or the time is over.
int dial_wait(int fd, long long deadline_ms);
int dial_failed(int fd);

// Waits for bytes until the deadline. 0, or -1 when they did not come.
int receive_by(int fd, void *into, size_t length, long long deadline_ms);
// Waits until the deadline for all of it to be on its way. 0, or -1.
int transmit_by(int fd, const void *from, size_t length, long long deadline_ms);
// All of it at once: for messages that fit into an empty socket buffer.
int transmit(int fd, const void *from, size_t length);
