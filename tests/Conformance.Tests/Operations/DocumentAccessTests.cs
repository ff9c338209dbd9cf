using System.Net.Http.Headers;
using System.Text;
using FhirEmr.Conformance.Tests.Hosting;
using FhirEmr.Conformance.Tests.Security.Smart;
using FhirEmr.FhirServer.Security.Access.Roles;
using FhirEmr.FhirServer.Security.Accounts.Schema;
using FhirEmr.FhirServer.Security.Smart.Tokens;
using FhirEmr.FhirServer.Tests.Documents;
using Microsoft.Extensions.DependencyInjection;

namespace FhirEmr.Conformance.Tests.Operations;

/// <summary>Documents under the rights of a role.</summary>
public abstract class DocumentAccessTests(SmartServer server) : OnSmartServer(server)
{
    private readonly string mrn = Guid.NewGuid().ToString("N")[..10];

    [Theory]
    [InlineData("$import-ccda?dryRun=true")]
    [InlineData("$import-ccda")]
    public async Task A_clinician_who_may_not_register_patients_is_told_so_before_anything_is_done(string path)
    {
        var stranger = Encoding.UTF8.GetString(CcdFixture.Ccd("doc-1", mrn, family: "Okonkwo")).Replace("Lucia", "Uche", StringComparison.Ordinal).Replace("19620714", "19310102", StringComparison.Ordinal); // like nobody whom the other tests leave here
        var reply = await SendAsync(await TokenAsync(), path, Encoding.UTF8.GetBytes(stranger));

        Assert.Equal(403, reply.Status);
        Assert.Contains("Let the front desk register them", reply.Diagnostics, StringComparison.Ordinal);
        Assert.Empty((await Server.GetAsync($"Patient?identifier={mrn}")).Entries);
    }

    [Fact]
    public async Task A_clinician_imports_into_the_record_of_a_patient_who_is_here()
    {
        var id = "p" + mrn;
        Assert.Equal(201, (await Server.PutAsync($"Patient/{id}", $$"""
            {"resourceType":"Patient","id":"{{id}}","identifier":[{"system":"urn:oid:2.16.840.1.113883.19.5.1","value":"{{mrn}}"}],"name":[{"family":"Ferreira","given":["Lucia"]}],"birthDate":"1962-07-14"}
            """)).Status);

        var (token, path) = (await TokenAsync(), $"Patient/{id}/$import-ccda");
        var reply = await SendAsync(token, path, Ccd());
        Assert.True(reply.Status == 200, reply.Body);
        Assert.Contains("You may not create Coverage.", reply.Body, StringComparison.Ordinal); // skipped and told
        var stored = (await Server.GetAsync($"Observation?patient={id}")).Entries.Count;
        Assert.Equal(7, stored);

        var confidential = await SendAsync(token, path, Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(Ccd("doc-2")).Replace("confidentialityCode code=\"N\"", "confidentialityCode code=\"V\"", StringComparison.Ordinal)));
        Assert.Equal(403, confidential.Status);
        Assert.Contains("label.write", confidential.Diagnostics, StringComparison.Ordinal);
    }

    private byte[] Ccd(string id = "doc-1") => CcdFixture.Ccd(id, mrn);

    private async Task<string> TokenAsync()
    {
        var user = await Server.UserAsync("u" + Guid.NewGuid().ToString("N"), AccountKind.Staff, BuiltInRoles.Clinician.Name, null);
        return await Server.Services.GetRequiredService<TokenMint>().MakeAsync("page", user, ["user/*.cruds", "fhiremr/rights"], TimeSpan.FromHours(1));
    }

    private async Task<Reply> SendAsync(string token, string path, byte[] document)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new ByteArrayContent(document) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/cda+xml");
        request.Headers.Authorization = new("Bearer", token);
        using var response = await Server.Http.SendAsync(request, TestContext.Current.CancellationToken);
        return new(response.StatusCode, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), null, null, response.Content.Headers.ContentType?.MediaType);
    }
}

public sealed class SqliteDocumentAccessTests(SqliteSmartServer server) : DocumentAccessTests(server), IClassFixture<SqliteSmartServer>;

public sealed class PostgresDocumentAccessTests(PostgresSmartServer server) : DocumentAccessTests(server), IClassFixture<PostgresSmartServer>;
