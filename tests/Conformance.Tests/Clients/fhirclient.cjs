// A session with fhirclient (SMART): an open server, references resolved, pages followed. Argument: the FHIR base URL.
const assert = require('node:assert/strict');
const smart = require('fhirclient');

const client = smart({ url: '/', headers: {} }, {}, { get: async () => null, set: async (_, value) => value, unset: async () => true }).client({ serverUrl: process.argv[2] });
const tag = 'smart' + Date.now();
let steps = 0;
const step = async (name, work) => {
  try {
    const result = await work();
    steps++;
    return result;
  } catch (error) {
    throw new Error(`${name}: ${error.message}`, { cause: error });
  }
};

(async () => {
  await step('version', async () => assert.equal(await client.getFhirRelease(), 4));

  const organization = await step('create', () => client.create({ resourceType: 'Organization', name: 'Smart Clinic' }));
  const patient = await step('create with a reference', () =>
    client.create({ resourceType: 'Patient', meta: { tag: [{ code: tag }] }, name: [{ family: 'Smart' }], managingOrganization: { reference: `Organization/${organization.id}` } }));

  await step('read', async () => assert.deepEqual(await client.request(`Patient/${patient.id}`), patient));

  await step('update', async () => {
    const updated = await client.update({ ...patient, gender: 'female' });
    assert.equal(updated.meta.versionId, '2');
  });

  await step('history', async () => {
    const history = await client.request(`Patient/${patient.id}/_history`);
    assert.deepEqual(history.entry.map((e) => e.resource.meta.versionId), ['2', '1']);
  });

  await step('transaction', async () => {
    const reply = await client.request({
      url: '',
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        resourceType: 'Bundle',
        type: 'transaction',
        entry: Array.from({ length: 9 }, (_, i) => ({
          resource: {
            resourceType: 'Observation', meta: { tag: [{ code: tag }] }, status: 'final', code: { coding: [{ system: 'http://loinc.org', code: i % 2 ? '8302-2' : '29463-7' }] },
            subject: { reference: `Patient/${patient.id}` }, valueQuantity: { value: i, unit: 'kg', system: 'http://unitsofmeasure.org', code: 'kg' },
          },
          request: { method: 'POST', url: 'Observation' },
        })),
      }),
    });
    assert.equal(reply.entry.length, 9);
  });

  await step('references resolved', async () => {
    const read = await client.request(`Patient/${patient.id}`, { resolveReferences: 'managingOrganization' });
    assert.equal(read.managingOrganization.name, 'Smart Clinic');
  });

  await step('references of a search resolved through pages', async () => {
    const observations = await client.request(`Observation?_tag=${tag}&_count=4`, { pageLimit: 0, flat: true, resolveReferences: ['subject', 'subject.managingOrganization'] });
    assert.equal(observations.length, 9);
    assert.ok(observations.every((o) => o.subject.managingOrganization.name === 'Smart Clinic'));
  });

  await step('pages one by one', async () => {
    const sizes = [];
    for await (const page of client.pages(`Observation?_tag=${tag}&_count=4`)) sizes.push(page.entry.length);
    assert.deepEqual(sizes, [4, 4, 1]);
  });

  await step('resources one by one', async () => {
    const values = [];
    for await (const observation of client.resources(`Observation?_tag=${tag}&_count=2`)) values.push(observation.valueQuantity.value);
    assert.deepEqual(values.sort(), [0, 1, 2, 3, 4, 5, 6, 7, 8]);
  });

  await step('values by code', async () => {
    const observations = await client.request(`Observation?_tag=${tag}&_count=50`, { pageLimit: 0, flat: true });
    assert.equal(client.byCode(observations, 'code')['29463-7'].length, 5);
  });

  await step('delete', async () => {
    const basic = await client.create({ resourceType: 'Basic', code: { text: 'x' } });
    await client.delete(`Basic/${basic.id}`);
    await assert.rejects(client.request(`Basic/${basic.id}`), (error) => error.status === 410 || error.statusCode === 410);
  });

  console.log(`done: ${steps} steps`);
})().catch((error) => {
  console.error(error);
  process.exit(1);
});
