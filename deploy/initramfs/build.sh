#!/usr/bin/env bash
# build.sh FOLDER [--ca FILE]: a kernel and an initramfs for machines that boot over the network, from Debian's packages.
#   vmlinuz, initrd.img   what pbm vdisk import wants as --kernel and --initrd; the image needs no more than an ext4 file system in its
#                         first partition with an /sbin/init
#   nbd-client.img        Debian's nbd-client, to be appended to initrd.img
#   kernel/               the kernel's package, unpacked
# With --ca it has openssl and that certificate authority, and asks for the machine's secrets.
# Builds again only when something that goes into it has changed.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
ca=
if [ "${2:-}" = --ca ]; then ca=$(realpath "$3"); fi
mkdir -p "$1"
out=$(cd "$1" && pwd)
# shellcheck source=tree.sh
. "$here/tree.sh"

# Each with what it depends on.
modules=(virtio_pci virtio_net iscsi_tcp iscsi_ibft sd_mod nbd crc32c_generic crc32c_intel ext4
  dm_snapshot loop virtio_blk nvme)

main() {
  exec 8>"$out/.initramfs.lock"
  flock 8
  local inputs
  inputs=$(cd "$here" && find . -type f -print0 | sort -z | xargs -0 sha256sum | cat - ${ca:+"$ca"} | sha256sum)
  if [ "$(cat "$out/.initramfs.inputs" 2>/dev/null)" = "$inputs" ]; then return; fi
  rm -f "$out/.initramfs.inputs"
  bash "$here/../install-packages.sh"

  work=$(mktemp -d "$out/.work.XXXXXX")
  trap 'rm -rf "$work"' EXIT
  get_kernel
  make_initrd
  echo "$inputs" >"$out/.initramfs.inputs"
}

get_kernel() {
  if [ ! -e "$out/kernel/.complete" ]; then
    rm -rf "$out/kernel"
    mkdir "$out/kernel"
    local package
    package=$(newest_kernel) || { apt-get update -qq && package=$(newest_kernel); }
    (cd "$work" && apt-get download -qq -o APT::Sandbox::User=root "$package")
    dpkg-deb -x "$work/$package"_*.deb "$out/kernel"
    depmod -b "$out/kernel" "$(ls "$out/kernel/lib/modules")"
    touch "$out/kernel/.complete"
  fi
  use_kernel "$out/kernel"
  cp "$kernel/boot/vmlinuz-$version" "$out/vmlinuz"
}

newest_kernel() {
  apt-cache depends linux-image-cloud-amd64 2>/dev/null | sed -n 's/ *Depends: \(linux-image-.*\)/\1/p' | grep -m 1 .
}

make_initrd() {
  local tree=$work/initrd program
  make_tree "$tree" newroot
  add_modules "$tree" "${modules[@]}"
  for program in iscsid iscsiadm iscsistart; do add_program "$tree" "/sbin/$program"; done
  bash "$here/client/build.sh" "$tree/sbin/hatchery-root"
  install -m 755 "$here/init" "$tree/init"
  install -D -m 644 "$here/attach.sh" "$tree/lib/hatchery/attach.sh"
  install -D -m 644 "$here/personality.sh" "$tree/lib/hatchery/personality.sh"
  install -D -m 644 "$here/cache.sh" "$tree/lib/hatchery/cache.sh"
  install -D -m 644 "$here/capture.sh" "$tree/lib/hatchery/capture.sh"
  install -D -m 644 "$here/iscsid.conf" "$tree/etc/iscsi/iscsid.conf"
  if [ -n "$ca" ]; then
    # The machines' secrets are asked for over TLS, of servers that this authority vouches for.
    add_program "$tree" /usr/bin/openssl
    install -m 644 "$ca" "$tree/etc/hatchery-ca.pem"
  fi
  pack "$tree" >"$out/initrd.img"

  add_program "$work/nbd-client" /sbin/nbd-client
  pack "$work/nbd-client" >"$out/nbd-client.img"
}

main
