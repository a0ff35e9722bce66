#!/usr/bin/env bash
# machine.sh NAMESPACE TAP MAC [QEMU ARGUMENT...]: a machine without a disk, BIOS, booting from its network card; its console is this
# terminal. Becomes the virtual machine's process, so that who started it can end it.
#
# Never KVM: where /dev/kvm exists it may still be unable to run a kernel.
set -euo pipefail
exec ip netns exec "$1" qemu-system-x86_64 -nodefaults -display none -serial stdio \
  -M pc,graphics=off -accel tcg -m 256 -device virtio-rng-pci \
  -netdev "tap,id=card,ifname=$2,script=no,downscript=no" \
  -device "virtio-net-pci,netdev=card,mac=$3,bootindex=1" "${@:4}"
