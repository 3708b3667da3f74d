#!/bin/bash
# The daemon as a person starts it: help, wrong flags, configuration files, one directory for one replica.
set -u
daemon=$TEST_SRCDIR/$TEST_WORKSPACE/rpc/daemon/blixardd
. "$TEST_SRCDIR/$TEST_WORKSPACE/tests/raft/storage/volatile_directory.sh"
trap remove_scratch EXIT
cd "$scratch" || exit 1
failures=0

# expect CODE TEXT ARGUMENTS...: the exit code, and a text in what it says.
expect() {
  local code=$1 text=$2 said status
  shift 2
  said=$(timeout 20 "$daemon" "$@" 2>&1)
  status=$?
  if [ "$status" -ne "$code" ] || ! grep -qF -- "$text" <<<"$said"; then
    echo "FAILED: blixardd $*: want exit code $code and \"$text\", got $status and: $said"
    failures=$((failures + 1))
  fi
}

expect 0 "Exit codes" --help
expect 0 "Example" --help
expect 0 "Example" serve --help
expect 0 "serve --join" serve --help
expect 0 "Example" dev --help
expect 2 "subcommand" # none given
expect 2 "--no-such-flag" dev --no-such-flag
expect 2 "--replicas" dev --replicas 0
expect 2 "want a directory that can be made" dev --replicas 1 --processes --data-dir /proc/none
expect 2 "--id" serve --peer 1=127.0.0.1:1 --data-dir d
expect 2 "--peer: want ID=HOST:PORT" serve --id 1 --peer 127.0.0.1:1 --data-dir d
expect 2 "want an id from 1 to 9007199254740991, got -1" serve --id 1 --peer=-1=127.0.0.1:1 --data-dir d
expect 2 "want an id from 1" serve --id 1 --peer 9007199254740992=127.0.0.1:1 --data-dir d
expect 2 "--id: want an id from 1 to 9007199254740991, got -1" serve --id=-1 --peer 1=127.0.0.1:1 --data-dir d
expect 2 "want each id once" serve --id 1 --peer 1=127.0.0.1:1 --peer 1=127.0.0.1:2 --data-dir d
expect 2 "--id 2 included" serve --id 2 --peer 1=127.0.0.1:1 --data-dir d
expect 2 "port from 1 to 65535" serve --id 1 --peer 1=127.0.0.1:70000 --data-dir d
expect 1 "data-dir" serve --id 1 --peer 1=127.0.0.1:1 --data-dir /proc/none
[ ! -e d ] || { echo "FAILED: bad flags must leave no directory behind"; failures=$((failures + 1)); }

printf 'id = 1\npeer = ["1=127.0.0.1:70000"]\ndata-dir = "d"\n' >config
expect 2 "port from 1 to 65535" serve --config config
printf 'id = 1\npeer = ["1=127.0.0.1:1"]\ndata-dir = "d"\nno-such-key = 3\n' >config
expect 2 "no-such-key" serve --config config
expect 2 "missing-file" serve --config missing-file

printf 'id = -1\npeer = ["1=127.0.0.1:1"]\ndata-dir = "d"\n' >config
expect 2 "--id: want an id from 1 to 9007199254740991, got -1" check-config config

# Every setting: a bad value is named with what is wanted, its neighbour is right.
base='id = 1\npeer = ["1=127.0.0.1:1", "2=127.0.0.1:2"]\ndata-dir = "d"\n'
# setting LINE TEXT: a config file with this line is refused for this reason.
setting() {
  printf "$base$1\n" >config
  expect 2 "$2" check-config config
  expect 2 "$2" serve --config config
}
setting "cluster = -1" "--cluster: want an id from 1 to 9007199254740991, got -1"
setting "cluster = 0" "--cluster: want an id from 1"
setting "tick-ms = 0" "not in range 1 to 10000"
setting "heartbeat-ticks = 10" "election-ticks: want above heartbeat-ticks = 10, got 10"
setting "election-ticks = 1" "--election-ticks: Value 1 not in range"
setting "lease-clock-error-ticks = 8" "lease-clock-error-ticks: want 0, for no lease, or at most election-ticks - 3"
setting "max-inflight-mib = 0" "--max-inflight-mib: Value 0 not in range"
setting "snapshot-entries = 0" "--snapshot-entries: Value 0 not in range"
setting "snapshot-log-mib = -1" "--snapshot-log-mib: Value -1 not in range"
setting "retained-log-mib = many" "--retained-log-mib"
setting "snapshot-mib-per-s = 1" "snapshot-mib-per-s: want at least 2, a chunk of 64 KiB in every tick of 50ms, got 1"
setting "disk-reserve-mib = 1048577" "--disk-reserve-mib: Value 1048577 not in range"
setting "hand-over-ms = 600001" "--hand-over-ms: Value 600001 not in range"
# A setting stands once in a file, wherever the second stands; the command line counts more.
setting "id = 2" "config:4: id: want it once, got 2 after 1 in line 1"
setting 'data-dir = "e"' "config:4: data-dir: want it once, got e after d in line 3"
setting 'peer = ["3=127.0.0.1:3"]' \
  "config:4: peer: want it once, got 3=127.0.0.1:3 after 1=127.0.0.1:1,2=127.0.0.1:2 in line 2"
setting 'tick-ms = 20\n# a remark\n\ntick-ms = 20' "config:7: tick-ms: want it once, got 20 after 20 in line 4"
setting 'join = true\njoin' "config:5: join: want it once, got true after true in line 4"
setting 'tick-ms = 0' "config:4: --tick-ms: Value 0 not in range"
setting '[more]\ntick-ms = 20' "config:4: want a line like: id = 1, with the name of a flag that a file may set, got [more]"
setting 'config = "more"' "config:4: want a line like: id = 1, with the name of a flag that a file may set, got config"
setting 'help = true' "config:4: want a line like: id = 1, with the name of a flag that a file may set, got help"
setting 'tick-ms = "20#1"' 'config:4: want no # between quotes, got tick-ms = "20#1"'
setting "snapshot-entries = '#'" "config:4: want no # between quotes"
printf "$base; it's a #remark\ntick-ms = \"20\" # \"it's\" one, too\n" >config
expect 0 'tick-ms=20' check-config config
printf 'id = 1\nid = 2\npeer = ["1=127.0.0.1:1"]\ndata-dir = "d"\n' >config
expect 2 "config:2: id: want it once, got 2 after 1 in line 1" check-config config
expect 2 "config:2: id: want it once, got 2 after 1 in line 1" serve --config config --id 2
printf 'id = 1\npeer = [ # all of them\n  "1=127.0.0.1:1", # this one\n\n  "2=127.0.0.1:2",\n]\ndata-dir = "d"\nid = 3\n' >config
expect 2 "config:8: id: want it once, got 3 after 1 in line 1" check-config config
sed -i '$d' config
expect 0 'peer=["1=127.0.0.1:1", "2=127.0.0.1:2"]' check-config config
expect 2 "--id 3 included" serve --config config --id 3
expect 2 "--id 1 included" serve --config config --peer 3=127.0.0.1:3
printf 'id = 1\npeer = ["1=127.0.0.1:1",\n' >config
expect 2 "config:2: want ] behind the values, got the end of the file" check-config config

expect 2 "FILE is required" check-config
expect 2 "missing-file" check-config missing-file
expect 2 "want a file, got a directory" check-config /tmp
expect 2 "want a file, got a directory" serve --config /tmp
expect 2 "data-dir: want a path, got none" serve --id 1 --peer 1=127.0.0.1:1
expect 2 "peer 1: want host:port" serve --id 1 --peer 1=127.0.0.1:70000 --data-dir d
expect 2 "listen: want host:port" serve --id 1 --peer 1=127.0.0.1:1 --listen 127.0.0.1:70000 --data-dir d
expect 0 "Example" check-config --help
printf "$base"'lease-clock-error-ticks = 7\nheartbeat-ticks = 9\nsnapshot-mib-per-s = 2\nsnapshot-entries = 1\n' >config
expect 0 "lease-clock-error-ticks=7" check-config config
# What it prints is a config file again, with every setting in it.
"$daemon" check-config config >printed
"$daemon" check-config printed | cmp - printed || failures=$((failures + 1))
printf "$base"'join = true\n' >config
expect 0 "join=true" check-config config
setting "join = perhaps" "join"
[ ! -e d ] || { echo "FAILED: a check must leave no directory behind"; failures=$((failures + 1)); }

# A second replica on the same directory is refused; the first one goes on and stops in order.
"$daemon" dev --replicas 1 --data-dir "$scratch/data" --output json >ready 2>log &
first=$!
for _ in $(seq 2400); do [ -s ready ] && break; sleep 0.05; done
grep -q '"address":"127.0.0.1:' ready || { echo "FAILED: no address: $(cat ready log)"; failures=$((failures + 1)); }
expect 1 "LOCK" dev --replicas 1 --data-dir "$scratch/data"
# Nor does another listen on its port.
address=$(grep -o '127.0.0.1:[0-9]*' ready | head -1)
expect 1 "$address" serve --id 1 --peer "1=$address" --data-dir "$scratch/other"
kill -TERM "$first"
wait "$first"
status=$?
[ "$status" -eq 0 ] || { echo "FAILED: want exit code 0 after SIGTERM, got $status: $(cat log)"; failures=$((failures + 1)); }

# Another replica's log is not taken for one's own.
expect 1 "want" serve --id 2 --peer 2=127.0.0.1:1 --data-dir "$scratch/data/replica-1"
exit $((failures > 0))
