// hatchery-root: keeps the disk that a machine runs from while the servers of its farm come and go.
#define _GNU_SOURCE
#include "cache.h"
#include "capture.h"
#include "daemon.h"
#include "device.h"
#include "relay.h"
#include "servers.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int usage(void) {
  fputs("usage: hatchery-root [-f] iscsi LISTEN SERVERS       a portal at LISTEN that leads to whichever server lives\n"
        "       hatchery-root [-f] nbd INDEX EXPORT SERVERS    attaches /dev/nbdINDEX and keeps it attached\n"
        "       hatchery-root keep ROOT PROGRAM [ARGUMENT...]  runs a program that the root depends on, with ROOT as its own\n"
        "       hatchery-root [-f] cache PLACE DISK SERVERS NAME [make-disk]\n"
        "                                                       has what is written to DISK, which can only be read, lie in the machine\n"
        "       hatchery-root capture SERVER NAME [DISK]       sends DISK, or the largest one, to ADDRESS:PORT, which knows it by NAME\n"
        "LISTEN is ADDRESS:PORT, SERVERS is ADDRESS:PORT,ADDRESS:PORT... It goes on in the background once the portal or the\n"
        "device is there; with -f it stays in the foreground. PLACE is ram, ram-disk or disk, with ,BYTES of memory; the last two want\n"
        "a partition named hatchery-cache, which make-disk makes on a disk that is empty. SERVERS are told by HTTP how full it is, under\n"
        "the NAME of the machine's disk. Prints the name of what is the first partition now.\n",
        stderr);
  return 64;
}

static int iscsi(int foreground, const char *listen_at, const char *list, char **argv) {
  struct address at;
  struct servers *servers = servers_parse(list);
  if (!servers || !address_parse(listen_at, strlen(listen_at), &at)) return usage();
  int listener = relay_listen(&at);
  if (listener < 0) {
    perror("hatchery-root: listen");
    return 1;
  }
  say("%s leads to %s", at.text, list);
  if (!foreground) go_to_background();
  become_indispensable(argv);
  relay_run(listener, servers, foreground, argv);
}

static int nbd(int foreground, const char *index, const char *export, const char *list, char **argv) {
  struct servers *servers = servers_parse(list);
  if (!servers || strlen(export) > NBD_NAME_BYTES_MAX) return usage();
  struct device *device = device_attach(atoi(index), export, servers);
  if (!device) return 1;
  if (!foreground) go_to_background();
  become_indispensable(argv);
  device_serve(device);
  return 0;
}

static int cache(int foreground, char **words, int may_make, char **argv) {
  struct servers *servers = servers_parse(words[4]);
  if (!servers || strlen(words[5]) > NBD_NAME_BYTES_MAX) return usage();
  struct cache *made = cache_make(words[2], words[3], servers, words[5], may_make);
  if (!made) return 1;
  printf("dm-%d\n", cache_first_partition(made));
  fflush(stdout);
  if (!foreground) go_to_background();
  become_indispensable(argv);
  cache_watch(made);
}

// The program's name gets the mark that has systemd let it live, and what it does not take from its parent it has already.
static int keep(const char *root, char **argv) {
  char name[256];
  if (chroot(root) != 0 || chdir("/") != 0) {
    perror(root);
    return 1;
  }
  snprintf(name, sizeof name, "@%s", argv[0]);
  become_indispensable((char *[]){name});
  const char *program = argv[0];
  argv[0] = name;
  execvp(program, argv);
  perror(program);
  return 127;
}

int main(int argc, char **argv) {
  int foreground = argc > 1 && strcmp(argv[1], "-f") == 0, count = argc - foreground;
  char **words = argv + foreground;
  if (count == 4 && strcmp(words[1], "iscsi") == 0) return iscsi(foreground, words[2], words[3], argv);
  if (count == 5 && strcmp(words[1], "nbd") == 0) return nbd(foreground, words[2], words[3], words[4], argv);
  int may_make = count == 7 && strcmp(words[6], "make-disk") == 0;
  if ((count == 6 || may_make) && strcmp(words[1], "cache") == 0) return cache(foreground, words, may_make, argv);
  if ((count == 4 || count == 5) && strcmp(words[1], "capture") == 0) return capture(words[2], words[3], words[4]) ? usage() : 0;
  if (count > 3 && !foreground && strcmp(words[1], "keep") == 0) return keep(words[2], words + 3);
  return usage();
}
