using System.Globalization;
using System.Text;
using FhirEmr.BillingBridge.Charges;
using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.Interchange;
using FhirEmr.BillingBridge.Ledger;
using FhirEmr.BillingBridge.Remittance;
using FhirEmr.BillingBridge.Tests.X12;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Tests.Fakes;

/// <summary>The small practice with its journal: claims of two lines, 120 and 30, go out through the submission pipeline and are paid by 835s in short hand.</summary>
internal sealed class LedgerPractice
{
    public static readonly string[] Paid = ["99213:25 120 55 CO-45=40 PR-3=25 B6=80", "87880 30 20 CO-45=10 B6=20"];
    public static readonly string[] Reversed = ["99213:25 -120 -55 CO-45=-40 PR-3=-25", "87880 -30 -20 CO-45=-10"];
    public static readonly string[] Corrected = ["99213:25 120 70 CO-45=40 PR-3=10", "87880 30 20 CO-45=10"];

    private readonly MemoryChannel _channel = new();

    public SmallPractice Practice { get; } = new();

    public InMemoryFhirRecords Records => Practice.Records;

    public ContractRates? Contracts { get; init; }

    public IReadOnlyList<JournalEntry> Entries => [.. Records.All<Basic>().Where(JournalBasic.IsEntry).Select(JournalBasic.Parse)];

    public Balances Balances => Balances.Of(Entries);

    public IEnumerable<string?> TaskCodes => Practice.TaskCodes;

    /// <summary>A claim that is out: charged and submitted. All of them are one patient's when <paramref name="patient"/> says so.</summary>
    public async Task SubmitAsync(string id, string? patient = null, string day = "2026-03-30", Action<Claim>? change = null)
    {
        Practice.AddClaim(id, memberId: $"M{id}", change: c =>
        {
            c.Item.ForEach(i => i.Serviced = new Date(day));
            if (patient is not null)
                c.Patient = new ResourceReference(patient);
            change?.Invoke(c);
        });
        await BatchAsync();
    }

    public async Task<BatchResult> BatchAsync()
    {
        var submission = Practice.Submission(_channel);
        var batches = await submission.BatchReadyClaimsAsync(TestContext.Current.CancellationToken);
        await submission.DispatchAsync(TestContext.Current.CancellationToken);
        return batches;
    }

    public ClaimBalance Of(string claim) => Balances.OfClaim($"Claim/{claim}");

    public RemittancePipeline Pipeline(int claimsPerCommit = 500) => new(Records, SmallPractice.Time, claimsPerCommit, Contracts);

    public Task<RemittanceResult> PostAsync(string era, int claimsPerCommit = 500) =>
        Pipeline(claimsPerCommit).PostAsync(new MemoryStream(Encoding.ASCII.GetBytes(era)), TestContext.Current.CancellationToken);

    /// <summary>An 835: <c>BPR02</c> is what its claims pay less its PLBs.</summary>
    /// <param name="trace">Check number.</param>
    /// <param name="claims">Each as <see cref="Clp"/> gives it.</param>
    /// <param name="plbs">Each <c>WO:FM8000 10</c>.</param>
    public static string Era(string trace, IEnumerable<(string Text, decimal PaidUsd)> claims, params string[] plbs)
    {
        var all = claims.ToList();
        var kept = plbs.Sum(p => decimal.Parse(p.Split(' ')[1], CultureInfo.InvariantCulture));
        var total = all.Sum(c => c.PaidUsd) - kept;
        return Fixtures.File835(
        [
            $"BPR*I*{Text(Math.Abs(total))}*{(total < 0 ? "D" : "C")}*ACH************20260420", $"TRN*1*{trace}*1600000001", "DTM*405*20260420", "N1*PR*FIRST MUTUAL*XV*FM001",
            "N1*PE*HILLTOP CLINIC*XX*1234567893", "LX*1", .. all.SelectMany(c => c.Text.Split('\n')), .. plbs.Select(p => $"PLB*1234567893*20261231*{p.Replace(' ', '*')}"),
        ]);
    }

    /// <summary>One CLP. Lines are <c>99213:25 120 55 CO-45=40 PR-3=25</c>: service, charge, paid, adjustments.</summary>
    public static (string Text, decimal PaidUsd) Clp(string claim, string status, params string[] lines) => Clp($"PCN{claim.ToUpperInvariant()}", status, "CI", lines, []);

    public static (string Text, decimal PaidUsd) Clp(string number, string status, string filing, string[] lines, string[] ofClaim)
    {
        var (charge, paid) = (0m, -ofClaim.Sum(a => decimal.Parse(a.Split('=')[1], CultureInfo.InvariantCulture)));
        var segments = new List<string>();
        foreach (var (i, line) in lines.Index())
        {
            var parts = line.Split(' ');
            charge += decimal.Parse(parts[1], CultureInfo.InvariantCulture);
            paid += decimal.Parse(parts[2], CultureInfo.InvariantCulture);
            segments.Add($"SVC*HC:{parts[0]}*{parts[1]}*{parts[2]}**1");
            segments.Add("DTM*472*20260330");
            segments.AddRange(parts.Skip(3).Where(p => p.Contains('-', StringComparison.Ordinal) && !p.StartsWith("B6", StringComparison.Ordinal)).Select(Cas));
            segments.Add($"REF*6R*{number}-{i + 1}");
            segments.AddRange(parts.Where(p => p.StartsWith("B6", StringComparison.Ordinal)).Select(p => $"AMT*B6*{p.Split('=')[1]}"));
        }

        return (string.Join('\n', [$"CLP*{number}*{status}*{Text(charge)}*{Text(paid)}**{filing}*ICN{number}*11*1", .. ofClaim.Select(Cas), .. segments]), paid);
    }

    private static string Cas(string adjustment)
    {
        var (code, amount) = (adjustment.Split('=')[0], adjustment.Split('=')[1]);
        return $"CAS*{code.Replace('-', '*')}*{amount}";
    }

    private static string Text(decimal usd) => usd.ToString("0.##", CultureInfo.InvariantCulture);
}
