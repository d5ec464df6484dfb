#!/usr/bin/env bash
# Starts a hub and two edges on loopback, applies the samples, and shows what became of every claim.
#   deploy/quickstart.sh            stays up until Ctrl-C
#   deploy/quickstart.sh --check    asserts the outcome, stops, and says so by its exit code
set -uo pipefail
cd "$(dirname "$0")/.."

check=false
case "${1:-}" in
  --check) check=true ;;
  "") ;;
  *) echo "usage: deploy/quickstart.sh [--check]"; exit 2 ;;
esac

group=apis/ipam.federation.io/v1alpha1

fail() { echo "quick start: $*" >&2; exit 1; }

command -v dotnet >/dev/null || fail "the .NET SDK is missing; install .NET 10"
command -v curl >/dev/null || fail "curl is missing"

# taken BASE: prints the first of four ports that somebody listens on.
taken() {
  local port
  for port in $(seq "$1" $(($1 + 3))); do
    (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null && echo "$port" && return
  done
}

# Somebody who goes on with kubectl wants known ports; a check takes any.
hub_api=${FEDERATION_HUB_PORT:-18080}
if $check && [ -z "${FEDERATION_HUB_PORT:-}" ]; then
  while [ -n "$(taken "$hub_api")" ] && [ "$hub_api" -lt 19080 ]; do hub_api=$((hub_api + 10)); done
fi
port=$(taken "$hub_api")
[ -z "$port" ] || fail "port $port is in use; set FEDERATION_HUB_PORT to the first of four free ports"
hub_grpc=$((hub_api + 1)) east=$((hub_api + 2)) west=$((hub_api + 3))

data=$(mktemp -d) pids=()
stop() {
  for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null; done
  for pid in "${pids[@]}"; do wait "$pid" 2>/dev/null; done
  rm -rf "$data"
}
trap stop EXIT
trap 'exit 130' INT TERM

if [ -z "${FEDERATION_NO_BUILD:-}" ]; then
  echo "building (the first time takes a minute) ..."
  dotnet build hub -v quiet -clp:NoSummary >"$data/build.log" 2>&1 && dotnet build edge -v quiet -clp:NoSummary >>"$data/build.log" 2>&1 ||
    { tail -n 20 "$data/build.log"; fail "the build failed"; }
fi

# start NAME PROJECT ARGUMENTS...: runs a process and remembers it.
start() {
  local name=$1 project=$2
  shift 2
  dotnet "artifacts/bin/Federation.${project^}/${FEDERATION_CONFIGURATION:-debug}/federation-$project.dll" "$@" >"$data/$name.log" 2>&1 &
  pids+=($!)
}

# ready NAME PORT: waits until it serves.
ready() {
  local name=$1 port=$2
  for _ in $(seq 150); do
    curl -sf "http://127.0.0.1:$port/readyz" >/dev/null && return
    kill -0 "${pids[-1]}" 2>/dev/null || { tail -n 5 "$data/$name.log" >&2; fail "$name did not start"; }
    sleep 0.2
  done
  fail "$name is not ready after 30 s"
}

echo "starting a hub and two edges ..."
mkdir "$data/hub" "$data/east" "$data/west"
start hub hub serve --data "$data/hub" --api-url "http://127.0.0.1:$hub_api" --grpc-url "http://127.0.0.1:$hub_grpc"
ready hub "$hub_api"
for edge in east west; do
  start "$edge" edge run --name "$edge" --hub "http://127.0.0.1:$hub_grpc" --embedded --data "$data/$edge" --api-url "http://127.0.0.1:${!edge}"
  ready "$edge" "${!edge}"
done

# post PORT PATH: sends the YAML on standard input.
post() {
  curl -sf -X POST -H 'Content-Type: application/yaml' --data-binary @- "http://127.0.0.1:$1/$group/$2" >/dev/null || fail "POST $2 on port $1 was refused"
}

# apply FILE PORT: creates each document of a sample file.
apply() {
  local document kind path
  while IFS= read -r -d $'\x1e' document; do
    kind=$(sed -n 's/^kind: //p' <<<"$document")
    [ -n "$kind" ] || continue
    case $kind in
      IPPool) path=ippools ;;
      IPPoolClaim) path=namespaces/default/ippoolclaims ;;
      *) path=namespaces/default/ipclaims ;;
    esac
    post "$2" "$path" <<<"$document"
  done < <(sed 's/^---$/\x1e/' "$1"; printf '\x1e')
}

echo "applying the samples ..."
apply deploy/samples/pools.yaml "$hub_api"
for port in $hub_api $east $west; do
  apply deploy/samples/claims.yaml "$port"
  apply deploy/samples/exhausted.yaml "$port"
done
apply deploy/samples/pool-claim.yaml "$east"

# field PORT CLAIM JSONPATH-LIKE KEY: one text field of a claim's status.
claim() { curl -sf "http://127.0.0.1:$1/$group/namespaces/default/ipclaims/$2"; }
text() { sed -n "s/.*\"$1\":\"\([^\"]*\)\".*/\1/p"; }
reason() { sed -n 's/.*"type":"Allocated"[^}]*"reason":"\([^"]*\)".*/\1/p'; }

settled() {
  local port name
  for port in $hub_api $east $west; do
    for name in web web-v6 too-large last-address; do
      case $(claim "$port" "$name" | reason) in AllocationSucceeded | PoolExhausted | PrefixLengthOutOfBounds) ;; *) return 1 ;; esac
    done
  done
}

echo "waiting for the answers ..."
for _ in $(seq 150); do settled && break; sleep 0.2; done
settled || fail "some claims were not answered within 30 s"

bound=0 exhausted=0 blocks=""
printf '\n%-9s %-14s %-22s %-10s %s\n' TOPOLOGY CLAIM CIDR POOL REASON
for row in "hub $hub_api" "east $east" "west $west"; do
  read -r name port <<<"$row"
  for claim_name in web web-v6 too-large last-address; do
    json=$(claim "$port" "$claim_name")
    cidr=$(text allocatedCIDR <<<"$json") why=$(reason <<<"$json")
    printf '%-9s %-14s %-22s %-10s %s\n' "$name" "$claim_name" "${cidr:--}" "$(sed -n 's/.*"boundPoolRef":{"name":"\([^"]*\)".*/\1/p' <<<"$json")" "$why"
    [ "$why" = AllocationSucceeded ] && bound=$((bound + 1)) && blocks="$blocks$cidr"$'\n'
    [ "$why" = PoolExhausted ] && exhausted=$((exhausted + 1))
  done
done

if $check; then
  [ "$bound" -eq 8 ] || fail "8 claims should be bound, $bound are"
  [ "$exhausted" -eq 1 ] || fail "1 claim should find its pool exhausted, $exhausted do"
  [ "$(sort <<<"$blocks" | uniq -d | grep -c .)" -eq 0 ] || fail "a block was given twice"
  echo "ok: 8 claims bound on hub and edges, no block twice, 1 exhausted, 3 refused for their size"
  exit 0
fi

cat <<EOF

Go on with:
  kubectl -s http://127.0.0.1:$hub_api get ippools,ipleases,edges,ipclaims
  kubectl -s http://127.0.0.1:$east get ippools,ipclaims,ipallocations,ippoolclaims -A
  kubectl -s http://127.0.0.1:$west get ipclaims -o wide
Ctrl-C stops everything and removes $data.
EOF
wait
