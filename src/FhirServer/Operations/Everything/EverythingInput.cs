using System.Globalization;
using System.Text;
using FhirEmr.FhirServer.Interactions.Past;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Search.Indexing;

namespace FhirEmr.FhirServer.Operations.Everything;

/// <summary>The parameters of <c>$everything</c>, read; and as they go into links.</summary>
/// <param name="From">First day of care, counted from 1970.</param>
/// <param name="Before">First day behind the care asked for.</param>
internal sealed record EverythingInput(int? From, int? Before, long? Since, IReadOnlyList<string> Types, int Count, string? Page, IReadOnlyList<KeyValuePair<string, string>> Applied)
{
    public const int DefaultCount = 200;
    public const int MaxCount = 1000;

    private static readonly string[] Known = ["start", "end", "_since", "_type", "_count", AsOf.Name];

    /// <summary>The instant as of which it is asked for; null for now.</summary>
    public DateTimeOffset? Instant { get; init; }

    /// <summary>The same at that instant, as the links say it.</summary>
    public EverythingInput At(DateTimeOffset instant) => this with
    {
        Instant = instant,
        Applied = [.. Applied.Select(p => p.Key == AsOf.Name ? new(p.Key, FhirInstant.Format(instant)) : p)],
    };

    public static (EverythingInput? Input, FhirFault? Fault) Read(FhirRequest request, TimeZoneInfo zone)
    {
        // _type may repeat, in the address and in the body.
        var given = request.Query.Where(p => p.Key is not ("_format" or "_pretty")).ToList();
        if (request.Body.Exists)
        {
            if (OperationInput.Read(request with { Query = [] }, [.. Known, "_page"]).Fault is { } wrong)
                return (null, wrong);
            foreach (var parameter in request.Body.Children)
                if (FhirNames.Name(parameter.NameId) == "parameter" && parameter.TextOf("name") is { } name && parameter.Child("value") is { Exists: true } value)
                    given.Add(new(name, value.Text));
        }

        var read = new Reader(zone);
        foreach (var (name, value) in given)
            if (read.Take(name, value) is { } fault)
                return (null, fault);
        if (read.From is { } from && read.Before is { } before && from >= before)
            return (null, FhirFault.Of(FaultKind.Invalid, "start lies behind end: the range is empty. Exchange them.", code: "value"));

        var applied = given.Where(p => p.Key != "_page").Select(p => p.Key == "_count" ? new(p.Key, read.Count.ToString(CultureInfo.InvariantCulture)) : p).ToArray();
        return (new(read.From, read.Before, read.Since, read.Types, read.Count, read.Page, applied) { Instant = read.Instant }, null);
    }

    private sealed class Reader(TimeZoneInfo zone)
    {
        public int? From { get; private set; }

        public int? Before { get; private set; }

        public long? Since { get; private set; }

        public DateTimeOffset? Instant { get; private set; }

        public List<string> Types { get; } = [];

        public int Count { get; private set; } = DefaultCount;

        public string? Page { get; private set; }

        public FhirFault? Take(string name, string value)
        {
            switch (name)
            {
                case "start" when Range(value) is { } range:
                    From = range.DayLo;
                    return null;
                case "end" when Range(value) is { } range:
                    Before = range.DayHi;
                    return null;
                case "_since" when Range(value) is { } range:
                    Since = range.Lo;
                    return null;
                case "_count" when int.TryParse(value, CultureInfo.InvariantCulture, out var count) && count > 0:
                    Count = Math.Min(count, MaxCount);
                    return null;
                case AsOf.Name when AsOf.Parse(value) is { } instant && Instant is null:
                    Instant = instant;
                    return null;
                case AsOf.Name:
                    return Instant is null ? AsOf.Unreadable(value) : FhirFault.Of(FaultKind.Invalid, "_asOf names one instant: give it once.", code: "value");
                case "_type":
                    return TakeTypes(value);
                case "_page":
                    Page = value;
                    return null;
                case "start" or "end" or "_since" or "_count":
                    return FhirFault.Of(FaultKind.Invalid, $"{name}={value} cannot be read: {name switch
                    {
                        "_count" => "write a number from 1.",
                        "_since" => "write an instant such as 2026-01-31T08:00:00Z.",
                        _ => "write a date such as 2026-01-31.",
                    }}", code: "value");
                default:
                    return FhirFault.Of(FaultKind.Invalid, $"$everything has no parameter '{name}'; it takes {string.Join(", ", Known)}."
                        + (NearestName.Of(name, Known) is { } near ? $" Did you mean '{near}'?" : ""));
            }
        }

        private FhirFault? TakeTypes(string value)
        {
            foreach (var type in value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            {
                if (!ResourceTypes.Exists(type))
                    return FhirFault.Of(FaultKind.Invalid, $"_type={type}: '{type}' is not a resource type of FHIR R4."
                        + (NearestName.Of(type, ResourceTypes.All) is { } near ? $" Did you mean '{near}'?" : ""), code: "value");
                if (!Types.Contains(type))
                    Types.Add(type);
            }

            return null;
        }

        private DateRange? Range(string value) =>
            FhirDate.TryParse(Encoding.UTF8.GetBytes(value.Replace(' ', '+')), out var date) ? DateRange.Covering(date, zone) : null;
    }
}
