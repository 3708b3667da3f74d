#!/bin/bash
# The command line against a real cluster: what it prints, and with which exit code.
set -u
bin=$TEST_SRCDIR/$TEST_WORKSPACE/rpc
daemon=$bin/daemon/blixardd
ctl=$bin/cli/blixardctl
. "$TEST_SRCDIR/$TEST_WORKSPACE/tests/raft/storage/volatile_directory.sh"
trap remove_scratch EXIT
cd "$scratch" || exit 1
failures=0
endpoints=127.0.0.1:1

# Of what is printed for programs: every number is a number of JSON, also one of 64 bits.
no_number_as_text() {
  if grep -qE '"(vm_)?[a-z_]*(id|index|token|term|bytes|vms|nodes)":"[0-9]' <<<"$1"; then
    echo "FAILED: want no number as text, got: $1"
    failures=$((failures + 1))
  fi
}

# expect CODE TEXT ARGUMENTS...: the exit code, and a text in what it says.
expect() {
  local code=$1 text=$2 said status
  shift 2
  said=$("$ctl" --endpoints "$endpoints" "$@" 2>&1)
  status=$?
  if [ "$status" -ne "$code" ] || ! grep -qF -- "$text" <<<"$said"; then
    echo "FAILED: blixardctl $*: want exit code $code and \"$text\", got $status and: $said"
    failures=$((failures + 1))
  fi
  no_number_as_text "$said"
}

expect 0 "Exit codes" --help
expect 0 "numbers are numbers" --help
expect 0 "Example" replay --help
expect 2 "subcommand"
expect 2 "--vcpu" vm create web --memory-gib 1
expect 2 "--output" --output xml cluster status
expect 2 "want above 0" vm create web --vcpu 0 --memory-gib 1
expect 2 "--format" replay --trace x.csv
expect 2 "azure-packing" replay --trace x.csv --format no-such-format --uniform-nodes 1:1:1
expect 2 "x.csv" replay --trace x.csv --format openb --uniform-nodes 1:1:1
expect 2 "N:VCPU:MEMORY_GIB" replay --uniform-nodes 1:2
expect 3 "does not answer" --timeout 0.5 cluster status
expect 3 "onnection refused" cluster status
expect 0 "blixardctl cluster members" cluster --help
expect 3 "nothing was read" --timeout 0.5 vm get web
expect 3 "outcome is unknown" --timeout 0.5 vm create web --vcpu 1 --memory-gib 1
endpoints=nowhere expect 2 "host:port" vm list
if "$ctl" vm list 2>/dev/null; then echo "FAILED: want an error without --endpoints"; failures=$((failures + 1)); fi

"$daemon" dev --replicas 3 --data-dir "$scratch/data" --output json >ready 2>log &
cluster=$!
trap 'kill $cluster; wait $cluster; remove_scratch' EXIT
for _ in $(seq 2400); do [ -s ready ] && break; sleep 0.05; done
endpoints=$(grep -o '"address":"[^"]*"' ready | cut -d'"' -f4 | paste -sd,)

expect 1 "no node fits" vm create web --vcpu 1 --memory-gib 1
expect 1 '{"no_fit":{"nodes":0,"lack_vcpu":0,' --output json vm create web --vcpu 1 --memory-gib 1
expect 0 "registered" node register n1 --vcpu 4 --memory-gib 8 --disk-gib 100
expect 1 "name: want one that is not taken, got n1" node register n1 --vcpu 4 --memory-gib 8
expect 0 "placed on node" vm create web --vcpu 1.5 --memory-gib 2
expect 1 "name: want one that is not taken, got web" vm create web --vcpu 1 --memory-gib 1
expect 2 "name" vm create "a b" --vcpu 1 --memory-gib 1
expect 1 "lack vCPU" vm create large --vcpu 3 --memory-gib 1
expect 0 "n1" vm get web
expect 0 "n1" vm get web --stale
expect 0 '{"placement":{"vm_id":2,"node_id":1}}' --output json vm create api --vcpu 0.5 --memory-gib 1
expect 0 '{"vm":{"vm_id":2,"name":"api","resources":{"vcpu_milli":500,"memory_mib":1024,"disk_gib":0},"node_id":1,"node_name":"n1"},"applied_index":' \
  --output json vm get api
expect 0 '{"vms":[{"vm_id":1,"name":"web",' --output json vm list
expect 0 '{"nodes":[{"node_id":1,"name":"n1","capacity":{"vcpu_milli":4000,' --output json node list
expect 0 '"vms":2}],"applied_index":' --output json node list
expect 0 '{}' --output json vm delete api
expect 0 '"consistency":"CONSISTENCY_LINEARIZABLE"' --output json vm list
expect 0 '"consistency":"CONSISTENCY_STALE"' --output json vm list --stale
expect 0 '"consistency":"CONSISTENCY_STALE"' --output json node list --stale
expect 1 "want a VM that exists" vm get other
expect 0 '"vcpu_milli":1500' --output json vm list
expect 0 "1.5/4" node list
expect 1 "name: want a node without VMs, got n1" node remove n1
expect 0 "deleted" vm delete web
expect 1 "name: want one that exists, got web" vm delete web
expect 0 "removed" node remove n1
expect 0 "leader" cluster status
expect 0 "followers of replica" cluster status
expect 0 "p99.9" cluster status
expect 0 "since each replica started" cluster status
for key in '"role":"leader"' '"stage":"answer"' '"paused_because":"none"' '"low":false' '"voters":[1,2,3]' \
  '"snapshot_index":0' '"snapshots_taken":0' '"messages_dropped_link_full":0'; do
  expect 0 "$key" --output=json cluster status
done

expect 0 "leader" cluster members
expect 0 '"state":"replicate"' --output json cluster members
expect 0 "Example" cluster promote --help
expect 0 "blixardd serve --join" cluster add --help
expect 2 "ADDRESS" cluster add 4
expect 2 "host:port" cluster add 4 nowhere
expect 2 "ID" cluster promote
expect 2 "ID" cluster remove 0
for id in -1 -18446744073709551615 9007199254740992 x; do
  expect 2 "want an id from 1 to 9007199254740991, got $id" cluster transfer "$id"
  expect 2 "want an id from 1 to 9007199254740991, got $id" cluster add "$id" 127.0.0.1:1
done
expect 1 "is no member" cluster promote 9
expect 1 "is no member" cluster remove 9
expect 1 "is no member" cluster transfer 9
expect 1 "is a voter already" cluster promote 2
expect 1 "already" cluster add 9 "${endpoints%%,*}"
expect 0 "blixardctl cluster promote 9" cluster add 9 127.0.0.1:1 # nobody is there
expect 1 "entries behind" cluster promote 9
expect 1 "cannot lead" cluster transfer 9
expect 0 '"role":"learner"' --output json cluster members
expect 0 "is no member any more" cluster remove 9
expect 0 "leads" cluster transfer
endpoints=127.0.0.1:1 expect 3 "not done within" --timeout 0.5 cluster members

expect 0 '"vms_lost":0' --output json replay --sample-vms 500 --report report
for key in requested placed rejected deleted failed placements_per_s latency_us p50 p99 p999 fsyncs \
  digests_equal vms_lost vms_duplicated nodes_used nodes_empty; do
  "$ctl" --endpoints "$endpoints" --output json replay --sample-vms 1 --seed 9 2>/dev/null >one.json
  grep -q "\"$key\":" one.json || { echo "FAILED: no key $key in: $(cat one.json)"; failures=$((failures + 1)); break; }
done
grep -q "<svg" report/index.html || { echo "FAILED: no picture in the report"; failures=$((failures + 1)); }
# Its VMs are there already: every create fails, and is counted; nothing acknowledged is lost.
expect 0 "failed                   " replay --sample-vms 500

# The logs of the running replicas; no endpoints needed, and nothing is changed.
wal_expect() {
  local code=$1 text=$2 said status
  shift 2
  said=$(env -u BLIXARD_ENDPOINTS "$ctl" wal "$@" 2>&1)
  status=$?
  if [ "$status" -ne "$code" ] || ! grep -qF -- "$text" <<<"$said"; then
    echo "FAILED: blixardctl wal $*: want exit code $code and \"$text\", got $status and: $said"
    failures=$((failures + 1))
  fi
  no_number_as_text "$said"
}
wal=$(find "$scratch/data" -type d -name wal | sort | head -1)
wal_expect 0 "Exit codes" --help
wal_expect 0 "0000000000000001.wal" inspect "$wal"
wal_expect 0 "sound: entries 1 to" verify "$wal"
wal_expect 0 '"sound":true' inspect "$wal" --output=json
wal_expect 0 "hard-state" dump "$wal"
wal_expect 0 '"entry_type":"command"' --output json dump "$wal" --payload-bytes 16
# The last object tells that nothing was left out, and why something was.
said=$("$ctl" wal dump "$wal" --output json | tail -n 1)
grep -qE '^\{"end":\{"frames":[0-9]+,"sound":true,"torn":"[^"]*","damage":""\}\}$' <<<"$said" ||
  { echo "FAILED: want a last object of a sound log, got: $said"; failures=$((failures + 1)); }
"$ctl" wal dump "$wal" | grep -q '"end"' && { echo "FAILED: want no JSON among lines"; failures=$((failures + 1)); }
wal_expect 2 "subcommand"
wal_expect 2 "without segments" inspect "$scratch"
wal_expect 2 "no-such" verify "$scratch/no-such"
wal_expect 2 "DIR" dump
wal_expect 2 "--i-accept-data-loss" recover-membership "$wal" --voters 1
wal_expect 2 "--initial-voters" recover-membership "$wal" --voters 1 --i-accept-data-loss
wal_expect 3 "$wal" recover-membership "$wal" --voters 1 --initial-voters 1,2,3 --i-accept-data-loss
wal_expect 3 "stop it first" recover-membership "$wal" --voters 1 --initial-voters 1,2,3 --i-accept-data-loss
wal_expect 2 "--voters: want an id from 1" recover-membership "$wal" --voters=1,-1 --initial-voters 1 \
  --i-accept-data-loss
wal_expect 2 "--initial-voters: want an id from 1" recover-membership "$wal" --voters 1 \
  --initial-voters=-1 --i-accept-data-loss
if "$ctl" wal recover-membership "$wal" --voters 1 --initial-voters 1 --i-accept-data-loss 2>&1 |
  grep -F -e "--endpoints"; then
  echo "FAILED: want no advice about --endpoints from a command that asks none"
  failures=$((failures + 1))
fi
kill $cluster
wait $cluster 2>/dev/null
trap remove_scratch EXIT
wal_expect 2 "want replica 1" recover-membership "$wal" --voters 2 --initial-voters 1,2,3 \
  --i-accept-data-loss
wal_expect 2 "got 7" recover-membership "$wal" --voters 1,7 --initial-voters 1,2,3 \
  --i-accept-data-loss
wal_expect 2 "$scratch/snapshotz" recover-membership "$wal" --voters 1 --snapshots "$scratch/snapshotz" \
  --initial-voters 1,2,3 --i-accept-data-loss
[ ! -e "$scratch/snapshotz" ] || { echo "FAILED: a mistyped directory was made"; failures=$((failures + 1)); }
wal_expect 0 "membership after:  voters=(1)" recover-membership "$wal" --voters 1 \
  --initial-voters 1,2,3 --i-accept-data-loss
wal_expect 0 "configuration" dump "$wal"
printf 'X' | dd of="$wal/0000000000000001.wal" bs=1 seek=200 conv=notrunc 2>/dev/null
wal_expect 1 "0000000000000001.wal: offset 144" verify "$wal"
wal_expect 1 "DAMAGED" inspect "$wal"
wal_expect 1 '"sound":false' verify "$wal" --output json
wal_expect 1 "0000000000000001.wal: offset 144" dump "$wal"
said=$("$ctl" wal dump "$wal" --output json 2>/dev/null | tail -n 1)
grep -qE '^\{"end":\{"frames":0,"sound":false,"torn":"","damage":"[^"]*0000000000000001.wal: offset 144[^"]*"\}\}$' <<<"$said" ||
  { echo "FAILED: want the damage in the last object, got: $said"; failures=$((failures + 1)); }
wal_expect 1 "0000000000000001.wal: offset 144" recover-membership "$wal" --voters 1 --initial-voters 1,2,3 \
  --i-accept-data-loss

# Settings of the daemon take effect: a snapshot after every other entry, reads by a lease; and a lone replica
# that is told to end does so at once.
endpoints=${endpoints%%,*}
printf 'snapshot-entries = 2\nlease-clock-error-ticks = 3\n' >settings
"$daemon" serve --id 1 --peer "1=$endpoints" --data-dir "$TEST_TMPDIR/alone" --config settings 2>log &
replica=$!
trap 'kill $replica' EXIT
for node in a b c d e f; do expect 0 "registered" node register "$node" --vcpu 1 --memory-gib 1; done
expect 0 "registered" node register last --vcpu 1 --memory-gib 1
expect 0 "last" node list
for _ in $(seq 100); do
  "$ctl" --endpoints "$endpoints" --output json cluster status | grep -q '"snapshot_index":0,' || break
  sleep 0.1
done
"$ctl" --endpoints "$endpoints" --output json cluster status | grep -qE '"snapshot_index":[1-9]' ||
  { echo "FAILED: no snapshot after more than two entries"; failures=$((failures + 1)); }
kill -TERM $replica
wait $replica
status=$?
trap - EXIT
[ "$status" -eq 0 ] || { echo "FAILED: want exit code 0 after SIGTERM, got $status: $(cat log)"; failures=$((failures + 1)); }
exit $((failures > 0))
