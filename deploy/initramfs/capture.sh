# Sourced behind attach.sh: where the farm says so, this machine sends a disk of its own, and does nothing else.
#
#   hatchery.capture=ADDRESS:PORT/NAME    where to, and under which name
#   hatchery.capture-disk=/dev/sda        that one; the largest unless told
#   hatchery.capture-then=restart         then it restarts; it switches itself off unless told

# send_disk: does not come back when there is one to send.
send_disk() {
  capture=$(argument hatchery.capture) || return 0
  for driver in virtio_blk nvme sd_mod; do modprobe $driver; done
  # shellcheck disable=SC2046 # none is no word
  hatchery-root capture "${capture%%/*}" "${capture#*/}" $(argument hatchery.capture-disk)
  sleep 5 # for who reads the console
  [ "$(argument hatchery.capture-then)" = restart ] && reboot -f
  poweroff -f
}
