using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.Scrubbing.Edits;

namespace FhirEmr.BillingBridge.Scrubbing;

/// <summary>Earlier procedures whose global period a day falls into.</summary>
internal static class OpenGlobalPeriods
{
    /// <summary>The procedure, its day and the claim that billed it; null when the day is free. The day of the procedure itself is MOD-004's and MOD-006's subject.</summary>
    public static (string Code, DateOnly Day, string Reference)? Find(ClaimGraph claim, DateOnly day, EditTables edits)
    {
        foreach (var (other, line) in claim.OtherLines)
        {
            if (line.From is { } done && done < day && other.Provider?.Reference == claim.Claim.Provider?.Reference && other.Stage() is not (ClaimStage.Voided or ClaimStage.Replaced) && Days(edits.GlobalDays(line.Code, done)) is > 0 and var days && day <= done.AddDays(days))
                return (line.Code, done, $"Claim/{other.Id}");
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
