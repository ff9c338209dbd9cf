#!/usr/bin/env bash
# The server with an embedded throw-away store and the demo practice, started again when a source file is saved.
# Further arguments go to `fhir-emr serve`, e.g. deploy/scripts/dev.sh --urls http://127.0.0.1:9000
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_WATCH_SUPPRESS_LAUNCH_BROWSER=1 DOTNET_WATCH_RESTART_ON_RUDE_EDIT=1
exec dotnet watch --project "$root/src/FhirServer/FhirServer.csproj" run -- serve --demo "$@"
