# Sourced by an initramfs: the device's disk, by what the kernel's command line says.
#
#   hatchery.root=iscsi:SERVERS/IQN
#   hatchery.root=nbd:SERVERS/EXPORT
#   hatchery.root=ibft                     the disk that the firmware booted from; its server says which others there are, by HTTP
#                                          at hatchery.http=PORT (8069 unless told)
#   hatchery.others=SERVERS                that may have the disk later
#   hatchery.nbd=nbd-client                NBD by Debian's nbd-client instead of hatchery-root
#
# SERVERS is ADDRESS:PORT,ADDRESS:PORT... IQN and EXPORT are the farm's business and passed on as they are.

relay=127.0.0.1:3260

# attach: sets disk and partition, its first one, servers, and target, the disk's name there. iscsid_root is where iscsid lives, which goes on for as long as the
# machine runs: a place that is still there, with its /sys, when the root is another.
attach() {
  root=$(argument hatchery.root) others=$(argument hatchery.others)
  case $root in
    iscsi:*) attach_iscsi "${root#iscsi:}" ;;
    nbd:*) attach_nbd "${root#nbd:}" ;;
    ibft) attach_ibft ;;
    *) return 1 ;;
  esac
}

# argument NAME: its value on the kernel command line.
argument() {
  for word in $(cat /proc/cmdline); do
    case $word in "$1"=*) echo "${word#*=}" && return ;; esac
  done
  return 1
}

# http_get ADDRESS:PORT PATH: the body of an answer that is one, without carriage returns. By nc: the wget of a static busybox asks the C
# library what "http" is, and dies of that here. The request comes through a pipe that stays open until the answer is there: to the server, an
# asker who has no more to say has gone.
http_get() {
  request=/run/http-request
  rm -f $request
  mkfifo $request && exec 3<>$request || return 1
  printf 'GET %s HTTP/1.0\r\nHost: %s\r\n\r\n' "$2" "$1" >&3
  timeout 5 nc -w 3 "${1%:*}" "${1##*:}" <&3 | tr -d '\r' | {
    read -r version status reason
    [ "$status" = 200 ] && sed '1,/^$/d'
  }
  set -- $?
  exec 3>&-
  return $1
}

# within SECONDS COMMAND...: until it succeeds.
within() {
  tries=$(($1 * 10))
  shift
  until "$@"; do
    [ $((tries -= 1)) -gt 0 ] || return 1
    usleep 100000
  done
}

# attach_iscsi SERVERS/IQN [INITIATOR]: iscsid retries the portal that it began with and no other, so it gets one that is always
# there, which leads to whichever server lives.
attach_iscsi() {
  servers=${1%%/*}${others:+,$others} target=${1#*/}
  hatchery-root iscsi $relay "$servers" || return 1
  start_iscsid "${2:-iqn.2026-01.net.hatchery.client:hatchery-$(first_card)}" || return 1
  iscsiadm -m node -o new -T "$target" -p "$relay,1" &&
    iscsiadm -m node -T "$target" -p $relay --login && within 30 iscsi_disk
}

first_card() { cat /sys/class/net/*/device/net/*/address | head -n 1 | tr -d :; }

attach_ibft() {
  modprobe iscsi_ibft
  firmware=/sys/firmware/ibft
  for entry in $firmware/target*; do
    address=$(cat "$entry/ip-addr")
    portals=$portals,$address:$(cat "$entry/port") target=$(cat "$entry/target-name")
    others=$others,$(http_get "$address:$(argument hatchery.http || echo 8069)" /servers/iscsi)
  done
  others=$(echo "$others" | sed 's/,,*/,/g; s/^,//; s/,$//')
  attach_iscsi "${portals#,}/$target" "$(cat $firmware/initiator/initiator-name)"
}

# The kernel cannot log in by itself: iscsid does, now and after every loss of the server, for as long as the machine runs.
# iscsistart would not do: iscsid has to take its session over, which drops the connection and races with switch_root.
start_iscsid() {
  modprobe iscsi_tcp
  modprobe sd_mod
  mkdir -p /run/lock/iscsi "${iscsid_root%/}/run/lock/iscsi"
  echo "InitiatorName=$1" >"${iscsid_root%/}/etc/iscsi/initiatorname.iscsi"
  hatchery-root keep "$iscsid_root" /sbin/iscsid -c /etc/iscsi/iscsid.conf -i /etc/iscsi/initiatorname.iscsi
}

iscsi_disk() {
  for block in /sys/class/iscsi_session/*/device/target*/*/block/*; do
    [ -e "$block" ] || return 1
    disk=$(basename "$block") partition=${disk}1
  done
}

attach_nbd() {
  servers=${1%%/*}${others:+,$others} target=${1#*/}
  modprobe nbd nbds_max=1
  if [ "$(argument hatchery.nbd)" = nbd-client ]; then
    # Debian's own, where the initramfs has it: to the first server only, and not beyond that server's end.
    first=${servers%%,*}
    nbd-client "${first%:*}" "${first#*:}" /dev/nbd0 -N "$target" || return 1
  else
    hatchery-root nbd 0 "$target" "$servers" || return 1
  fi
  disk=nbd0 partition=nbd0p1
  : </dev/nbd0 # the kernel reads the partition table at the first open
}
