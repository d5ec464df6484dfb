#!/usr/bin/env bash
# Runs every test there is and closes with one line: N passed, N failed, N skipped.
# Needs the .NET SDK. Sets up what the interop tests need; names what it had to leave out.
set -uo pipefail
cd "$(dirname "$0")/.."

command -v dotnet >/dev/null || { echo "the .NET SDK is missing: install version $(sed -n 's/.*"version": "\([^"]*\)".*/\1/p' global.json) or later"; exit 1; }

passed=0 failed=0 skipped=0 left_out=()
log=$(mktemp -d)
compiler=federation-$$
end_compiler() { pkill -f -- "-pipename:$compiler\$"; }
trap 'kill "${simulation:-}" 2>/dev/null; end_compiler; rm -rf "$log"' EXIT

# Servers that live for seconds gain nothing from being profiled, nor from being compiled again before they come to rest (5 s, in hexadecimal).
export DOTNET_TieredPGO=0 DOTNET_TC_CallCountingDelayMs=1388

# Adds a test run's counts from its summary lines.
count() {
  local file=$1 line
  while read -r line; do
    failed=$((failed + $(sed -n 's/.*Failed: *\([0-9]*\).*/\1/p' <<<"$line")))
    passed=$((passed + $(sed -n 's/.*Passed: *\([0-9]*\).*/\1/p' <<<"$line")))
    skipped=$((skipped + $(sed -n 's/.*Skipped: *\([0-9]*\).*/\1/p' <<<"$line")))
  done < <(grep -E '^ *(Passed|Failed|Skipped)! +- Failed:' "$file")
}

# Keeps what a test run says of each test that failed, to say it again where it is read first: at the end.
keep_failures() {
  awk '/^(  Passed |  Skipped |Passed!|Failed!)/ { said = 0 } /^  Failed / { said = 40 } said-- > 0' "$1" >>"$log/failures"
}

echo "== build"
# One compiler for all projects, of this run alone: each of its own would first have to be compiled itself.
if ! dotnet build Federation.sln -c Release -v quiet -clp:NoSummary -p:UseSharedCompilation=true -p:SharedCompilationId="$compiler" 2>&1 | tee "$log/build" | tail -n 40 || grep -q "warning\|error" "$log/build"; then
  echo "the build failed or warned"
  echo "0 passed, 1 failed, 0 skipped"
  exit 1
fi
end_compiler

# Behind everything else, which mostly waits.
env -u DOTNET_TieredPGO -u DOTNET_TC_CallCountingDelayMs nice -n 19 dotnet run -c Release --no-build --project tests/Federation.Simulation -- --seeds 300 >"$log/simulation" 2>&1 &
simulation=$!

echo "== interop tools"
tests/Federation.Interop/setup.sh >"$log/setup" 2>&1 || { left_out+=("some interop tests: their tools could not be installed"); tail -n 5 "$log/setup"; }

for project in tests/*/*.Tests.csproj tests/Federation.Interop/*.csproj; do
  echo "== $project"
  dotnet test "$project" -c Release --no-build 2>&1 | tee "$log/test" | grep -vE '^(Test run for|A total of|VSTest version|$)'
  [ "${PIPESTATUS[0]}" -eq 0 ] || grep -qE '^ *Failed! ' "$log/test" || failed=$((failed + 1))
  count "$log/test"
  keep_failures "$log/test"
done

suites=core,leases,status,cluster topologies=edge,hub
if [ -x "$(command -v kubectl)" ]; then
  suites+=,kubectl topologies=edge-kube,edge,hub-aggregated,hub
else
  left_out+=("the kubectl suite, and topologies edge-kube and hub-aggregated: there is no kubectl")
fi
echo "== the shared suite on $topologies: $suites"
dotnet run -c Release --no-build --project e2e -- --topology "$topologies" --suite "$suites" --at-once 4 2>&1 | tee "$log/e2e" | grep -vE '^(starting|left out|  (hub|edge)[a-z-]* )'
while read -r absent; do left_out+=("$absent"); done < <(sed -n 's/^left out: //p' "$log/e2e")
read -r suite_passed suite_failed < <(sed -n 's/^\([0-9]*\) passed, \([0-9]*\) failed.*/\1 \2/p' "$log/e2e" | tail -n 1)
passed=$((passed + ${suite_passed:-0})) failed=$((failed + ${suite_failed:-1}))

echo "== simulation"
if wait "$simulation"; then passed=$((passed + 1)); else failed=$((failed + 1)); fi
simulation=
cat "$log/simulation"

echo "== quick start"
if FEDERATION_NO_BUILD=1 FEDERATION_CONFIGURATION=release ./deploy/quickstart.sh --check; then passed=$((passed + 1)); else failed=$((failed + 1)); fi

if [ -s "$log/failures" ]; then echo "== tests that failed"; cat "$log/failures"; fi
for what in "${left_out[@]}"; do echo "left out: $what"; done
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
