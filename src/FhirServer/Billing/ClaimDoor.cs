using FhirEmr.BillingBridge;
using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.Scrubbing;
using FhirEmr.FhirServer.Interactions.Writing;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Storage;
using Hl7.Fhir.Model;
using Microsoft.Extensions.Options;

namespace FhirEmr.FhirServer.Billing;

/// <summary>
/// What a client may write into a Claim: its stage moves along the table of billing spec 1.3 only, and where <c>Billing:ClaimsOnWrite</c>
/// says refuse, an active Claim that a scrub rule rejects is not stored.
/// </summary>
/// <remarks>
/// A draft may be incomplete; it is scrubbed when it is billed. A claim for an encounter that is not here has nothing to be held against.
/// The billing pipelines write as the system, which no door is asked about. Those of another installation come over REST, as a client for itself with the right
/// <c>claim.submit</c>: their claims have a stage from the start.
/// </remarks>
internal sealed class ClaimDoor(IServiceProvider services, IOptions<BillingOptions> options) : IWriteDoor
{
    private readonly bool isOpen = options.Value.ClaimsOnWrite == ClaimsOnWrite.Accept;

    public bool Watches(string type) => type == "Claim";

    public async Task<FhirFault?> CheckAsync(ResourceKey? at, ReadOnlyMemory<byte> json, Caller caller, CancellationToken ct)
    {
        // Asked for here and not in the constructor: store and pipeline write through the door that asks this.
        var stored = at is { } key && await services.GetRequiredService<IResourceStore>().ReadAsync(key, Caller.System.Access, ct) is { IsDeleted: false } current ? current : null;
        if (isOpen && stored is null && !MayHaveStage(json.Span))
            return null;

        var claim = FhirFormats.Parse<Claim>(json.Span);
        if (!Bills(caller) && StageFault(stored is null ? null : FhirFormats.Parse<Claim>(stored.Json.Span).Stage(), claim.Stage()) is { } fault)
            return fault;
        return isOpen || claim.Status != FinancialResourceStatusCodes.Active ? null : await ScrubAsync(claim, caller, ct);
    }

    private static bool Bills(Caller caller) => caller.Principal is { UserId: null } && caller.Access.Holds("claim.submit");

    /// <summary>A claim begins without a stage or as a draft; from there it goes where the table leads, and never back to having none.</summary>
    private static FhirFault? StageFault(string? from, string? to) => (from, to) switch
    {
        _ when from == to => null,
        (null, ClaimStage.Draft) => null,
        (null, _) => Refuse($"A claim begins as '{ClaimStage.Draft}', not as '{to}': billing moves it on from there."),
        (_, null) => Refuse($"The claim is in stage '{from}', which cannot be taken away: send the extension {BillingUrls.StageExtension} as it is."),
        _ when StageTransitions.IsAllowed(from, to) => null,
        _ => Refuse(StageTransitions.WhyNot(from, to)),
    };

    private static FhirFault Refuse(string why) => new(FaultKind.Unprocessable, [new FaultIssue("business-rule", why, $"Claim.extension('{BillingUrls.StageExtension}')")]);

    private async Task<FhirFault?> ScrubAsync(Claim claim, Caller caller, CancellationToken ct)
    {
        var findings = await services.GetRequiredService<ClaimPipeline>().CheckAsync(claim, ct);
        var rejects = (findings ?? []).Where(f => f.Severity == FindingSeverity.Reject).ToList();

        // The rules look at the whole chart, and their words quote it: they are for those who may scrub.
        var isShown = caller.Access.Holds("operation:scrub");
        return rejects.Count == 0 ? null : new FhirFault(FaultKind.Unprocessable,
            [.. rejects.Select(f => new FaultIssue("business-rule", $"{f.RuleId}: {(isShown ? f.Message : "The claim does not pass this rule.")}", f.Expression))]);
    }

    /// <summary>Most claims that come are of other systems and have no stage: those are not taken apart. An escaped character may hide one.</summary>
    private static bool MayHaveStage(ReadOnlySpan<byte> json) => json.IndexOf("claim-stage"u8) >= 0 || json.IndexOf("\\u"u8) >= 0;
}
