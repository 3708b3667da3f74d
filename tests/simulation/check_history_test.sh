#!/bin/bash
# Every exit code of check_history.
set -u
check_history=$TEST_SRCDIR/$TEST_WORKSPACE/tests/simulation/check_history
cd "$TEST_TMPDIR" || exit 1
failures=0

# expect CODE TEXT ARGUMENTS...: the exit code, and a text in what it says.
expect() {
  local code=$1 text=$2 said status
  shift 2
  said=$("$check_history" "$@" 2>&1)
  status=$?
  if [ "$status" -ne "$code" ] || ! grep -qF -- "$text" <<<"$said"; then
    echo "FAILED: check_history $*: want exit code $code and \"$text\", got $status and: $said"
    failures=$((failures + 1))
  fi
}

# write CLIENT VALUE CALL RETURN; read CLIENT RESULT CALL RETURN; all of one key.
write() {
  echo "{\"client\":$1,\"op\":\"write\",\"key\":\"k\",\"value\":\"$2\",\"expected\":null,\"result\":null," \
    "\"call_ns\":$3,\"return_ns\":$4,\"status\":\"ok\"}"
}
read_back() {
  echo "{\"client\":$1,\"op\":\"read\",\"key\":\"k\",\"value\":null,\"expected\":null,\"result\":\"$2\"," \
    "\"call_ns\":$3,\"return_ns\":$4,\"status\":\"ok\"}"
}

{ write 1 a 10 20; read_back 2 a 30 40; } >right
{ write 1 a 10 20; read_back 2 b 30 40; } >wrong
# So many writes at once that not every order of them can be tried.
{ for client in $(seq 40); do write "$client" "$client" 10 20; done; read_back 41 never 30 40; } >large
echo "no history" >nonsense
: >empty

expect 0 "Exit codes" --help
expect 0 "linearizable: 2 operations" right
expect 0 "linearizable: 0 operations" empty
expect 1 "not linearizable: 2 operations" wrong
expect 2 "Usage"
expect 2 "Usage" --no-such-flag
expect 2 "Usage" right wrong
expect 2 "Usage" right 0
expect 2 "Usage" right 100 more
expect 2 "no-such-file" no-such-file
expect 2 "nonsense: line 1" nonsense
expect 3 "undecided: 41 operations" large 1000
expect 0 "linearizable: 2 operations" right 100
exit $((failures > 0))
