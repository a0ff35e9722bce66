#!/usr/bin/env bash
# build.sh FOLDER: a small Linux to boot over the network, for the demo and the tests.
#   vmlinuz, initrd.img   for booting by HTTP, with the root by iSCSI or NBD
#   nbd-client.img        Debian's nbd-client, to be appended to initrd.img
#   disk.raw, disk.qcow2  partition 1: ext4, the root; partition 2: FAT, boot loaders for BIOS and UEFI, kernel and initrd
#                         for firmware that boots the disk
# Needs no mounts and no loop devices. Builds again only when something that goes into it has changed.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
client=$here/../client
mkdir -p "$1"
out=$(cd "$1" && pwd)

# In MiB; a partition begins where the one before it ends.
root_at=1 root_size=95 boot_at=96 boot_size=32

# Each with what it depends on.
initrd_modules=(virtio_pci virtio_net iscsi_tcp iscsi_ibft sd_mod nbd crc32c_generic crc32c_intel ext4)
root_modules=(qemu_fw_cfg)

main() {
  exec 9>"$out/.lock"
  flock 9
  local inputs
  inputs=$(cd "$here/.." && find image client -type f -print0 | sort -z | xargs -0 sha256sum | sha256sum)
  if [ "$(cat "$out/.inputs" 2>/dev/null)" = "$inputs" ]; then return; fi
  rm -f "$out/.inputs"
  bash "$here/../install-packages.sh"

  work=$(mktemp -d "$out/.work.XXXXXX")
  trap 'rm -rf "$work"' EXIT
  get_kernel
  make_initrd
  make_root
  make_disk
  echo "$inputs" >"$out/.inputs"
}

# Sets kernel (a folder with boot/ and lib/modules/) and version.
get_kernel() {
  kernel=$out/kernel
  if [ ! -e "$kernel/.complete" ]; then
    rm -rf "$kernel"
    mkdir "$kernel"
    local package
    package=$(newest_kernel) || { apt-get update -qq && package=$(newest_kernel); }
    (cd "$work" && apt-get download -qq -o APT::Sandbox::User=root "$package")
    dpkg-deb -x "$work/$package"_*.deb "$kernel"
    touch "$kernel/.complete"
  fi
  version=$(ls "$kernel/lib/modules")
  depmod -b "$kernel" "$version"
  cp "$kernel/boot/vmlinuz-$version" "$out/vmlinuz"
}

newest_kernel() {
  apt-cache depends linux-image-cloud-amd64 2>/dev/null | sed -n 's/ *Depends: \(linux-image-.*\)/\1/p' | grep -m 1 .
}

make_initrd() {
  local tree=$work/initrd program
  make_tree "$tree" newroot
  add_modules "$tree" "${initrd_modules[@]}"
  for program in iscsid iscsiadm iscsistart; do add_program "$tree" "/sbin/$program"; done
  compile "$client/hatchery-nbd.c" "$tree/sbin/hatchery-nbd"
  install -m 755 "$client/init" "$tree/init"
  install -D -m 644 "$client/iscsid.conf" "$tree/etc/iscsi/iscsid.conf"
  pack "$tree" >"$out/initrd.img"

  add_program "$work/nbd-client" /sbin/nbd-client
  pack "$work/nbd-client" >"$out/nbd-client.img"
}

pack() { (cd "$1" && find . -print0 | cpio -0 -o -H newc --quiet --owner=0:0) | zstd -q -6 -T0; }

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
  mke2fs -q -t ext4 -F -L root -m 0 -d "$work/root" -E "offset=$((root_at << 20)),root_owner=0:0" "$raw" ${root_size}M

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

# make_tree FOLDER MORE...: what both file systems have.
make_tree() {
  local tree=$1
  shift
  (umask 022 && cd / && mkdir -p "$tree"/{bin,sbin,dev,etc,proc,run,sys,tmp} "${@/#/$tree/}")
  install -m 755 /bin/busybox "$tree/bin/busybox"
  install -m 755 "$client/udhcpc.sh" "$tree/etc/udhcpc.sh"
  echo 'root:x:0:0:root:/root:/bin/sh' >"$tree/etc/passwd" # iscsid asks for it
}

add_modules() {
  local tree=$1 folder=lib/modules/$version module file
  shift
  for module; do
    modprobe -d "$kernel" -S "$version" --show-depends "$module" | sed -n 's/^insmod \([^ ]*\).*/\1/p'
  done | sort -u | while read -r file; do
    install -D -m 644 "$file" "$tree/${file#"$kernel/"}"
  done
  cp "$kernel/$folder"/modules.{order,builtin,builtin.modinfo} "$tree/$folder/"
  depmod -b "$tree" "$version"
}

# With the libraries that it is linked with.
add_program() {
  local tree=$1 program=$2 library
  install -D -m 755 "$program" "$tree$program"
  for library in $(ldd "$program" | grep -o '/[^ ]*'); do
    [ -e "$tree$library" ] || install -D -m 755 "$(readlink -f "$library")" "$tree$library"
  done
}

compile() { gcc -static -Os -s -Wall -Wextra -Werror -o "$2" "$1"; }

main
