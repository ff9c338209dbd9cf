// A specialist sends a visit back: one transaction, all or nothing, that may be sent again without doing it twice.
//
//   TOKEN=... node samples/exchange/specialist.mjs http://127.0.0.1:8080/fhir
const base = process.argv[2];
if (!base) throw new Error("usage: node specialist.mjs <FHIR base>");

const mrn = { system: "urn:example:cardiology:mrn", value: "CARD-4711" };
const visit = { system: "urn:example:cardiology:visit", value: "V-2026-1102-1" };
const [patient, encounter, condition, observation] = ["a1", "b2", "c3", "d4"].map(x => `urn:uuid:6f1f1c9e-0000-4000-8000-0000000000${x}`);
const coded = (system, code, display) => ({ coding: [{ system, code, display }], text: display });

// ifNoneExist: what the other side has under this identifier already is taken, not made again.
const once = (fullUrl, resource, identifier) => ({
  fullUrl, resource,
  request: { method: "POST", url: resource.resourceType, ifNoneExist: `identifier=${encodeURIComponent(identifier.system)}|${encodeURIComponent(identifier.value)}` },
});

const part = n => ({ system: visit.system, value: `${visit.value}/${n}` });
const bundle = {
  resourceType: "Bundle", type: "transaction",
  entry: [
    once(patient, { resourceType: "Patient", identifier: [mrn], name: [{ family: "Sample", given: ["Lena"] }], birthDate: "1961-03-07", gender: "female" }, mrn),
    once(encounter, {
      resourceType: "Encounter", identifier: [visit], status: "finished", subject: { reference: patient },
      class: { system: "http://terminology.hl7.org/CodeSystem/v3-ActCode", code: "AMB" }, period: { start: "2026-11-02T09:00:00Z", end: "2026-11-02T09:40:00Z" },
    }, visit),
    once(condition, {
      resourceType: "Condition", identifier: [part("dx")], subject: { reference: patient }, encounter: { reference: encounter },
      clinicalStatus: coded("http://terminology.hl7.org/CodeSystem/condition-clinical", "active", "Active"),
      verificationStatus: coded("http://terminology.hl7.org/CodeSystem/condition-ver-status", "confirmed", "Confirmed"),
      category: [coded("http://terminology.hl7.org/CodeSystem/condition-category", "encounter-diagnosis", "Encounter Diagnosis")],
      code: coded("http://hl7.org/fhir/sid/icd-10-cm", "I48.0", "Paroxysmal atrial fibrillation"),
    }, part("dx")),
    once(observation, {
      resourceType: "Observation", identifier: [part("hr")], status: "final", subject: { reference: patient }, encounter: { reference: encounter },
      category: [coded("http://terminology.hl7.org/CodeSystem/observation-category", "vital-signs", "Vital Signs")],
      code: coded("http://loinc.org", "8867-4", "Heart rate"), effectiveDateTime: "2026-11-02T09:05:00Z",
      valueQuantity: { value: 88, unit: "beats/minute", system: "http://unitsofmeasure.org", code: "/min" },
    }, part("hr")),
  ],
};

const response = await fetch(base, {
  method: "POST", body: JSON.stringify(bundle),
  headers: { "Content-Type": "application/fhir+json", ...(process.env.TOKEN && { Authorization: `Bearer ${process.env.TOKEN}` }) },
});
const answer = await response.json();
if (!response.ok) {
  for (const issue of answer.issue ?? []) console.error(`${issue.severity}: ${issue.diagnostics} ${issue.expression ?? ""}`);
  process.exit(1);
}
for (const { response: r } of answer.entry) console.log(r.status.split(" ")[0], r.location ?? "");
