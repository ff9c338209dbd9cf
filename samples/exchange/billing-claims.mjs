// A billing app asks what is open: all active claims, page by page, summed by insurer.
//
//   TOKEN=... node samples/exchange/billing-claims.mjs http://127.0.0.1:8080/fhir [search, as in created=ge2026-01-01]
const base = process.argv[2];
if (!base) throw new Error("usage: node billing-claims.mjs <FHIR base> [search]");
const headers = { Accept: "application/fhir+json", ...(process.env.TOKEN && { Authorization: `Bearer ${process.env.TOKEN}` }) };

const cents = money => Math.round((money?.value ?? 0) * 100); // money in whole cents: floating point loses some
const insurers = new Map();
const names = new Map();
let claims = 0;

// The server says where the next page is; its links are to be followed, not made up.
for (let url = `${base}/Claim?status=active&_count=100&_include=Claim:insurer${process.argv[3] ? `&${process.argv[3]}` : ""}`; url; ) {
  const response = await fetch(url, { headers });
  const page = await response.json();
  if (!response.ok) throw new Error(`${response.status}: ${page.issue?.[0]?.diagnostics}`);
  for (const { resource, search } of page.entry ?? []) {
    if (search.mode === "include") {
      names.set(`${resource.resourceType}/${resource.id}`, resource.name);
      continue;
    }
    const key = resource.insurer?.reference ?? "nobody";
    const sum = insurers.get(key) ?? { claims: 0, cents: 0 };
    insurers.set(key, { claims: sum.claims + 1, cents: sum.cents + cents(resource.total) });
    claims++;
  }
  url = page.link?.find(l => l.relation === "next")?.url;
}

for (const [key, sum] of [...insurers].sort((a, b) => b[1].cents - a[1].cents))
  console.log([names.get(key) ?? key, sum.claims, (sum.cents / 100).toFixed(2)].join("\t"));
console.log(["all", claims, ([...insurers.values()].reduce((all, s) => all + s.cents, 0) / 100).toFixed(2)].join("\t"));
