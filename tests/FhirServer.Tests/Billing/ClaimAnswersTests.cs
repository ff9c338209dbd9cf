using System.Reflection;
using System.Text;
using FhirEmr.BillingBridge.Scrubbing;
using FhirEmr.FhirServer.Billing;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Storage;
using Hl7.Fhir.Model;
using Task = System.Threading.Tasks.Task;

namespace FhirEmr.FhirServer.Tests.Billing;

/// <summary>What every operation that answers with a claim shows of the findings: nothing that stands on what the caller may not read.</summary>
public sealed class ClaimAnswersTests
{
    private static readonly ScrubFinding[] Findings =
    [
        ScrubFinding.Reject("DX-001", OperationOutcome.IssueType.BusinessRule, "Claim.diagnosis", "The chart says schizophrenia.").From("Condition/c1"),
        ScrubFinding.Reject("AMT-003", OperationOutcome.IssueType.BusinessRule, "Claim.total", "Total differs from the lines."),
    ];

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Words_of_a_finding_are_shown_to_those_who_may_read_what_it_stands_on(bool mayRead)
    {
        var store = DispatchProxy.Create<IResourceStore, NothingThere>();
        var access = mayRead ? SystemPlans.Work : new AccessPlan("test", new Dictionary<string, TypeAccess>(), []);
        var request = new FhirRequest("POST", FhirTarget.Parse("Claim/x/$replace", out _)!, new Caller("somebody", access)) { BaseUrl = "" };

        var reply = await ClaimAnswers.OfAsync(store, request, "scrub-failed", "y", "PCN1", 12m, Findings, TestContext.Current.CancellationToken);

        var json = Encoding.UTF8.GetString(reply.Json.Span);
        Assert.Equal(mayRead, json.Contains("schizophrenia", StringComparison.Ordinal));
        Assert.Contains("DX-001", json, StringComparison.Ordinal);
        Assert.Contains("Total differs", json, StringComparison.Ordinal);
    }

    /// <summary>A store of which the caller sees nothing.</summary>
    public class NothingThere : DispatchProxy
    {
        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => targetMethod?.Name == nameof(IResourceStore.ReadAsync)
            ? new ValueTask<StoredResource?>((StoredResource?)null)
            : throw new NotSupportedException($"Nothing asks the store for {targetMethod?.Name}.");
    }
}
