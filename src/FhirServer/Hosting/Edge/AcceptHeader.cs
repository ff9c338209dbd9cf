using System.Globalization;
using FhirEmr.FhirServer.Rest;
using Microsoft.Extensions.Primitives;

namespace FhirEmr.FhirServer.Hosting.Edge;

/// <summary>One media range of an Accept header, with how much the client wants it (RFC 9110 §12.5.1).</summary>
/// <param name="Quality">0 (not at all) to 1.</param>
internal readonly record struct MediaRange(string MediaType, double Quality)
{
    /// <summary>In order; ranges for another version of FHIR (<c>fhirVersion</c>) are not among them.</summary>
    public static IReadOnlyList<MediaRange> Parse(StringValues accept)
    {
        if (accept.Count == 0)
            return [];

        var ranges = new List<MediaRange>();
        foreach (var part in accept.ToString().Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var quality = 1.0;
            if (part.Contains(';', StringComparison.Ordinal))
                foreach (var parameter in part.Split(';', StringSplitOptions.TrimEntries).Skip(1))
                {
                    if (parameter.StartsWith("q=", StringComparison.OrdinalIgnoreCase))
                        quality = double.TryParse(parameter[2..], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var q) && q <= 1 ? q : 0;
                    else if (IsOtherVersion(parameter))
                        quality = -1;
                }

            if (quality >= 0)
                ranges.Add(new(RequestBody.MediaType(part), quality));
        }

        return ranges;
    }

    /// <summary>Whether a media type's parameter asks for another FHIR than R4 (http.html#version-parameter).</summary>
    public static bool IsOtherVersion(string parameter) =>
        parameter.StartsWith("fhirVersion=", StringComparison.OrdinalIgnoreCase) && parameter[12..].Trim('"') is not ("4.0" or "4.0.1");

    /// <summary>0 when it does not cover the type; the more exact of two ranges counts.</summary>
    public static double QualityOf(IReadOnlyList<MediaRange> ranges, string mediaType)
    {
        var (quality, exactness) = (0.0, 0);
        foreach (var range in ranges)
        {
            var exact = range.MediaType == mediaType ? 3
                : range.MediaType.EndsWith("/*", StringComparison.Ordinal) && range.MediaType != "*/*" && mediaType.StartsWith(range.MediaType[..^1], StringComparison.Ordinal) ? 2
                : range.MediaType == "*/*" ? 1 : 0;
            if (exact > exactness)
                (quality, exactness) = (range.Quality, exact);
        }

        return quality;
    }
}
