#!/usr/bin/env bash
# Installs what packages.txt names and this machine lacks; silent when nothing does.
set -euo pipefail
here=$(dirname "$0")

mapfile -t wanted < <(grep -Ev '^(#|$)' "$here/packages.txt")
installed=$(dpkg-query -W -f '${db:Status-Abbrev} ${binary:Package}\n' | sed -n 's/^ii  *\([^:]*\).*/\1/p')
mapfile -t missing < <(printf '%s\n' "${wanted[@]}" | grep -vxF "$installed")
[ ${#missing[@]} -gt 0 ] || exit 0

[ "$(id -u)" = 0 ] || { echo "to be installed as root: ${missing[*]}" >&2; exit 1; }
echo "installing: ${missing[*]}"
# Debian's PostgreSQL would make a cluster of its own and start it; the tests make theirs.
if [ ! -e /etc/postgresql-common/createcluster.conf ]; then
  mkdir -p /etc/postgresql-common
  echo 'create_main_cluster = false' >/etc/postgresql-common/createcluster.conf
fi
# Nor is anything else to be started, now or at the next start of this machine: tests start their own.
if [ ! -e /etc/init.d/tgt ] && [ ! -e /etc/systemd/system/tgt.service ]; then
  mkdir -p /etc/systemd/system
  ln -s /dev/null /etc/systemd/system/tgt.service
fi
policy=/usr/sbin/policy-rc.d
if [ ! -e $policy ]; then
  printf '#!/bin/sh\nexit 101\n' >$policy
  chmod 755 $policy
  ours=$policy
fi
export DEBIAN_FRONTEND=noninteractive
log=$(mktemp)
trap 'rm -f "$log" ${ours:-}' EXIT
if ! { apt-get update && apt-get install -y --no-install-recommends -o Dpkg::Options::=--force-confold "${missing[@]}"; } >"$log" 2>&1; then
  tail -n 20 "$log" >&2
  exit 1
fi
