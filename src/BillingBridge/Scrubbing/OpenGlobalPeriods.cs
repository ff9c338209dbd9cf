using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.Scrubbing.Edits;

namespace FhirEmr.BillingBridge.Scrubbing;

/// <summary>Earlier procedures whose global period a day falls into.</summary>
internal static class OpenGlobalPeriods
{
    /// <summary>The procedure and its day; null when the day is free. The day of the procedure itself is MOD-004's and MOD-006's subject.</summary>
    public static (string Code, DateOnly Day)? Find(ClaimGraph claim, DateOnly day, EditTables edits)
    {
        var earlier = claim.History.Claims
            .Where(c => c.Id != claim.Claim.Id && c.Provider?.Reference == claim.Claim.Provider?.Reference && c.Stage() is not (ClaimStage.Voided or ClaimStage.Replaced))
            .SelectMany(c => c.Item)
            .Select((item, i) => new ScrubLine(i, item));
        foreach (var line in earlier)
        {
            if (line.From is { } done && Days(edits.GlobalDays(line.Code, done)) is > 0 and var days && done < day && day <= done.AddDays(days))
                return (line.Code, done);
        }

        return null;
    }

    private static int Days(string? period) => period switch
    {
        "010" => 10,
        "090" => 90,
        _ => 0,
    };
}
