#include "daemon.h"
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

static int kernel_log = -1;

void say(const char *format, ...) {
  char line[400];
  int prefix = snprintf(line, sizeof line, "%shatchery-root: ", kernel_log < 0 ? "" : "<6>");
  va_list values;
  va_start(values, format);
  int length = prefix + vsnprintf(line + prefix, sizeof line - prefix - 1, format, values);
  va_end(values);
  if (length > (int)sizeof line - 2) length = sizeof line - 2;
  line[length++] = '\n';
  // What cannot be said is lost: nothing depends on it.
  if (write(kernel_log < 0 ? STDOUT_FILENO : kernel_log, line, length) < 0) return;
}

void become_indispensable(char **argv) {
  // https://systemd.io/ROOT_STORAGE_DAEMONS/
  argv[0][0] = '@';
#ifndef __SANITIZE_ADDRESS__
  mlockall(MCL_CURRENT | MCL_FUTURE);
#endif
  int score = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
  if (score >= 0) {
    if (write(score, "-1000", 5) < 0) say("the kernel may end this process when memory is short");
    close(score);
  }
#ifdef PR_SET_IO_FLUSHER
  prctl(PR_SET_IO_FLUSHER, 1, 0, 0, 0);
#endif
}

void go_to_background(void) {
  pid_t child = fork();
  if (child != 0) _exit(child < 0);
  setsid();
  signal(SIGHUP, SIG_IGN);
  signal(SIGINT, SIG_IGN);
  signal(SIGTERM, SIG_IGN);
  if (chdir("/") != 0) _exit(1);
  kernel_log = open("/dev/kmsg", O_WRONLY | O_CLOEXEC);
  int nothing = open("/dev/null", O_RDWR);
  for (int fd = 0; fd <= STDERR_FILENO; fd++) dup2(nothing, fd);
  if (nothing > STDERR_FILENO) close(nothing);
}
