// Opened by an EHR (launch.html?iss=…&launch=…) or by hand (launch.html?fhir=…): either way the server is asked for permission.
// fhirclient finds the endpoints in .well-known/smart-configuration and adds PKCE by itself.
const given = new URLSearchParams(location.search);
const settings = {
  clientId: given.get('client') ?? 'heart-rates',
  redirectUri: 'index.html',
  pkceMode: 'required',
};
const ready = given.has('launch')
  ? FHIR.oauth2.authorize({ ...settings, scope: 'launch openid fhirUser patient/Patient.rs patient/Observation.rs' })
  : FHIR.oauth2.authorize({ ...settings, iss: given.get('fhir'), scope: 'launch/patient openid fhirUser patient/Patient.rs patient/Observation.rs' });
ready.catch((error) => {
  document.body.textContent = `The server cannot be asked: ${error.message}`;
});
