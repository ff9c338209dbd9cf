using FhirEmr.BillingBridge.Charges;

namespace FhirEmr.BillingBridge.RiskAdjustment;

/// <summary>The payment HCCs of one model: claims → diagnoses → CCs → edits → hierarchies (billing spec 5.2, steps 1 to 4). Pure.</summary>
public sealed record HccCapture(RiskModel Model, IReadOnlyList<CapturedHcc> Hccs, IReadOnlyList<DroppedHcc> Dropped, IReadOnlyList<LeftOut> LeftOut)
{
    // V28 pays 223 only beside another heart-failure category.
    private const int HeartAssist = 223;
    private static readonly int[] BesideHeartAssist = [221, 222, 224, 225, 226];

    public static HccCapture Of(RiskModel model, HccTables tables, RiskPerson person, IEnumerable<RiskClaim> claims)
    {
        var found = new SortedDictionary<int, List<HccEvidence>>();
        var leftOut = new List<LeftOut>();
        var age = person.AgeIn(tables.PaymentYear);
        foreach (var claim in claims)
        {
            if (ClaimEligibility.WhyNot(claim, tables) is { } why)
            {
                leftOut.Add(new(claim.Reference, why));
                continue;
            }

            foreach (var code in claim.Diagnoses.Select(ChargeDiagnosis.Plain).Distinct())
                Add(found, leftOut, tables, model, person, age, code, claim.Reference);
        }

        var captured = found.Select(f => new CapturedHcc(f.Key, tables.LabelOf(model, f.Key), f.Value)).ToList();
        var dropped = new List<DroppedHcc>();
        if (model == RiskModel.V28 && captured.Find(c => c.Hcc == HeartAssist) is { } assist && !captured.Exists(c => BesideHeartAssist.Contains(c.Hcc)))
        {
            captured.Remove(assist);
            dropped.Add(new(assist, $"{HeartAssist} counts only beside {string.Join(", ", BesideHeartAssist)}."));
        }

        // Children of every parent present before anything is dropped: a dropped parent still drops its own.
        var parents = captured.SelectMany(p => tables.ChildrenOf(model, p.Hcc).Select(child => (p.Hcc, Child: child))).ToLookup(p => p.Child, p => p.Hcc);
        foreach (var child in captured.Where(c => parents.Contains(c.Hcc)).ToList())
        {
            captured.Remove(child);
            dropped.Add(new(child, $"{string.Join(", ", parents[child.Hcc])} stands above it."));
        }

        return new(model, captured, dropped, leftOut);
    }

    public bool Has(int hcc) => Hccs.Any(h => h.Hcc == hcc);

    private static void Add(
        SortedDictionary<int, List<HccEvidence>> found, List<LeftOut> leftOut, HccTables tables, RiskModel model, RiskPerson person, int age, string code, string reference)
    {
        var edits = tables.EditsOf(model, code).Where(e => e.Applies(person.SexCode, age)).ToList();
        if (edits.Exists(e => e.OverrideCc is null))
        {
            leftOut.Add(new(reference, $"{code} is not valid for this age or sex."));
            return;
        }

        var overridden = edits.Select(e => e.OverrideCc!.Value).Distinct().ToList();
        IReadOnlyList<int> categories = overridden.Count > 0 ? overridden : tables.CategoriesOf(model, code);
        foreach (var category in categories)
        {
            if (!found.TryGetValue(category, out var evidence))
                found[category] = evidence = [];
            evidence.Add(new(code, reference, overridden.Count > 0 ? $"counted as {category} for this age or sex" : null));
        }
    }
}
