using System.Globalization;
using System.Text;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Security.Audit;

namespace FhirEmr.FhirServer.Interactions.Auditing;

/// <summary>A search of the server's own audit, read from its parameters.</summary>
/// <remarks>https://hl7.org/fhir/R4/auditevent.html#search; the values of one parameter are alternatives, repeated parameters must all hold.</remarks>
internal sealed record AuditSearchInput(AuditQuery Query, int Count, bool Counts, bool OnlyCount, long? Number)
{
    private const int DefaultCount = 50, MaxCount = 1000, MostValues = 20;

    /// <summary>Stands for a code that no row can have: it is searched for, and found nowhere.</summary>
    private const long NoSuchCode = -1;

    private static readonly string[] Known =
        ["date", "patient", "entity", "agent", "action", "outcome", "type", "subtype", "_id", "_count", "_sort", "_total", "_summary", "_page", "_format", "_pretty", "_source"];

    /// <summary>Whether the log can be asked for all of it; otherwise only AuditEvents that clients have stored are searched.</summary>
    public static bool Understands(IReadOnlyList<KeyValuePair<string, string>> query) => query.All(p => Known.Contains(p.Key, StringComparer.Ordinal)
        && (p.Key != "_sort" || p.Value is "date" or "-date") && (p.Key != "_summary" || p.Value is "count" or "false"));

    /// <param name="zone">Of dates without a time.</param>
    public static (AuditSearchInput? Input, FhirFault? Fault) Read(IReadOnlyList<KeyValuePair<string, string>> query, string baseUrl, TimeZoneInfo zone, Func<string, long> hash)
    {
        var (from, until, filters) = (0L, long.MaxValue, new List<AuditFilter>());
        var (count, counts, only, ascending) = (DefaultCount, false, false, false);
        long? number = null;
        foreach (var (name, value) in query)
        {
            var values = value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            if (values.Length > MostValues)
                return Refuse($"{name} has more than {MostValues} values: ask in several searches.", "too-costly");
            switch (name)
            {
                case "date":
                    if (Range(value, zone) is not var (low, high))
                        return Refuse($"date={value} cannot be read: it is a date or an instant, with eq, ge, gt, le or lt before it if need be.", "value");
                    (from, until) = (Math.Max(from, low), Math.Min(until, high));
                    break;
                case "patient":
                    filters.Add(new(AuditTerms.Entity, [.. values.Select(v => hash(Relative(v.Contains('/', StringComparison.Ordinal) ? v : "Patient/" + v, baseUrl)))]));
                    break;
                case "entity":
                    filters.Add(new(AuditTerms.Entity, [.. values.Select(v => hash(Relative(v, baseUrl)))]));
                    break;
                case "agent":
                    filters.Add(new(AuditTerms.Agent, [.. values.Select(v => hash(Relative(v, baseUrl)))]));
                    break;
                case "action":
                    filters.Add(new(AuditTerms.Action, [.. values.Select(v => Code(v) is "C" or "R" or "U" or "D" or "E" ? Code(v)[0] : NoSuchCode)]));
                    break;
                case "outcome":
                    filters.Add(new(AuditTerms.Outcome, [.. values.Select(v => Code(v) is "0" or "4" or "8" or "12" ? long.Parse(Code(v), CultureInfo.InvariantCulture) : NoSuchCode)]));
                    break;
                case "type" or "subtype":
                    filters.Add(new(AuditTerms.Type, [.. values.Select(v => hash(Code(v)))]));
                    break;
                case "_id":
                    number = values is [var id] ? AuditNumbers.Parse(id) ?? -1 : -1;
                    break;
                case "_source":
                    number = values.Contains(AuditEventWriter.Source, StringComparer.Ordinal) ? number : -1;
                    break;
                case "_count":
                    if (!int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out count))
                        return Refuse($"_count={value} is no number.", "value");
                    (only, count) = (only || count == 0, Math.Min(count, MaxCount));
                    break;
                case "_sort":
                    ascending = value == "date";
                    break;
                case "_total":
                    counts = value is "accurate" or "estimate";
                    break;
                case "_summary":
                    only |= value == "count";
                    break;
            }
        }

        return (new(new(from, until, filters) { IsAscending = ascending }, count, counts, only, number), null);
    }

    private static (long From, long Until)? Range(string value, TimeZoneInfo zone)
    {
        var prefix = value.Length > 2 && char.IsAsciiLetter(value[0]) ? value[..2] : "eq";
        var text = value.Length > 2 && char.IsAsciiLetter(value[0]) ? value[2..] : value;
        if (!FhirDate.TryParse(Encoding.UTF8.GetBytes(text.Replace(' ', '+')), out var date))
            return null;
        var (low, high) = (AuditNumbers.From(Utc(date.Local, date.Offset, zone)), AuditNumbers.From(Utc(date.LocalEnd, date.Offset, zone)));
        return prefix switch
        {
            "eq" => (low, high),
            "ge" => (low, long.MaxValue),
            "gt" or "sa" => (high, long.MaxValue),
            "le" => (0, high),
            "lt" or "eb" => (0, low),
            _ => null,
        };
    }

    private static DateTimeOffset Utc(DateTime local, TimeSpan? offset, TimeZoneInfo zone)
    {
        var from = offset ?? zone.GetUtcOffset(DateTime.SpecifyKind(local, DateTimeKind.Unspecified));
        return new(Math.Clamp(local.Ticks - from.Ticks, DateTimeOffset.UnixEpoch.Ticks, new DateTime(2100, 1, 1).Ticks), TimeSpan.Zero);
    }

    /// <summary><c>system|code</c> or the code alone.</summary>
    private static string Code(string token) => token[(token.LastIndexOf('|') + 1)..];

    private static string Relative(string reference, string baseUrl)
    {
        var relative = baseUrl.Length > 0 && reference.StartsWith(baseUrl + "/", StringComparison.Ordinal) ? reference[(baseUrl.Length + 1)..] : reference;
        var history = relative.IndexOf("/_history/", StringComparison.Ordinal);
        return history < 0 ? relative : relative[..history];
    }

    private static (AuditSearchInput?, FhirFault?) Refuse(string text, string code) => (null, FhirFault.Of(FaultKind.Invalid, text, code: code));
}
