using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.X12.Segments;
using FhirEmr.BillingBridge.X12.Syntax;
using FhirEmr.BillingBridge.X12.Transactions;
using FhirEmr.Terminology;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Interchange;

/// <summary>FHIR people, practices and addresses → NM1, N3, N4, DMG, PRV, REF.</summary>
internal static class PartyMapping
{
    /// <summary>NM1 of a person with an optional id.</summary>
    public static Nm1 Person(string entity, HumanName? name, string? qualifier, string? id) => new(
        entity, "1", name?.Family ?? name?.Text, First(name, 0), First(name, 1), null, name?.Suffix.FirstOrDefault(), id is null ? null : qualifier, id);

    /// <summary>NM1 of a provider: a person when one is known, else the organization; id is the NPI.</summary>
    public static Nm1 Provider(string entity, ProviderSource provider) => provider.Person is { } person
        ? Person(entity, OfficialName(person.Name), "XX", Npi(provider))
        : Nm1.Organization(entity, provider.Organization?.Name, Npi(provider) is null ? null : "XX", Npi(provider));

    public static string? Npi(ProviderSource? provider) =>
        Identifier(provider?.Person?.Identifier, BillingUrls.Npi) ?? Identifier(provider?.Organization?.Identifier, BillingUrls.Npi);

    public static string? Identifier(List<Identifier>? identifiers, string system) => identifiers?.Find(i => i.System == system)?.Value;

    /// <summary>PRV with the NUCC taxonomy of role, qualification or organization type; null when none is known.</summary>
    public static Prv? Taxonomy(string role, ProviderSource provider)
    {
        var code = Taxonomy(provider.Role?.Specialty)
            ?? Taxonomy(provider.Role?.Code)
            ?? Taxonomy(provider.Person?.Qualification.Select(q => q.Code))
            ?? (provider.Person is null ? Taxonomy(provider.Organization?.Type) : null);
        return code is null ? null : new Prv(role, "PXC", code);
    }

    public static string? Taxonomy(IEnumerable<CodeableConcept?>? concepts) =>
        concepts?.SelectMany(c => c?.Coding ?? []).FirstOrDefault(c => c.System == CodeSystemUrls.ProviderTaxonomy)?.Code;

    /// <summary>N3 and N4; nothing when the address has neither street nor city.</summary>
    public static IEnumerable<IX12Segment> Address(Address? address)
    {
        var lines = address?.Line.OfType<string>().Where(l => !string.IsNullOrWhiteSpace(l)).ToList() ?? [];
        if (lines.Count > 0)
            yield return new N3(lines[0], lines.Count > 1 ? string.Join(' ', lines.Skip(1)) : null);
        if (address is { City.Length: > 0 })
        {
            // N402 is the two-letter code; registration often keeps the full name.
            yield return IsUs(address.Country)
                ? new N4(address.City, UsStates.Code(address.State) ?? address.State, Zip(address.PostalCode), null)
                : new N4(address.City, address.State, Zip(address.PostalCode), address.Country);
        }
    }

    /// <summary>The street a practice bills from: never a post-office box, not the pay-to address.</summary>
    public static Address? StreetAddress(IReadOnlyList<Address>? addresses)
    {
        var candidates = addresses?.Where(a => a.Use is not Hl7.Fhir.Model.Address.AddressUse.Billing and not Hl7.Fhir.Model.Address.AddressUse.Old).ToList() ?? [];
        return candidates.Find(a => a.Use is Hl7.Fhir.Model.Address.AddressUse.Work && !IsPostBox(a)) ?? candidates.Find(a => !IsPostBox(a)) ?? candidates.FirstOrDefault();
    }

    /// <summary>The home of a person: home first, then any that is not old.</summary>
    public static Address? HomeAddress(IReadOnlyList<Address>? addresses)
    {
        var candidates = addresses?.Where(a => a.Use is not Hl7.Fhir.Model.Address.AddressUse.Old).ToList() ?? [];
        return candidates.Find(a => a.Use is Hl7.Fhir.Model.Address.AddressUse.Home) ?? candidates.FirstOrDefault();
    }

    public static HumanName? OfficialName(IReadOnlyList<HumanName>? names) =>
        names?.FirstOrDefault(n => n.Use is HumanName.NameUse.Official)
        ?? names?.FirstOrDefault(n => n.Use is HumanName.NameUse.Usual)
        ?? names?.FirstOrDefault(n => n.Use is not HumanName.NameUse.Old and not HumanName.NameUse.Maiden)
        ?? (names is [var first, ..] ? first : null);

    /// <summary>DMG; null without a full birth date.</summary>
    public static Dmg? Demographics(string? birthDate, AdministrativeGender? gender)
    {
        if (birthDate is not { Length: 10 })
            return null;
        var sex = gender switch
        {
            AdministrativeGender.Male => "M",
            AdministrativeGender.Female => "F",
            _ => "U",
        };
        return new Dmg(birthDate.Replace("-", "", StringComparison.Ordinal), sex);
    }

    /// <summary>REF*EI with the tax id, else REF*SY; null when neither is known.</summary>
    public static Ref? TaxId(List<Identifier>? identifiers)
    {
        if (Identifier(identifiers, BillingUrls.Ein) is { } ein)
            return new Ref("EI", Digits(ein));
        return Identifier(identifiers, BillingUrls.Ssn) is { } ssn ? new Ref("SY", Digits(ssn)) : null;
    }

    /// <summary>The loop of a party: NM1, then its segments in the order every loop of the guide shares.</summary>
    public static PartyLoop Loop(Nm1 name, params IEnumerable<IX12Segment?> details) => new(name, [.. details.OfType<IX12Segment>()]);

    public static string Digits(string text) => string.Concat(text.Where(char.IsAsciiDigit));

    private static string? Zip(string? postalCode) => postalCode is null ? null : postalCode.Replace("-", "", StringComparison.Ordinal).Replace(" ", "", StringComparison.Ordinal);

    private static bool IsUs(string? country) => country?.Trim().ToUpperInvariant() is null or "" or "US" or "USA" or "UNITED STATES" or "UNITED STATES OF AMERICA";

    private static bool IsPostBox(Address address) => address.Line.OfType<string>().Any(l =>
        l.Replace(".", "", StringComparison.Ordinal).TrimStart().StartsWith("PO BOX", StringComparison.OrdinalIgnoreCase)
        || l.TrimStart().StartsWith("POST OFFICE BOX", StringComparison.OrdinalIgnoreCase));

    private static string? First(HumanName? name, int n) => name?.Given.ElementAtOrDefault(n);
}
