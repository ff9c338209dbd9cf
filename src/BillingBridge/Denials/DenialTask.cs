using FhirEmr.BillingBridge.Claims;

namespace FhirEmr.BillingBridge.Denials;

/// <summary>Denial category → worklist, group and days (billing spec section 7).</summary>
public static class DenialTask
{
    private const string Fallback = "submission";

    private static readonly Dictionary<string, (string? Group, int? Days, string Path)> Routes = EmbeddedRows.Read("categories.csv").ToDictionary(
        r => r[0],
        r => (r[1].Length > 0 ? r[1] : null, r[2].Length > 0 ? int.Parse(r[2], System.Globalization.CultureInfo.InvariantCulture) : (int?)null, r[3]),
        StringComparer.Ordinal);

    /// <summary>Prefix of the Task.code values of denials.</summary>
    public const string Prefix = "denial-";

    /// <summary>Every category that is somebody's work.</summary>
    public static IReadOnlyList<string> WorkedCategories { get; } = [.. Routes.Where(r => r.Value.Days is not null).Select(r => r.Key)];

    /// <summary>Groups that work denials.</summary>
    public static IReadOnlyList<string> Groups { get; } = [.. Routes.Values.Select(r => r.Group).OfType<string>().Distinct()];

    /// <summary>The Task.code value, <c>denial-coding</c>; an unknown category counts as <c>submission</c>.</summary>
    public static string CodeOf(string category) => $"{Prefix}{(Routes.ContainsKey(category) ? category : Fallback)}";

    /// <summary>The category of a Task; null when it is no denial's.</summary>
    public static string? CategoryOf(Hl7.Fhir.Model.Task task) =>
        task.Code?.Coding.Find(c => c.System == BillingUrls.TaskCode && c.Code?.StartsWith(Prefix, StringComparison.Ordinal) == true)?.Code?[Prefix.Length..];

    /// <summary>The search for all denial Tasks, <c>code=…</c>.</summary>
    internal static string CodeQuery { get; } = $"code={string.Join(',', WorkedCategories.Select(c => $"{BillingUrls.TaskCode}|{CodeOf(c)}"))}";

    /// <summary>The way money of a category is won: correct, appeal, records, coverage, payer, find, patient, review, none.</summary>
    internal static string PathOf(string category) => Route(category).Path;

    /// <summary>The work that the denials of one category make on one claim; null when its category is nobody's work.</summary>
    /// <param name="category">Category of the CARC, refined by its remark codes.</param>
    /// <param name="focus">Reference of the claim.</param>
    /// <param name="claimResponse">Reference of the ClaimResponse that denied, or its urn:uuid.</param>
    /// <param name="patient">Reference of the patient.</param>
    /// <param name="reason">Group, CARC and remark codes in words, for the description.</param>
    /// <param name="key">Idempotency key: remittance claim key and category.</param>
    /// <param name="deniedUsd">Money denied.</param>
    /// <param name="received">Day of the remittance.</param>
    public static WorklistTask? For(string category, string focus, string claimResponse, string? patient, string reason, string key, decimal deniedUsd, DateOnly received)
    {
        if (Route(category) is not { Days: { } days } route)
            return null;

        return new WorklistTask
        {
            Code = CodeOf(category),
            Key = key,
            Focus = focus,
            Reason = claimResponse,
            Patient = patient,
            Group = route.Group,
            Description = reason,
            Deadline = received.AddDays(days),
            ValueAtStakeUsd = deniedUsd,
        };
    }

    private static (string? Group, int? Days, string Path) Route(string category) =>
        Routes.TryGetValue(category, out var route) ? route : Routes[Fallback];
}
