#pragma once
#include "net.h"

// What a server says to a login, by either protocol.
enum answer {
  ANSWER_ACCEPTED,
  // The device is at another server.
  ANSWER_ELSEWHERE,
  // The client is wrong: there is no such disk, or it is not for it.
  ANSWER_REFUSED,
  // The server cannot now.
  ANSWER_UNAVAILABLE,
  // What came is no answer to a login, or nothing came.
  ANSWER_NONSENSE,
  // There is more to come.
  ANSWER_MORE,
};
