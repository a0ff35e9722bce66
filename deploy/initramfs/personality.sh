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

# get_secrets: once, from the first server that gives them, over TLS, where this initramfs was built with the farm's certificate authority; each lies
# in a file of its name below /run/hatchery/secrets, for root alone.
get_secrets() {
  [ -e /etc/hatchery-ca.pem ] || return 0
  for server in $(echo "$servers" | tr , ' '); do
    ask_secrets "${server%:*}" "$(argument hatchery.https || echo 8443)" && return
  done
}

# ask_secrets ADDRESS PORT: fails when no answer came.
ask_secrets() (
  umask 077
  mkdir -p /run/hatchery/secrets
  cd /run/hatchery/secrets || return 1
  printf 'GET /secrets/%s HTTP/1.0\r\nHost: %s\r\n\r\n' "$target" "$1" |
    timeout 10 openssl s_client -quiet -verify_quiet -verify_return_error -verify_ip "$1" -CAfile /etc/hatchery-ca.pem -connect "$1:$2" 2>/dev/null |
    tr -d '\r' >.answer
  read -r version status reason <.answer
  case $status in
    200) sed '1,/^$/d' .answer | while read -r name secret; do echo "$secret" | base64 -d >"$name"; done ;;
    403) echo "hatchery: no secrets from $1: $(sed '1,/^$/d' .answer)" ;;
    404) ;; # it has none
    *) status= ;;
  esac
  rm .answer
  [ -n "$status" ]
)
