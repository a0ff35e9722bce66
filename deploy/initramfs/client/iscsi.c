#include "iscsi.h"
#include <string.h>

enum {
  NOP_OUT = 0x00,
  SCSI_COMMAND = 0x01,
  TASK_MANAGEMENT = 0x02,
  LOGIN = 0x03,
  TEXT = 0x04,
  LOGOUT = 0x06,
  NOP_IN = 0x20,
  SCSI_RESPONSE = 0x21,
  TASK_MANAGEMENT_RESPONSE = 0x22,
  LOGIN_RESPONSE = 0x23,
  TEXT_RESPONSE = 0x24,
  DATA_IN = 0x25,
  LOGOUT_RESPONSE = 0x26,
  REJECT = 0x3f,
  OPCODE_MASK = 0x3f,
};

enum { STATUS_CLASS = 36, REDIRECTED = 1, INITIATOR_ERROR = 2, DATA_IN_HAS_STATUS = 1 };

size_t pdu_bytes(const uint8_t header[PDU_HEADER_BYTES]) {
  size_t data = (size_t)header[5] << 16 | header[6] << 8 | header[7];
  return PDU_HEADER_BYTES + header[4] * 4 + (data + 3) / 4 * 4;
}

int pdu_is_login(const uint8_t header[PDU_HEADER_BYTES]) { return (header[0] & OPCODE_MASK) == LOGIN; }

// TargetAddress=ADDRESS:PORT[,GROUP] among keys that each end in a zero byte.
static int find_address(const char *text, size_t length, struct address *address) {
  static const char key[] = "TargetAddress=";
  for (size_t at = 0; at < length;) {
    size_t end = at;
    while (end < length && text[end] != 0) end++;
    if (end - at > sizeof key - 1 && memcmp(text + at, key, sizeof key - 1) == 0) {
      size_t from = at + sizeof key - 1, to = from;
      while (to < end && text[to] != ',') to++;
      return address_parse(text + from, to - from, address);
    }
    at = end + 1;
  }
  return 0;
}

enum answer login_read(const uint8_t *pdu, size_t length, struct address *redirected_to) {
  if (length < PDU_HEADER_BYTES || length != pdu_bytes(pdu) || (pdu[0] & OPCODE_MASK) != LOGIN_RESPONSE) return ANSWER_NONSENSE;
  size_t text = PDU_HEADER_BYTES + pdu[4] * 4;
  switch (pdu[STATUS_CLASS]) {
    case 0: return ANSWER_ACCEPTED;
    case REDIRECTED:
      return find_address((const char *)pdu + text, length - text, redirected_to) ? ANSWER_ELSEWHERE : ANSWER_UNAVAILABLE;
    case INITIATOR_ERROR: return ANSWER_REFUSED;
    default: return ANSWER_UNAVAILABLE;
  }
}

size_t login_probe(uint8_t into[PROBE_BYTES_MAX]) {
  static const char keys[] = "InitiatorName=iqn.2026-01.net.hatchery.client:probe\0SessionType=Discovery\0AuthMethod=None";
  _Static_assert(PDU_HEADER_BYTES + sizeof keys + 3 <= PROBE_BYTES_MAX, "the probe fits");
  memset(into, 0, PROBE_BYTES_MAX);
  // Immediate; from the operational stage to the full feature phase; an ISID of the random kind.
  into[0] = 0x40 | LOGIN;
  into[1] = 0x87;
  into[7] = sizeof keys;
  into[8] = 0x80;
  into[19] = 1;
  memcpy(into + PDU_HEADER_BYTES, keys, sizeof keys);
  return pdu_bytes(into);
}

static int counts(const uint8_t *header) {
  static const uint8_t no_tag[4] = {0xff, 0xff, 0xff, 0xff};
  switch (header[0] & OPCODE_MASK) {
    case NOP_OUT:
    case NOP_IN: return memcmp(header + 16, no_tag, sizeof no_tag) != 0;
    case DATA_IN: return (header[1] & DATA_IN_HAS_STATUS) != 0;
    case SCSI_COMMAND:
    case TASK_MANAGEMENT:
    case LOGIN:
    case TEXT:
    case LOGOUT:
    case SCSI_RESPONSE:
    case TASK_MANAGEMENT_RESPONSE:
    case LOGIN_RESPONSE:
    case TEXT_RESPONSE:
    case LOGOUT_RESPONSE:
    case REJECT: return 1;
    default: return 0;
  }
}

unsigned tally_feed(struct tally *tally, const uint8_t *bytes, size_t length) {
  unsigned count = 0;
  while (length > 0) {
    size_t take = tally->skip;
    if (take == 0) {
      take = PDU_HEADER_BYTES - tally->have;
      if (take > length) take = length;
      memcpy(tally->header + tally->have, bytes, take);
      tally->have += take;
      if (tally->have == PDU_HEADER_BYTES) {
        count += counts(tally->header);
        tally->have = 0;
        tally->skip = pdu_bytes(tally->header) - PDU_HEADER_BYTES;
      }
    } else {
      if (take > length) take = length;
      tally->skip -= take;
    }
    bytes += take;
    length -= take;
  }
  return count;
}
