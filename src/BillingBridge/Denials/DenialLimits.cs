using FhirEmr.BillingBridge.Scrubbing;

namespace FhirEmr.BillingBridge.Denials;

/// <summary>Until when a denied claim can be corrected and until when it can be appealed.</summary>
/// <param name="CorrectBy">Last day for a corrected claim; null when the payer takes none.</param>
/// <param name="AppealBy">Last day of the next appeal level; null when there is nothing to appeal, or no level left.</param>
public sealed record DenialLimits(DateOnly? CorrectBy, DateOnly? AppealBy)
{
    /// <param name="payer">Whose rules.</param>
    /// <param name="remitted">Day of the remittance, from which both limits run.</param>
    /// <param name="lastService">Last day of service: a claim that was not processed must come in time like a first one.</param>
    /// <param name="unprocessable">MA130: nothing to replace and nothing to appeal.</param>
    /// <param name="level">The appeal level that would be next, from 1.</param>
    public static DenialLimits Of(PayerProfile payer, DateOnly remitted, DateOnly? lastService, bool unprocessable, int level = 1) => unprocessable
        ? new DenialLimits(lastService is { } day ? payer.FilingLimit(day) : null, null)
        : new DenialLimits(
            payer.AcceptsReplacement ? remitted.AddDays(payer.CorrectedFilingDays) : null,
            level >= 1 && level <= payer.AppealDays.Count ? remitted.AddDays(payer.AppealDays[level - 1]) : null);

    public bool CanCorrect(DateOnly today) => CorrectBy >= today;

    public bool CanAppeal(DateOnly today) => AppealBy >= today;

    /// <summary>The last day on which anything can be done at the payer; null when nothing ever could.</summary>
    public DateOnly? Last => (CorrectBy, AppealBy) switch
    {
        ({ } a, { } b) => a > b ? a : b,
        var (a, b) => a ?? b,
    };
}
