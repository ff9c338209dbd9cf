using FhirEmr.Terminology.CodeSystems.Carc;

namespace FhirEmr.BillingBridge.Denials;

/// <summary>What an adjustment reason means for us (billing spec section 7).</summary>
/// <param name="Category">Its worklist, see <see cref="DenialTask"/>.</param>
/// <param name="IsDenial">Money that may still be won; the rest is contract, patient share or information.</param>
/// <param name="FirstAction">What to do first; null when the list says nothing.</param>
internal sealed record DenialReason(string Category, bool IsDenial, string? FirstAction)
{
    // Our own reading of the public lists: what follows from a remark when the reason says only "see remark". First match wins.
    private static readonly (string Category, string[] Remarks, string FirstAction)[] Refinements =
        [.. EmbeddedRows.Read("remark-refinements.csv").Select(r => (r[0], r[1].Split(' '), r[2]))];

    private static readonly Dictionary<string, string> RemarkMeanings =
        EmbeddedRows.Read("remarks.csv").ToDictionary(r => r[0], r => r[1], StringComparer.Ordinal);

    /// <summary>It decides nothing: still under review, anticipated, sent on, or what an earlier payer did. Nothing is given up for it.</summary>
    public bool IsInformation => Category == "info";

    /// <summary>Our short wording of the CARC; null for one that we do not know.</summary>
    public string? Meaning { get; init; }

    /// <summary>The scrub rule that would have caught it (<c>MOD-*</c>: that family); null when none does.</summary>
    public string? ScrubRule { get; init; }

    /// <summary>The meaning of one adjustment.</summary>
    /// <param name="carc">Claim adjustment reason code.</param>
    /// <param name="remarks">Remittance advice remark codes beside it; they decide when the reason refers to them (16, 96, A1).</param>
    /// <param name="paidNothing">A reason we do not know is a denial when nothing was paid.</param>
    public static DenialReason Of(string carc, IReadOnlyCollection<string> remarks, bool paidNothing)
    {
        if (CarcTable.Find(carc) is not { } known)
            return new DenialReason("submission", paidNothing, null);

        var reason = new DenialReason(known.Category, known.IsDenial, known.FirstAction) { Meaning = known.Meaning, ScrubRule = known.ScrubRule };
        return carc is "16" or "96" or "A1" && Array.Find(Refinements, r => r.Remarks.Any(remarks.Contains)) is { Category: not null } refined
            ? reason with { Category = refined.Category, FirstAction = refined.FirstAction }
            : reason;
    }

    /// <summary>Our short wording of a RARC; null for one that we do not know.</summary>
    public static string? RemarkMeaning(string remark) => RemarkMeanings.GetValueOrDefault(remark);

    /// <summary>MA130: the claim counts as never received. It is sent anew; there is nothing to appeal.</summary>
    public static bool IsUnprocessable(IReadOnlyCollection<string> remarks) => remarks.Contains("MA130");

    /// <summary>Who may be asked for the money, by the group code of the adjustment.</summary>
    public static string GroupReading(string group) => group switch
    {
        "CO" or "PI" => "the patient may not be billed for it",
        "PR" => "the patient may be billed for it",
        "OA" => "who owes it is open: look at the remittance",
        _ => "the payer corrects an earlier decision",
    };
}
