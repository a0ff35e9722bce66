#!/usr/bin/env bash
# Every test, ending in one line: N passed, N failed, N skipped.
set -euo pipefail
cd "$(dirname "$0")/.."
dotnet tool restore >/dev/null
dotnet csharpier check .
dotnet build Cluster.sln -v q
