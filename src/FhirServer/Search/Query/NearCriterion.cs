using System.Globalization;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Search.Indexing;
using FhirEmr.FhirServer.Search.Indexing.Units;
using FhirEmr.FhirServer.Search.Parameters;

namespace FhirEmr.FhirServer.Search.Query;

/// <summary><c>Location.near</c>: latitude|longitude|distance|units, WGS 84 (location.html#search).</summary>
/// <remarks>
/// The index narrows to the box around the circle, across the 180° meridian and over the poles; the great-circle distance of each candidate is
/// then measured, on the mean sphere (at most half a percent off the ellipsoid).
/// </remarks>
internal sealed record NearCriterion(double Latitude, double Longitude, double Metres)
{
    public const string Expected = "A place is latitude|longitude|distance|units, as in 42.25|-83.69|11.2|km; the distance is 50 km and the units km when left out.";

    private const double EarthRadius = 6_371_008.8, DefaultMetres = 50_000, Margin = 1e-7; // degrees: about a centimetre

    public static NearCriterion? Parse(string text)
    {
        var parts = SearchText.Split(text, '|').ConvertAll(SearchText.Unescape);
        if (parts.Count is < 2 or > 4 || Number(parts[0]) is not { } latitude || Number(parts[1]) is not { } longitude
            || Math.Abs(latitude) > 90 || Math.Abs(longitude) > 180)
            return null;
        if (parts.Count == 2 || (parts[2].Length == 0 && (parts.Count == 3 || parts[3].Length == 0)))
            return new(latitude, longitude, DefaultMetres);
        if (Number(parts[2]) is not { } distance || distance < 0)
            return null;
        return MetresIn(parts is [.., var units] && parts.Count == 4 && units.Length > 0 ? units : "km") is { } factor ? new(latitude, longitude, distance * factor) : null;
    }

    public SearchExpression For(SearchParameters parameters, string given)
    {
        var hidden = parameters.Hidden("Location");
        var (lat, lon) = (hidden.Single(p => p.Code == OwnParameters.Latitude), hidden.Single(p => p.Code == OwnParameters.Longitude));
        var radians = Metres / EarthRadius;
        var reach = (radians * 180 / Math.PI) + Margin;
        var (south, north) = (Latitude - reach, Latitude + reach);
        SearchExpression box = Between(lat, Math.Max(south, -90), Math.Min(north, 90));

        // Around a pole every meridian is near.
        if (south > -90 && north < 90)
        {
            var side = (Math.Asin(Math.Min(1, Math.Sin(radians) / Math.Cos(Latitude * Math.PI / 180))) * 180 / Math.PI) + Margin;
            var (west, east) = (Longitude - side, Longitude + side);
            box = new SearchExpression.And([box, side >= 180 ? Between(lon, -180, 180)
                : west < -180 ? new SearchExpression.Or([Between(lon, west + 360, 180), Between(lon, -180, east)])
                : east > 180 ? new SearchExpression.Or([Between(lon, west, 180), Between(lon, -180, east - 360)])
                : Between(lon, west, east)]);
        }

        return new SearchExpression.Body(new Within(this, [lat, lon])) { Candidates = box, Parameter = given };
    }

    private static SearchExpression.Number Between(SearchParam param, double low, double high) =>
        new(param, DecimalKey.Encode((decimal)low), true, DecimalKey.Encode((decimal)high), true);

    private static double? Number(string text) =>
        double.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) ? number : null;

    private static double? MetresIn(string unit) =>
        Ucum.Canonical(unit) is { } canonical && canonical.Symbol.AsSpan().SequenceEqual("c:m"u8) && canonical.TryExactly(1, out var metres) ? (double)metres : null;

    private sealed class Within(NearCriterion near, SearchParam[] coordinates) : IBodyTest
    {
        public IEnumerable<SearchParam> Parameters => coordinates;

        public bool Matches(FhirNode resource) =>
            resource.Child(ElementNames.Position) is { Exists: true } position
            && NumberIndexer.ValueOf(position.Child(ElementNames.Latitude)) is { } latitude && NumberIndexer.ValueOf(position.Child(ElementNames.Longitude)) is { } longitude
            && Distance((double)latitude, (double)longitude) <= near.Metres;

        // The haversine: exact for small distances, where the law of cosines is not.
        private double Distance(double latitude, double longitude)
        {
            var (a, b) = (near.Latitude * Math.PI / 180, latitude * Math.PI / 180);
            var (north, east) = (Math.Sin((b - a) / 2), Math.Sin((longitude - near.Longitude) * Math.PI / 360));
            return 2 * EarthRadius * Math.Asin(Math.Min(1, Math.Sqrt((north * north) + (Math.Cos(a) * Math.Cos(b) * east * east))));
        }
    }
}
