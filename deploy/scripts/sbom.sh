#!/usr/bin/env bash
# The bill of materials of a release (CycloneDX, JSON): every package the server is made of, with version, licence and hash (security S-95).
# deploy/scripts/sbom.sh [file]   default: sbom.json in the current folder
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
out=$(realpath -m "${1:-sbom.json}")
cd "$root"
export DOTNET_CLI_TELEMETRY_OPTOUT=1
dotnet tool restore
dotnet restore src/FhirServer --locked-mode
version=$(dotnet msbuild src/FhirServer -getProperty:Version)
dotnet tool run dotnet-CycloneDX src/FhirServer/FhirServer.csproj --output "$(dirname "$out")" --filename "$(basename "$out")" --output-format Json \
    --set-name fhir-emr --set-version "$version" --exclude-dev --disable-package-restore
