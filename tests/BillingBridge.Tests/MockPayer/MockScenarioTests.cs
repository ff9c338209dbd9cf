using System.Globalization;
using FhirEmr.BillingBridge.Channels;
using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.MockPayer;
using FhirEmr.BillingBridge.Ports;
using FhirEmr.BillingBridge.Tests.Fakes;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Tests.MockPayer;

/// <summary>Every scenario of the mock payer, from the claim through the files to the posting, held against its row.</summary>
public sealed class MockScenarioTests : IDisposable
{
    private const string Begin = "<!-- scenarios: begin -->";
    private const string End = "<!-- scenarios: end -->";

    private readonly string _root = Directory.CreateTempSubdirectory("scenario").FullName;
    private readonly SmallPractice _practice = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static TheoryData<string> Names => [.. MockScenarios.All.Select(s => s.Name)];

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Theory]
    [MemberData(nameof(Names))]
    public async Task The_claim_ends_as_the_table_says(string name)
    {
        var expected = MockScenarios.Named(name).Outcome;
        _practice.AddClaim("a1", $"{name}0042");

        var results = await CycleAsync();

        Assert.Equal(expected, new MockOutcome(
            _practice.Stage("a1")!, string.Join(' ', _practice.TaskCodes), Paid(), Patient(), expected.DepositUsd is null ? null : Deposited(), results.Count(r => r.IsRefused)));
        if (expected.DepositUsd is null)
            Assert.Equal(expected.PaidUsd, Deposited());
        Assert.All(_practice.Records.All<PaymentReconciliation>(), p => Assert.Equal(p.PaymentAmount!.Value, p.Detail.Sum(d => d.Amount!.Value)));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_second_claim_in_the_file_has_its_own_fate_unless_the_file_is_at_fault(string name)
    {
        var scenario = MockScenarios.Named(name);
        _practice.AddClaim("a1", $"{name}0042");
        _practice.AddClaim("b1", "FULL0007");

        await CycleAsync();

        var isShared = scenario.Fault != MockFault.None || scenario.Receipt is MockReceipt.SetRejected or MockReceipt.TransmissionRejected || scenario.IsOfProvider;
        Assert.Equal(isShared ? scenario.Outcome.Stage : ClaimStage.Closed, _practice.Stage("b1"));
    }

    [Fact]
    public void There_are_at_least_forty_and_each_denial_category_has_one()
    {
        Assert.True(MockScenarios.All.Count >= 40);
        Assert.Equal(MockScenarios.All.Count, MockScenarios.All.Select(s => s.Name).Distinct().Count());
        string[] worked = ["eligibility", "registration", "auth", "coding", "bundling", "medical-necessity", "documentation", "timely-filing", "duplicate", "cob", "provider", "submission", "benefit", "appeal-outcome"];
        Assert.All(worked, c => Assert.Contains(MockScenarios.All, s => s.Outcome is { Stage: ClaimStage.Denied } o && o.Tasks == $"denial-{c}"));
    }

    [Fact]
    public void The_longest_name_that_fits_is_chosen_and_a_choice_by_digits_only_where_none_does()
    {
        var script = new MockScript { Choose = _ => MockScenario.Pended, ByMember = new Dictionary<string, MockScenario> { ["DED9"] = MockScenario.Reject277 } };

        Assert.Equal("DEDCOINS", script.For("DEDCOINS77").Name);
        Assert.Equal("DED", script.For("DED77").Name);
        Assert.Equal("REJ277", script.For("DED9").Name);
        Assert.Equal("PEND", script.For("X100").Name);
        Assert.Equal("PAID", new MockScript().For("X100").Name);
    }

    [Fact]
    public void The_page_lists_the_table_as_it_is()
    {
        var path = Path.Combine(Root(), "docs", "mock-payer.md");
        var text = File.ReadAllText(path).ReplaceLineEndings("\n");
        var (from, to) = (text.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length, text.IndexOf(End, StringComparison.Ordinal));
        var table = "| member id begins with | what happens | stage | tasks | paid | patient |\n|---|---|---|---|---|---|\n"
            + string.Concat(MockScenarios.All.Select(s => string.Create(CultureInfo.InvariantCulture,
                $"| `{s.Name}` | {s.Happens} | {s.Outcome.Stage} | {s.Outcome.Tasks} | {s.Outcome.PaidUsd:0.00} | {s.Outcome.PatientUsd:0.00} |\n")));
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
            File.WriteAllText(path, $"{text[..from]}\n{table}{text[to..]}");
        else
            Assert.Equal(table, text[(from + 1)..to]);
        Assert.Contains($"{MockScenarios.All.Count} scenarios", text, StringComparison.Ordinal);
    }

    private async Task<IReadOnlyList<InboundResult>> CycleAsync()
    {
        var channel = new FolderChannel(_root, ChannelKind.Mock);
        var submission = _practice.Submission(channel);
        await submission.BatchReadyClaimsAsync(Ct);
        await submission.DispatchAsync(Ct);
        await new ScriptedPayer(channel, new MockScript(), SmallPractice.Time).AnswerAllAsync(Ct);
        return await new InboundPipeline(channel, submission, _practice.Remittance()).ReceiveAsync(Ct);
    }

    private decimal Paid() => _practice.Records.All<ClaimResponse>().Sum(r => r.Payment?.Amount?.Value ?? 0m);

    private decimal Deposited() => _practice.Records.All<PaymentReconciliation>().Sum(p => p.PaymentAmount!.Value!.Value);

    /// <summary>What all answers together leave to the patient: a reversal takes back what it reverses.</summary>
    private decimal Patient() => _practice.Records.All<ClaimResponse>()
        .SelectMany(r => r.Item).SelectMany(i => i.Adjudication)
        .Where(a => a.GetExtensionValue<Code>(BillingUrls.CagcExtension)?.Value == "PR").Sum(a => a.Amount?.Value ?? 0m);

    private static string Root()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "FhirEmr.sln")))
                return folder.FullName;
        }

        throw new InvalidOperationException("The tests run outside the repository.");
    }
}
