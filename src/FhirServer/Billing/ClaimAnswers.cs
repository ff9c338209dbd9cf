using FhirEmr.BillingBridge.Scrubbing;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Storage;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Billing;

/// <summary>A claim that an operation made, found or scrubbed: where it stands, and what the rules found, as far as the caller may read what they quote.</summary>
internal static class ClaimAnswers
{
    public static async Task<FhirReply> OfAsync(
        IResourceStore store, FhirRequest request, string stage, string claimId, string controlNumber, decimal? totalUsd, IReadOnlyList<ScrubFinding> findings, CancellationToken ct) =>
        FhirReply.Of(await ParametersAsync(store, request, stage, claimId, controlNumber, totalUsd, findings, ct));

    public static async Task<Parameters> ParametersAsync(
        IResourceStore store, FhirRequest request, string stage, string claimId, string controlNumber, decimal? totalUsd, IReadOnlyList<ScrubFinding> findings, CancellationToken ct)
    {
        var answer = new Parameters();
        answer.Add("claim", new ResourceReference($"Claim/{claimId}"));
        answer.Add("stage", new Code(stage));
        answer.Add("patientControlNumber", new FhirString(controlNumber));
        if (totalUsd is { } total)
            answer.Add("total", new Money { Value = total, Currency = Money.Currencies.USD });
        answer.Parameter.Add(new() { Name = "findings", Resource = await OutcomeAsync(store, request, findings, ct) });
        return answer;
    }

    public static async Task<OperationOutcome> OutcomeAsync(IResourceStore store, FhirRequest request, IReadOnlyList<ScrubFinding> findings, CancellationToken ct) =>
        ScrubReport.ToOutcome(findings, await store.WithheldAsync(findings.SelectMany(ScrubReport.References), request, ct));

    /// <summary>422 with what the records said.</summary>
    public static FhirReply Refuse(OperationOutcome outcome, string text = "Refused.") =>
        new(422) { Json = FhirFormats.ToJson(outcome), Fault = FhirFault.Of(FaultKind.Unprocessable, text) };
}
