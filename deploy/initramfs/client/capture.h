// Sends a disk of this machine to a server of its farm (Hatchery.Boot/Capture/CaptureEndpoint.cs takes it).
#pragma once

// NAME is the machine's, with the nonce of its boot; DISK a path, or NULL for the largest one. Says how it ended. Returns -1 when SERVER is no
// ADDRESS:PORT, or NAME too long.
int capture(const char *server, const char *name, const char *disk);
