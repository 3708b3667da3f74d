#!/usr/bin/env bash
# What tools/test counts, and what it clears away after tests that were killed.
set -u
cd "$TEST_TMPDIR" || exit 1
. "$TEST_SRCDIR/$TEST_WORKSPACE/tools/test_counts.sh"

wrong=0
expect() {  # WHAT WANT GOT
  [ "$2" = "$3" ] && return
  echo "$1: want \"$2\", got \"$3\""
  wrong=1
}

report() {  # FILE CASES...: passed, failed, skipped
  local file=$1 one
  shift
  {
    echo '<testsuites tests="9" failures="9"><testsuite name="Suite" failures="9">'
    for one in "$@"; do
      case $one in
        passed) echo '<testcase name="a" status="run" result="completed" />' ;;
        skipped) echo '<testcase name="b" status="run" result="skipped">' '<skipped/>' '</testcase>' ;;
        failed) printf '%s\n' '<testcase name="c" status="run">' '<failure message="one"/>' '<failure message="two"/>' '</testcase>' ;;
      esac
    done
    echo '</testsuite></testsuites>'
  } >"$file"
}

result() {  # REPORT: the event of a test that ran, as Bazel writes it
  echo "{\"id\":{\"testResult\":{\"label\":\"//a:b\",\"run\":1,\"shard\":1,\"attempt\":1}},\"testResult\":{\"testActionOutput\":[{\"name\":\"test.log\",\"uri\":\"file://$PWD/test.log\"},{\"name\":\"test.xml\",\"uri\":\"file://$PWD/$1\"}],\"status\":\"PASSED\"}}"
}
built='{"id":{"targetCompleted":{"label":"//a:b"}},"completed":{"success":true,"outputGroup":[{"name":"default"}]}}'
unbuilt='{"id":{"targetCompleted":{"label":"//a:c"}},"completed":{"failureDetail":{"message":"no"}}}'
aborted='{"id":{"targetCompleted":{"label":"//a:d"}},"aborted":{"reason":"ROOT_CAUSE"}}'
not_for_this='{"id":{"targetCompleted":{"label":"//a:e"}},"aborted":{"reason":"SKIPPED"}}'

report plain.xml passed passed skipped
report shard_1.xml passed failed
report shard_2.xml failed skipped failed
report of_another_run.xml failed

{ echo '{"id":{"started":{}}}'; echo "$built"; result plain.xml; } >events
expect "a target" "2 0 1" "$(count_cases events)"

{ echo "$built"; result plain.xml; result shard_1.xml; result shard_2.xml; } >events
expect "every shard counts" "3 3 2" "$(count_cases events)"

{ echo "$unbuilt"; echo "$built"; result shard_1.xml; echo "$aborted"; } >events
expect "what was not built failed, even beside what failed by itself" "1 3 0" "$(count_cases events)"

{ echo "$not_for_this"; echo "$built"; result shard_1.xml; } >events
expect "what is not for this configuration did not fail" "1 1 0" "$(count_cases events)"

: >events
expect "nothing ran" "0 0 0" "$(count_cases events)"

# Folders in memory.
export BLIXARD_MEMORY=$PWD/memory
(exit 0) &
gone=$!
wait "$gone"
mkdir -p "memory/blixard_test.$gone.before"
touch -d '1 minute ago' "memory/blixard_test.$gone.before"
: >begin
touch -d '30 seconds ago' begin
mkdir "memory/blixard_test.$gone.left" "memory/blixard_test.$$.held" memory/blixard_test.noProcess \
  memory/other."$gone".left
: >"memory/blixard_test.$gone.left/file"
remove_left_behind begin
expect "what is left" "blixard_test.$$.held blixard_test.$gone.before blixard_test.noProcess other.$gone.left" \
  "$(cd memory && LC_ALL=C ls | sort | tr '\n' ' ' | sed 's/ $//')"
exit "$wrong"
