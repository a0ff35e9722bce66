#pragma once
#include "net.h"
#include "servers.h"

// The portal that iscsid is told of: it is always there, holds a login until a server takes it, and ends a connection as soon as
// its server is gone, so that iscsid logs in again at once (it retries the portal that it began with and no other).
int relay_listen(const struct address *at);
// Never returns. Connections are served by processes of their own, made now: making one when a server is gone would take memory.
// They end with this one when it runs in the foreground.
_Noreturn void relay_run(int listener, struct servers *servers, int foreground, char **argv);
