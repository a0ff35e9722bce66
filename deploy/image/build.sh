#!/usr/bin/env bash
# build.sh FOLDER: a small Linux to boot over the network, for the demo and the tests.
#   vmlinuz, initrd.img, nbd-client.img   of deploy/initramfs: for booting by HTTP, with the root by iSCSI or NBD
#   disk.raw, disk.qcow2  partition 1: ext4, the root; partition 2: FAT, boot loaders for BIOS and UEFI, kernel and initrd
#                         for firmware that boots the disk
# Needs no mounts and no loop devices. Builds again only when something that goes into it has changed.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
initramfs=$here/../initramfs
mkdir -p "$1"
out=$(cd "$1" && pwd)
# shellcheck source=../initramfs/tree.sh
. "$initramfs/tree.sh"

# In MiB; a partition begins where the one before it ends.
root_at=1 root_size=95 boot_at=96 boot_size=32

root_modules=(qemu_fw_cfg)

main() {
  exec 9>"$out/.lock"
  flock 9
  local inputs
  inputs=$(cd "$here/.." && find image initramfs -type f -print0 | sort -z | xargs -0 sha256sum | sha256sum)
  if [ "$(cat "$out/.inputs" 2>/dev/null)" = "$inputs" ]; then return; fi
  rm -f "$out/.inputs"
  bash "$initramfs/build.sh" "$out"

  work=$(mktemp -d "$out/.work.XXXXXX")
  trap 'rm -rf "$work"' EXIT
  use_kernel "$out/kernel"
  make_root
  make_disk
  echo "$inputs" >"$out/.inputs"
}

make_root() {
  local tree=$work/root applet
  make_tree "$tree" var root
  for applet in $(busybox --list); do
    [ "$applet" = busybox ] || ln -s busybox "$tree/bin/$applet"
  done
  add_modules "$tree" "${root_modules[@]}"
  compile "$here/guest-io.c" "$tree/bin/guest-io"
  cp -a "$here/root/." "$tree/"
  chmod 755 "$tree/sbin/hatchery-guest"
  ln -s hatchery-guest "$tree/sbin/init"
}

make_disk() {
  local raw=$work/disk.raw boot=$work/disk.raw@@${boot_at}M
  truncate -s $((boot_at + boot_size))M "$raw"
  sfdisk -q "$raw" <<END
label: dos
start=${root_at}MiB, size=${root_size}MiB, type=83
start=${boot_at}MiB, size=${boot_size}MiB, type=e, bootable
END
  # Blocks that a disk with sectors of 4096 bytes can hold, too.
  mke2fs -q -t ext4 -F -b 4096 -L root -m 0 -d "$work/root" -E "offset=$((root_at << 20)),root_owner=0:0" "$raw" ${root_size}M

  export MTOOLS_SKIP_CHECK=1
  mformat -i "$boot" -T $((boot_size << 11)) -h 255 -s 63 -H $((boot_at << 11)) -v HATCHERY ::
  mcopy -i "$boot" "$out/vmlinuz" "$out/initrd.img" "$here/syslinux.cfg" ::
  mmd -i "$boot" ::/EFI ::/EFI/BOOT ::/loader ::/loader/entries
  mcopy -i "$boot" /usr/lib/systemd/boot/efi/systemd-bootx64.efi ::/EFI/BOOT/BOOTX64.EFI
  mcopy -i "$boot" "$here/loader.conf" ::/loader/entries/hatchery.conf
  syslinux --install --offset $((boot_at << 20)) "$raw"
  dd if=/usr/lib/syslinux/mbr/mbr.bin of="$raw" bs=440 count=1 conv=notrunc status=none

  qemu-img convert -O qcow2 "$raw" "$out/disk.qcow2"
  mv "$raw" "$out/disk.raw"
}

compile() { gcc -static -Os -s -Wall -Wextra -Werror -o "$2" "$1"; }

main
