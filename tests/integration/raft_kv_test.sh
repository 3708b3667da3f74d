#!/bin/bash
# examples/raft_kv: the replicated map in one process, and as three processes whose leader is killed
# under load and comes back when the others' log no longer reaches it. Its clients' histories must be
# linearizable. Argument: grpc or tcp, between replicas.
set -u
network=$1
root=$TEST_SRCDIR/$TEST_WORKSPACE
raft_kv=$root/examples/raft_kv/raft_kv
raft_kv_client=$root/examples/raft_kv/client/raft_kv_client
check_history=$root/tests/simulation/check_history
. "$TEST_SRCDIR/$TEST_WORKSPACE/tests/raft/storage/volatile_directory.sh"
cd "$scratch" || exit 1
failures=0
declare -A running=()
trap 'kill -9 ${running[*]} 2>/dev/null; remove_scratch' EXIT

fail() {
  echo "FAILED: $*"
  failures=$((failures + 1))
}

# expect CODE TEXT COMMAND...: the exit code, and a text in what it says.
expect() {
  local code=$1 text=$2 said status
  shift 2
  said=$("$@" 2>&1)
  status=$?
  if [ "$status" -ne "$code" ] || ! grep -qF -- "$text" <<<"$said"; then
    fail "$*: want exit code $code and \"$text\", got $status and: $said"
  fi
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

serve() {
  "$raft_kv" --network "$network" --id "$1" --peers $peers --directory data \
    --clients "127.0.0.1:$((port + 3 + $1))" 2>>"log$1" &
  running[$1]=$!
}

serve_all() { for id in 1 2 3; do serve "$id"; done; }

# All three in one process.
serve_locally() {
  "$raft_kv" --directory local --clients ${replicas//,/ } 2>>log1 &
  running[1]=$!
}

# The highest term that some replica says it leads; who_leads: which one.
term() { cat log1 log2 log3 | grep -o 'leads term [0-9]*' | cut -d' ' -f3 | sort -n | tail -1; }
who_leads() { grep -l "leads term $(term)\$" log1 log2 log3 | tr -dc 0-9; }
has_leader_after() { [ "0$(term)" -gt "$1" ]; }
all_serve() { [ "$(cat log1 log2 log3 | grep -c 'serves clients')" -eq 3 ]; }
has_operations() { [ -f history.jsonl ] && [ "$(wc -l <history.jsonl)" -gt 100 ]; }
somebody_died() { ! kill -0 ${running[*]} 2>/dev/null; }

# start_group COMMAND: three replicas on ports that happen to be free.
start_group() {
  for _ in 1 2 3 4 5; do
    port=$((20000 + RANDOM % 10000))
    peers="127.0.0.1:$((port + 1)) 127.0.0.1:$((port + 2)) 127.0.0.1:$((port + 3))"
    replicas=127.0.0.1:$((port + 4)),127.0.0.1:$((port + 5)),127.0.0.1:$((port + 6))
    rm -rf log? data-? local-?
    touch log1 log2 log3
    "$1"
    for _ in $(seq 2400); do
      if all_serve && has_leader_after 0; then return; fi
      somebody_died && break
      sleep 0.05
    done
    echo "ports from $port on: $(tail -n 1 log?)"
    kill -9 ${running[*]} 2>/dev/null
    wait
  done
  fail "no three replicas came up"
  exit 1
}

# Asks all of them to end, and waits.
stop_group() {
  for id in "${!running[@]}"; do
    kill -TERM "${running[$id]}"
    wait "${running[$id]}" || fail "replica $id after SIGTERM: $(tail -n 3 "log$id")"
  done
  running=()
}

expect 0 "--peers" "$raft_kv" --help
expect 2 "--directory" "$raft_kv"
expect 2 "--network" "$raft_kv" --network none --clients 127.0.0.1:1 --directory d
expect 2 "want one for replica 2 itself, got none" \
  "$raft_kv" --network "$network" --id 2 --peers 127.0.0.1:1 --clients 127.0.0.1:1 --directory d
expect 1 "cannot listen on 127.0.0.1:1" "$raft_kv" --clients 127.0.0.1:1 127.0.0.1:1 --directory d
expect 0 "Exit codes" "$raft_kv_client" --help
expect 2 "--history" "$raft_kv_client" --replicas 127.0.0.1:1 --history /no/such/file
expect 3 "0 ok" "$raft_kv_client" --replicas 127.0.0.1:1 --seconds 0.1 --patience 0.1
expect 3 "the first not ok: cannot be reached" \
  "$raft_kv_client" --replicas 127.0.0.1:1 --seconds 0.1 --patience 0.1
expect 1 "not written" "$raft_kv_client" --replicas 127.0.0.1:1 --seconds 0.1 --patience 0.1 --history /dev/full

start_group serve_locally
expect 0 " ok" "$raft_kv_client" --replicas "$replicas" --seconds 2 --history local.jsonl
expect 0 "linearizable" "$check_history" local.jsonl
stop_group

start_group serve_all
"$raft_kv_client" --replicas "$replicas" --seconds 8 --history history.jsonl >clients 2>&1 &
clients=$!
await 120 has_operations
sleep 1
first_term=$(term)
killed=$(who_leads)
before=$(wc -l <history.jsonl)
kill -9 "${running[$killed]}"
wait "${running[$killed]}" 2>/dev/null
await 120 has_leader_after "$first_term"
sleep 1
serve "$killed"
wait "$clients" || fail "clients: $(cat clients)"
cat clients
[ "$before" -gt 0 ] || fail "want operations before the leader was killed"
[ "$(tail -n +"$((before + 1))" history.jsonl | grep -c '"status":"ok"')" -gt 100 ] ||
  fail "want operations after the leader was killed"
for op in read write cas; do
  grep -q "\"op\":\"$op\".*\"status\":\"ok\"" history.jsonl || fail "want a $op that was ok"
done
expect 0 "linearizable" "$check_history" history.jsonl

# A history with one wrong answer is none.
sed '0,/"op":"read".*"result":"/s/\("op":"read".*"result":"\)/\1never-written-/' history.jsonl >wrong.jsonl
expect 1 "not linearizable" "$check_history" wrong.jsonl

# Without a majority nobody waits for ever: every operation ends, and says why.
leader=$(who_leads)
for id in 1 2 3; do [ "$id" = "$leader" ] || kill -STOP "${running[$id]}"; done
said=$(timeout 60 "$raft_kv_client" --replicas "127.0.0.1:$((port + 3 + leader))" --seconds 1 --patience 1)
status=$?
for id in 1 2 3; do kill -CONT "${running[$id]}"; done
[ "$status" -eq 3 ] && grep -qE "not ok: .*(leader|lead|answered within)" <<<"$said" ||
  fail "without a majority: want exit code 3 and why, got $status and: $said"

stop_group

# The whole example, with what connects replicas in a process and over the network; the client, which
# is a program of its own, is not counted.
lines=$(cat "$root"/examples/raft_kv/*.{h,cc} 2>/dev/null | wc -l)
{ [ "$lines" -gt 0 ] && [ "$lines" -lt 200 ]; } || fail "raft_kv: want fewer than 200 lines, got $lines"
exit $((failures > 0))
