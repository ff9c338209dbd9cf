using System.Text.Json;

namespace FhirEmr.FhirServer.Security.Access.Consents;

/// <summary>One rule of a Consent (consent-definitions.html#Consent.provision), as far as it decides who sees what.</summary>
/// <param name="IsPermit">False for <c>deny</c>.</param>
/// <param name="Actors">References and identifiers of those it is about; empty means everybody.</param>
/// <param name="Purposes">Codes of v3 ActReason; empty means every purpose.</param>
/// <param name="Types">Resource types named by <c>class</c>; empty means every type.</param>
/// <param name="Labels">Security labels of the data, as <c>system|code</c>; empty means all data.</param>
/// <param name="Codes">Codes of the data; empty means all data.</param>
/// <param name="Data">References to the very resources; empty means all data.</param>
internal sealed record Provision(
    bool IsPermit, IReadOnlyList<string> Actors, IReadOnlyList<string> Purposes, IReadOnlyList<string> Types, IReadOnlyList<string> Labels, IReadOnlyList<string> Codes, IReadOnlyList<string> Data)
{
    public IReadOnlyList<Provision> Exceptions { get; init; } = [];

    /// <summary>The data must be of a period: what cannot be told here is denied rather than permitted.</summary>
    public bool HasDataPeriod { get; init; }

    /// <summary>It is about other acts than looking at data (<c>action</c>).</summary>
    public bool IsAboutOther { get; init; }

    public string? From { get; init; }

    public string? Until { get; init; }

    public bool IsOfAllData => Types.Count == 0 && Labels.Count == 0 && Codes.Count == 0 && Data.Count == 0 && !HasDataPeriod;

    /// <summary>Whether its period covers the day; what is written less exactly covers all that it names.</summary>
    public bool Covers(string today) =>
        (From is null || string.CompareOrdinal(Cut(From, today), Cut(today, From)) <= 0) && (Until is null || string.CompareOrdinal(Cut(Until, today), Cut(today, Until)) >= 0);

    /// <param name="root">A Consent: a rule with neither type nor exceptions, where it only states its policy, decides nothing.</param>
    public static Provision? OfConsent(JsonElement root) =>
        root.TryGetProperty("provision", out var provision) ? Read(provision, root.TryGetProperty("policyRule", out var rule) && rule.GetRawText().Contains("\"OPTOUT\"", StringComparison.Ordinal)) : null;

    private static Provision Read(JsonElement e, bool isDenyByDefault) => new(
        e.TryGetProperty("type", out var type) ? type.GetString() == "permit" : !isDenyByDefault,
        [.. Each(e, "actor").SelectMany(Names)],
        [.. Codings(e, "purpose").Select(c => c.Code)],
        [.. Codings(e, "class").Where(c => c.System is null or "http://hl7.org/fhir/resource-types").Select(c => c.Code)],
        [.. Codings(e, "securityLabel").Select(c => $"{c.System}|{c.Code}")],
        [.. Each(e, "code").SelectMany(c => Codings(c, "coding")).Select(c => c.System is null ? c.Code : $"{c.System}|{c.Code}")],
        [.. Each(e, "data").Select(d => d.TryGetProperty("reference", out var r) && r.TryGetProperty("reference", out var text) ? text.GetString() ?? "" : "")])
    {
        Exceptions = [.. Each(e, "provision").Select(p => Read(p, isDenyByDefault))],
        HasDataPeriod = e.TryGetProperty("dataPeriod", out _),
        IsAboutOther = Each(e, "action").Any() && !Each(e, "action").SelectMany(a => Codings(a, "coding")).Any(c => c.Code is "access" or "disclose" or "use"),
        From = Bound(e, "start"),
        Until = Bound(e, "end"),
    };

    private static IEnumerable<string> Names(JsonElement actor)
    {
        if (!actor.TryGetProperty("reference", out var reference))
            yield break;
        if (reference.TryGetProperty("reference", out var text) && text.GetString() is { } named)
            yield return named;
        if (reference.TryGetProperty("identifier", out var identifier) && identifier.TryGetProperty("value", out var value) && value.GetString() is { } id)
            yield return id;
    }

    private static JsonElement.ArrayEnumerator Each(JsonElement e, string name) => e.TryGetProperty(name, out var list) && list.ValueKind == JsonValueKind.Array ? list.EnumerateArray() : default;

    private static IEnumerable<(string? System, string Code)> Codings(JsonElement e, string name) =>
        Each(e, name).Where(c => c.TryGetProperty("code", out _)).Select(c => (c.TryGetProperty("system", out var s) ? s.GetString() : null, c.GetProperty("code").GetString()!));

    private static string Cut(string one, string other) => one[..Math.Min(one.Length, Math.Min(other.Length, 10))];

    private static string? Bound(JsonElement e, string name) => e.TryGetProperty("period", out var period) && period.TryGetProperty(name, out var value) ? value.GetString() : null;
}
