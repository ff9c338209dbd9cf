using System.Globalization;
using Hl7.Fhir.Model;

namespace FhirEmr.Conformance.Tests.Oracle;

/// <summary>How far apart two places are, by vectors from the middle of a sphere of the earth's mean radius: no latitude or meridian is special.</summary>
internal static class OraclePlace
{
    private const double EarthRadius = 6_371_008.8;

    public static readonly Dictionary<string, double> Metres = new() { ["km"] = 1000, ["m"] = 1, ["[mi_i]"] = 1609.344, ["[ft_i]"] = 0.3048 };

    /// <param name="text"><c>latitude|longitude[|distance[|units]]</c>.</param>
    public static bool IsNear(Base value, string text)
    {
        var parts = text.Split('|');
        var reach = parts.Length > 2 ? Number(parts[2]) * Metres[parts.ElementAtOrDefault(3) ?? "km"] : 50_000;
        return Distance(value, Number(parts[0]), Number(parts[1])) <= reach;
    }

    /// <summary>In metres; far beyond all when the value is no place.</summary>
    public static double Distance(Base value, double latitude, double longitude)
    {
        if (value is not Location.PositionComponent { Latitude: { } lat, Longitude: { } lon })
            return double.MaxValue;
        var (a, b) = (Vector((double)lat, (double)lon), Vector(latitude, longitude));
        var (x, y, z) = ((a.Y * b.Z) - (a.Z * b.Y), (a.Z * b.X) - (a.X * b.Z), (a.X * b.Y) - (a.Y * b.X));
        return EarthRadius * Math.Atan2(Math.Sqrt((x * x) + (y * y) + (z * z)), (a.X * b.X) + (a.Y * b.Y) + (a.Z * b.Z));
    }

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    private static (double X, double Y, double Z) Vector(double latitude, double longitude)
    {
        var (phi, lambda) = (latitude * Math.PI / 180, longitude * Math.PI / 180);
        return (Math.Cos(phi) * Math.Cos(lambda), Math.Cos(phi) * Math.Sin(lambda), Math.Sin(phi));
    }
}
