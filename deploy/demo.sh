#!/usr/bin/env bash
# demo.sh [--keep]: a machine without a disk boots from a Hatchery server, on this computer, from nothing but Debian 12, root and the
# .NET 10 SDK. Leaves nothing behind; with --keep the server and its network stay, and it is said what to do with them.
set -euo pipefail
cd "$(dirname "$0")/.."

keep=false
case "${1:-}" in
  '') ;;
  --keep) keep=true ;;
  *) echo "usage: $0 [--keep]" >&2; exit 64 ;;
esac

network=hatchery-demo
address=10.77.0.1
mac=52:54:00:77:00:01
guest=$PWD/artifacts/guest
folder=$PWD/artifacts/demo
server=src/Hatchery.Server/bin/Debug/net10.0/hatchery
pbm=src/Pbm/bin/Debug/net10.0/pbm
boot_limit_s=120

main() {
  [ "$(id -u)" = 0 ] || fail "run me as root: I make a network namespace"
  command -v dotnet >/dev/null || fail "the .NET 10 SDK is missing (dotnet is not in PATH)"
  trap clean_up EXIT
  trap 'exit 130' INT TERM
  remove_network # a former run's, kept or killed
  rm -rf "$folder"
  mkdir -p "$folder/server"

  say "Debian packages"
  bash deploy/install-packages.sh
  say "building"
  build
  say "a small Linux to boot"
  bash deploy/image/build.sh "$guest"

  say "a network of its own ($network) and a server on it"
  make_network
  start_server
  say "a vDisk and a device"
  pbm vdisk import guest "$guest/disk.qcow2" --kernel "$guest/vmlinuz" --initrd "$guest/initrd.img" --arguments "console=ttyS0 panic=5"
  pbm device add machine-1 $mac
  pbm device assign machine-1 guest --transport san
  say "power on: the machine's console"
  power_on
  say "what the farm knows of it"
  pbm device show machine-1
  pbm vdisk show guest
  power_off
  if $keep; then explain; else say "done in $SECONDS s"; fi
}

say() { printf '\n\033[1m== %s\033[0m\n' "$*"; }

fail() {
  echo "demo: $*" >&2
  exit 1
}

inside() { ip netns exec $network "$@"; }

pbm() {
  echo "\$ pbm $*"
  inside $pbm 127.0.0.1:9110 "$@"
}

build() {
  local log=$folder/build.log
  for project in src/Hatchery.Server src/Pbm; do
    dotnet build $project -v q -nologo >"$log" 2>&1 || { grep -E 'error' "$log" | sort -u | head -20 >&2; fail "the build failed"; }
  done
}

make_network() {
  ip netns add $network
  ip -n $network link set lo up
  ip -n $network link add br0 type bridge stp_state 0 forward_delay 0 mcast_snooping 0
  ip -n $network addr add $address/24 dev br0
  ip -n $network link set br0 up
  ip -n $network tuntap add dev tap1 mode tap
  ip -n $network link set tap1 master br0 up
}

# Everything that runs in the namespace is ours, whichever run started it.
remove_network() {
  [ -e /run/netns/$network ] || return 0
  ip netns pids $network | xargs -r kill -KILL || true
  ip netns del $network
}

start_server() {
  HATCHERY_ADDRESS=$address HATCHERY_FOLDER=$folder/server \
    inside $server run --config deploy/lab.conf >"$folder/server.log" 2>&1 &
  local server_pid=$! started=$SECONDS
  until grep -q 'hatchery ready' "$folder/server.log"; do
    kill -0 $server_pid 2>/dev/null && [ $((SECONDS - started)) -lt 30 ] || { cat "$folder/server.log" >&2; fail "the server did not start"; }
    sleep 0.1
  done
  disown $server_pid
}

# Shows the console until the guest has said all that it says by itself.
power_on() {
  local console=$folder/console.log line
  : >"$console"
  timeout $boot_limit_s bash deploy/machine.sh $network tap1 $mac -no-reboot >"$console" 2>&1 </dev/null &
  machine=$!
  # Without the terminal's escape sequences, one of which would clear this screen, and without the kernel's own messages.
  exec 3< <(tail -n +1 -f --pid=$machine "$console" | sed -u -E 's/\x1b[^A-Za-z]*[A-Za-z]|[\r\x08]//g; /^(\[ *[0-9]+\.|$)/d')
  while IFS= read -r line <&3; do
    echo "  | $line"
    [[ $line != BOOT-DONE* ]] || break
  done
  exec 3<&-
  grep -q BOOT-DONE "$console" || fail "the machine did not come up; its console is in $console, the server's log beside it"
}

power_off() {
  kill $machine
  wait $machine || true
}

explain() {
  say "kept: the server goes on"
  cat <<END
  another machine, its console here (leave it by Ctrl+C):
    ip -n $network tuntap add dev tap2 mode tap; ip -n $network link set tap2 master br0 up
    P="ip netns exec $network $PWD/$pbm 127.0.0.1:9110"
    \$P device add machine-2 52:54:00:77:00:02; \$P device assign machine-2 guest --transport nbd
    bash $PWD/deploy/machine.sh $network tap2 52:54:00:77:00:02
  operators' commands:  ip netns exec $network $PWD/$pbm
  the server's log:     $folder/server.log
  the end:              kill \$(ip netns pids $network); ip netns del $network; rm -r $folder
END
}

clean_up() {
  local code=$?
  if $keep && [ $code = 0 ]; then return; fi
  remove_network
  # After a failure the logs are what one needs; 130 is Ctrl+C.
  case $code in 0 | 130) rm -rf "$folder" ;; esac
}

main
