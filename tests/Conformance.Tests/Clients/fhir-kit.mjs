// A session with fhir-kit-client: everything a small application does. Argument: the FHIR base URL.
import assert from 'node:assert/strict';
import { Client } from 'fhir-kit-client';

const client = new Client({ baseUrl: process.argv[2] });
const tag = 'kit' + Date.now();
let steps = 0;
const step = async (name, work) => {
  try {
    const result = await work();
    steps++;
    return result;
  } catch (error) {
    throw new Error(`${name}: ${error.message} ${JSON.stringify(error.response?.data ?? '')}`, { cause: error });
  }
};
const status = (resource) => Client.httpFor(resource).response.status;

await step('capabilities', async () => {
  const statement = await client.capabilityStatement();
  assert.equal(statement.resourceType, 'CapabilityStatement');
  assert.equal(statement.fhirVersion, '4.0.1');
});

const patient = await step('create', async () => {
  const created = await client.create({
    resourceType: 'Patient',
    body: { resourceType: 'Patient', meta: { tag: [{ code: tag }] }, name: [{ family: 'Kit', given: ['Ann'] }], birthDate: '1980-02-29' },
  });
  assert.equal(status(created), 201);
  assert.equal(created.meta.versionId, '1');
  return created;
});

await step('read', async () => assert.deepEqual(await client.read({ resourceType: 'Patient', id: patient.id }), patient));

await step('update', async () => {
  const updated = await client.update({ resourceType: 'Patient', id: patient.id, body: { ...patient, active: true } });
  assert.equal(updated.meta.versionId, '2');
  assert.equal(updated.active, true);
});

await step('update that comes too late', async () => {
  await assert.rejects(
    client.update({ resourceType: 'Patient', id: patient.id, body: patient, options: { headers: { 'If-Match': 'W/"1"' } } }),
    (error) => error.response.status === 412,
  );
});

await step('vread', async () => assert.equal((await client.vread({ resourceType: 'Patient', id: patient.id, version: '1' })).active, undefined));

await step('history', async () => {
  const history = await client.history({ resourceType: 'Patient', id: patient.id });
  assert.deepEqual(history.entry.map((e) => e.resource.meta.versionId), ['2', '1']);
});

const written = await step('transaction', async () => {
  const urn = 'urn:uuid:8c1bd1b0-6f2b-4a6e-9a55-2b5f0f6f9a01';
  const reply = await client.transaction({
    body: {
      resourceType: 'Bundle',
      type: 'transaction',
      entry: [
        { fullUrl: urn, resource: { resourceType: 'Encounter', status: 'finished', class: { code: 'AMB' }, subject: { reference: `Patient/${patient.id}` } }, request: { method: 'POST', url: 'Encounter' } },
        ...Array.from({ length: 7 }, (_, i) => ({
          resource: {
            resourceType: 'Observation', meta: { tag: [{ code: tag }] }, status: 'final', code: { text: `o${i}` }, valueInteger: i,
            subject: { reference: `Patient/${patient.id}` }, encounter: { reference: urn }, effectiveDateTime: `2024-01-0${i + 1}`,
          },
          request: { method: 'POST', url: 'Observation' },
        })),
      ],
    },
  });
  assert.equal(reply.type, 'transaction-response');
  assert.ok(reply.entry.every((e) => e.response.status.startsWith('201')));
  return reply;
});
assert.equal(written.entry.length, 8);

await step('search with pages', async () => {
  let page = await client.search({ resourceType: 'Observation', searchParams: { _tag: tag, subject: `Patient/${patient.id}`, _sort: '-date', _count: '3', _total: 'accurate' } });
  assert.equal(page.total, 7);
  const values = [];
  while (page) {
    values.push(...page.entry.map((e) => e.resource.valueInteger));
    page = await client.nextPage({ bundle: page });
  }
  assert.deepEqual(values, [6, 5, 4, 3, 2, 1, 0]);
});

await step('search by POST with includes', async () => {
  const page = await client.search({ resourceType: 'Observation', searchParams: { _tag: tag, _include: ['Observation:patient', 'Observation:encounter'] }, options: { postSearch: true } });
  const modes = page.entry.map((e) => e.search.mode);
  assert.equal(modes.filter((m) => m === 'match').length, 7);
  assert.deepEqual(page.entry.filter((e) => e.search.mode === 'include').map((e) => e.resource.resourceType).sort(), ['Encounter', 'Patient']);
});

await step('a reference resolved', async () => {
  const [observation] = (await client.search({ resourceType: 'Observation', searchParams: { _tag: tag, _count: '1' } })).entry;
  assert.equal((await client.resolve({ reference: observation.resource.subject.reference })).id, patient.id);
});

await step('batch', async () => {
  const reply = await client.batch({
    body: { resourceType: 'Bundle', type: 'batch', entry: [{ request: { method: 'GET', url: `Patient/${patient.id}` } }, { request: { method: 'GET', url: 'Patient/nobody-here' } }] },
  });
  assert.deepEqual(reply.entry.map((e) => e.response.status.slice(0, 3)), ['200', '404']);
});

await step('delete', async () => {
  const basic = await client.create({ resourceType: 'Basic', body: { resourceType: 'Basic', code: { text: 'x' } } });
  await client.delete({ resourceType: 'Basic', id: basic.id });
  await assert.rejects(client.read({ resourceType: 'Basic', id: basic.id }), (error) => error.response.status === 410);
});

await step('a refusal says why', async () => {
  await assert.rejects(client.search({ resourceType: 'Patient', searchParams: { nmae: 'x' } }), (error) => {
    assert.equal(error.response.status, 400);
    assert.match(error.response.data.issue[0].diagnostics, /Did you mean 'name'/);
    return true;
  });
});

console.log(`done: ${steps} steps`);
