using FhirEmr.BillingBridge.Ports;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Claims;

/// <summary>What makes a claim the one it is (billing spec 1.5): visit, coverage, whose turn it is, and how often it was replaced.</summary>
/// <param name="Visit">The encounter; the claim itself when it names none.</param>
/// <param name="Rank">1 primary, 2 secondary …</param>
/// <param name="Version">0 the original, 1 its first replacement …</param>
internal sealed record ClaimKey(string Visit, string? Coverage, int Rank, int Version)
{
    private const string Prefix = "claim/";

    /// <summary>The key the claim was made under; for a claim that came otherwise, the one it would have had.</summary>
    public static ClaimKey Of(Claim claim)
    {
        var parts = claim.Identifier.Find(i => i.System == BillingUrls.IdempotencyKey && i.Value?.StartsWith(Prefix, StringComparison.Ordinal) == true)?.Value!.Split('/');
        if (parts is [_, var visit, var coverage, var rank, var version] && int.TryParse(rank, out var r) && int.TryParse(version, out var v))
            return new ClaimKey(Uri.UnescapeDataString(visit), Uri.UnescapeDataString(coverage), r, v);
        var focal = claim.FocalInsurance();
        return new ClaimKey(
            EncounterId(claim) ?? claim.Id ?? "",
            FhirReferences.IdOf(focal?.Coverage?.Reference, "Coverage"),
            focal?.Sequence ?? 1,
            Version: 0);
    }

    public static string? EncounterId(Claim claim) =>
        FhirReferences.IdOf(claim.Item.SelectMany(i => i.Encounter).FirstOrDefault()?.Reference, "Encounter");

    public override string ToString() => BillingKey.Claim(Visit, Coverage, Rank, Version);

    /// <summary>The control number of the version after this one: of our own numbers by their rule, else the number with R1, R2 … behind it.</summary>
    public string NextControlNumber(string current)
    {
        if (current == PatientControlNumber.Of(Visit, Rank, Version))
            return PatientControlNumber.Of(Visit, Rank, Version + 1);
        var mark = Version == 0 ? "" : $"R{Version}";
        var number = mark.Length > 0 && current.EndsWith(mark, StringComparison.Ordinal) ? current[..^mark.Length] : current;
        var suffix = $"R{Version + 1}";
        return number[..Math.Min(number.Length, 20 - suffix.Length)] + suffix; // CLM01 has twenty characters
    }
}
