using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Search.Query;

namespace FhirEmr.FhirServer.Security.Access.Planning;

/// <summary>The patients whose record is the user's own: themself, and those for whom a current RelatedPerson speaks (security.md S-90).</summary>
/// <param name="read">Reads a current resource for the system; null when there is none.</param>
internal sealed class OwnPatients(Func<ResourceKey, CancellationToken, ValueTask<StoredResource?>> read, TimeProvider clock, TimeZoneInfo zone)
{
    public async ValueTask<IReadOnlyList<string>> OfAsync(Principal principal, CancellationToken ct)
    {
        if (principal.FhirUser is not { } user || user.IndexOf('/') is not (> 0 and var slash))
            return [];
        var (type, id) = (user[..slash], user[(slash + 1)..]);
        if (type == "Patient")
            return [id];
        if (type != "RelatedPerson" || await read(new(type, id), ct) is not { IsDeleted: false } stored)
            return [];

        // A proxy speaks while the record says so, no day longer.
        using var person = System.Text.Json.JsonDocument.Parse(stored.Json);
        var root = person.RootElement;
        if (root.TryGetProperty("active", out var active) && active.ValueKind == System.Text.Json.JsonValueKind.False)
            return [];
        var today = DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(clock.GetUtcNow(), zone).Date).ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);
        if (root.TryGetProperty("period", out var period) && (Bound(period, "start") is { } start && string.CompareOrdinal(Cut(start, today), Cut(today, start)) > 0
            || Bound(period, "end") is { } end && string.CompareOrdinal(Cut(end, today), Cut(today, end)) < 0))
            return [];
        var reference = root.TryGetProperty("patient", out var patient) && patient.TryGetProperty("reference", out var text) ? text.GetString() : null;
        return reference?.StartsWith("Patient/", StringComparison.Ordinal) is true ? [reference["Patient/".Length..]] : [];

        static string? Bound(System.Text.Json.JsonElement period, string name) => period.TryGetProperty(name, out var value) ? value.GetString() : null;

        // Partial dates are compared as far as they go: a period that ends in 2030 ends with 2030.
        static string Cut(string one, string other) => one[..Math.Min(one.Length, Math.Min(other.Length, 10))];
    }
}
