// gpt-make FILE: what hatchery-root does with a local disk that has no partition for the write cache. 1: the disk is not empty.
#include "gpt.h"
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

int main(int argc, char **argv) {
  int fd = argc == 3 ? open(argv[1], O_RDWR) : -1;
  off_t bytes = lseek(fd, 0, SEEK_END);
  if (fd < 0 || bytes < 0) return 64;
  if (!disk_is_empty(fd, bytes)) return 1;
  return gpt_write(fd, bytes, atoi(argv[2])) == 0 ? 0 : 2;
}
