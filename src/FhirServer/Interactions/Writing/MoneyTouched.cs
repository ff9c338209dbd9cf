using System.Globalization;
using FhirEmr.FhirServer.Resources;

namespace FhirEmr.FhirServer.Interactions.Writing;

/// <summary>Adds up the money in financial resources, by element and currency.</summary>
internal sealed class MoneyTouched
{
    private static readonly Dictionary<string, string[]> Elements = new(StringComparer.Ordinal)
    {
        ["Claim"] = ["total"],
        ["ClaimResponse"] = ["payment.amount"],
        ["ExplanationOfBenefit"] = ["total.amount", "payment.amount"],
        ["Invoice"] = ["totalNet", "totalGross"],
        ["PaymentNotice"] = ["amount"],
        ["PaymentReconciliation"] = ["paymentAmount"],
        ["ChargeItem"] = ["priceOverride"],
    };

    private readonly SortedDictionary<(string What, string Currency), (decimal Amount, int Count)> sums = [];

    public IEnumerable<(string What, string Currency, decimal Amount, int Count)> Sums =>
        sums.Select(s => (s.Key.What, s.Key.Currency, s.Value.Amount, s.Value.Count));

    /// <summary>Whether resources of the type carry money at all.</summary>
    public static bool Counts(string type) => Elements.ContainsKey(type);

    public void Add(string type, ReadOnlyMemory<byte> json)
    {
        if (!Elements.TryGetValue(type, out var paths) || FhirJsonReader.Read(json, out _) is not { } tree)
            return;
        foreach (var path in paths)
            Add($"{type}.{path}", tree.Root, path.Split('.'), type == "ExplanationOfBenefit" && path == "total.amount");
    }

    private void Add(string what, FhirNode node, ReadOnlySpan<string> path, bool byCategory)
    {
        if (path.IsEmpty)
        {
            if (node.TextOf("value") is not { } text || !decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value))
                return;
            var key = (what, node.TextOf("currency") ?? "USD");
            var (amount, count) = sums.GetValueOrDefault(key);
            sums[key] = (amount + value, count + 1);
            return;
        }

        var name = FhirNames.Id(path[0]);
        foreach (var child in node.Children)
            if (child.NameId == name)
                Add(byCategory && child.Child("category") is { Exists: true } category && category.Child("coding") is { Exists: true } coding && coding.TextOf("code") is { } code
                    ? $"{what} ({code})" : what, child, path[1..], byCategory: false);
    }
}
