#!/usr/bin/env bash
# systemd-host.sh FOLDER: a computer run by systemd, in namespaces of its own and in the network namespace that it is started in. It has
# this computer's files and none of its services; what it writes is in memory. Prints the process id of its systemd. SIGTERM switches it off.
set -euo pipefail
folder=$1 group=hatchery-$$ root=$1/root

main() {
  mount --make-rprivate /
  mkdir -p "$folder"/{cgroup,root,written}
  mount -t cgroup2 none "$folder/cgroup"
  mkdir "$folder/cgroup/$group"
  echo $$ >"$folder/cgroup/$group/cgroup.procs"
  setpriv --pdeathsig KILL unshare --fork --kill-child --mount --pid --uts --ipc --cgroup bash "$0" "$folder" boot &
  child=$!
  trap switch_off TERM
  wait "$child"
}

switch_off() {
  echo $$ >"$folder/cgroup/cgroup.procs"
  echo 1 >"$folder/cgroup/$group/cgroup.kill"
  wait "$child" || true
  until grep -q 'populated 0' "$folder/cgroup/$group/cgroup.events"; do sleep 0.02; done
  find "$folder/cgroup/$group" -depth -type d -exec rmdir {} +
  exit 0
}

boot() {
  local process rest name
  read -r process rest </proc/self/stat # here /proc is still everybody's

  mount -t tmpfs -o mode=755 none "$folder/written"
  mkdir "$folder/written"/{upper,work}
  mount -t overlay -o "lowerdir=/,upperdir=$folder/written/upper,workdir=$folder/written/work" none "$root"
  mount -t proc proc "$root/proc"
  mount --bind "$root/proc/sys" "$root/proc/sys"
  mount -o remount,bind,ro "$root/proc/sys" # the kernel is everybody's
  mount -t sysfs -o ro sysfs "$root/sys"
  mount -t cgroup2 none "$root/sys/fs/cgroup"
  for name in run tmp dev; do mount -t tmpfs -o mode=755 none "$root/$name"; done
  chmod 1777 "$root/tmp"
  for name in null zero full random urandom tty; do
    : >"$root/dev/$name"
    mount --bind "/dev/$name" "$root/dev/$name"
  done
  ln -s pts/ptmx "$root/dev/ptmx"

  # Nothing that is enabled on this computer is enabled there.
  rm -rf "$root/etc/systemd/system"
  mkdir "$root/etc/systemd/system"
  for name in "$root"/{usr/lib,etc}/systemd/system-generators; do
    [ ! -d "$name" ] || mount -t tmpfs none "$name"
  done

  cd "$root"
  pivot_root . mnt
  umount -l /mnt
  echo "systemd is process $process"
  export container=hatchery
  exec setpriv --bounding-set=-sys_module,-sys_rawio,-sys_time,-syslog \
    /lib/systemd/systemd --unit=multi-user.target </dev/null >/dev/null 2>&1
}

"${2:-main}"
