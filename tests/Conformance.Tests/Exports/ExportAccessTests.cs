using System.Globalization;
using System.Text.Json.Nodes;
using CsCheck;
using FhirEmr.Conformance.Tests.Access;
using FhirEmr.Conformance.Tests.Hosting;
using FhirEmr.FhirServer.Operations.Export;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Security.Access;

namespace FhirEmr.Conformance.Tests.Exports;

/// <summary>For random records and rights an export holds what the same caller's searches find, as they show it, and nothing else (security.md S-39).</summary>
[Trait("Requirement", "S-37")]
[Trait("Requirement", "S-39")]
public abstract class ExportAccessTests(ExportServer server) : OnServer(server)
{
    private static int graphs;

    private new ExportServer Server => (ExportServer)base.Server;

    [Fact]
    public async Task An_export_holds_what_the_callers_searches_find()
    {
        var prefix = string.Create(CultureInfo.InvariantCulture, $"x{Interlocked.Increment(ref graphs)}-");
        var clinic = new Clinic(4711, prefix);
        foreach (var (chart, version) in clinic.Writes)
            if (version is null)
                Assert.Equal(204, (await Server.SendAsync(Caller.System, "DELETE", $"{chart.Type}/{chart.Id}")).Status);
            else
                await Server.PutAsync(chart.Type, chart.Id, version);

        var exported = 0;
        await Rights.Of(clinic).SampleAsync(async rights =>
        {
            var plan = Exporting(await rights.PlanAsync(Server));
            var caller = AccessServer.With(plan);

            foreach (var filter in (string[])["", "&_typeFilter=Observation?status=final&_typeFilter=Condition?subject:Patient.gender=female"])
            {
                (ExportProgress Progress, ExportSelection? Selection, FhirFault? Fault) begun;
                try
                {
                    begun = await Server.BeginAsync(caller, "$export?_since=1970-01-01T00:00:00Z" + filter);
                }
                catch (AccessRefusedException) // the front door answers 403
                {
                    Assert.Equal(403, (await Server.AskAsync(caller, "GET", "Condition?subject:Patient.gender=female")).Status);
                    continue;
                }

                var (progress, selection, fault) = begun;
                if (fault is not null)
                {
                    Assert.False(Rights.Types.Any(rights.CanSearch), $"{rights}: {fault.Issues[0].Text}");
                    continue;
                }

                Assert.Equal(Rights.Types.Where(rights.CanSearch).Order(StringComparer.Ordinal), progress.Types.Order(StringComparer.Ordinal));
                progress = await Server.RunAsync(progress, selection!, 7);
                var lines = (await Server.ReadAsync(progress)).Where(l => l["id"]!.GetValue<string>().StartsWith(prefix, StringComparison.Ordinal)).ToList();
                var expected = new List<string>();
                foreach (var type in progress.Types)
                {
                    var search = filter.Length == 0 || type is not ("Observation" or "Condition") ? "" : type == "Observation" ? "&status=final" : "&subject:Patient.gender=female";
                    var (status, found) = await Server.AskAsync(caller, "GET", $"{type}?_count=1000{search}");
                    Assert.Equal(200, status);
                    expected.AddRange((found!["entry"]?.AsArray() ?? []).Where(e => e!["search"]!["mode"]!.GetValue<string>() == "match").Select(e => e!["resource"]!)
                        .Where(r => r["id"]!.GetValue<string>().StartsWith(prefix, StringComparison.Ordinal)).Select(r => r.ToJsonString()));
                }

                Assert.Equal(expected.Order(StringComparer.Ordinal), lines.Select(l => l.ToJsonString()).Order(StringComparer.Ordinal));
                exported += lines.Count;
                if (filter.Length == 0)
                    Assert.Equal(
                        clinic.Charts.Where(c => c.Now is null && rights.Reaches(c, Interaction.Search)).Select(c => $"{c.Type}/{c.Id}").Order(StringComparer.Ordinal),
                        (await Server.ReadAsync(progress, ExportFile.Deleted)).SelectMany(b => b["entry"]!.AsArray()).Select(e => e!["request"]!["url"]!.GetValue<string>())
                            .Where(u => u.Contains("/" + prefix, StringComparison.Ordinal)).Order(StringComparer.Ordinal));
            }
        }, iter: 25, threads: 1);
        Assert.True(exported > 100);
    }

    [Fact]
    public async Task What_was_hidden_since_it_was_asked_for_does_not_come()
    {
        await PutAsync("now-1", false);
        await PutAsync("now-2", false);
        var where = await Server.WhereAsync("Patient", $"_security:not={Clinic.Security}|R");
        var caller = AccessServer.With(new AccessPlan("labels", new Dictionary<string, TypeAccess> { ["Patient"] = new([new Grant(Interaction.Reading | Interaction.Export, where)]) }, []));
        var (progress, selection, _) = await Server.BeginAsync(caller, "$export?_type=Patient");

        await PutAsync("now-1", true);
        await PutAsync("now-2", false);
        progress = await Server.RunAsync(progress, selection!, 100);

        var ids = (await Server.ReadAsync(progress)).Select(l => l["id"]!.GetValue<string>()).ToList();
        Assert.Contains("now-2", ids);
        Assert.DoesNotContain("now-1", ids);
    }

    private Task PutAsync(string id, bool isRestricted) => Server.PutAsync("Patient", id, new JsonObject
    {
        ["resourceType"] = "Patient",
        ["id"] = id,
        ["multipleBirthInteger"] = Random.Shared.Next(1_000_000),
        ["meta"] = new JsonObject { ["security"] = new JsonArray(new JsonObject { ["system"] = Clinic.Security, ["code"] = isRestricted ? "R" : "N" }) },
    });

    private static AccessPlan Exporting(AccessPlan plan) => new(plan.Key, Rights.Types.Where(t => plan.Of(t).Grants.Count > 0).ToDictionary(
        t => t, t => new TypeAccess([.. plan.Of(t).Grants.Select(g => g with { Interactions = g.Interactions | Interaction.Export })])), []);
}

public sealed class SqliteExportAccessTests(ExportSqlite server) : ExportAccessTests(server), IClassFixture<ExportSqlite>;

public sealed class PostgresExportAccessTests(ExportPostgres server) : ExportAccessTests(server), IClassFixture<ExportPostgres>;
