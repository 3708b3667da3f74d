# What became of the tests of one `bazel test`. Sourced by tools/test.

# count_cases EVENTS   prints "PASSED FAILED SKIPPED": test cases, of every shard of every target that
# this run ran. A target that was not built or not run is one failed case, unless its BUILD file says
# that it is not for this configuration (target_compatible_with). EVENTS is what
# --build_event_json_file wrote; the folders of test logs do not say what is of this run.
count_cases() {
  local reports=() report unbuilt
  while read -r report; do
    [ -r "$report" ] && reports+=("$report")
  done < <(grep '^{"id":{"testResult":' "$1" |
    grep -oE '"name":"test\.xml","uri":"file://[^"]*"' | sed -E 's,.*file://([^"]*)"$,\1,')
  unbuilt=$(grep '^{"id":{"targetCompleted":' "$1" | grep -v '"success":true' |
    grep -vc '"reason":"SKIPPED"')
  awk -v fails="$unbuilt" '
    /<testcase / { cases++; open = 1; if (/result="skipped"/ || /status="notrun"/) skips++ }
    /<failure|<error/ { if (open) { fails++; failed_cases++; open = 0 } }
    END { print cases - failed_cases - skips, fails + 0, skips + 0 }' "${reports[@]}" /dev/null
}

# remove_left_behind MARK   the folders that tests which were killed left in memory: made since the
# file or folder MARK was, and named after a process that is no more
# (tests/raft/storage/volatile_directory.h).
remove_left_behind() {
  local folder process
  while read -r folder; do
    process=${folder#*/blixard_test.}
    process=${process%%.*}
    [[ $process =~ ^[0-9]+$ ]] && [ ! -e "/proc/$process" ] && rm -rf "$folder"
  done < <(find "${BLIXARD_MEMORY:-/dev/shm}" -maxdepth 1 -type d -name 'blixard_test.*.*' \
    -user "$(id -u)" -newer "$1" 2>/dev/null)
  return 0
}
