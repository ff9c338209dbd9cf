using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.X12;
using FhirEmr.BillingBridge.X12.Syntax;
using FhirEmr.BillingBridge.X12.Transactions;

namespace FhirEmr.BillingBridge.Interchange;

/// <summary>A gathered claim → 837P loops, checked by reading back what would be written.</summary>
internal sealed class ClaimMapping(BatchRenderer renderer)
{
    private static readonly FileNumbers Trial = new(1, 1, 1);

    /// <summary>The loops, or why there are none.</summary>
    public static (Claim837PItem.Claim? Claim, IReadOnlyList<MappingProblem> Problems) Map(ClaimSources sources, BillingLoop? shared, string? trace)
    {
        var missing = Missing(sources).ToList();
        if (missing.Count > 0)
            return (null, missing);

        var focal = sources.Focal!;
        var claim = new Claim837PItem.Claim(
            shared ?? BillingMapping.Map(sources.Billing),
            SubscriberMapping.Subscriber(sources, focal),
            SubscriberMapping.Patient(sources, focal),
            ClaimBodyMapping.Map(sources, trace));
        return (claim, []);
    }

    /// <summary>Writes the claim alone and reads it as its receiver would; refusals come back as FHIR paths.</summary>
    public async Task<IReadOnlyList<MappingProblem>> CheckAsync(Claim837PItem.Claim claim, CancellationToken ct)
    {
        var written = new X12Findings();
        var bytes = renderer.Render(Trial, "T", DateTimeOffset.UnixEpoch, [claim], written);
        var map = await SubmittedSegments.ReadAsync(new MemoryStream(bytes.ToArray(), writable: false), ct);
        return
        [
            .. written.Items.Concat(map.Findings)
                .Where(f => f.Severity is X12Severity.Refusal)
                .Select(f => new MappingProblem(map.PathOf(f.Place) ?? "Claim", f.Message)),
        ];
    }

    private static IEnumerable<MappingProblem> Missing(ClaimSources sources)
    {
        if (sources.Claim.PatientControlNumber() is not { Length: > 0 and <= 20 })
            yield return new("Claim.identifier", $"The claim needs an identifier of system {BillingUrls.PatientControlNumber}, at most 20 characters.");
        if (sources.Patient is null)
            yield return new("Claim.patient", "The patient cannot be read.");
        if (!sources.Billing.IsKnown)
            yield return new("Claim.provider", "The billing provider cannot be read.");
        else if (BillingMapping.Npi(sources.Billing) is null)
            yield return new("Claim.provider.resolve().identifier", "The billing provider has no NPI.");

        if (sources.Focal is not { } focal)
        {
            yield return new("Claim.insurance", "Exactly one insurance must be focal: the payer this claim goes to.");
            yield break;
        }

        foreach (var problem in MissingInsurance(focal))
            yield return problem;
        foreach (var problem in sources.PriorPayers.SelectMany(MissingAnswer))
            yield return problem;
    }

    private static IEnumerable<MappingProblem> MissingAnswer(InsuranceSource prior)
    {
        var path = $"Claim.insurance.where(sequence={prior.Insurance.Sequence})";
        if (prior.Response is null && prior.NotCoveredUsd is null)
            yield return new($"{path}.claimResponse", $"Payer {prior.Insurance.Sequence} comes before this one: its answer is needed (loops 2320 and 2430), or that it covers nothing of this.");
        if (prior.Coverage is null)
            yield return new($"{path}.coverage", "The coverage of the earlier payer cannot be read.");
        else if (SubscriberMapping.PayerId(prior.Payor) is null)
            yield return new($"{path}.coverage.resolve().payor", $"The earlier payer has no identifier of system {BillingUrls.PayerId}, by which its lines name it (SVD01).");
    }

    private static IEnumerable<MappingProblem> MissingInsurance(InsuranceSource focal)
    {
        const string path = "Claim.insurance.where(focal=true).coverage.resolve()";
        if (focal.Coverage is null)
        {
            yield return new("Claim.insurance.where(focal=true).coverage", "The coverage cannot be read.");
            yield break;
        }

        if (SubscriberMapping.MemberId(focal.Coverage) is null)
            yield return new($"{path}.subscriberId", "The coverage has no member id.");
        if (focal.Payor is null)
            yield return new($"{path}.payor", "The payer cannot be read.");
        else if (SubscriberMapping.PayerId(focal.Payor) is null)
            yield return new($"{path}.payor.resolve().identifier", $"The payer has no identifier of system {BillingUrls.PayerId}.");
        if (!SubscriberMapping.IsSelf(focal.Coverage) && focal.SubscriberPatient is null && focal.SubscriberPerson is null)
            yield return new($"{path}.subscriber", "The subscriber is not the patient and cannot be read.");
    }
}
