using FhirEmr.Terminology.CodeSystems.Carc;

namespace FhirEmr.BillingBridge.Denials;

/// <summary>What an adjustment reason means for us (billing spec section 7).</summary>
/// <param name="Category">Its worklist, see <see cref="DenialTask"/>.</param>
/// <param name="IsDenial">Money that may still be won; the rest is contract, patient share or information.</param>
/// <param name="FirstAction">What to do first; null when the list says nothing.</param>
internal sealed record DenialReason(string Category, bool IsDenial, string? FirstAction)
{
    // Our own reading of the public lists: what follows from a remark when the reason says only "see remark". First match wins.
    private static readonly (string Category, string[] Remarks, string FirstAction)[] Refinements = [.. ReadRefinements()];

    /// <summary>The meaning of one adjustment.</summary>
    /// <param name="carc">Claim adjustment reason code.</param>
    /// <param name="remarks">Remittance advice remark codes beside it; they decide when the reason refers to them (16, 96, A1).</param>
    /// <param name="paidNothing">A reason we do not know is a denial when nothing was paid.</param>
    public static DenialReason Of(string carc, IReadOnlyCollection<string> remarks, bool paidNothing)
    {
        if (CarcTable.Find(carc) is not { } known)
            return new DenialReason("submission", paidNothing, null);
        if (carc is "16" or "96" or "A1" && Array.Find(Refinements, r => r.Remarks.Any(remarks.Contains)) is { Category: not null } refined)
            return new DenialReason(refined.Category, known.IsDenial, refined.FirstAction);
        return new DenialReason(known.Category, known.IsDenial, known.FirstAction);
    }

    private static IEnumerable<(string Category, string[] Remarks, string FirstAction)> ReadRefinements()
    {
        const string Resource = "FhirEmr.BillingBridge.Denials.Data.remark-refinements.csv";
        using var stream = typeof(DenialReason).Assembly.GetManifestResourceStream(Resource) ?? throw new InvalidOperationException($"{Resource} is not in this build.");
        using var reader = new StreamReader(stream);
        reader.ReadLine(); // column names
        while (reader.ReadLine() is { } line)
        {
            var cells = line.Split(',', 3);
            yield return (cells[0], cells[1].Split(' '), cells[2]);
        }
    }
}
