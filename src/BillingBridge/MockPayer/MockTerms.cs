using System.Globalization;

namespace FhirEmr.BillingBridge.MockPayer;

/// <summary>Adjustments of a line, written short: <c>CO-45:38% PR-2:20%l PR-3:25c N517</c>.</summary>
/// <remarks><c>38%</c> of the charge, <c>20%l</c> of what is left, <c>25c</c> dollars once a claim, <c>25</c> dollars on every line, <c>rest</c> all that is left; a word alone is a remark code.</remarks>
internal static class MockTerms
{
    /// <summary>The adjustments of one line in order, never more than its charge, and its remark.</summary>
    /// <param name="terms">As written.</param>
    /// <param name="chargeUsd">Of the line.</param>
    /// <param name="used">What was taken once a claim so far, by term.</param>
    public static (List<(string Group, string Reason, decimal Usd)> Adjustments, string? Remark) Apply(string terms, decimal chargeUsd, Dictionary<string, decimal> used)
    {
        var (adjustments, left) = (new List<(string, string, decimal)>(), chargeUsd);
        string? remark = null;
        foreach (var term in terms.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (term.IndexOf(':', StringComparison.Ordinal) is not (> 0 and var colon))
            {
                remark = term;
                continue;
            }

            var (name, amount) = (term[..colon], term[(colon + 1)..]);
            var usd = amount switch
            {
                "rest" => left,
                [.. var share, '%', 'l'] => Cents(left * Number(share) / 100),
                [.. var share, '%'] => Cents(chargeUsd * Number(share) / 100),
                [.. var once, 'c'] => Number(once) - used.GetValueOrDefault(term),
                _ => Number(amount),
            };
            usd = Math.Min(usd, left);
            if (usd == 0)
                continue;
            used[term] = used.GetValueOrDefault(term) + usd;
            left -= usd;
            adjustments.Add((name[..2], name[3..], usd));
        }

        return (adjustments, remark);
    }

    private static decimal Number(string text) => decimal.Parse(text, NumberStyles.Number, CultureInfo.InvariantCulture);

    private static decimal Cents(decimal usd) => Math.Round(usd, 2, MidpointRounding.AwayFromZero);
}
