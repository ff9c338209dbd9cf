// The permission is there, or was refused: show whose record this is and the heart rates in it.
const show = (id, text) => { document.getElementById(id).textContent = text; };

FHIR.oauth2.ready().then(async (client) => {
  const patient = await client.patient.read();
  const name = patient.name?.[0] ?? {};
  show('patient', `${(name.given ?? []).join(' ')} ${name.family ?? ''}`.trim());
  show('user', client.user.fhirUser ?? 'somebody');
  const rates = await client.request(`Observation?patient=${client.patient.id}&code=http://loinc.org|8867-4`, { flat: true });
  for (const rate of rates) {
    const item = document.createElement('li');
    item.textContent = `${rate.effectiveDateTime ?? ''} ${rate.valueQuantity.value} ${rate.valueQuantity.unit}`.trim();
    document.getElementById('rates').append(item);
  }
  show('state', 'done');
}).catch((error) => show('state', `refused: ${error.message}`));
