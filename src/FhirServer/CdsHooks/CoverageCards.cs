using FhirEmr.BillingBridge.Charges;
using FhirEmr.BillingBridge.Claims;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.CdsHooks;

/// <summary>Whether the patient is insured today, and how old the payer's word on it is. Pure.</summary>
internal static class CoverageCards
{
    public const string Topic = "coverage";

    /// <summary>An answer older than this many days says little about today.</summary>
    private const int AnswerDays = 30;

    /// <summary>How many days ahead an end is told of.</summary>
    private const int EndsWithinDays = 30;

    private static readonly string[] Reasons = [OverrideReasons.AlreadyAsked, OverrideReasons.NotToday];

    /// <param name="answers">The payers' answers (CoverageEligibilityResponse); null when the user may not see them, so that nothing is said of them.</param>
    public static IEnumerable<CdsCard> Of(string patientId, IReadOnlyList<Coverage> coverages, IReadOnlyList<CoverageEligibilityResponse>? answers, DateOnly today)
    {
        var known = coverages.Where(c => c.Status is not (FinancialResourceStatusCodes.EnteredInError or FinancialResourceStatusCodes.Draft)).ToList();
        var inForce = known.FindAll(c => IsInForce(c, today));
        if (inForce.Count == 0)
        {
            var last = known.MaxBy(c => RecordDay.Of(c.Period?.End) ?? DateOnly.MinValue);
            yield return new CdsCard(Topic, CdsIndicator.Warning, last is null ? "No insurance is on record" : RecordDay.Of(last.Period?.End) is { } end && end < today ? $"No insurance is in force: the last one ended on {DateOfService.Text(end)}" : "No insurance is in force today")
            {
                Detail = "Ask for the insurance card before the visit is billed, or register the patient as paying for themselves.",
                Facts = last is null ? [$"Patient/{patientId}"] : [$"Coverage/{last.Id}"],
                OverrideReasons = Reasons,
            };
            yield break;
        }

        foreach (var coverage in inForce)
        {
            if (RecordDay.Of(coverage.Period?.End) is { } end && end <= today.AddDays(EndsWithinDays))
                yield return new CdsCard(Topic, CdsIndicator.Info, $"{Payer(coverage)} ends on {DateOfService.Text(end)}") { Facts = [$"Coverage/{coverage.Id}"], OverrideReasons = Reasons };
            if (answers is not null && Answer(patientId, coverage, answers, today) is { } card)
                yield return card;
        }
    }

    /// <summary>Those in force on a day, first payer first. What the patient pays themselves is none.</summary>
    public static IReadOnlyList<Coverage> InForce(IEnumerable<Coverage> coverages, DateOnly day) =>
        [.. coverages.Where(c => IsInForce(c, day) && !IsSelfPay(c)).OrderBy(c => c.Order ?? int.MaxValue).ThenBy(c => c.Id, StringComparer.Ordinal)];

    /// <summary>Whether the patient is registered as paying for themselves on the day.</summary>
    public static bool SaysSelfPay(IEnumerable<Coverage> coverages, DateOnly day) => coverages.Any(c => IsInForce(c, day) && IsSelfPay(c));

    /// <summary>How a person calls the payer.</summary>
    public static string Payer(Coverage coverage) => coverage.Payor.FirstOrDefault()?.Display ?? coverage.Type?.Text ?? $"Coverage/{coverage.Id}";

    /// <summary>The last answer about a coverage that was no error; null when there is none.</summary>
    public static CoverageEligibilityResponse? Latest(Coverage coverage, IEnumerable<CoverageEligibilityResponse> answers) => answers
        .Where(a => a.Status == FinancialResourceStatusCodes.Active && a.Error.Count == 0 && a.Insurance.Exists(i => i.Coverage?.Reference == $"Coverage/{coverage.Id}"))
        .MaxBy(a => a.Created, StringComparer.Ordinal);

    private static CdsCard? Answer(string patientId, Coverage coverage, IReadOnlyList<CoverageEligibilityResponse> answers, DateOnly today)
    {
        if (IsSelfPay(coverage))
            return null;
        var last = Latest(coverage, answers);
        var day = RecordDay.Of(last?.Created);
        var (indicator, summary) = last switch
        {
            null => (CdsIndicator.Info, $"{Payer(coverage)} has not been asked whether the coverage is good"),
            _ when last.Insurance.Find(i => i.Coverage?.Reference == $"Coverage/{coverage.Id}")?.Inforce == false => (CdsIndicator.Warning, $"{Payer(coverage)} said on {DateOfService.Text(day ?? today)} that the coverage is not in force"),
            _ when day is null => (CdsIndicator.Info, $"{Payer(coverage)} was asked about the coverage on a day that is not known"),
            _ when day < today.AddDays(-AnswerDays) => (CdsIndicator.Info, $"{Payer(coverage)} was last asked about the coverage on {DateOfService.Text(day.Value)}"),
            _ => (CdsIndicator.Info, null),
        };
        return summary is null ? null : new CdsCard(Topic, indicator, summary)
        {
            Detail = last?.Disposition is { Length: > 0 } said ? $"The payer's answer: {CdsCardWriter.Escape(said)}" : null,
            Facts = [$"Coverage/{coverage.Id}", .. last is null ? [] : (string[])[$"CoverageEligibilityResponse/{last.Id}"]],
            Suggestions = [new CdsSuggestion("Ask the payer", [new CdsAction(CdsActionType.Create, "Ask the payer whether the coverage is good", Question(patientId, coverage, today))])],
            OverrideReasons = Reasons,
        };
    }

    private static CoverageEligibilityRequest Question(string patientId, Coverage coverage, DateOnly today) => new()
    {
        Status = FinancialResourceStatusCodes.Active,
        PurposeElement = [new(CoverageEligibilityRequest.EligibilityRequestPurpose.Benefits)],
        Patient = new ResourceReference($"Patient/{patientId}"),
        Created = DateOfService.Text(today),
        Insurer = coverage.Payor.FirstOrDefault() is { Reference: { } payer } ? new ResourceReference(payer) : new ResourceReference { Display = Payer(coverage) },
        Insurance = [new() { Focal = true, Coverage = new ResourceReference($"Coverage/{coverage.Id}") }],
    };

    private static bool IsSelfPay(Coverage coverage) => coverage.Type?.Coding.Exists(c => c.System == BillingUrls.SelfPayCoverage) == true;

    private static bool IsInForce(Coverage coverage, DateOnly day) => coverage.Status == FinancialResourceStatusCodes.Active && CoverageOrder.Covers(coverage.Period, day);
}
