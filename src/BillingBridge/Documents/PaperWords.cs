using System.Globalization;
using FhirEmr.BillingBridge.Charges;
using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.Scrubbing;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Documents;

/// <summary>Names, addresses, money and services as papers print them.</summary>
internal static class PaperWords
{
    public static string Usd(decimal? usd) => (usd ?? 0m).ToString("#,##0.00", CultureInfo.InvariantCulture);

    public static string Name(HumanName? name) =>
        name?.Text ?? string.Join(' ', (name?.Given ?? []).Append(name?.Family).Where(p => p is { Length: > 0 }));

    public static string Name(Practitioner? person) => Name(person?.Name.FirstOrDefault());

    public static string Npi(IEnumerable<Identifier>? identifiers) => identifiers?.FirstOrDefault(i => i.System == BillingUrls.Npi)?.Value ?? "";

    public static string Address(Address? address)
    {
        var place = string.Join(' ', new[] { address?.City is { Length: > 0 } city ? $"{city}," : null, address?.State, ZipCode.Written(address?.PostalCode) }.Where(p => p is { Length: > 0 }));
        return string.Join('\n', (address?.Line ?? []).Append(place).Where(l => l is { Length: > 0 }));
    }

    public static string Phone(IEnumerable<ContactPoint>? points) =>
        points?.FirstOrDefault(p => p.System == ContactPoint.ContactPointSystem.Phone)?.Value ?? "";

    public static string Service(ScrubLine line) => string.Join('-', (string[])[line.Code, .. line.Modifiers]);

    /// <summary>The record's own words for a service; the code alone when it has none, for descriptors are licensed.</summary>
    public static string Described(ScrubLine line)
    {
        var words = line.Item.ProductOrService?.Text ?? line.Item.ProductOrService?.Coding.Find(c => c.Display is { Length: > 0 })?.Display;
        return words is { Length: > 0 } ? $"{Service(line)} {words}" : Service(line);
    }

    public static string Day(DateOnly? day) => day is { } d ? DateOfService.Text(d) : "";
}
