#!/bin/bash
# Three examples/raft_kv processes, each in a network namespace of its own: the leader's links are cut
# one way, then both ways, and healed, under load. Whoever is left elects another, nothing that was
# acknowledged is lost, and the clients' history is linearizable. Argument: grpc or tcp, between
# replicas. Skipped where namespaces are not permitted.
set -u
network=$1
root=$TEST_SRCDIR/$TEST_WORKSPACE
raft_kv=$root/examples/raft_kv/raft_kv
raft_kv_client=$root/examples/raft_kv/client/raft_kv_client
check_history=$root/tests/simulation/check_history
. "$root/tests/raft/storage/volatile_directory.sh"
cd "$scratch" || exit 1
failures=0
declare -A running=()
prefix=blx$$
namespaces=()

cleanup() {
  kill -9 ${running[*]} 2>/dev/null
  wait 2>/dev/null
  for namespace in "${namespaces[@]}"; do ip netns del "$namespace"; done
  remove_scratch
}
trap cleanup EXIT

fail() {
  echo "FAILED: $*"
  failures=$((failures + 1))
}

# await SECONDS COMMAND...: until it succeeds.
await() {
  local tries=$(($1 * 20))
  shift
  for _ in $(seq "$tries"); do
    "$@" && return 0
    sleep 0.05
  done
  fail "waited in vain for: $*"
  return 1
}

skip() {
  echo "SKIPPED: $*"
  exit 0
}

inside() {
  local namespace=$1
  shift
  ip netns exec "$prefix-$namespace" "$@"
}

add_namespace() {
  ip netns add "$prefix-$1" 2>>ip.log || skip "network namespaces are not permitted here: $(tail -n 1 ip.log)"
  namespaces+=("$prefix-$1")
  inside "$1" ip link set lo up
}

# One switch; hosts 1 to 3 are replicas, 9 is the clients'. Host N is 10.77.0.N.
make_network() {
  command -v ip >/dev/null || skip "there is no ip command (iproute2)"
  add_namespace switch
  inside switch ip link add bridge type bridge 2>>ip.log || skip "no bridge can be made: $(tail -n 1 ip.log)"
  inside switch ip link set bridge up
  for host in 1 2 3 9; do
    add_namespace "$host"
    inside switch ip link add "port$host" type veth peer name eth netns "$prefix-$host" 2>>ip.log ||
      skip "no veth can be made: $(tail -n 1 ip.log)"
    inside switch ip link set "port$host" master bridge up
    inside "$host" ip address add "10.77.0.$host/24" dev eth
    inside "$host" ip link set eth up
  done
}

# What host $1 sends to host $2 is lost; the other direction is untouched.
sever() { inside "$1" ip route add blackhole "10.77.0.$2/32"; }
heal() { inside "$1" ip route del blackhole "10.77.0.$2/32"; }
others() { echo 1 2 3 | tr -d "$1"; }

# Not by inside: a function in the background is a process of its own, which would get the signals.
serve() {
  ip netns exec "$prefix-$1" "$raft_kv" --network "$network" --id "$1" \
    --peers 10.77.0.1:7000 10.77.0.2:7000 10.77.0.3:7000 --directory data \
    --clients "10.77.0.$1:9000" 2>>"log$1" &
  running[$1]=$!
}

# The highest term that some replica says it leads; who_leads: which one.
term() { cat log1 log2 log3 | grep -o 'leads term [0-9]*' | cut -d' ' -f3 | sort -n | tail -1; }
who_leads() { grep -l "leads term $(term)\$" log1 log2 log3 | tr -dc 0-9; }
has_leader_after() { [ "0$(term)" -gt "$1" ]; }
# More operations that were acknowledged than $1.
acknowledged() { grep -c '"status":"ok"' history.jsonl 2>/dev/null; }
has_acknowledged() { [ "0$(acknowledged)" -gt "$1" ]; }

make_network
for id in 1 2 3; do serve "$id"; done
await 60 has_leader_after 0 || exit 1
ip netns exec "$prefix-9" "$raft_kv_client" --replicas 10.77.0.1:9000,10.77.0.2:9000,10.77.0.3:9000 --seconds 14 \
  --history history.jsonl >clients 2>&1 &
running[clients]=$!
await 60 has_acknowledged 100

for ways in one both; do
  before=$(term)
  leader=$(who_leads)
  for peer in $(others "$leader"); do
    sever "$leader" "$peer"
    [ "$ways" = one ] || sever "$peer" "$leader"
  done
  await 60 has_leader_after "$before"
  [ "$(who_leads)" != "$leader" ] || fail "want another leader than $leader, who is cut off $ways way"
  served=$(acknowledged)
  await 60 has_acknowledged $((served + 50))
  for peer in $(others "$leader"); do
    heal "$leader" "$peer"
    [ "$ways" = one ] || heal "$peer" "$leader"
  done
  served=$(acknowledged)
  await 60 has_acknowledged $((served + 50))
done
wait "${running[clients]}" || fail "clients: $(cat clients)"
cat clients
said=$("$check_history" history.jsonl 2>&1) || fail "history: $said"
grep -q linearizable <<<"$said" || fail "history: $said"

for id in 1 2 3; do
  kill -TERM "${running[$id]}"
  wait "${running[$id]}" || fail "replica $id after SIGTERM: $(tail -n 3 "log$id")"
done
running=()
exit $((failures > 0))
