// Every bound and every time of the program, in one place.
#pragma once

enum {
  // More than a farm has; a server that is learnt of beyond it is not used.
  SERVERS_MAX = 32,
  // Connections of iscsid's at once: one, and the one before it while it ends. Others wait in the listener's queue.
  LINKS = 4,
  LINK_BUFFER_BYTES = 256 << 10,
  LOGIN_PDU_BYTES_MAX = 16 << 10,
  NBD_NAME_BYTES_MAX = 1024,
  REDIRECTS_MAX = 4,

  // Until a host has taken a connection. Hosts on a farm's network need one millisecond.
  CONNECT_MS = 500,
  // A client that connects and does not log in gives its place back.
  FIRST_LOGIN_MS = 3000,
  // Silent for so long while something is outstanding, a server is asked whether it lives...
  DOUBT_MS = 700,
  // ...and has so long to say so.
  PROBE_MS = 800,
  // A login may wait for a new epoch as long as its server answers such questions; iscsid gives up after 15 s.
  LOGIN_MS = 14000,
  // When no server would have the device: until all are asked again.
  PAUSE_MS = 200,
  // A connection that ends so soon was not worth having.
  SHORT_LIVED_MS = 1000,
  // How long a server that did not answer comes after the others.
  SUSPECT_MS = 3000,
  // A refusal by every server that answers is passed on when it has stood for so long, lest one that has just started decides alone.
  REFUSAL_MS = 2000,

  // How long a boot waits for a server that has its NBD device.
  NBD_ATTACH_MS = 120000,
  // How long requests wait when no server answers, before they fail: a machine without its root has nothing else to do.
  NBD_DEAD_LIMIT_S = 86400,
  // When a request that was under way is this old, the kernel sends it again to the new server, or up to a second later, as its timer
  // has no finer grain. Longer than a failover takes: a request that is too early waits for the timer once more.
  NBD_REQUEST_MS = 300,
  NBD_WATCH_MS = 200,
  NBD_IDLE_WATCH_MS = 1000,
};
