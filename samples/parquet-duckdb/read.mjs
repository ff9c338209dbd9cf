// A reporting tool: exports Observations and Patients as Parquet, and asks DuckDB about them.
//
//   npm install && node read.mjs http://127.0.0.1:8080/fhir [file with an access token for system/*.rs]
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";

const [base, tokenFile] = process.argv.slice(2);
if (!base) {
  console.error("Give the FHIR base of the server, and a file with an access token.");
  process.exit(2);
}

const headers = tokenFile ? { Authorization: `Bearer ${(await readFile(tokenFile, "utf8")).trim()}` } : {};

// What was exported is health data: it is gone when the answer is there.
const folder = await mkdtemp(join(tmpdir(), "parquet-"));
try {
  const begun = await fetch(`${base}/$export?_outputFormat=parquet&_type=Patient,Observation`, { headers: { ...headers, Prefer: "respond-async" } });
  if (begun.status !== 202) {
    throw new Error(`$export answered ${begun.status}: ${await begun.text()}`);
  }

  const status = begun.headers.get("content-location");
  let answer;
  while ((answer = await fetch(status, { headers })).status === 202) {
    await new Promise((next) => setTimeout(next, 1000 * Number(answer.headers.get("retry-after") ?? 1)));
  }

  const manifest = await answer.json();
  for (const [number, file] of manifest.output.entries()) {
    const content = await fetch(file.url, { headers });
    await writeFile(join(folder, `${file.type}-${number}.parquet`), Buffer.from(await content.arrayBuffer()));
  }

  await fetch(status, { method: "DELETE", headers });

  const database = await (await DuckDBInstance.create()).connect();
  const found = await database.runAndReadAll(`
    SELECT o.code_system, o.code, p.gender, count(*) AS observations, avg(o.value_number) AS mean, max(o.start_time) AS latest
    FROM '${folder}/Observation-*.parquet' o JOIN '${folder}/Patient-*.parquet' p ON p.id = o.patient_id
    GROUP BY ALL ORDER BY observations DESC LIMIT 20`);
  console.table(found.getRowObjectsJson());
} finally {
  await rm(folder, { recursive: true });
}
