using System.Security.Cryptography;
using System.Text;
using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.Ports;
using FhirEmr.BillingBridge.X12.Segments;
using FhirEmr.BillingBridge.X12.Transactions;

namespace FhirEmr.BillingBridge.Interchange.Import;

/// <summary>What a party of a received claim is found again by.</summary>
/// <param name="Type">Resource type.</param>
/// <param name="System">Identifier system.</param>
internal sealed record PartyKey(string Type, string System, string Value)
{
    /// <summary>A provider: NPI, else tax id, else a key of its name and address.</summary>
    public static PartyKey Provider(PartyLoop party)
    {
        var type = party.Name.EntityType == "1" ? "Practitioner" : "Organization";
        return party.Name is { IdQualifier: "XX", Id: { Length: > 0 } npi } ? new(type, BillingUrls.Npi, npi)
            : party.Reference("EI") is { } ein ? new(type, BillingUrls.Ein, ein)
            : party.Reference("SY") is { } ssn ? new(type, BillingUrls.Ssn, ssn)
            : Nameless(type, party);
    }

    public static PartyKey Facility(PartyLoop party) =>
        party.Name is { IdQualifier: "XX", Id: { Length: > 0 } npi } ? new("Location", BillingUrls.Npi, npi) : Nameless("Location", party);

    public static PartyKey Payer(PartyLoop party) =>
        party.Name.Id is { Length: > 0 } id ? new("Organization", BillingUrls.PayerId, id) : Nameless("Organization", party);

    private static PartyKey Nameless(string type, PartyLoop party)
    {
        var text = string.Join('\n', (string?[])[party.Name.Name, party.Name.First, party.Find<N3>()?.Line1, party.Find<N4>()?.City, party.Find<N4>()?.Zip]);
        return new(type, BillingKey.System, BillingKey.Of("party", type, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))));
    }
}
