// A reporting tool takes a bulk export and sums it: resources by type, claims by month. NDJSON, read line by line as it comes.
//
//   TOKEN=... node samples/exchange/reporting-export.mjs http://127.0.0.1:8080/fhir [types, as in Patient,Claim]
import { createInterface } from "node:readline";
import { Readable } from "node:stream";

const base = process.argv[2];
if (!base) throw new Error("usage: node reporting-export.mjs <FHIR base> [types]");
const auth = process.env.TOKEN ? { Authorization: `Bearer ${process.env.TOKEN}` } : {};
const types = process.argv[3] ?? "Patient,Encounter,Claim";

async function ask(url, init = {}) {
  const response = await fetch(url, { ...init, headers: { ...auth, ...init.headers } });
  if (response.status >= 400) throw new Error(`${response.status} from ${new URL(url).pathname}: ${await response.text()}`);
  return response;
}

// Kick-off, then ask as often as the server likes.
const begun = await ask(`${base}/$export?_type=${types}`, { headers: { Prefer: "respond-async", Accept: "application/fhir+json" } });
const status = begun.headers.get("content-location");
let reply;
while ((reply = await ask(status)).status === 202)
  await new Promise(resolve => setTimeout(resolve, Math.min(1000 * Number(reply.headers.get("retry-after") ?? 1), 10_000)));
const manifest = await reply.json();

const counts = {}, months = {};
try {
  for (const file of manifest.output) {
    const content = await ask(file.url, { headers: manifest.requiresAccessToken ? auth : {} });
    let lines = 0;
    for await (const line of createInterface({ input: Readable.fromWeb(content.body), crlfDelay: Infinity })) {
      if (!line) continue;
      lines++;
      const resource = JSON.parse(line);
      if (resource.resourceType === "Claim") {
        const month = (resource.billablePeriod?.start ?? resource.created).slice(0, 7);
        months[month] = (months[month] ?? 0) + Math.round((resource.total?.value ?? 0) * 100);
      }
    }
    if (lines !== file.count) throw new Error(`${file.url} has ${lines} lines, and the manifest says ${file.count}.`);
    counts[file.type] = (counts[file.type] ?? 0) + lines;
  }
} finally {
  await ask(status, { method: "DELETE" }); // nobody else needs the files
}

console.log(JSON.stringify({ transactionTime: manifest.transactionTime, counts, claimsUsd: Object.fromEntries(Object.entries(months).sort().map(([m, c]) => [m, c / 100])) }, null, 2));
