using FhirEmr.BillingBridge;
using FhirEmr.BillingBridge.EvaluationManagement;
using FhirEmr.BillingBridge.Scrubbing;
using FhirEmr.FhirServer.Operations;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Storage;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Billing;

/// <summary>Billing as FHIR operations: bill an encounter, look at what the scrubber finds, scrub again after a repair, judge the level of a visit.</summary>
internal sealed class BillingOperations(ClaimPipeline pipeline, FoundInsurancePipeline insurance, VisitLevelPipeline levels, IResourceStore store)
{
    private const string Definitions = "urn:fhiremr:OperationDefinition:";

    public static IEnumerable<Operation> List(IServiceProvider services)
    {
        BillingOperations Billing() => services.GetRequiredService<BillingOperations>();
        yield return new("claim", Definitions + "Encounter-claim", ["Encounter"], false, true, true, (r, ct) => Billing().ClaimAsync(r, ct));
        yield return new("scrub", Definitions + "Encounter-scrub", ["Encounter"], false, true, false, (r, ct) => Billing().ScrubEncounterAsync(r, ct));
        yield return new("scrub", Definitions + "Claim-scrub", ["Claim"], false, true, false, (r, ct) => Billing().ScrubClaimAsync(r, ct));
        yield return new("em-level", Definitions + "Encounter-em-level", ["Encounter"], false, true, false, (r, ct) => Billing().LevelAsync(r, ct));
        yield return new("let-stand", Definitions + "Claim-let-stand", ["Claim"], false, true, true, (r, ct) => Billing().LetStandAsync(r, ct));
        yield return new("self-pay", Definitions + "Claim-self-pay", ["Claim"], false, true, true, (r, ct) => Billing().SelfPayAsync(r, ct));
        yield return new("bill-insurance", Definitions + "Claim-bill-insurance", ["Claim"], false, true, true, (r, ct) => Billing().BillInsuranceAsync(r, ct));
        yield return new("rescrub", Definitions + "Claim-rescrub", ["Claim"], false, true, true, (r, ct) => Billing().RescrubAsync(r, ct));
    }

    /// <summary><c>POST Encounter/[id]/$claim</c>: charges, claim draft, scrub; the claim is then ready or held. Twice gives the first claim.</summary>
    /// <remarks>Parameter <c>billingDate</c> (default today) becomes Claim.created and decides timely filing.</remarks>
    private async Task<FhirReply> ClaimAsync(FhirRequest request, CancellationToken ct)
    {
        var (input, fault) = OperationInput.Read(request, "billingDate");
        fault ??= await ClosedAsync(request, Interaction.Create, ct);
        if (fault is not null)
            return FhirReply.Refuse(fault);
        var (date, wrong) = input.Date("billingDate");
        return wrong is not null ? FhirReply.Refuse(wrong) : await AnswerAsync(await pipeline.RunAsync(request.Target.Id!, date, ct, mayChange: request.MayNot(Interaction.Update, "Claim") is null), request, ct);
    }

    /// <summary><c>Encounter/[id]/$scrub</c>: what billing it now would find; nothing is stored.</summary>
    private async Task<FhirReply> ScrubEncounterAsync(FhirRequest request, CancellationToken ct)
    {
        var (input, fault) = OperationInput.Read(request, "billingDate");
        fault ??= await ClosedAsync(request, null, ct);
        if (fault is not null)
            return FhirReply.Refuse(fault);
        var (date, wrong) = input.Date("billingDate");
        if (wrong is not null)
            return FhirReply.Refuse(wrong);
        return await FoundAsync(await pipeline.ScrubEncounterAsync(request.Target.Id!, date, ct), request, ct);
    }

    /// <summary><c>Claim/[id]/$scrub</c>: the findings of every rule on a claim as it stands; nothing is changed.</summary>
    private async Task<FhirReply> ScrubClaimAsync(FhirRequest request, CancellationToken ct) =>
        await ClosedAsync(request, null, ct) is { } closed ? FhirReply.Refuse(closed) :
        await FoundAsync(await pipeline.ScrubAsync(request.Target.Id!, ct), request, ct);

    /// <summary><c>POST Claim/[id]/$let-stand</c>: a person lets the warnings of one rule stand, with the reason.</summary>
    /// <remarks>Parameters <c>rule</c> and <c>reason</c>. Refused for a rule that rejects, or that has no open warning.</remarks>
    private async Task<FhirReply> LetStandAsync(FhirRequest request, CancellationToken ct)
    {
        var (input, fault) = OperationInput.Read(request, "rule", "reason");
        fault ??= await ClosedAsync(request, Interaction.Update, ct);
        if (fault is not null)
            return FhirReply.Refuse(fault);
        if (input["rule"] is not { Length: > 0 } rule)
            return FhirReply.Refuse(FhirFault.Of(FaultKind.Invalid, "$let-stand needs the parameter rule: the number of the rule that warns."));
        return await pipeline.AcknowledgeAsync(request.Target.Id!, rule, input["reason"] ?? "", request.Caller.Name, ct) switch
        {
            AcknowledgeResult.Done => await FoundAsync(await pipeline.ScrubAsync(request.Target.Id!, ct), request, ct),
            AcknowledgeResult.NoSuchClaim => FhirReply.Refuse(FhirFault.NotFound(request.Target.Key)),
            AcknowledgeResult.Refused no => FhirReply.Refuse(FhirFault.Of(FaultKind.Unprocessable, no.Why)),
            var result => throw new InvalidOperationException($"{result.GetType().Name} has no answer."),
        };
    }

    /// <summary><c>POST Claim/[id]/$rescrub</c>: after a repair, scrub again and move the claim to ready, or keep it held.</summary>
    private async Task<FhirReply> RescrubAsync(FhirRequest request, CancellationToken ct) =>
        await ClosedAsync(request, Interaction.Update, ct) is { } closed ? FhirReply.Refuse(closed) : await AnswerAsync(await pipeline.RescrubAsync(request.Target.Id!, ct), request, ct);

    /// <summary><c>POST Claim/[id]/$self-pay</c>: no payer is asked for this claim, the patient is billed. Parameter <c>reason</c>.</summary>
    private async Task<FhirReply> SelfPayAsync(FhirRequest request, CancellationToken ct)
    {
        var (input, fault) = OperationInput.Read(request, "reason");
        fault ??= await ClosedAsync(request, Interaction.Update, ct);
        return fault is not null ? FhirReply.Refuse(fault) : await AnswerAsync(await pipeline.SelfPayAsync(request.Target.Id!, input["reason"] ?? "", ct), request, ct);
    }

    /// <summary><c>POST Claim/[id]/$bill-insurance</c>: insurance was found for a claim that was billed to the patient; it goes to the payer. Parameter <c>reason</c>.</summary>
    private async Task<FhirReply> BillInsuranceAsync(FhirRequest request, CancellationToken ct)
    {
        var (input, fault) = OperationInput.Read(request, "reason");
        fault ??= await ClosedAsync(request, Interaction.Update, ct);
        return fault is not null
            ? FhirReply.Refuse(fault)
            : await AnswerAsync(await insurance.RunAsync(request.Target.Id!, input["reason"] ?? "", new ResourceReference { Display = request.Caller.Name }, ct), request, ct);
    }

    /// <summary><c>Encounter/[id]/$em-level</c>: the level of the visit by MDM and by time, each fact with its resource, and what is missing; nothing is stored.</summary>
    /// <remarks>Parameters <c>date</c> (which day of a stay, default the first) and <c>setting</c> (default read from the encounter).</remarks>
    private async Task<FhirReply> LevelAsync(FhirRequest request, CancellationToken ct)
    {
        var (input, fault) = OperationInput.Read(request, "date", "setting");
        fault ??= await ClosedAsync(request, null, ct);
        if (fault is not null)
            return FhirReply.Refuse(fault);
        var (date, wrong) = input.Date("date");
        if (wrong is not null)
            return FhirReply.Refuse(wrong);
        if (input["setting"] is { } named && VisitSettings.Parse(named) is null)
            return FhirReply.Refuse(FhirFault.Of(FaultKind.Invalid, $"setting={named} is not known; it is one of {string.Join(", ", VisitSettings.Codes)}.", code: "value"));

        return await levels.RunAsync(request.Target.Id!, date, VisitSettings.Parse(input["setting"]), ct) switch
        {
            VisitLevelResult.Found found => FhirReply.Of(VisitLevelParameters.Of(found.Level, await WithheldAsync(found.Level, request, ct))),
            VisitLevelResult.NoSuchEncounter n => FhirReply.Refuse(FhirFault.NotFound(new("Encounter", n.EncounterId))),
            VisitLevelResult.NotJudged n => FhirReply.Refuse(FhirFault.Of(FaultKind.Unprocessable, n.Why, n.Expression)),
            var result => throw new InvalidOperationException($"{result.GetType().Name} has no answer."),
        };
    }

    /// <summary>The level stands on the whole chart; what the caller may not read of it is not shown.</summary>
    private Task<IReadOnlySet<string>> WithheldAsync(VisitLevel level, FhirRequest request, CancellationToken ct) => store.WithheldAsync(VisitLevelParameters.References(level), request, ct);

    private async Task<FhirReply> FoundAsync(IReadOnlyList<ScrubFinding>? findings, FhirRequest request, CancellationToken ct) => findings is null
        ? FhirReply.Refuse(FhirFault.NotFound(request.Target.Key))
        : FhirReply.Of(await ClaimAnswers.OutcomeAsync(store, request, findings, ct));

    /// <summary>The pipeline works for the practice; what it is set to work on must be within the caller's reach, and so must writing claims.</summary>
    private async Task<FhirFault?> ClosedAsync(FhirRequest request, Interaction? onClaims, CancellationToken ct) =>
        (onClaims is { } interaction ? request.MayNot(interaction, "Claim") : null) ?? await store.ClosedAsync(request, request.Target.Key, ct);

    /// <summary>Of a visit with several first payers: the first claim as of any other visit, and the others each in a parameter <c>other</c>.</summary>
    private async Task<FhirReply> SeveralAsync(ClaimResult.Several several, FhirRequest request, CancellationToken ct)
    {
        if (several.Claims.FirstOrDefault(c => c is not (ClaimResult.Ready or ClaimResult.Held or ClaimResult.AlreadyBilled)) is { } refused)
            return await AnswerAsync(refused, request, ct);
        var answer = await ClaimAsync(several.Claims[0], request, ct);
        foreach (var other in several.Claims.Skip(1))
            answer.Parameter.Add(new() { Name = "other", Part = (await ClaimAsync(other, request, ct)).Parameter });
        return FhirReply.Of(answer);
    }

    private Task<Parameters> ClaimAsync(ClaimResult result, FhirRequest request, CancellationToken ct) => result switch
    {
        ClaimResult.Ready r => ClaimAnswers.ParametersAsync(store, request, "ready", r.ClaimId, r.PatientControlNumber, r.TotalUsd, r.Findings, ct),
        ClaimResult.Held h => ClaimAnswers.ParametersAsync(store, request, "scrub-failed", h.ClaimId, h.PatientControlNumber, h.TotalUsd, h.Findings, ct),
        ClaimResult.AlreadyBilled a => ClaimAnswers.ParametersAsync(store, request, a.Stage, a.ClaimId, a.PatientControlNumber, null, [], ct),
        _ => throw new InvalidOperationException($"{result.GetType().Name} is no claim."),
    };

    private async Task<FhirReply> AnswerAsync(ClaimResult result, FhirRequest request, CancellationToken ct) => result switch
    {
        ClaimResult.Several s => await SeveralAsync(s, request, ct),
        ClaimResult.Ready or ClaimResult.Held or ClaimResult.AlreadyBilled => FhirReply.Of(await ClaimAsync(result, request, ct)),
        ClaimResult.NoSuchEncounter n => FhirReply.Refuse(FhirFault.NotFound(new("Encounter", n.EncounterId))),
        ClaimResult.NoSuchClaim n => FhirReply.Refuse(FhirFault.NotFound(new("Claim", n.ClaimId))),
        ClaimResult.NotFinished n => FhirReply.Refuse(FhirFault.Of(FaultKind.Unprocessable,
            $"Encounter/{n.EncounterId} is {n.Status}: only a finished encounter is billed.", "Encounter.status")),
        ClaimResult.NothingBillable n => ClaimAnswers.Refuse(await ClaimAnswers.OutcomeAsync(store, request, n.Findings, ct), "Nothing billable."),
        ClaimResult.Refused r => ClaimAnswers.Refuse(r.Outcome),
        _ => throw new InvalidOperationException($"{result.GetType().Name} has no answer."),
    };
}
