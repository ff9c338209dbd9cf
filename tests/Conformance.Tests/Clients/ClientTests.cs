using FhirEmr.Conformance.Tests.Hosting;
using Hl7.Fhir.Model;
using Hl7.Fhir.Rest;

namespace FhirEmr.Conformance.Tests.Clients;

/// <summary>The clients that applications are written with, each through a session.</summary>
public abstract class ClientTests(ServerFixture fixture) : OnServer(fixture)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("fhir-kit-client", "2.0.3", "fhir-kit.mjs")]
    [InlineData("fhirclient", "2.6.3", "fhirclient.cjs")]
    public async Task A_session_in_JavaScript_works(string package, string version, string script)
    {
        var (code, output) = await new NpmPackage(package, version).RunAsync(script, Server.BaseUrl, Ct);

        Assert.SkipWhen(code is null, output);
        Assert.True(code == 0, output);
        Assert.Contains("done: ", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ResourceFormat.Json)]
    [InlineData(ResourceFormat.Xml)]
    public async Task A_session_with_Firelys_client_works(ResourceFormat format)
    {
        using var client = new FhirClient(Server.BaseUrl, new FhirClientSettings { PreferredFormat = format, VerifyFhirVersion = true, ReturnPreference = ReturnPreference.Representation });
        var tag = "f" + Guid.NewGuid().ToString("N");

        var statement = await client.CapabilityStatementAsync(ct: Ct);
        Assert.Equal(FHIRVersion.N4_0_1, statement!.FhirVersion);

        var patient = (await client.CreateAsync(new Patient { Meta = new() { Tag = [new(null, tag)] }, Name = [new() { Family = "Firely" }], BirthDate = "1980-02" }, Ct))!;
        Assert.Equal("1", patient.Meta!.VersionId);
        Assert.Equal("Firely", (await client.ReadAsync<Patient>($"Patient/{patient.Id}", ct: Ct))!.Name[0].Family);

        patient.Active = true;
        var updated = (await client.UpdateAsync(patient, versionAware: true, Ct))!;
        Assert.Equal("2", updated.Meta!.VersionId);
        var late = await Assert.ThrowsAsync<FhirOperationException>(() => client.UpdateAsync(patient, versionAware: true, Ct));
        Assert.Equal(System.Net.HttpStatusCode.PreconditionFailed, late.Status);
        Assert.NotEmpty(late.Outcome!.Issue);

        Assert.Equal("1", (await client.ReadAsync<Patient>($"Patient/{patient.Id}/_history/1", ct: Ct))!.Meta!.VersionId);
        Assert.Equal(["2", "1"], (await client.HistoryAsync($"Patient/{patient.Id}", ct: Ct))!.Entry.Select(e => e.Resource!.Meta!.VersionId));

        var same = await client.ConditionalCreateAsync(new Patient { Name = [new() { Family = "Other" }] }, new SearchParams().Where($"_tag={tag}"), Ct);
        Assert.Equal(patient.Id, same!.Id);

        var transaction = new TransactionBuilder(Server.BaseUrl, Bundle.BundleType.Transaction);
        foreach (var i in Enumerable.Range(0, 7))
            transaction.Create(new Observation { Meta = new() { Tag = [new(null, tag)] }, Status = ObservationStatus.Final, Code = new() { Text = "x" }, Value = new Integer(i), Subject = new($"Patient/{patient.Id}") });
        var answer = (await client.TransactionAsync(transaction.ToBundle(), Ct))!;
        Assert.Equal(7, answer.Entry.Count(e => e.Response!.Status!.StartsWith("201", StringComparison.Ordinal)));

        var seen = new List<int>();
        var page = await client.SearchAsync<Observation>(new SearchParams().Where($"_tag={tag}").Include("Observation:patient").LimitTo(3), Ct);
        for (; page is not null; page = await client.ContinueAsync(page, ct: Ct))
        {
            seen.AddRange(page.Entry.Select(e => e.Resource).OfType<Observation>().Select(o => ((Integer)o.Value!).Value!.Value));
            Assert.Single(page.Entry.Select(e => e.Resource).OfType<Patient>());
        }

        Assert.Equal(Enumerable.Range(0, 7), seen.Order());
        Assert.Equal(7, (await client.SearchUsingPostAsync<Observation>(new SearchParams().Where($"_tag={tag}").Where($"subject=Patient/{patient.Id}"), Ct))!.Entry.Count);

        var basic = (await client.CreateAsync(new Basic { Code = new() { Text = "x" } }, Ct))!;
        await client.DeleteAsync(basic, Ct);
        var gone = await Assert.ThrowsAsync<FhirOperationException>(() => client.ReadAsync<Basic>($"Basic/{basic.Id}", ct: Ct));
        Assert.Equal(System.Net.HttpStatusCode.Gone, gone.Status);
        Assert.NotEmpty((await client.WholeSystemHistoryAsync(pageSize: 5, ct: Ct))!.Entry);
    }
}

public sealed class SqliteClientTests(SqliteServer server) : ClientTests(server), IClassFixture<SqliteServer>;

public sealed class PostgresClientTests(PostgresServer server) : ClientTests(server), IClassFixture<PostgresServer>;
