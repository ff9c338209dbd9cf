using System.Globalization;
using System.Text;
using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.Interchange;
using FhirEmr.BillingBridge.Scrubbing;
using FhirEmr.BillingBridge.Scrubbing.Edits;
using FhirEmr.BillingBridge.Tests.X12;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Tests.Fakes;

/// <summary>The test practice whose patient has a second and, when asked, a third payer; its visit is billed and the first payer answers.</summary>
internal sealed class TwoPayers
{
    public static readonly InterchangeOptions Sender = new()
    {
        SenderId = "TESTSENDER",
        ReceiverId = "TESTRECEIVER",
        ReceiverName = "TEST CLEARINGHOUSE",
        SubmitterName = "LAKESIDE FAMILY MEDICINE",
        ContactName = "BILLING OFFICE",
        ContactPhone = "5085550100",
    };

    // The small payer list knows the first payer only.
    private static readonly EditTables Tables = TestTables.Small with { Tables = TestTables.Small.Tables.Where(t => t.Key != TableNames.Payers).ToDictionary() };

    private readonly BillingSetup _setup;
    private int _file;

    public TwoPayers(bool hasThird = false, PayerDirectory? payers = null)
    {
        _setup = new BillingSetup { Edits = Tables, Interchange = Sender, Payers = payers ?? new PayerDirectory() };
        Billing = new TestBilling([.. Coverage("second", "BETA2", "Beta Mutual", 2), .. hasThird ? Coverage("third", "GAMMA3", "Gamma Union", 3) : []]);
    }

    public TestBilling Billing { get; }

    public InMemoryFhirRecords Records => Billing.Records;

    public ClaimPipeline Claims => new(Records, Billing.Practice.Terminology, _setup, Clock);

    public SecondaryClaimPipeline Secondary => new(Records, Claims, _setup, Clock);

    public ReplacementPipeline Replacements => new(Records, Claims, _setup, Clock);

    public static TimeProvider Clock { get; } = new StoppedClock();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    /// <summary>Bills the visit (one line, 152 dollars).</summary>
    public async Task<Claim> BillAsync()
    {
        await Claims.RunAsync("visit", new DateOnly(2026, 3, 3), Ct);
        return Billing.TheClaim;
    }

    /// <summary>Sends whatever is ready and returns the file.</summary>
    public async Task<string> SendAsync()
    {
        var channel = new MemoryChannel();
        var submission = new SubmissionPipeline(Records, channel, Sender, Clock);
        var batch = await submission.BatchReadyClaimsAsync(Ct);
        Assert.Empty(batch.NotSent);
        await submission.DispatchAsync(Ct);
        return Encoding.ASCII.GetString(Assert.Single(channel.Sent).Value).Replace("~\n", "~", StringComparison.Ordinal).Replace("~", "~\n", StringComparison.Ordinal);
    }

    /// <summary>The payer's 835 for a claim: paid and the adjustments of its one line, and those of the claim.</summary>
    public async Task AnswerAsync(string pcn, string status, decimal paid, string[] line, string payer = "ACME1", string[]? ofClaim = null, decimal charge = 152m)
    {
        var name = payer == "ACME1" ? "ACME HEALTH PLAN" : "BETA MUTUAL";
        var linePaid = charge - line.Where(l => l.StartsWith("CAS", StringComparison.Ordinal)).Sum(Adjusted);
        var body = new List<string>
        {
            $"BPR*I*{Text(paid)}*C*ACH************20260310", $"TRN*1*EFT{++_file}*1912345678", "DTM*405*20260310", $"N1*PR*{name}*XV*{payer}",
            "N1*PE*LAKESIDE FAMILY MEDICINE*XX*1234567893", "LX*1", $"CLP*{pcn}*{status}*{Text(charge)}*{Text(paid)}**12*ICN{payer}{_file}*11*1",
        };
        body.AddRange(ofClaim ?? []);
        body.Add("NM1*QC*1*ABARA*CHIDI****MI*A1002003");
        body.Add($"SVC*HC:99213*{Text(charge)}*{Text(linePaid)}**1");
        body.Add("DTM*472*20260302");
        body.AddRange(line);
        body.Add($"REF*6R*{pcn}-1");
        var x12 = Fixtures.File835(body);
        var result = await new RemittancePipeline(Records, Clock).PostAsync(new MemoryStream(Encoding.ASCII.GetBytes(x12)), Ct);
        Assert.False(result.IsRefused, string.Join('\n', result.Findings));
    }

    public Claim Claim(string pcn) => Records.All<Claim>().Single(c => c.PatientControlNumber() == pcn);

    public void SetStage(Claim claim, string stage)
    {
        var stored = Records.Get<Claim>(claim.Id!);
        stored.SetStage(stage);
        Records.Put(stored);
    }

    public IEnumerable<string?> History(Claim claim) => Records.All<Provenance>()
        .Where(p => p.Target[0].Reference == $"Claim/{claim.Id}").OrderBy(p => p.Meta!.LastUpdated).Select(p => p.Activity?.Text);

    public IEnumerable<string?> TaskCodes => Records.All<FhirTask>().Select(t => t.Code?.Coding[0].Code);

    private static decimal Adjusted(string cas) => cas.Split('*').Skip(2).Chunk(3).Sum(t => decimal.Parse(t[1], CultureInfo.InvariantCulture));

    private static string Text(decimal usd) => usd.ToString("0.##", CultureInfo.InvariantCulture);

    private static IEnumerable<Resource> Coverage(string id, string payerId, string payer, int order) =>
    [
        new Organization { Id = id, Name = payer, Identifier = [new Identifier(BillingUrls.PayerId, payerId)] },
        new Coverage
        {
            Id = id,
            Status = FinancialResourceStatusCodes.Active,
            Type = new CodeableConcept("https://x12.org/codes/claim-filing-indicator-codes", "CI"),
            Beneficiary = new ResourceReference("Patient/pat"),
            SubscriberId = $"B{order}00300",
            Relationship = new CodeableConcept("http://terminology.hl7.org/CodeSystem/subscriber-relationship", "self"),
            Period = new Period { Start = "2025-01-01" },
            Payor = [new ResourceReference($"Organization/{id}")],
            Order = order,
        },
    ];

    private sealed class StoppedClock : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => new(2026, 3, 12, 15, 0, 0, TimeSpan.Zero);
    }
}
