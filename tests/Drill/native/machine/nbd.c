#include "disk.h"
#include <errno.h>
#include <libnbd.h>
#include <string.h>

static struct nbd_handle *handle;
static int is_up;

static void end(void) {
  nbd_close(handle);
  handle = NULL;
  is_up = 0;
}

static int begin(const char *host, const char *port, const char *target) {
  handle = nbd_create();
  if (!handle || nbd_set_export_name(handle, target) || nbd_set_pread_initialize(handle, false)) return -1;
  // unix:PATH is a socket of this computer's.
  return strcmp(host, "unix") == 0 ? nbd_aio_connect_unix(handle, port) : nbd_aio_connect_tcp(handle, host, port);
}

static int is_ready(void) { return is_up = is_up || nbd_aio_is_ready(handle); }

static void wait_for(struct pollfd *poll) {
  unsigned direction = nbd_aio_get_direction(handle);
  poll->fd = nbd_aio_get_fd(handle);
  poll->events = (direction & LIBNBD_AIO_DIRECTION_READ ? POLLIN : 0) | (direction & LIBNBD_AIO_DIRECTION_WRITE ? POLLOUT : 0);
}

static int step(short events) {
  unsigned direction = nbd_aio_get_direction(handle);
  if (events & (POLLIN | POLLHUP | POLLERR) && direction & LIBNBD_AIO_DIRECTION_READ) nbd_aio_notify_read(handle);
  else if (events & (POLLOUT | POLLHUP | POLLERR) && direction & LIBNBD_AIO_DIRECTION_WRITE) nbd_aio_notify_write(handle);
  return nbd_aio_is_dead(handle) || nbd_aio_is_closed(handle) ? -1 : 0;
}

// The library ends what is under way with ENOTCONN when the connection is lost: that is no answer.
static int ended(void *request, int *error) {
  if (*error != ENOTCONN) request_ended(request, *error ? FAILED : DONE, *error ? strerror(*error) : NULL);
  return 1;
}

static int send_request(struct request *request) {
  nbd_completion_callback then = {.callback = ended, .user_data = request};
  uint64_t offset = (uint64_t)request->block * BLOCK_BYTES;
  size_t bytes = (size_t)request->count * BLOCK_BYTES;
  switch (request->operation) {
  case WRITE: return nbd_aio_pwrite(handle, request->bytes, bytes, offset, then, 0) < 0 ? -1 : 0;
  case WRITE_DURABLY: return nbd_aio_pwrite(handle, request->bytes, bytes, offset, then, LIBNBD_CMD_FLAG_FUA) < 0 ? -1 : 0;
  case READ: return nbd_aio_pread(handle, request->bytes, bytes, offset, then, 0) < 0 ? -1 : 0;
  case FLUSH: return nbd_aio_flush(handle, then, 0) < 0 ? -1 : 0;
  }
  return -1;
}

const struct disk nbd_disk = {begin, is_ready, wait_for, step, send_request, end};
