// A request of HTTP/1.1 on a connection of its own, and its answer's status and first line.
#pragma once
#include "limits.h"
#include "net.h"

// METHOD is "PUT /path"; what is asked first (Expect: 100-continue) is sent only if the server wants it. Returns the status, or 0 when no answer came.
int http_ask(const struct address *server, const char *method, int asks_first, const void *body, size_t length,
             char line[HTTP_LINE_BYTES_MAX]);

// How long an answer's head is, 0 when it is not all there; status is 0 where it is no answer. The bytes end with a zero.
size_t http_head(const char *answer, int *status);
// The first line of an answer's body, as it may stand on a console.
void http_line(const char *body, char line[HTTP_LINE_BYTES_MAX]);
