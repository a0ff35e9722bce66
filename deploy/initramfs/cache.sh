# Sourced behind attach.sh: where the farm says that what this machine writes is to lie in itself, it does, and its disk is only read.
#
#   hatchery.cache=PLACE[,BYTES]    ram, ram-disk (its memory first) or disk; of its memory so many bytes, or half of what is free
#   hatchery.cache-disk=make        a disk that is empty gets the partition hatchery-cache, when there is none

# place_cache: partition is the write cache's from then on.
place_cache() {
  cache=$(argument hatchery.cache) || return 0
  for driver in dm_snapshot loop virtio_blk nvme; do modprobe $driver; done
  make='' reports=''
  [ "$(argument hatchery.cache-disk)" = make ] && make=make-disk
  for server in $(echo "$servers" | tr , ' '); do
    reports=$reports${reports:+,}${server%:*}:$(argument hatchery.http || echo 8069)
  done
  partition=$(hatchery-root cache "$cache" "$disk" "$reports" "$target" $make) || return 1
}
