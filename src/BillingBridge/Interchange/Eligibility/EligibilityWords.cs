using System.Globalization;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Interchange.Eligibility;

/// <summary>An answer as a front desk reads it aloud (product spec 4.6): <c>Active since Jan 1. Office visit copay $30. Deductible $412 left of $1,500.</c></summary>
public static class EligibilityWords
{
    private const string OtherPayer = "Other payer: ";

    /// <summary>The sentences; empty when the answer holds no benefit.</summary>
    public static string Of(CoverageEligibilityResponse response, string serviceType)
    {
        if (response.Insurance.Count == 0)
            return "";
        var facts = BenefitFacts.Of(response, serviceType);
        var year = LineMapping.Day(response.Created)?.Year;
        return string.Join(' ', Status(facts, year).Concat(facts.IsActive == false ? [] : Benefits(facts)).Concat(Remarks(response)).Select(s => s + "."));
    }

    /// <summary>How old an answer is, in words: <c>3 hours ago</c>.</summary>
    public static string Age(TimeSpan age) => age switch
    {
        { TotalMinutes: < 2 } => "just now",
        { TotalHours: < 2 } => string.Create(CultureInfo.InvariantCulture, $"{(int)age.TotalMinutes} minutes ago"),
        { TotalDays: < 2 } => string.Create(CultureInfo.InvariantCulture, $"{(int)age.TotalHours} hours ago"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{(int)age.TotalDays} days ago"),
    };

    /// <summary>Dollars without cents where there are none: <c>$1,500</c>, <c>$12.50</c>.</summary>
    public static string Usd(decimal amount) =>
        (amount < 0 ? "-$" : "$") + Math.Abs(amount).ToString(decimal.Truncate(amount) == amount ? "#,##0" : "#,##0.00", CultureInfo.InvariantCulture);

    private static IEnumerable<string> Status(BenefitFacts facts, int? year)
    {
        switch (facts.IsActive)
        {
            case true:
                yield return (facts.From, facts.To) switch
                {
                    ({ } from, { } to) => $"Active since {Day(from, year)}, through {Day(to, year)}",
                    ({ } from, null) => $"Active since {Day(from, year)}",
                    (null, { } to) => $"Active through {Day(to, year)}",
                    _ => "Active",
                };
                break;
            case false:
                yield return facts.To is { } ended ? $"Not active: ended {Day(ended, year)}" : "Not active";
                break;
            default:
                break;
        }
    }

    private static IEnumerable<string> Benefits(BenefitFacts facts)
    {
        var name = ServiceTypes.Name(facts.ServiceType);
        if (facts.IsExcluded)
            yield return $"Not covered: {name}";
        if (facts.CopayUsd is { } copay)
            yield return $"{char.ToUpperInvariant(name[0])}{name[1..]} copay {Usd(copay)}";
        if (facts.Coinsurance is { } share)
            yield return string.Create(CultureInfo.InvariantCulture, $"Coinsurance {share * 100:0.##}%");
        if (Left("Deductible", facts.Deductible) is { } deductible)
            yield return deductible;
        if (Left("Out-of-pocket", facts.OutOfPocket) is { } outOfPocket)
            yield return outOfPocket;
        if (facts.AuthorizationNeeded is { } needed)
            yield return needed ? $"Authorization needed for {name}" : "Authorization not needed";
    }

    private static string? Left(string what, AmountLeft? amount) => amount switch
    {
        null => null,
        { LeftUsd: <= 0, TotalUsd: { } total } => $"{what} of {Usd(total)} met",
        { LeftUsd: <= 0 } => $"{what} met",
        { LeftUsd: { } left, TotalUsd: { } total } => $"{what} {Usd(left)} left of {Usd(total)}",
        { LeftUsd: { } left } => $"{what} {Usd(left)} left",
        { TotalUsd: { } total } => $"{what} {Usd(total)}",
        _ => null,
    };

    // A 271 has no element for referrals: payers write them in MSG, and their own words are repeated.
    private static IEnumerable<string> Remarks(CoverageEligibilityResponse response)
    {
        var said = response.Insurance.SelectMany(i => i.Item).SelectMany(i => (i.Description ?? "").Split("; ", StringSplitOptions.RemoveEmptyEntries)).Distinct().ToList();
        foreach (var payer in said.Where(t => t.StartsWith(OtherPayer, StringComparison.Ordinal)))
            yield return $"Another payer is known: {payer[OtherPayer.Length..]}";
        foreach (var referral in said.Where(t => t.Contains("REFERRAL", StringComparison.OrdinalIgnoreCase)))
            yield return $"The payer says: {referral.TrimEnd('.')}";
    }

    private static string Day(DateOnly day, int? year) => day.ToString(day.Year == year ? "MMM d" : "MMM d, yyyy", CultureInfo.InvariantCulture);
}
