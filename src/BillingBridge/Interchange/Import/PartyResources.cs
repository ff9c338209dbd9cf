using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.X12.Segments;
using FhirEmr.BillingBridge.X12.Syntax;
using FhirEmr.BillingBridge.X12.Transactions;
using FhirEmr.Terminology;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Interchange.Import;

/// <summary>NM1, N3, N4, DMG, PRV, REF → FHIR people, practices and addresses: <see cref="PartyMapping"/> right to left.</summary>
internal static class PartyResources
{
    /// <summary>Organization, Practitioner or Location of a provider or payer, with the identifier it is found again by.</summary>
    public static Resource Of(PartyKey key, PartyLoop party, string? taxonomy, PartyLoop? payTo) => key.Type switch
    {
        "Practitioner" => new Practitioner { Identifier = Identifiers(key, party), Name = [Name(party.Name)], Address = Addresses(party, payTo) },
        "Location" => new Location { Identifier = Identifiers(key, party), Name = party.Name.Name, Address = Address(party.Details) },
        _ => new Organization
        {
            Identifier = Identifiers(key, party),
            Name = party.Name.Name,
            Type = taxonomy is null ? [] : [new CodeableConcept(CodeSystemUrls.ProviderTaxonomy, taxonomy)],
            Address = Addresses(party, payTo),
        },
    };

    public static HumanName Name(Nm1 name) => new()
    {
        Use = HumanName.NameUse.Official,
        Family = name.Name,
        Given = new[] { name.First, name.Middle }.OfType<string>().ToList(),
        Prefix = name.Prefix is { } prefix ? [prefix] : [],
        Suffix = name.Suffix is { } suffix ? [suffix] : [],
    };

    /// <summary>N3 and N4; null when there is neither.</summary>
    public static Address? Address(IReadOnlyList<IX12Segment> details)
    {
        var (street, city) = (details.OfType<N3>().FirstOrDefault(), details.OfType<N4>().FirstOrDefault());
        if (street is null && city is null)
            return null;
        return new Address
        {
            Line = new[] { street?.Line1, street?.Line2 }.OfType<string>().Where(l => l.Length > 0).ToList(),
            City = city?.City is { Length: > 0 } named ? named : null,
            State = city?.State,
            PostalCode = Zip(city?.Zip, city?.Country),
            Country = city?.Country,
        };
    }

    public static AdministrativeGender? Gender(Dmg? dmg) => dmg?.Sex switch
    {
        "M" => AdministrativeGender.Male,
        "F" => AdministrativeGender.Female,
        "U" => AdministrativeGender.Unknown,
        _ => null,
    };

    public static string? Day(string? x12) => x12 is not null && X12Text.TryDate(x12, out var day) ? Day(day) : null;

    public static string Day(DateOnly day) => day.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);

    private static List<Identifier> Identifiers(PartyKey key, PartyLoop party)
    {
        var identifiers = new List<Identifier> { new(key.System, key.Value) };
        foreach (var (qualifier, system) in (ReadOnlySpan<(string, string)>)[("EI", BillingUrls.Ein), ("SY", BillingUrls.Ssn)])
        {
            if (system != key.System && party.Reference(qualifier) is { } value)
                identifiers.Add(new Identifier(system, value));
        }

        return identifiers;
    }

    private static List<Address> Addresses(PartyLoop party, PartyLoop? payTo)
    {
        var addresses = new List<Address>();
        if (Address(party.Details) is { } street)
            addresses.Add(street);
        if (payTo is not null && Address(payTo.Details) is { } billing)
        {
            billing.Use = Hl7.Fhir.Model.Address.AddressUse.Billing;
            addresses.Add(billing);
        }

        return addresses;
    }

    // ZIP+4 gets its dash back; anything else stays as it came.
    private static string? Zip(string? zip, string? country) =>
        zip is { Length: 9 } && country is null && zip.All(char.IsAsciiDigit) ? $"{zip[..5]}-{zip[5..]}" : zip;
}
