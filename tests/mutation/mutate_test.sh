#!/bin/bash
# Every exit code of the program behind tools/mutate, with stand-ins for the test programs.
set -u
programs=$TEST_SRCDIR/$TEST_WORKSPACE/tests/mutation/programs
mutate=$TEST_SRCDIR/$TEST_WORKSPACE/tests/mutation/tool/mutation_run
cd "$TEST_TMPDIR" || exit 1
failures=0

# A test program that notices every bug, or none, or fails without one.
mkdir stand_ins
cat >stand_ins/program <<'TEXT'
#!/bin/bash
case $STAND_INS in
  notice) [ "$BLIXARD_MUTATION" = 0 ] || exit 1 ;;
  fail) exit 1 ;;
esac
echo "[  PASSED  ] 1 test."
TEXT
chmod +x stand_ins/program
for program in "$programs"/*; do ln -s program "stand_ins/${program##*/}"; done

# expect CODE TEXT STAND_INS ARGUMENTS...: the exit code, and a text in what it says.
expect() {
  local code=$1 text=$2 said status
  export STAND_INS=$3
  shift 3
  said=$("$mutate" --programs "$PWD/stand_ins" --skip-simulator --seeds 3 "$@" 2>&1)
  status=$?
  if [ "$status" -ne "$code" ] || ! grep -qF -- "$text" <<<"$said"; then
    echo "FAILED: with $STAND_INS: $*: want exit code $code and \"$text\", got $status and: $said"
    failures=$((failures + 1))
  fi
}

expect 0 "Exit codes" notice --help
expect 0 "kS7ForgetsVote" notice --only S7
expect 0 '"kS7ForgetsVote"' notice --only kS7ForgetsVote --output json
expect 1 "kS7ForgetsVote" overlook --only S7
expect 1 "without any bug put back" fail --only S7
expect 2 "--only: want a row or a switch, got S99" notice --only S99
expect 2 "--output" notice --output xml
expect 2 "--seeds" notice --seeds 0
exit $((failures > 0))
