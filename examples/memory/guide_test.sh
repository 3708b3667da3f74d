#!/usr/bin/env bash
# The memory guide links every example of this folder, and only examples that are there.
set -euo pipefail

linked=$(grep -o 'examples/memory/[a-z_]*\.cc' docs/memory_guide.md | sort -u)
present=$(find examples/memory -name '*.cc' | sort)
if [ "$linked" != "$present" ]; then
  echo "docs/memory_guide.md (<) and examples/memory (>) differ:"
  diff <(echo "$linked") <(echo "$present") || true
  exit 1
fi
for row in $(seq 1 32); do
  grep -Eq "^\| ([0-9]+, )?$row[ ,]" docs/memory_guide.md || { echo "technique $row: want a row in the guide"; exit 1; }
done
