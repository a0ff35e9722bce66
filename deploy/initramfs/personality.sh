# Sourced behind attach.sh: what the farm has for this machine to know, asked for by HTTP with the name of its disk, which carries the boot's nonce.
#
#   /run/hatchery/personality        lines NAME="value", for a shell or systemd's EnvironmentFile=
#   /run/hatchery/personality.json   the same as JSON
#   /run/hatchery/hostname           the machine's name

# get_personality: of the first of $servers that gives it, for $target; a machine that gets none boots all the same.
get_personality() {
  mkdir -p /run/hatchery
  for round in 1 2 3; do
    for server in $(echo "$servers" | tr , ' '); do
      ask_personality "${server%:*}:$(argument hatchery.http || echo 8069)" && return
    done
    sleep 1
  done
  echo "hatchery: no server gave personality data"
}

# ask_personality ADDRESS:PORT: both files or none.
ask_personality() {
  (
    umask 077
    cd /run/hatchery &&
      http_get "$1" "/personality/$target?format=lines" >personality.new && http_get "$1" "/personality/$target" >json.new &&
      mv json.new personality.json && mv personality.new personality
  ) 2>/dev/null || return 1
  sed -n 's/^HATCHERY_HOST_NAME="\(.*\)"$/\1/p' /run/hatchery/personality | head -n 1 >/run/hatchery/hostname
  cat /run/hatchery/hostname >/proc/sys/kernel/hostname
}

# keep_hostname ROOT: a system that has a name of its own in its image gets this one in its place, or systemd would go back to that.
keep_hostname() {
  [ -s /run/hatchery/hostname ] && [ -s "$1/etc/hostname" ] || return 0
  mount -o bind /run/hatchery/hostname "$1/etc/hostname"
}
