#!/usr/bin/env bash
# build.sh PROGRAM [COMPILER OPTION...]: hatchery-root, from nothing but gcc and libc6-dev. Without options it is static and small.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
options=("${@:2}")
[ ${#options[@]} -gt 0 ] || options=(-static -Os -s)
exec gcc -std=gnu11 -Wall -Wextra -Werror "${options[@]}" -o "$1" "$here"/*.c
