#!/usr/bin/env bash
# machine.sh NAMESPACE TAP MAC [QEMU ARGUMENT...]: a machine without a disk, booting from its network card; its console is this
# terminal. Becomes the virtual machine's process, so that who started it can end it.
#   FIRMWARE=bios        (or not set) QEMU's iPXE ROM
#   FIRMWARE=uefi-pxe    OVMF's own PXE
#   FIRMWARE=uefi-http   OVMF's HTTP Boot, and no PXE
#
# Never KVM: where /dev/kvm exists it may still be unable to run a kernel.
set -euo pipefail

card=virtio-net-pci,netdev=card,mac=$3,bootindex=1
ovmf=/usr/share/OVMF
# OVMF boots from the network by itself only where the card brings no ROM. What it writes to its variables goes with the machine.
uefi=(-M q35 -drive "if=pflash,format=raw,unit=0,readonly=on,file=$ovmf/OVMF_CODE_4M.fd"
  -drive "if=pflash,format=raw,unit=1,snapshot=on,file=$ovmf/OVMF_VARS_4M.fd" -device "$card,romfile=")
no_pxe=(-fw_cfg "name=opt/org.tianocore/IPv4PXESupport,string=no" -fw_cfg "name=opt/org.tianocore/IPv6PXESupport,string=no")

case ${FIRMWARE:-bios} in
  bios) firmware=(-M "pc,graphics=off" -device "$card") ;;
  uefi-pxe) firmware=("${uefi[@]}") ;;
  uefi-http) firmware=("${uefi[@]}" "${no_pxe[@]}") ;;
  *) echo "machine.sh: FIRMWARE is '$FIRMWARE': bios, uefi-pxe or uefi-http" >&2; exit 64 ;;
esac

exec ip netns exec "$1" qemu-system-x86_64 -nodefaults -display none -serial stdio -accel tcg -m 256 -device virtio-rng-pci \
  -netdev "tap,id=card,ifname=$2,script=no,downscript=no" "${firmware[@]}" "${@:4}"
