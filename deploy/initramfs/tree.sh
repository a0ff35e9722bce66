# Sourced: small file systems from what this machine has installed.

# use_kernel FOLDER: one with boot/ and lib/modules/; sets kernel and version.
use_kernel() {
  kernel=$1
  version=$(ls "$kernel/lib/modules")
}

# make_tree FOLDER MORE...: busybox, and folders for everything.
make_tree() {
  local tree=$1 lib
  lib=$(dirname "${BASH_SOURCE[0]}")
  shift
  (umask 022 && cd / && mkdir -p "$tree"/{bin,sbin,dev,etc,proc,run,sys,tmp} "${@/#/$tree/}")
  install -m 755 /bin/busybox "$tree/bin/busybox"
  install -m 755 "$lib/udhcpc.sh" "$tree/etc/udhcpc.sh"
  echo 'root:x:0:0:root:/root:/bin/sh' >"$tree/etc/passwd" # iscsid asks for it
}

# add_modules FOLDER MODULE...: with those that they depend on.
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

# add_program FOLDER PROGRAM: with the libraries that it is linked with.
add_program() {
  local tree=$1 program=$2 library
  install -D -m 755 "$program" "$tree$program"
  for library in $(ldd "$program" | grep -o '/[^ ]*'); do
    [ -e "$tree$library" ] || install -D -m 755 "$(readlink -f "$library")" "$tree$library"
  done
}

pack() { (cd "$1" && find . -print0 | cpio -0 -o -H newc --quiet --owner=0:0) | zstd -q -6 -T0; }
