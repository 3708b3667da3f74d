# To be sourced: a place for the files of a test, as VolatileDirectory in volatile_directory.h. In
# memory where there is room, so that a disk that others keep busy takes no leader out of office.
scratch=$TEST_TMPDIR
room=$(df -k --output=avail /dev/shm 2>/dev/null | tail -n 1)
[ "${room:-0}" -ge 1048576 ] && scratch=$(mktemp -d "/dev/shm/blixard_test.$$.XXXXXX")
remove_scratch() {
  cd /
  [ "$scratch" = "$TEST_TMPDIR" ] || rm -rf "$scratch"
}
