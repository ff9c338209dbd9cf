using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Charges;

/// <summary>What the record holds of the patient's years before a visit: the other visits, the claims, and the roles of the people in them.</summary>
public sealed record EarlierServices(IReadOnlyList<Encounter> Encounters)
{
    public static EarlierServices None { get; } = new([]);

    /// <summary>Claims of any origin; those of the visit itself are passed over.</summary>
    public IReadOnlyList<Claim> Claims { get; init; } = [];

    public IReadOnlyList<PractitionerRole> Roles { get; init; } = [];
}
