using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Places;

/// <summary>POS-002: a visit code is used where that kind of visit happens.</summary>
internal sealed class PlaceFitsCode : IScrubRule
{
    public string Id => "POS-002";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        foreach (var line in claim.Lines)
        {
            if (line.Place is { } place && Allowed(line.Code) is { } places && !places.Contains(place))
                yield return Reject(Id, IssueType.BusinessRule, $"{line.Path}.location", $"{line.Code} not in POS {place}: correct the place or the code.").On(line).With("place", place);
        }
    }

    private static readonly string[] Office = ["02", "10", "11", "15", "17", "18", "19", "20", "22", "49", "50", "53", "57", "58", "62", "65", "71", "72"];

    private static string[]? Allowed(string code) => code switch
    {
        _ when Between(code, "99202", "99215") => Office,
        _ when Between(code, "99221", "99239") => ["21", "22", "23", "51", "61"],
        _ when Between(code, "99281", "99285") => ["23"],
        _ when Between(code, "99304", "99318") => ["31", "32", "54", "56"],
        _ when Between(code, "99341", "99350") => ["04", "12", "13", "14", "16", "33"],
        _ => null,
    };

    private static bool Between(string code, string from, string to) => string.CompareOrdinal(from, code) <= 0 && string.CompareOrdinal(code, to) <= 0;
}
