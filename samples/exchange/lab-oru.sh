#!/usr/bin/env bash
# A laboratory reports a result: an HL7 v2.5.1 ORU^R01 by HTTP. Prints the acknowledgement; ends with 0 when it was accepted (MSA-1 is AA or CA).
#
#   TOKEN=... samples/exchange/lab-oru.sh http://127.0.0.1:8080 [message.hl7]
set -euo pipefail

server=${1:?"usage: lab-oru.sh http://host:port [message.hl7]"}
file=${2:-}
auth=()
[ -n "${TOKEN:-}" ] && auth=(-H "Authorization: Bearer $TOKEN")

# Segments end with a carriage return, and nothing else. A control id (MSH-10) that is sent again is the same message again, so it has to say the same,
# down to the time of the message (MSH-7).
message() {
  if [ -n "$file" ]; then tr '\n' '\r' < "$file"; return; fi
  printf '%s\r' \
    "MSH|^~\\&|LABSYS|ACME LAB|FHIREMR|PRACTICE|20261102140500+0000||ORU^R01^ORU_R01|${CONTROL_ID:-SAMPLE-0001}|P|2.5.1" \
    "PID|1||SAMPLE-77^^^ACME^MR||Sample^Lena||19610307|F" \
    "ORC|RE|ORD-1^FHIREMR|LAB-9001^ACME" \
    "OBR|1|ORD-1^FHIREMR|LAB-9001^ACME|4548-4^Hemoglobin A1c^LN|||20261102083000+0000|||||||||1234567893^Sample^Doctor^^^^^^NPI||||||20261102140000+0000|||F" \
    "OBX|1|NM|4548-4^Hemoglobin A1c/Hemoglobin.total in Blood^LN||7.2|%^percent^UCUM|4.0-5.6|H|||F|||20261102083000+0000"
}

answer=$(mktemp)
trap 'rm -f "$answer"' EXIT
status=$(message | curl -sS -o "$answer" -w '%{http_code}' -X POST "$server/hl7v2" -H 'Content-Type: text/plain; charset=utf-8' ${auth[@]+"${auth[@]}"} --data-binary @-)
tr '\r' '\n' < "$answer"
case $status in
  2??) grep -aqE '(^|'$'\r'')MSA\|(AA|CA)' "$answer" ;;
  404) echo "This server takes no HL7 v2 at $server/hl7v2." >&2; exit 4 ;;
  *) echo "HTTP $status" >&2; exit 1 ;;
esac
