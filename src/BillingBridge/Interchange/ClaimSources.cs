using FhirEmr.BillingBridge.Claims;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Interchange;

/// <summary>A claim and everything it names, as read for one batch.</summary>
internal sealed record ClaimSources(
    Claim Claim,
    Patient? Patient,
    IReadOnlyList<InsuranceSource> Insurances,
    ProviderSource Billing,
    IReadOnlyList<TeamSource> Team,
    Location? Facility,
    Organization? FacilityOwner)
{
    /// <summary>The insurance this claim goes to: the one focal entry.</summary>
    public InsuranceSource? Focal => Insurances.Count(i => i.Insurance.Focal == true) == 1 ? Insurances.First(i => i.Insurance.Focal == true) : null;

    /// <summary>The payers before the focal one, in their order.</summary>
    public IEnumerable<InsuranceSource> PriorPayers => Focal?.Insurance.Sequence is { } at
        ? Insurances.Where(i => i.Insurance.Focal != true && i.Insurance.Sequence < at).OrderBy(i => i.Insurance.Sequence)
        : [];

    public ProviderSource? Member(string role) => Team.FirstOrDefault(t => t.Role == role)?.Provider;
}

/// <summary>One entry of <c>Claim.insurance</c>; the subscriber is a Patient or a RelatedPerson.</summary>
internal sealed record InsuranceSource(
    Claim.InsuranceComponent Insurance, Coverage? Coverage, Organization? Payor, Patient? SubscriberPatient, RelatedPerson? SubscriberPerson)
{
    /// <summary>What this payer, one before the focal, answered.</summary>
    public ClaimResponse? Response { get; init; }

    /// <summary>AMT*A8: the charge that this payer is known not to cover, so that it was not asked.</summary>
    public decimal? NotCoveredUsd => Insurance.GetExtensionValue<Money>(BillingUrls.NotCoveredExtension)?.Value;
}

/// <summary>One entry of <c>Claim.careTeam</c>.</summary>
internal sealed record TeamSource(int? Sequence, string? Role, ProviderSource Provider);

/// <summary>A provider behind a reference to Organization, Practitioner or PractitionerRole.</summary>
internal sealed record ProviderSource(Organization? Organization, Practitioner? Person, PractitionerRole? Role)
{
    public static ProviderSource None { get; } = new(null, null, null);

    public bool IsKnown => Organization is not null || Person is not null;
}
