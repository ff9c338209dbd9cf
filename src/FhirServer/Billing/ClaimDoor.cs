using FhirEmr.BillingBridge;
using FhirEmr.BillingBridge.Scrubbing;
using FhirEmr.FhirServer.Interactions.Writing;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Security.Access;
using Hl7.Fhir.Model;
using Microsoft.Extensions.Options;

namespace FhirEmr.FhirServer.Billing;

/// <summary>The scrub rules at the door: where <c>Billing:ClaimsOnWrite</c> says refuse, an active Claim that a rule rejects is not stored.</summary>
/// <remarks>A draft may be incomplete; it is scrubbed when it is billed. A claim for an encounter that is not here has nothing to be held against.</remarks>
internal sealed class ClaimDoor(IServiceProvider services, IOptions<BillingOptions> options) : IWriteDoor
{
    private readonly bool isOpen = options.Value.ClaimsOnWrite == ClaimsOnWrite.Accept;

    public bool Watches(string type) => !isOpen && type == "Claim";

    public async Task<FhirFault?> CheckAsync(ReadOnlyMemory<byte> json, Caller caller, CancellationToken ct)
    {
        if (FhirFormats.Parse<Claim>(json.Span) is not { Status: FinancialResourceStatusCodes.Active } claim)
            return null;

        // Asked for here and not in the constructor: the pipeline writes through the door that asks this.
        var findings = await services.GetRequiredService<ClaimPipeline>().CheckAsync(claim, ct);
        var rejects = (findings ?? []).Where(f => f.Severity == FindingSeverity.Reject).ToList();

        // The rules look at the whole chart, and their words quote it: they are for those who may scrub.
        var isShown = caller.Access.Holds("operation:scrub");
        return rejects.Count == 0 ? null : new FhirFault(FaultKind.Unprocessable,
            [.. rejects.Select(f => new FaultIssue("business-rule", $"{f.RuleId}: {(isShown ? f.Message : "The claim does not pass this rule.")}", f.Expression))]);
    }
}
