#!/usr/bin/env bash
# Valgrind and heaptrack see pooled objects like allocated ones. Without a tool its part is left out.
set -uo pipefail
program=$1
failed=0
expect() { # WHAT STATUS
  if [ "$2" -eq 0 ]; then echo "ok: $1"; else echo "FAILED: $1"; failed=1; fi
}

if command -v valgrind >/dev/null; then
  watch() { valgrind --quiet --error-exitcode=99 "$@" >watched 2>&1; }
  watch "$program" well
  expect "valgrind is content with a pool that is used well" $?
  watch "$program" after-release
  [ $? -eq 99 ] && grep -q "Invalid read of size 1" watched && grep -q ReadReleased watched
  expect "valgrind reports a read after the release, and where" $?
  listed() { valgrind --leak-check=full --show-leak-kinds=all "$program" "$1" 2>&1 | grep -A4 NoteLive; }
  grep -q LeakOne <<<"$(listed leak)"
  expect "valgrind lists an object that is out, with who acquired it" $?
  [ -z "$(listed well)" ]
  expect "valgrind lists nothing of a pool that has all its objects" $?
else
  echo "skipped: no valgrind here"
fi

if command -v heaptrack >/dev/null && command -v heaptrack_print >/dev/null; then
  recorded() { # USE: allocations in it, as heaptrack counted them
    rm -f ./*.zst ./*.gz
    heaptrack --output "$PWD/record" "$program" "$1" >/dev/null 2>&1
    heaptrack_print "$(ls record*)" 2>/dev/null | sed -n 's/^calls to allocation functions: \([0-9]*\).*/\1/p'
  }
  well=$(recorded well)
  rm -f record*
  leak=$(recorded leak)
  [ "${well:-0}" -ge $((${leak:-0} + 900)) ]
  expect "heaptrack counts each of 1000 acquires (${well:-none} against ${leak:-none})" $?
else
  echo "skipped: no heaptrack here"
fi
exit "$failed"
