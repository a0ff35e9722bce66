#!/usr/bin/env bash
# build.sh FOLDER: a small but whole Debian with systemd, kernel and hatchery-root's package, installed as anybody would.
#   disk.raw              partition 1: ext4, the root
#   vmlinuz, initrd.img   that system's own, as its update-initramfs made it
#   tls.pem, tls.key      of the server at 10.77.0.1, by the authority that the system trusts; farm.key, what its secrets are sealed with
# Builds again only when something that goes into it has changed.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
deploy=$here/../../../deploy
mkdir -p "$1"
out=$(cd "$1" && pwd)
disk_mebibytes=700

exec 9>"$out/.lock"
flock 9
inputs=$(cd "$here" && cat ./* "$deploy/image/guest-io.c" <(find "$deploy/initramfs" -type f -print0 | sort -z | xargs -0 cat) | sha256sum)
if [ "$(cat "$out/.inputs" 2>/dev/null)" = "$inputs" ]; then exit 0; fi
rm -f "$out/.inputs"

work=$(mktemp -d "$out/.work.XXXXXX")
trap 'rm -rf "$work"' EXIT

# certificate NAME SUBJECT MORE...: by openssl, in two files.
certificate() {
  local name=$1 subject=$2
  shift 2
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 3650 -subj "/CN=$subject" \
    -keyout "$out/$name.key" -out "$out/$name.pem" "$@" 2>"$work/log" || { cat "$work/log" >&2; exit 1; }
}
certificate ca "a test's farm"
certificate tls 10.77.0.1 -CA "$out/ca.pem" -CAkey "$out/ca.key" -addext subjectAltName=IP:10.77.0.1 -addext basicConstraints=CA:FALSE
(umask 077 && openssl rand -base64 32 >"$out/farm.key")
bash "$deploy/initramfs/package/build.sh" "$work" --ca "$out/ca.pem"
gcc -static -Os -s -o "$work/guest-io" "$deploy/image/guest-io.c"

mmdebstrap --mode=root --variant=minbase --quiet --skip=output/dev \
  --include=systemd-sysv,systemd,udev,kmod,iproute2,busybox,zstd,initramfs-tools,open-iscsi,openssl,linux-image-cloud-amd64 \
  --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
  --customize-hook="cp $work/hatchery-root_*.deb \$1/tmp/hatchery-root.deb" \
  --customize-hook='chroot "$1" dpkg --install /tmp/hatchery-root.deb' \
  --customize-hook="install -m 755 $work/guest-io \$1/usr/bin/guest-io" \
  --customize-hook="install -m 644 $here/hatchery-test.service \$1/etc/systemd/system/" \
  --customize-hook="install -m 755 $here/hatchery-test \$1/usr/bin/" \
  --customize-hook='chroot "$1" systemctl enable hatchery-test systemd-networkd' \
  --customize-hook='chroot "$1" systemctl mask serial-getty@ttyS0.service' \
  --customize-hook='rm -f "$1"/tmp/*.deb "$1"/etc/resolv.conf; echo debian >"$1/etc/hostname"' \
  bookworm "$work/root" >"$work/log" 2>&1 || { tail -n 30 "$work/log" >&2; exit 1; }

cp "$work"/root/boot/vmlinuz-* "$out/vmlinuz"
cp "$work"/root/boot/initrd.img-* "$out/initrd.img"
rm -f "$work"/root/boot/initrd.img-* "$work"/root/var/cache/apt/*.bin
raw=$work/disk.raw
truncate -s $((disk_mebibytes + 2))M "$raw"
printf 'label: dos\nstart=1MiB, size=%sMiB, type=83\n' $disk_mebibytes | sfdisk -q "$raw"
mke2fs -q -t ext4 -F -L root -m 0 -d "$work/root" -E offset=$((1 << 20)) "$raw" ${disk_mebibytes}M
mv "$raw" "$out/disk.raw"
echo "$inputs" >"$out/.inputs"
