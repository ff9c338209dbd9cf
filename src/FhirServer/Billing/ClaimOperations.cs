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
            NextClaimResult.Made m => Of(m.Stage, m.ClaimId, m.PatientControlNumber, m.TotalUsd, m.Findings),
            NextClaimResult.Already a => Of(a.Stage, a.ClaimId, a.PatientControlNumber, null, []),
            NextClaimResult.NotDue n => FhirReply.Refuse(FhirFault.Of(FaultKind.Unprocessable, n.Why)),
            NextClaimResult.NoSuchClaim => FhirReply.Refuse(FhirFault.NotFound(request.Target.Key)),
            NextClaimResult.Refused r => FhirReply.Refuse(FhirFault.Of(FaultKind.Unprocessable, r.Why)),
            NextClaimResult.NotStored n => Refuse(n.Outcome),
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
        return Answer(await replacements.ReplaceAsync(request.Target.Id!, corrected, input["reason"] ?? "", Who(request.Caller), ct), request);
    }

    /// <summary><c>POST Claim/[id]/$void</c>: a claim of frequency 8, which makes the payer take its payment back. Parameter <c>reason</c>.</summary>
    private async Task<FhirReply> VoidAsync(FhirRequest request, CancellationToken ct)
    {
        var (input, fault) = OperationInput.Read(request, "reason");
        fault ??= await ClosedAsync(request, ct);
        if (fault is not null)
            return FhirReply.Refuse(fault);
        return Answer(await replacements.VoidAsync(request.Target.Id!, input["reason"] ?? "", Who(request.Caller), ct), request);
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
    private async Task<FhirFault?> ClosedAsync(FhirRequest request, CancellationToken ct)
    {
        var (access, key) = (request.Caller.Access, request.Target.Key);
        foreach (var interaction in (Interaction[])[Interaction.Create, Interaction.Update])
            if (!access.Of("Claim").Allows(interaction))
                return FhirFault.Of(FaultKind.Forbidden, $"You may not {interaction.ToString().ToLowerInvariant()} Claim.");
        return access.IsEverything || await store.ReadAsync(key, access, ct) is { IsDeleted: false } ? null : FhirFault.NotFound(key);
    }

    private static ResourceReference Who(Caller caller) => new() { Display = caller.Name };

    private static FhirReply Answer(SuccessorResult result, FhirRequest request) => result switch
    {
        SuccessorResult.Made m => Of(m.Stage, m.ClaimId, m.PatientControlNumber, m.TotalUsd, m.Findings),
        SuccessorResult.Already a => Of(a.Stage, a.ClaimId, a.PatientControlNumber, null, []),
        SuccessorResult.NoSuchClaim => FhirReply.Refuse(FhirFault.NotFound(request.Target.Key)),
        SuccessorResult.Refused r => FhirReply.Refuse(FhirFault.Of(FaultKind.Unprocessable, r.Why)),
        SuccessorResult.NotStored n => Refuse(n.Outcome),
        _ => throw new InvalidOperationException($"{result.GetType().Name} has no answer."),
    };

    private static FhirReply Refuse(OperationOutcome outcome) =>
        new(422) { Json = FhirFormats.ToJson(outcome), Fault = FhirFault.Of(FaultKind.Unprocessable, "Refused.") };

    private static FhirReply Of(string stage, string claimId, string controlNumber, decimal? totalUsd, IReadOnlyList<ScrubFinding> findings)
    {
        var answer = new Parameters();
        answer.Add("claim", new ResourceReference($"Claim/{claimId}"));
        answer.Add("stage", new Code(stage));
        answer.Add("patientControlNumber", new FhirString(controlNumber));
        if (totalUsd is { } total)
            answer.Add("total", new Money { Value = total, Currency = Money.Currencies.USD });
        answer.Parameter.Add(new() { Name = "findings", Resource = ScrubReport.ToOutcome(findings) });
        return FhirReply.Of(answer);
    }
}
