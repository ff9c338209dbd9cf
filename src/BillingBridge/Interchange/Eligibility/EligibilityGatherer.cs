using FhirEmr.BillingBridge.Ports;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Interchange.Eligibility;

/// <summary>Reads what eligibility requests refer to, each resource once per file.</summary>
internal sealed class EligibilityGatherer(IFhirRecords records)
{
    private readonly FhirReferences _references = new(records);
    private readonly ClaimGatherer _providers = new(records);

    public async Task<EligibilitySources> GatherAsync(CoverageEligibilityRequest request, CancellationToken ct)
    {
        var coverage = await _references.FindAsync<Coverage>(EligibilitySources.Insurance(request)?.Coverage, ct);
        var payer = await _references.FindAsync<Organization>(request.Insurer, ct)
            ?? await _references.FindAsync<Organization>(coverage?.Payor is [var first, ..] ? first : null, ct);
        return new EligibilitySources(
            request,
            await _references.FindAsync<Patient>(request.Patient, ct),
            coverage,
            payer,
            await _references.FindAsync<Patient>(coverage?.Subscriber, ct),
            await _references.FindAsync<RelatedPerson>(coverage?.Subscriber, ct),
            await _providers.ProviderAsync(request.Provider, ct));
    }
}
