// Every bound and every time of the program, in one place.
#pragma once

enum {
  // More than a farm has; a server that is learnt of beyond it is not used.
  SERVERS_MAX = 32,
  // Connections of iscsid's at once: one, and the one before it while it ends. Others wait in the listener's queue.
  LINKS = 4,
  LINK_BUFFER_BYTES = 256 << 10,
  LOGIN_PDU_BYTES_MAX = 16 << 10,
  REDIRECTS_MAX = 4,

  NBD_NAME_BYTES_MAX = 1024,
  // What the kernel has under way at one connection, each of 128 KiB unless somebody raises max_sectors_kb: all of it, 16 MiB, fits.
  // When it does not, the kernel waits.
  NBD_REQUESTS_MAX = 128,
  NBD_CHUNK_BYTES = 16 << 10,
  NBD_CHUNKS = 1024,
  // Longer reads and writes are answered with an error.
  NBD_REQUEST_BYTES_MAX = 4 << 20,
  NBD_STAGING_BYTES = 256 << 10,
  NBD_SOCKET_BYTES = 1 << 20,

  // Until a host has taken a connection. Hosts on a farm's network need one millisecond.
  CONNECT_MS = 500,
  // A client that connects and does not log in gives its place back.
  FIRST_LOGIN_MS = 3000,
  // Silent for so long while something is outstanding, a server is asked whether it lives...
  DOUBT_MS = 500,
  // ...and has so long to say so, once its host has taken the connection.
  PROBE_MS = 800,
  // A machine that stood still has not waited: of any pause no more than this counts. Waits are made of shorter ones.
  PAUSE_COUNTS_MS = 250,
  WAIT_MS = 100,
  // A login may wait for a new epoch as long as its server answers such questions; iscsid gives up after 15 s.
  LOGIN_MS = 14000,
  // When no server would have the device: until all are asked again, the first time and, twice as long each time, at most.
  PAUSE_MS_MIN = 20,
  PAUSE_MS_MAX = 200,
  // A connection that ends so soon was not worth having.
  SHORT_LIVED_MS = 1000,
  // How long a server that did not answer comes after the others.
  SUSPECT_MS = 3000,
  // A refusal of the first login by every server that answers is passed on when it has stood for so long, lest one that has just started
  // decides alone.
  REFUSAL_MS = 2000,
  // A connection whose other side hears nothing for so long is dead, though the server lives; looked for from half of it on.
  UNHEARD_MS = 30000,

  // How long a boot waits for a server that has its NBD device.
  NBD_ATTACH_MS = 120000,
  // A write cache of the machine's own: on less it is not made. Of the memory that is free it may be three quarters.
  CACHE_DISK_BYTES_MIN = 16 << 20,
  CACHE_RAM_BYTES_MIN = 16 << 20,
  // A disk is empty when so much at its beginning and at its end is.
  EMPTY_BYTES = 16 << 20,
  // What is copied and counted as one: 4 KiB, as file systems write.
  CACHE_CHUNK_SECTORS = 8,
  // How long a local disk may take to appear.
  CACHE_DISK_MS = 3000,
  // How often it is looked at, and said how it is: a part of it that is used more, or that anything changed.
  CACHE_LOOK_MS = 1000,
  CACHE_TOLD_PARTS = 50,
  CACHE_TOLD_MS = 30000,
  CACHE_WARN_PERCENT = 80,
  // How long a server has to take it in.
  REPORT_MS = 1000,
  // A machine that starts over says why, if a server hears it.
  REPORT_TRIES = 3,
  REPORT_PAUSE_MS_MAX = 16000,
  REPORT_BYTES_MAX = 256,

  // Of a disk that is sent: what goes in one request, and how many of these are told of at once where they are zeroes (CaptureEndpoint.cs).
  CAPTURE_CHUNK_BYTES = 4 << 20,
  CAPTURE_ZEROES_MAX = 4096,
  // How long local disks have to appear before the largest is chosen, and the one that was named.
  CAPTURE_SETTLE_MS = 3000,
  CAPTURE_DISK_MS = 30000,
  // How long a server has to take a request, and when it is asked again.
  CAPTURE_ANSWER_MS = 60000,
  CAPTURE_PAUSE_MS = 1000,
  CAPTURE_TOLD_PERCENT = 10,
  HTTP_ANSWER_BYTES_MAX = 2048,
  HTTP_LINE_BYTES_MAX = 256,

  // How long requests wait should this program be gone, before they fail: a machine without its root has nothing else to do.
  NBD_DEAD_LIMIT_S = 86400,
};
