#!/usr/bin/env bash
# build.sh FOLDER [--ca FILE]: hatchery-root_VERSION_ARCHITECTURE.deb, which makes an installed Debian's own initramfs one that finds its root at a
# Hatchery farm and keeps it when servers die. Without hatchery.root= or hatchery.capture= on the kernel's command line it changes nothing.
# With --ca it has that certificate authority as /etc/hatchery-root/ca.pem, and the initramfs asks for the machine's secrets.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
initramfs=$here/..
out=$1
ca=
if [ "${2:-}" = --ca ]; then ca=$3; fi
version=$(sed -n 's|.*<Version>\(.*\)</Version>.*|\1|p' "$here/../../../Directory.Build.props")
architecture=$(dpkg --print-architecture)
mkdir -p "$out"

tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
chmod 755 "$tree"

put() { install -D -m "$1" "$2" "$tree$3"; }

mkdir -p "$tree/usr/sbin" "$tree/DEBIAN"
bash "$initramfs/client/build.sh" "$tree/usr/sbin/hatchery-root"
put 755 "$here/hook" /usr/share/initramfs-tools/hooks/hatchery
put 755 "$here/local-top" /usr/share/initramfs-tools/scripts/local-top/hatchery
put 755 "$here/local-bottom" /usr/share/initramfs-tools/scripts/local-bottom/hatchery
put 644 "$initramfs/attach.sh" /usr/share/hatchery-root/attach.sh
put 644 "$initramfs/personality.sh" /usr/share/hatchery-root/personality.sh
put 644 "$initramfs/cache.sh" /usr/share/hatchery-root/cache.sh
put 644 "$initramfs/capture.sh" /usr/share/hatchery-root/capture.sh
put 644 "$initramfs/iscsid.conf" /usr/share/hatchery-root/iscsid.conf
for unit in iscsid.socket iscsid.service open-iscsi.service; do
  put 644 "$here/not-here.conf" "/usr/lib/systemd/system/$unit.d/hatchery-root.conf"
done
put 644 "$here/hatchery-root.network" /usr/lib/systemd/network/05-hatchery-root.network
put 644 "$here/README" /usr/share/doc/hatchery-root/README
if [ -n "$ca" ]; then
  put 644 "$ca" /etc/hatchery-root/ca.pem
  echo /etc/hatchery-root/ca.pem >"$tree/DEBIAN/conffiles"
fi

echo 'activate-noawait update-initramfs' >"$tree/DEBIAN/triggers"
cat >"$tree/DEBIAN/control" <<END
Package: hatchery-root
Version: $version
Architecture: $architecture
Maintainer: Hatchery <root@localhost>
Depends: initramfs-tools, busybox, open-iscsi, kmod, openssl
Section: admin
Priority: optional
Description: root file system from a Hatchery farm
 Puts into this system's initramfs what finds its disk at a farm of Hatchery
 servers, by iSCSI or NBD, and keeps it when the server that it came from dies.
END
dpkg-deb --root-owner-group --build "$tree" "$out/hatchery-root_${version}_$architecture.deb" >/dev/null
