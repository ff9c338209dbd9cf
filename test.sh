#!/usr/bin/env bash
# Restores, checks the format, builds and runs every test project. The last line is always "N passed, N failed, N skipped".
# Needs the .NET 10 SDK. PostgreSQL, Chromium and an SSH server come from apt-get when they are missing and this user may install; HL7's R4 examples from npm
# when npm is there. Without them the tests that need them are skipped, and say so.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
exec </dev/null
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 MSBUILDDISABLENODEREUSE=1 MSBUILDTERMINALLOGGER=off NO_COLOR=1
configuration=${CONFIGURATION:-Release}
results=TestResults
rm -rf "$results"
mkdir -p "$results"
passed=0 failed=0 skipped=0

say() { printf '\n== %s\n' "$*"; }

finish() {
  if ((failed > 0)); then
    say "Failed"
    cat "$results"/*.failed 2>/dev/null || true
  fi
  if ((skipped > 0)); then
    say "Skipped, and why"
    cat "$results"/*.skipped
  fi
  say "Security requirements without a test, and why"
  sed -nE 's/^\| (S-[0-9]+) \| (.*) \| none: (.*) \|$/   \1 \2: \3/p' docs/security.md
  printf '\n%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
  exit $((failed > 0))
}

# Runs a step without its chatter; when it fails, shows what it said. Where packages came from is nobody's business in a log.
step() {
  local name=$1 log="$results/$1.log" started=$SECONDS
  shift
  if "$@" >"$log" 2>&1; then
    printf '   %s: ok (%d s)\n' "$name" $((SECONDS - started))
  else
    sed -E 's#https?://[^ ,;"'\'')]+#(address)#g' "$log" | tail -n 60
    printf '   %s: FAILED\n' "$name"
    return 1
  fi
}

find_initdb() { command -v initdb || ls -1 /usr/lib/postgresql/*/bin/initdb 2>/dev/null | tail -n 1; }

install_postgres() {
  local sudo=()
  ((EUID == 0)) || sudo=(sudo -n)
  export DEBIAN_FRONTEND=noninteractive
  "${sudo[@]}" apt-get -qq update
  "${sudo[@]}" apt-get -qq -y --no-install-recommends install postgresql-15 || "${sudo[@]}" apt-get -qq -y --no-install-recommends install postgresql
}

install_chromium() {
  local sudo=()
  ((EUID == 0)) || sudo=(sudo -n)
  export DEBIAN_FRONTEND=noninteractive
  "${sudo[@]}" apt-get -qq update
  "${sudo[@]}" apt-get -qq -y --no-install-recommends install chromium
}

install_sshd() {
  local sudo=()
  ((EUID == 0)) || sudo=(sudo -n)
  export DEBIAN_FRONTEND=noninteractive
  "${sudo[@]}" apt-get -qq update
  "${sudo[@]}" apt-get -qq -y --no-install-recommends install openssh-server
}

say "What the tests need"
command -v dotnet >/dev/null || { echo "   The .NET 10 SDK is not on the PATH."; failed=1; finish; }
if [[ -z $(find_initdb) ]]; then
  step postgresql install_postgres || echo "   No PostgreSQL: its tests will be skipped."
fi
if ! command -v chromium >/dev/null; then
  step chromium install_chromium || echo "   No Chromium: the tests in a browser will be skipped."
fi
if [[ ! -x /usr/sbin/sshd ]]; then
  step sshd install_sshd || echo "   No SSH server: the tests of SFTP will be skipped."
fi
if [[ ! -f fhir-packages/hl7.fhir.r4.examples-4.0.1.tgz ]] && command -v npm >/dev/null; then
  mkdir -p fhir-packages
  step examples npm pack --silent --pack-destination fhir-packages hl7.fhir.r4.examples@4.0.1 || echo "   No R4 examples: the tests on them will be skipped."
fi

say "Restore, format, build"
step restore dotnet restore FhirEmr.sln --locked-mode || {
  echo "   The packages differ from packages.lock.json, or cannot be had. After a wanted change: dotnet restore --force-evaluate, and commit the lock files."
  failed=1
  finish
}
step whitespace dotnet format whitespace FhirEmr.sln --no-restore --verify-no-changes || failed=$((failed + 1))
# The build checks the style, too (EnforceCodeStyleInBuild): what is against it is a warning, and those are errors.
step build dotnet build FhirEmr.sln --configuration "$configuration" --no-restore --warnaserror || { failed=$((failed + 1)); finish; }

attribute() { sed -nE "s/.*<assembly [^>]* $1=\"([0-9]+)\".*/\1/p" "$2" | head -n 1; }

# "Test name: reason" for each test of an xunit report that ended so: Skip or Fail.
tests_that() {
  awk -v result="$1" '
    function plain(s) { gsub(/&quot;/, "\"", s); gsub(/&apos;/, "\047", s); gsub(/&lt;/, "<", s); gsub(/&gt;/, ">", s); gsub(/&#xA;/, " ", s); gsub(/&amp;/, "\\&", s); gsub(/\\"/, "\"", s); return s }
    BEGIN { RS = "<test " }
    NR > 1 && $0 ~ "^[^>]* result=\"" result "\"" {
      match($0, /(^| )name="[^"]*"/)
      name = substr($0, RSTART, RLENGTH); sub(/^ ?name="/, "", name); sub(/"$/, "", name)
      reason = $0; sub(/.*<(reason|message)>/, "", reason); sub(/<\/(reason|message)>.*/, "", reason); sub(/^<!\[CDATA\[/, "", reason); sub(/\]\]>.*/, "", reason)
      gsub(/[\r\n]+/, " ", reason)
      print "   " plain(name) ": " plain(substr(reason, 1, 600))
    }' "$2"
}

# Its report goes to results, what it said to a log beside it.
run_project() {
  local name=$1 status=0
  timeout --kill-after=10 1800 dotnet test --project "tests/$name/$name.csproj" --configuration "$configuration" --no-build --no-progress --no-ansi --show-test-results failed \
    --results-directory "$PWD/$results" --report-xunit-xml --report-xunit-xml-filename "$name.xml" >"$results/$name.out" 2>&1 || status=$?
  echo "$status" >"$results/$name.status"
}

# The black-box tests wait for servers that they kill and start again: the other projects have the processors meanwhile.
black_box=Conformance.Tests
projects=()
for project in tests/*.Tests/*.csproj; do
  projects+=("$(basename "$project" .csproj)")
done
run_project "$black_box" &
beside=$!
for name in "${projects[@]}"; do
  [[ $name == "$black_box" ]] || run_project "$name"
done
wait "$beside"

for name in "${projects[@]}"; do
  report="$results/$name.xml"
  say "$name"
  cat "$results/$name.out"
  status=$(cat "$results/$name.status")
  total=$(attribute total "$report" 2>/dev/null || true)
  if [[ -z $total || $total == 0 ]]; then
    echo "   $name ran no test (exit code $status)."
    failed=$((failed + 1))
    continue
  fi

  bad=$(($(attribute failed "$report") + $(attribute errors "$report")))
  if ((status != 0 && bad == 0)); then
    echo "   $name ended with exit code $status although its report names no failure."
    bad=1
  fi
  passed=$((passed + $(attribute passed "$report")))
  failed=$((failed + bad))
  skipped=$((skipped + $(attribute skipped "$report")))
  tests_that Skip "$report" >"$results/$name.skipped"
  tests_that Fail "$report" >"$results/$name.failed"
done

finish
