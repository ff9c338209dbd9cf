namespace FhirEmr.BillingBridge.Charges;

/// <summary>One price of the practice: code and modifier, in force from one day to another.</summary>
/// <param name="Code">CPT or HCPCS code.</param>
/// <param name="Modifier">The modifier the row is for (26, TC); null for the plain code.</param>
/// <param name="From">First day in force; null without limit.</param>
/// <param name="To">Last day in force; null without limit.</param>
/// <param name="NonFacilityUsd">Charge for one unit where the practice bears the cost of the room.</param>
/// <param name="FacilityUsd">Charge in a facility place of service; null when the price is the same.</param>
/// <param name="Url">Canonical of the ChargeItemDefinition.</param>
public sealed record FeeRow(
    string Code, string? Modifier, DateOnly? From, DateOnly? To, decimal NonFacilityUsd, decimal? FacilityUsd, string Url)
{
    /// <summary>The payer whose contract the price is of; null for everybody.</summary>
    public string? Payer { get; init; }

    public bool IsInForce(DateOnly day) => (From is not { } from || from <= day) && (To is not { } to || day <= to);

    /// <summary>The charge for one unit in a place of service.</summary>
    public decimal PriceUsd(string? placeOfService) => PlacesOfService.IsFacility(placeOfService) ? FacilityUsd ?? NonFacilityUsd : NonFacilityUsd;
}
