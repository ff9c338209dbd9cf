using System.Globalization;
using FhirEmr.Conformance.Tests.Hosting;
using FhirEmr.FhirServer.Hosting.Cli;
using FhirEmr.FhirServer.Hosting.Import;

namespace FhirEmr.Conformance.Tests.Billing;

/// <summary>Real records, plain and as the demo practice: how many of their encounters become claims, and how many are clean.</summary>
public sealed class SyntheaBillingTests(SqliteBilling plain, DemoPracticeBilling practice) : IClassFixture<SqliteBilling>, IClassFixture<DemoPracticeBilling>
{
    private const int Files = 12;
    private const int Encounters = 120;

    /// <summary>What every plain record lacks: a coverage, and NPI, tax id and specialty of those who bill and treat.</summary>
    private static readonly string[] Always = ["COV-001", "PRV-001", "PRV-002", "PRV-003", "PRV-004"];

    /// <summary>
    /// What some lack too: the NPI of who ordered, the place of a hospital stay, the laboratory's certificate, the patient's ZIP code, a
    /// person's choice where a SNOMED CT code leaves several, the minutes of a service billed by time, and the elements of a wellness visit.
    /// </summary>
    private static readonly string[] Sometimes = ["PRV-006", "PRV-011", "LAB-001", "PAT-005", "DX-025", "PROC-018", "DOC-009"];

    [Fact]
    public async Task Loaded_plainly_every_claim_is_held_for_its_coverage_and_providers()
    {
        var bills = await BillAsync(plain, asDemoPractice: false, 40);

        var claims = bills.Where(b => b.Stage is not null).ToArray();
        Assert.True(claims.Length >= 0.8 * bills.Count);
        Assert.All(claims, b => Assert.Equal("scrub-failed", b.Stage));
        Assert.All(claims, b => Assert.Equal(Always, b.Rules.Except(Sometimes)));
    }

    [Fact]
    public async Task As_demo_practice_most_encounters_make_a_priced_claim_and_most_claims_are_clean()
    {
        var bills = await BillAsync(practice, asDemoPractice: true, Encounters);
        var (priced, clean) = (bills.Count(b => b.HasPricedLine), bills.Count(b => b.Stage == "ready"));

        var rules = string.Join(", ", bills.SelectMany(b => b.Rules).CountBy(r => r).OrderByDescending(r => r.Value));
        Assert.True(priced >= 0.8 * bills.Count, $"{priced} of {bills.Count} have a diagnosis and a priced line; held by {rules}.");
        Assert.True(clean > 0.5 * bills.Count, $"{clean} of {bills.Count} are clean; held by {rules}.");
    }

    /// <summary>Bills finished encounters evenly spread over the records, each as if two days after it.</summary>
    private static async Task<IReadOnlyList<Bill>> BillAsync(BillingServer server, bool asDemoPractice, int most)
    {
        Assert.SkipWhen(SharedData.Synthea.Count == 0, SharedData.WhyNot);
        await server.StoreFeesAsync(new DateOnly(1900, 1, 1));
        var files = SharedData.Synthea.Where((_, i) => i % (SharedData.Synthea.Count / Files) == 0).Take(Files).ToArray();
        var load = await new ImportRun(new HttpTarget(server.Http, new Uri(server.BaseUrl)), new JobReport(TextWriter.Null, isTerminal: false, "resources"), asDemoPractice)
            .RunAsync(files, TestContext.Current.CancellationToken);
        Assert.Empty(load.Faults);

        var encounters = new List<(string Id, DateOnly Day)>();
        for (var next = "Encounter?status=finished&_count=500&_sort=date"; next is not null;)
        {
            var page = await server.GetAsync(next);
            encounters.AddRange(page.Entries.Select(e => e["resource"]!).Where(e => !e["id"]!.GetValue<string>().StartsWith("demo-", StringComparison.Ordinal))
                .Select(e => (e["id"]!.GetValue<string>(), DateOnly.ParseExact(e["period"]!["start"]!.GetValue<string>()[..10], "yyyy-MM-dd", CultureInfo.InvariantCulture))));
            next = page.Next;
        }

        var bills = new List<Bill>();
        foreach (var (id, day) in encounters.Where((_, i) => i % Math.Max(1, encounters.Count / most) == 0))
        {
            var reply = await server.ClaimAsync(id, day.AddDays(2));
            if (reply.Status != 200)
            {
                Assert.Equal(422, reply.Status);
                bills.Add(new(null, ClaimAnswer.Rules(reply.Json), false));
                continue;
            }

            var claim = (await server.GetAsync(reply.Claim())).Json;
            bills.Add(new(reply.Stage(), reply.HeldBy(), claim["diagnosis"]?.AsArray().Count > 0 && claim["item"]!.AsArray().Any(i => i!["unitPrice"]?["value"]?.GetValue<decimal>() > 0)));
        }

        Assert.True(bills.Count >= most);
        return bills;
    }

    private sealed record Bill(string? Stage, IReadOnlyList<string> Rules, bool HasPricedLine);
}

/// <summary>A second server, for the same records in another light.</summary>
public sealed class DemoPracticeBilling() : BillingServer(null);
