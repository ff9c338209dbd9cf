using System.Text.Json;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Search.Indexing;

namespace FhirEmr.FhirServer.Operations.Observations;

/// <summary>Whom, what and when: the three elements of an Observation that <c>$lastn</c> decides on, read past everything else.</summary>
/// <param name="Codes"><c>system|code</c> of each coding; without any, one entry for the text.</param>
/// <param name="At">Beginning of effective[x] in milliseconds since 1970 UTC, the last moment of a Timing; the least value without one.</param>
internal readonly record struct ObservationFacts(string Subject, IReadOnlyList<string> Codes, long At)
{
    public static ObservationFacts Read(ReadOnlySpan<byte> json, TimeZoneInfo zone)
    {
        var (subject, codes, text, at) = ("", new List<string>(2), (string?)null, long.MinValue);
        var reader = new Utf8JsonReader(json);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("subject"u8))
                Object(ref reader, (ref r, name) => subject = name == "reference" ? r.GetString()! : subject);
            else if (reader.ValueTextEquals("code"u8))
                Code(ref reader, codes, ref text);
            else if (reader.ValueTextEquals("effectiveDateTime"u8) || reader.ValueTextEquals("effectiveInstant"u8))
                at = Moment(ref reader, zone);
            else if (reader.ValueTextEquals("effectivePeriod"u8))
                at = Period(ref reader, zone);
            else if (reader.ValueTextEquals("effectiveTiming"u8))
                at = Timing(ref reader, zone);
            else
                reader.Skip();
        }

        if (codes.Count == 0)
            codes.Add("text " + text); // no coding has a blank before its bar: system or nothing stands there
        return new(subject, codes, at);
    }

    private delegate void Property(ref Utf8JsonReader reader, string name);

    /// <summary>Hands over each primitive property of the object that follows; skips the rest.</summary>
    private static void Object(ref Utf8JsonReader reader, Property property)
    {
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!;
            reader.Read();
            if (reader.TokenType is JsonTokenType.String)
                property(ref reader, name);
            else
                reader.Skip();
        }
    }

    private static void Code(ref Utf8JsonReader reader, List<string> codes, ref string? text)
    {
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("text"u8))
            {
                reader.Read();
                text = reader.GetString();
            }
            else if (reader.ValueTextEquals("coding"u8))
            {
                reader.Read();
                while (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
                    Coding(ref reader, codes);
            }
            else
            {
                reader.Skip();
            }
        }
    }

    private static void Coding(ref Utf8JsonReader reader, List<string> codes)
    {
        var (system, code) = ("", (string?)null);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var (isSystem, isCode) = (reader.ValueTextEquals("system"u8), reader.ValueTextEquals("code"u8));
            if (!isSystem && !isCode)
            {
                reader.Skip();
                continue;
            }

            reader.Read();
            if (isSystem)
                system = reader.GetString()!;
            else
                code = reader.GetString();
        }

        if (code is not null)
            codes.Add($"{system}|{code}");
    }

    private static long Moment(ref Utf8JsonReader reader, TimeZoneInfo zone)
    {
        reader.Read();
        return Moment(reader.GetString()!, zone);
    }

    private static long Moment(string text, TimeZoneInfo zone) =>
        FhirDate.TryParse(System.Text.Encoding.UTF8.GetBytes(text), out var date) ? DateRange.Covering(date, zone).Lo : long.MinValue;

    private static long Period(ref Utf8JsonReader reader, TimeZoneInfo zone)
    {
        var at = long.MinValue;
        Object(ref reader, (ref r, name) => at = name == "start" ? Moment(r.GetString()!, zone) : at);
        return at;
    }

    private static long Timing(ref Utf8JsonReader reader, TimeZoneInfo zone)
    {
        var at = long.MinValue;
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (!reader.ValueTextEquals("event"u8))
            {
                reader.Skip();
                continue;
            }

            reader.Read();
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                if (reader.TokenType == JsonTokenType.String)
                    at = Math.Max(at, Moment(reader.GetString()!, zone));
        }

        return at;
    }
}
