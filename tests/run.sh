#!/usr/bin/env bash
# Every test, ending in one line: N passed, N failed, N skipped. Installs the Debian packages that are missing.
#   --quick  6 minutes, no virtual machines or farms;  default  50 minutes on two cores;  --full  as long as it takes
set -uo pipefail
cd "$(dirname "$0")/.."

case "${1:-}" in
  --quick) filter='Tier!=vm&Tier!=full' project_limit=3m hang_limit=2m ;;
  '') filter='Tier!=full' project_limit=55m hang_limit=6m ;;
  --full) filter='' project_limit=4h hang_limit=1h ;;
  *) echo "usage: $0 [--quick|--full]" >&2; exit 64 ;;
esac

results=artifacts/test-results
rm -rf "$results"
mkdir -p "$results"

# step NAME COMMAND...: runs it with its output in NAME.log and its exit code in NAME.exit, both read by tally.cs.
step() {
  local name=$1 started=$SECONDS code=0
  shift
  "$@" >"$results/$name.log" 2>&1 || code=$?
  echo "$code" >"$results/$name.exit"
  printf '%4d s  %s%s\n' $((SECONDS - started)) "$name" "$([ "$code" = 0 ] || echo "  FAILED ($code)")"
  return "$code"
}

# One warm compiler for all projects, gone when the build is.
build() {
  local code=0
  dotnet tool restore && dotnet build Cluster.sln -v q -nologo -p:UseSharedCompilation=true || code=$?
  dotnet build-server shutdown --vbcscompiler >/dev/null
  return "$code"
}

test_project() {
  timeout --kill-after=20s "$project_limit" dotnet test "$1" ${filter:+--filter "$filter"} \
    --logger "trx;LogFileName=$2.trx" --results-directory "$results" \
    --blame-hang-timeout "$hang_limit" --blame-hang-dump-type none
}

# Only the tests that open a farm database.
test_database() {
  local on_database='FullyQualifiedName~Devices|FullyQualifiedName~Retention|FullyQualifiedName~Operations|FullyQualifiedName~Session|FullyQualifiedName~Lease|FullyQualifiedName~Responder|FullyQualifiedName~Unknown'
  filter="(${on_database})${filter:+&$filter}" test_project "$(assembly_of "$1/$(basename "$1").csproj")" "$2"
}

akka_api() {
  local assemblies=()
  # Petabridge.Cmd is not on the list.
  for project in src/Akka/Akka*/*.csproj; do
    assemblies+=("$(assembly_of "$project")")
  done
  dotnet run ../shared/tools/akka-api.cs -- check ../shared/reference/akka-1.5-api.txt "${assemblies[@]}"
}

assembly_of() { echo "$(dirname "$1")/bin/Debug/net10.0/$(basename "$1" .csproj).dll"; }

if step packages bash deploy/install-packages.sh && step build build; then
  step csharpier dotnet csharpier check .
  if [ -d ../shared/tools ]; then
    step akka-api akka_api && tail -n 1 "$results/akka-api.log"
  fi
  for project in $(grep -l '<IsTestProject>true' tests/*/*.csproj); do
    name=$(basename "$project" .csproj)
    step "$name" test_project "$(assembly_of "$project")" "$name"
  done
  # What lies in the farm database, on the other kind of it too.
  for name in Hatchery.Devices.Tests Hatchery.Server.Tests Hatchery.Operations.Tests Hatchery.Streaming.Tests Hatchery.Boot.Tests; do
    HATCHERY_TEST_DATABASE=postgresql step "$name.postgresql" test_database "tests/$name" "$name.postgresql"
  done
fi
dotnet run tests/tally.cs -- "$results"
