#!/usr/bin/env bash
# build.sh FOLDER: what the drill needs besides .NET, from gcc and Debian's libiscsi and libnbd.
#   hatchery-root   of deploy/initramfs: keeps a machine's disk attached; by NBD to who is at the socket that NBD_KERNEL names, for a kernel
#   drill-machine   a machine that knows what its disk has to hold
#   libc.so         before the C library of a server whose disk is to fail, or to be gone
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1"
options=(-std=gnu11 -O2 -Wall -Wextra -Werror)
tests=$here/../..
client=$tests/../deploy/initramfs/client
mapfile -t sources < <(ls "$client"/*.c | grep -v /netlink.c)
gcc "${options[@]}" "-I$client" -o "$1/hatchery-root" "${sources[@]}" "$tests/Hatchery.Client.Tests/Native/kernel.c"
gcc "${options[@]}" -o "$1/drill-machine" "$here"/machine/*.c -liscsi -lnbd
gcc "${options[@]}" -shared -fPIC -o "$1/libc.so" "$here/disk/libc.c" -ldl
