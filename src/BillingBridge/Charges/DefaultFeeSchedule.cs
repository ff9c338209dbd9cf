using FhirEmr.BillingBridge.Claims;
using FhirEmr.Terminology;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Charges;

/// <summary>A starting fee schedule for a new or demo practice: plausible prices of our own, to be replaced by the practice's.</summary>
public static class DefaultFeeSchedule
{
    /// <summary>All definitions, ids <c>fee-{code}</c>, so that loading twice by update changes nothing.</summary>
    /// <param name="from">First day the prices are in force; old records need an early one.</param>
    /// <param name="to">Last day in force; null for open.</param>
    public static IEnumerable<ChargeItemDefinition> Build(DateOnly from, DateOnly? to = null) =>
        DefaultFees.ByCode.Values.Select(fee => Definition(fee, from, to));

    private static ChargeItemDefinition Definition(DefaultFee fee, DateOnly from, DateOnly? to)
    {
        var prices = new ChargeItemDefinition.PropertyGroupComponent();
        if (fee.NonFacilityUsd is { } nonFacility)
            prices.PriceComponent.Add(Price("non-facility", nonFacility));
        if (fee.FacilityUsd is { } facility)
            prices.PriceComponent.Add(Price("facility", facility));

        return new ChargeItemDefinition
        {
            Id = $"fee-{fee.Code.ToLowerInvariant()}",
            Url = $"{BillingUrls.Fee}:default:{fee.Code}",
            Version = DateText(from),
            Title = $"Default charge for {fee.Code}",
            Status = PublicationStatus.Active,
            Identifier = [new Identifier(BillingUrls.Fee, fee.Code)],
            Code = new CodeableConcept(char.IsAsciiLetter(fee.Code[0]) ? CodeSystemUrls.Hcpcs : CodeSystemUrls.Cpt, fee.Code),
            EffectivePeriod = new Period { Start = DateText(from), End = to is { } last ? DateText(last) : null },
            PropertyGroup = [prices],
        };
    }

    private static ChargeItemDefinition.PriceComponentComponent Price(string column, decimal usd) => new()
    {
        Type = InvoicePriceComponentType.Base,
        Code = new CodeableConcept(BillingUrls.FeeColumn, column),
        Amount = new Money { Value = usd, Currency = Money.Currencies.USD },
    };

    private static string DateText(DateOnly day) => DateOfService.Text(day);
}
