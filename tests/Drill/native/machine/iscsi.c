#include "disk.h"
#include <iscsi/iscsi.h>
#include <iscsi/scsi-lowlevel.h>
#include <stdio.h>
#include <string.h>

enum { SECTOR_BYTES = 512, LUN = 0, SECTORS = BLOCK_BYTES / SECTOR_BYTES };

static struct iscsi_context *context;
static enum { LOGGING_IN, UP, LOST } phase;
static int is_ending, lun = LUN;

static void end(void) {
  is_ending = 1;
  if (context) iscsi_destroy_context(context);
  is_ending = 0;
  context = NULL;
}

static void logged_in(struct iscsi_context *in, int status, void *data, void *private) {
  (void)in, (void)data, (void)private;
  phase = status == SCSI_STATUS_GOOD ? UP : LOST;
}

static int begin(const char *host, const char *port, const char *target) {
  char portal[128], name[256];
  // TARGET,LUN where the disk is not the first one.
  const char *comma = strchr(target, ',');
  snprintf(portal, sizeof portal, "%s:%s", host, port);
  snprintf(name, sizeof name, "%.*s", (int)(comma ? comma - target : (int)strlen(target)), target);
  lun = comma ? comma[1] - '0' : LUN;
  phase = LOGGING_IN;
  context = iscsi_create_context("iqn.2026-01.net.hatchery.drill:machine");
  if (!context) return -1;
  // Its own way to reconnect counts in whole seconds.
  iscsi_set_noautoreconnect(context, 1);
  iscsi_set_targetname(context, name);
  iscsi_set_session_type(context, ISCSI_SESSION_NORMAL);
  iscsi_set_header_digest(context, ISCSI_HEADER_DIGEST_NONE);
  return iscsi_full_connect_async(context, portal, lun, logged_in, NULL);
}

static int is_ready(void) { return phase == UP; }

static void wait_for(struct pollfd *poll) {
  poll->fd = iscsi_get_fd(context);
  poll->events = iscsi_which_events(context);
}

static int step(short events) { return iscsi_service(context, events) < 0 || phase == LOST || iscsi_get_fd(context) < 0 ? -1 : 0; }

static void ended(struct iscsi_context *in, int status, void *data, void *private) {
  struct scsi_task *task = data;
  (void)in;
  if (status == SCSI_STATUS_CANCELLED || status == SCSI_STATUS_ERROR) phase = LOST;
  else if (is_ending) phase = LOST;
  else if (status == SCSI_STATUS_GOOD) request_ended(private, DONE, NULL);
  // What an initiator tries again without a word to anybody.
  else if (status == SCSI_STATUS_BUSY || status == SCSI_STATUS_TASK_SET_FULL ||
           (status == SCSI_STATUS_CHECK_CONDITION && task->sense.key == SCSI_SENSE_UNIT_ATTENTION))
    request_ended(private, AGAIN, NULL);
  else request_ended(private, FAILED, status == SCSI_STATUS_CHECK_CONDITION ? scsi_sense_key_str(task->sense.key) : "SCSI status");
  scsi_free_scsi_task(task);
}

static int send_request(struct request *request) {
  uint32_t sector = request->block * SECTORS, bytes = request->count * BLOCK_BYTES;
  struct scsi_task *task = NULL;
  switch (request->operation) {
  case WRITE:
  case WRITE_DURABLY:
    task = iscsi_write10_task(context, lun, sector, request->bytes, bytes, SECTOR_BYTES, 0, 0, request->operation == WRITE_DURABLY, 0, 0,
                              ended, request);
    break;
  case READ:
    task = iscsi_read10_task(context, lun, sector, bytes, SECTOR_BYTES, 0, 0, 0, 0, 0, ended, request);
    if (task) scsi_task_add_data_in_buffer(task, bytes, request->bytes);
    break;
  case FLUSH: task = iscsi_synchronizecache10_task(context, lun, 0, 0, 0, 0, ended, request); break;
  }
  return task ? 0 : -1;
}

const struct disk iscsi_disk = {begin, is_ready, wait_for, step, send_request, end};
