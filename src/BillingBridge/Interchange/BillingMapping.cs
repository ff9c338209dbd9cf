using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.X12.Segments;
using FhirEmr.BillingBridge.X12.Transactions;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Interchange;

/// <summary>Claim.provider → loop 2000A with 2010AA and, when money goes elsewhere, 2010AB.</summary>
internal static class BillingMapping
{
    public static string? Npi(ProviderSource billing) =>
        (billing.Organization is { } organization ? PartyMapping.Identifier(organization.Identifier, BillingUrls.Npi) : null)
        ?? PartyMapping.Identifier(billing.Person?.Identifier, BillingUrls.Npi);

    /// <summary>Claims with the same key may share one 2000A, and one file.</summary>
    public static string GroupKey(ProviderSource billing) =>
        $"{Npi(billing)}|{billing.Organization?.Id}|{billing.Person?.Id}|{string.Join('|', PartyMapping.Address(PayTo(billing)))}";

    public static BillingLoop Map(ProviderSource billing)
    {
        // A role bills as its organization when it has one; a person alone bills as a person.
        var asOrganization = billing.Organization is not null ? billing with { Person = null } : billing;
        var identifiers = billing.Organization?.Identifier ?? billing.Person?.Identifier;
        var parties = new List<PartyLoop>
        {
            PartyMapping.Loop(PartyMapping.Provider("85", asOrganization), [.. PartyMapping.Address(Street(billing)), PartyMapping.TaxId(identifiers)]),
        };
        if (PayTo(billing) is { } payTo)
            parties.Add(PartyMapping.Loop(new Nm1("87", billing.Organization is null ? "1" : "2", null, null, null, null, null, null, null), [.. PartyMapping.Address(payTo)]));

        return new BillingLoop(PartyMapping.Taxonomy("BI", asOrganization) is { } taxonomy ? [taxonomy] : [], parties);
    }

    public static Address? Street(ProviderSource billing) =>
        PartyMapping.StreetAddress(billing.Organization?.Address) ?? PartyMapping.StreetAddress(billing.Person?.Address);

    private static Address? PayTo(ProviderSource billing) =>
        (billing.Organization?.Address ?? billing.Person?.Address)?.Find(a => a.Use is Address.AddressUse.Billing);
}
