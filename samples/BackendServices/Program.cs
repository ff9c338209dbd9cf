using FhirEmr.Samples.BackendServices;

// SMART Backend Services in one page, without a library: find the token endpoint, sign an assertion, ask for a token, use it.
//
//   fhir-emr client add nightly --kind system --scope system/Patient.rs --jwks public.json
//   dotnet run --project samples/BackendServices -- http://127.0.0.1:8080/fhir nightly private.pem my-key
if (args is not [var fhirBase, var clientId, var keyFile, var keyId])
{
    Console.Error.WriteLine("Arguments: FHIR base, client id, file of the private key (PEM, EC P-384), its kid.");
    return 1;
}

using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(30) };
try
{
    using var client = new BackendClient(http, new Uri(fhirBase), clientId, await File.ReadAllTextAsync(keyFile), keyId, TimeProvider.System);
    foreach (var name in await client.PatientNamesAsync(CancellationToken.None))
        Console.WriteLine(name);
    return 0;
}
catch (Exception e) when (e is HttpRequestException or IOException or InvalidOperationException or System.Security.Cryptography.CryptographicException)
{
    Console.Error.WriteLine(e.Message);
    return 1;
}
