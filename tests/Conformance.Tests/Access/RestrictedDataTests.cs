using System.Text.Json.Nodes;
using FhirEmr.Conformance.Tests.Hosting;
using FhirEmr.Conformance.Tests.Security.Smart;
using FhirEmr.FhirServer.Security.Access.Roles;
using FhirEmr.FhirServer.Security.Accounts.Schema;
using FhirEmr.FhirServer.Security.Smart.Tokens;
using Microsoft.Extensions.DependencyInjection;

namespace FhirEmr.Conformance.Tests.Access;

/// <summary>That something is withheld learns who could open it in an emergency, and nobody else (security S-45).</summary>
public abstract class RestrictedDataTests(SmartServer server) : OnSmartServer(server)
{
    private const string Operation = "$restricted-data";

    /// <summary>Beyond what any built-in clinical role may read.</summary>
    private const string VeryRestricted = """,{"system":"http://terminology.hl7.org/CodeSystem/v3-Confidentiality","code":"V"}""";

    [Fact]
    public async Task Who_may_break_the_glass_sees_that_there_is_restricted_data()
    {
        var (patient, clinician) = (await PatientAsync(), await TokenAsync(BuiltInRoles.Clinician.Name));
        await StoreAsync(patient, "open");
        Assert.False(await IsRestrictedAsync(clinician, patient));

        await StoreAsync(patient, "closed", VeryRestricted);

        Assert.True(await IsRestrictedAsync(clinician, patient));
        Assert.False(await IsRestrictedAsync(clinician, await PatientAsync())); // another's record
        Assert.Single((await AsAsync(clinician, $"Observation?patient={patient}")).Entries); // the mark opens nothing
    }

    [Fact]
    public async Task What_a_role_may_read_by_its_labels_is_not_restricted()
    {
        var (patient, clinician) = (await PatientAsync(), await TokenAsync(BuiltInRoles.Clinician.Name));
        await StoreAsync(patient, "r", """,{"system":"http://terminology.hl7.org/CodeSystem/v3-Confidentiality","code":"R"}""");

        Assert.False(await IsRestrictedAsync(clinician, patient)); // label.read:R
        Assert.Single((await AsAsync(clinician, $"Observation?patient={patient}")).Entries);
    }

    [Fact]
    public async Task What_a_consent_denies_is_restricted_for_whom_it_denies()
    {
        var patient = await PatientAsync();
        await StoreAsync(patient, "open");
        var (denied, other) = (await TokenAsync(BuiltInRoles.Clinician.Name, "Practitioner/denied"), await TokenAsync(BuiltInRoles.Nurse.Name));
        Assert.False(await IsRestrictedAsync(denied, patient));
        var stored = await Server.PostAsync("Consent", $$"""
            {"resourceType":"Consent","status":"active","scope":{"coding":[{"code":"patient-privacy"}]},"category":[{"text":"privacy"}],"patient":{"reference":"Patient/{{patient}}"},
             "dateTime":"2026-01-01","policyRule":{"text":"ours"},
             "provision":{"type":"deny","actor":[{"role":{"text":"recipient"},"reference":{"identifier":{"value":"Practitioner/denied"} } }]} }
            """);
        Assert.True(stored.Status == 201, stored.Body);

        Assert.True(await IsRestrictedAsync(denied, patient));
        Assert.False(await IsRestrictedAsync(other, patient));
    }

    [Fact]
    public async Task To_others_every_answer_is_the_same_whether_there_is_any_or_not()
    {
        var (with, without, coder) = (await PatientAsync(), await PatientAsync(), await TokenAsync(BuiltInRoles.Coder.Name));
        foreach (var patient in (string[])[with, without])
            await StoreAsync(patient, "open");
        await StoreAsync(with, "closed", VeryRestricted);

        foreach (var path in (string[])["Patient/{0}/" + Operation, "Patient/{0}", "Observation?patient={0}", "Patient/{0}/Observation", "Patient/{0}/$everything", "Observation?patient={0}&_summary=count"])
        {
            var (one, other) = (await AsAsync(coder, string.Format(null, path, with)), await AsAsync(coder, string.Format(null, path, without)));
            Assert.Equal(path.EndsWith(Operation, StringComparison.Ordinal) ? 403 : 200, one.Status);
            Assert.Equal((other.Status, Alike(other, without)), (one.Status, Alike(one, with)));
        }
    }

    [Fact]
    public async Task It_is_for_people_about_patients_there_are()
    {
        var clinician = await TokenAsync(BuiltInRoles.Clinician.Name);
        Assert.Equal(404, (await AsAsync(clinician, "Patient/nobody/" + Operation)).Status);
        Assert.Equal(403, (await AsAsync(Server.AdministratorToken, "Patient/a/" + Operation)).Status); // a client acting for itself
        Assert.Equal(403, (await AsAsync(await TokenAsync(BuiltInRoles.Clinician.Name, rights: ""), "Patient/a/" + Operation)).Status); // an app that was given records only
    }

    /// <summary>What the answer says, with what is each patient's own and each answer's own made one.</summary>
    private static string Alike(Reply reply, string patient)
    {
        var json = reply.Json.AsObject();
        json.Remove("id");
        json.Remove("meta");
        foreach (var entry in json["entry"] as JsonArray ?? [])
            (entry!["resource"] as JsonObject)?.Remove("meta");
        return json.ToJsonString().Replace(patient, "someone", StringComparison.Ordinal);
    }

    private async Task<string> PatientAsync()
    {
        var id = "p" + Guid.NewGuid().ToString("N");
        Assert.Equal(201, (await Server.PutAsync($"Patient/{id}", $$"""{"resourceType":"Patient","id":"{{id}}"}""")).Status);
        return id;
    }

    private async Task StoreAsync(string patient, string name, string label = "")
    {
        var id = $"{patient}-{name}";
        var stored = await Server.PutAsync($"Observation/{id}", $$"""
            {"resourceType":"Observation","id":"{{id}}","meta":{"security":[{"system":"urn:other","code":"x"}{{label}}]},"status":"final","code":{"text":"{{name}}"},"subject":{"reference":"Patient/{{patient}}"} }
            """);
        Assert.True(stored.Status == 201, stored.Body);
    }

    private async Task<string> TokenAsync(string role, string? fhirUser = null, string rights = "fhiremr/rights")
    {
        var user = await Server.UserAsync("u" + Guid.NewGuid().ToString("N"), AccountKind.Staff, role, fhirUser);
        return await Server.Services.GetRequiredService<TokenMint>().MakeAsync("page", user, ["user/*.rs", .. rights.Split(' ', StringSplitOptions.RemoveEmptyEntries)], TimeSpan.FromHours(1));
    }

    private async Task<bool> IsRestrictedAsync(string token, string patient)
    {
        var reply = await AsAsync(token, $"Patient/{patient}/{Operation}");
        Assert.True(reply.Status == 200, reply.Body);
        var parameter = Assert.Single(reply.Json["parameter"]!.AsArray())!;
        Assert.Equal("restricted", parameter["name"]!.GetValue<string>());
        return parameter["valueBoolean"]!.GetValue<bool>();
    }

    private async Task<Reply> AsAsync(string token, string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Authorization = new("Bearer", token);
        using var response = await Server.Http.SendAsync(request, TestContext.Current.CancellationToken);
        return new Reply(response.StatusCode, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), null, null, null);
    }
}

public sealed class SqliteRestrictedDataTests(SqliteSmartServer server) : RestrictedDataTests(server), IClassFixture<SqliteSmartServer>;

public sealed class PostgresRestrictedDataTests(PostgresSmartServer server) : RestrictedDataTests(server), IClassFixture<PostgresSmartServer>;
