using System.Globalization;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Denials;

/// <summary>Denials that have payer, reason and kind of service in common (billing spec section 7).</summary>
public sealed record DenialPattern(string? Payer, string? PayerName, string Carc, string Family, string? Cause)
{
    /// <summary>Denied amounts.</summary>
    public required int Count { get; init; }

    public required decimal DeniedUsd { get; init; }

    /// <summary>The scrub rule that would have caught most of them; null when none does.</summary>
    public string? ScrubRule { get; init; }

    /// <summary>The procedure codes, the most frequent first.</summary>
    public IReadOnlyList<string> Codes { get; init; } = [];

    /// <summary>Rendering provider and count, the most frequent first.</summary>
    public IReadOnlyList<(string Reference, int Count)> Providers { get; init; } = [];

    /// <summary>Facility reference or place of service, and count.</summary>
    public IReadOnlyList<(string Place, int Count)> Places { get; init; } = [];

    /// <summary>Of the closed ones.</summary>
    public int Won { get; init; }

    public int Closed { get; init; }

    /// <summary>Name of the pattern, by which it is accepted: the same denials give the same.</summary>
    public string Id => string.Join('|', Payer, Carc, Family, Cause).TrimEnd('|');

    /// <summary><c>41 × missing modifier 25 (CARC 4) on office visits, First Mutual: 4920.00 denied → MOD-004</c>.</summary>
    public override string ToString()
    {
        var meaning = DenialReason.Of(Carc, [], paidNothing: true).Meaning;
        var cause = Cause ?? (meaning is null ? $"reason {Carc}" : char.ToLowerInvariant(meaning[0]) + meaning[1..]);
        return string.Create(CultureInfo.InvariantCulture,
            $"{Count} × {cause} (CARC {Carc}) on {Family}, {PayerName ?? Payer ?? "payer unknown"}: {DeniedUsd:0.00} denied → {ScrubRule ?? "no rule yet"}");
    }

    /// <summary>The patterns of denial Tasks, the most frequent first.</summary>
    public static IReadOnlyList<DenialPattern> Of(IEnumerable<FhirTask> tasks) =>
    [
        .. from task in tasks
           from denied in DeniedAmount.Of(task)
           let payer = task.Input.Find(i => i.Type?.Coding.Exists(c => c.Code == DenialInputs.PayerCode) == true)?.Value as ResourceReference
           group (Task: task, Denied: denied, PayerName: payer?.Display) by (Payer: payer?.Reference, denied.Carc, Family: CodeFamily.Of(denied.Code), denied.Cause) into pattern
           let count = pattern.Count()
           orderby count descending, pattern.Sum(p => p.Denied.AmountUsd) descending, pattern.Key.Carc, pattern.Key.Family
           select new DenialPattern(pattern.Key.Payer, pattern.Select(p => p.PayerName).FirstOrDefault(n => n is not null), pattern.Key.Carc, pattern.Key.Family, pattern.Key.Cause)
           {
               Count = count,
               DeniedUsd = pattern.Sum(p => p.Denied.AmountUsd),
               ScrubRule = Ranked(pattern.Select(p => p.Denied.ScrubRule)).Select(r => r.Value).FirstOrDefault(),
               Codes = [.. Ranked(pattern.Select(p => p.Denied.Code)).Select(r => r.Value)],
               Providers = Ranked(pattern.Select(p => DenialInputs.Rendering(p.Task))),
               Places = Ranked(pattern.Select(p => DenialInputs.Place(p.Task))),
               Closed = pattern.Count(p => PastAttempt.Of(p.Task) is not null),
               Won = pattern.Count(p => PastAttempt.Of(p.Task) is { Won: true }),
           },
    ];

    private static IReadOnlyList<(string Value, int Count)> Ranked(IEnumerable<string?> values) =>
        [.. values.OfType<string>().GroupBy(v => v).OrderByDescending(g => g.Count()).ThenBy(g => g.Key, StringComparer.Ordinal).Select(g => (g.Key, g.Count()))];
}
