#!/usr/bin/env bash
# drill.sh [OPTION...]: breaks a farm of its own, on this computer, from nothing but Debian 12, root and the .NET 10 SDK, and says what its
# machines noticed. The options are those of tests/Drill: see --help. Leaves nothing behind but artifacts/drill.
set -euo pipefail
cd "$(dirname "$0")/.."

drill=tests/Drill/bin/Debug/net10.0/drill

main() {
  command -v dotnet >/dev/null || fail "the .NET 10 SDK is missing (dotnet is not in PATH)"
  mkdir -p artifacts/drill
  bash deploy/install-packages.sh
  dotnet build tests/Drill -v q -nologo >artifacts/drill/build.log 2>&1 ||
    { grep error artifacts/drill/build.log | sort -u | head -20 >&2; fail "the build failed"; }

  # In a session of its own: Ctrl+C is for the drill, which ends its servers and its database itself.
  setsid "$drill" "$@" &
  running=$!
  trap 'kill -TERM $running 2>/dev/null' INT TERM
  local code=0
  wait $running || code=$?
  while kill -0 $running 2>/dev/null; do
    code=0
    wait $running || code=$?
  done
  exit $code
}

fail() {
  echo "drill: $*" >&2
  exit 2
}

main "$@"
