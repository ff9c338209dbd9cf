using FhirEmr.BillingBridge;
using FhirEmr.BillingBridge.Scrubbing;
using FhirEmr.FhirServer.Operations;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Storage;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Billing;

/// <summary>What people do with a claim that its payer has answered: bill the next payer, replace it, void it.</summary>
internal sealed class ClaimOperations(SecondaryClaimPipeline secondary, ReplacementPipeline replacements, IResourceStore store)
{
    private const string Definitions = "urn:fhiremr:OperationDefinition:";

    public static IEnumerable<Operation> List(IServiceProvider services)
    {
        ClaimOperations Claims() => services.GetRequiredService<ClaimOperations>();
        yield return new("bill-next", Definitions + "Claim-bill-next", ["Claim"], false, true, true, (r, ct) => Claims().BillNextAsync(r, ct));
        yield return new("replace", Definitions + "Claim-replace", ["Claim"], false, true, true, (r, ct) => Claims().ReplaceAsync(r, ct));
        yield return new("void", Definitions + "Claim-void", ["Claim"], false, true, true, (r, ct) => Claims().VoidAsync(r, ct)) { Right = "claim.void" };
    }

    /// <summary><c>POST Claim/[id]/$bill-next</c>: the claim to the payer after this one, scrubbed; this one is closed. Twice gives the first.</summary>
    private async Task<FhirReply> BillNextAsync(FhirRequest request, CancellationToken ct)
    {
        var (_, fault) = OperationInput.Read(request);
        fault ??= await ClosedAsync(request, ct);
        if (fault is not null)
            return FhirReply.Refuse(fault);
        return await secondary.BillNextAsync(request.Target.Id!, Who(request.Caller), ct) switch
        {
            NextClaimResult.Made m => await OfAsync(request, m.Stage, m.ClaimId, m.PatientControlNumber, m.TotalUsd, m.Findings, ct),
            NextClaimResult.Already a => await OfAsync(request, a.Stage, a.ClaimId, a.PatientControlNumber, null, [], ct),
            NextClaimResult.NotDue n => FhirReply.Refuse(FhirFault.Of(FaultKind.Unprocessable, n.Why)),
            NextClaimResult.NoSuchClaim => FhirReply.Refuse(FhirFault.NotFound(request.Target.Key)),
            NextClaimResult.Refused r => FhirReply.Refuse(FhirFault.Of(FaultKind.Unprocessable, r.Why)),
            NextClaimResult.NotStored n => ClaimAnswers.Refuse(n.Outcome),
            var result => throw new InvalidOperationException($"{result.GetType().Name} has no answer."),
        };
    }

    /// <summary><c>POST Claim/[id]/$replace</c>: a claim of frequency 7 in the place of this one.</summary>
    /// <remarks>
    /// Parameters <c>reason</c> and, as a resource, <c>claim</c>: the whole claim as it should have been, scrubbed at once. Without it a draft is
    /// made that repeats this claim, to be corrected and scrubbed (<c>$rescrub</c>).
    /// </remarks>
    private async Task<FhirReply> ReplaceAsync(FhirRequest request, CancellationToken ct)
    {
        var (input, fault) = OperationInput.Read(request, "reason");
        fault ??= await ClosedAsync(request, ct);
        if (fault is not null)
            return FhirReply.Refuse(fault);
        var (corrected, wrong) = Corrected(request);
        if (wrong is not null)
            return FhirReply.Refuse(wrong);
        return await AnswerAsync(await replacements.ReplaceAsync(request.Target.Id!, corrected, input["reason"] ?? "", Who(request.Caller), ct), request, ct);
    }

    /// <summary><c>POST Claim/[id]/$void</c>: a claim of frequency 8, which makes the payer take its payment back. Parameter <c>reason</c>.</summary>
    private async Task<FhirReply> VoidAsync(FhirRequest request, CancellationToken ct)
    {
        var (input, fault) = OperationInput.Read(request, "reason");
        fault ??= await ClosedAsync(request, ct);
        if (fault is not null)
            return FhirReply.Refuse(fault);
        return await AnswerAsync(await replacements.VoidAsync(request.Target.Id!, input["reason"] ?? "", Who(request.Caller), ct), request, ct);
    }

    private static (Claim? Claim, FhirFault? Fault) Corrected(FhirRequest request)
    {
        if (!request.Body.Exists)
            return (null, null);
        foreach (var parameter in FhirFormats.Parse<Parameters>(request.Body.Raw).Parameter.Where(p => p.Resource is not null || p.Name == "claim"))
        {
            return parameter is { Name: "claim", Resource: Claim claim }
                ? (claim, null)
                : (null, FhirFault.Of(FaultKind.Invalid, $"$replace takes the corrected claim as a resource of type Claim in the parameter claim; {parameter.Name} is {parameter.Resource?.TypeName ?? "no resource"}."));
        }

        return (null, null);
    }

    /// <summary>The pipeline works for the practice; the claim must be within the caller's reach, and so must writing claims.</summary>
    private async Task<FhirFault?> ClosedAsync(FhirRequest request, CancellationToken ct) =>
        request.MayNot(Interaction.Create, "Claim") ?? request.MayNot(Interaction.Update, "Claim") ?? await store.ClosedAsync(request, request.Target.Key, ct);

    private static ResourceReference Who(Caller caller) => new() { Display = caller.Name };

    private async Task<FhirReply> AnswerAsync(SuccessorResult result, FhirRequest request, CancellationToken ct) => result switch
    {
        SuccessorResult.Made m => await OfAsync(request, m.Stage, m.ClaimId, m.PatientControlNumber, m.TotalUsd, m.Findings, ct),
        SuccessorResult.Already a => await OfAsync(request, a.Stage, a.ClaimId, a.PatientControlNumber, null, [], ct),
        SuccessorResult.NoSuchClaim => FhirReply.Refuse(FhirFault.NotFound(request.Target.Key)),
        SuccessorResult.Refused r => FhirReply.Refuse(FhirFault.Of(FaultKind.Unprocessable, r.Why)),
        SuccessorResult.NotStored n => ClaimAnswers.Refuse(n.Outcome),
        _ => throw new InvalidOperationException($"{result.GetType().Name} has no answer."),
    };

    private Task<FhirReply> OfAsync(FhirRequest request, string stage, string claimId, string controlNumber, decimal? totalUsd, IReadOnlyList<ScrubFinding> findings, CancellationToken ct) =>
        ClaimAnswers.OfAsync(store, request, stage, claimId, controlNumber, totalUsd, findings, ct);
}
