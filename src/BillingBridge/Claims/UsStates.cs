namespace FhirEmr.BillingBridge.Claims;

/// <summary>US states, territories and military codes: names to codes, and the ZIP prefixes that belong to each.</summary>
public static class UsStates
{
    private static readonly (string Code, string Name, string Zips)[] Rows =
    [
        ("AL", "Alabama", "350-369"), ("AK", "Alaska", "995-999"), ("AZ", "Arizona", "850-865"), ("AR", "Arkansas", "716-729,755"),
        ("CA", "California", "900-961"), ("CO", "Colorado", "800-816"), ("CT", "Connecticut", "060-069"), ("DE", "Delaware", "197-199"),
        ("DC", "District of Columbia", "200-205,569"), ("FL", "Florida", "320-349"), ("GA", "Georgia", "300-319,398-399"), ("HI", "Hawaii", "967-968"),
        ("ID", "Idaho", "832-838"), ("IL", "Illinois", "600-629"), ("IN", "Indiana", "460-479"), ("IA", "Iowa", "500-528"), ("KS", "Kansas", "660-679"),
        ("KY", "Kentucky", "400-427"), ("LA", "Louisiana", "700-714"), ("ME", "Maine", "039-049"), ("MD", "Maryland", "206-219"),
        ("MA", "Massachusetts", "010-027,055"), ("MI", "Michigan", "480-499"), ("MN", "Minnesota", "550-567"), ("MS", "Mississippi", "386-397"),
        ("MO", "Missouri", "630-658"), ("MT", "Montana", "590-599"), ("NE", "Nebraska", "680-693"), ("NV", "Nevada", "889-898"),
        ("NH", "New Hampshire", "030-038"), ("NJ", "New Jersey", "070-089"), ("NM", "New Mexico", "870-884"), ("NY", "New York", "005,063,100-149"),
        ("NC", "North Carolina", "270-289"), ("ND", "North Dakota", "580-588"), ("OH", "Ohio", "430-459"), ("OK", "Oklahoma", "730-749"),
        ("OR", "Oregon", "970-979"), ("PA", "Pennsylvania", "150-196"), ("RI", "Rhode Island", "028-029"), ("SC", "South Carolina", "290-299"),
        ("SD", "South Dakota", "570-577"), ("TN", "Tennessee", "370-385"), ("TX", "Texas", "733,750-799,885"), ("UT", "Utah", "840-847"),
        ("VT", "Vermont", "050-059"), ("VA", "Virginia", "201,220-246"), ("WA", "Washington", "980-994"), ("WV", "West Virginia", "247-268"),
        ("WI", "Wisconsin", "530-549"), ("WY", "Wyoming", "820-831"), ("PR", "Puerto Rico", "006-007,009"), ("VI", "Virgin Islands", "008"),
        ("GU", "Guam", "969"), ("AS", "American Samoa", "967"), ("MP", "Northern Mariana Islands", "969"), ("AA", "Armed Forces Americas", "340"),
        ("AE", "Armed Forces Europe", "090-099"), ("AP", "Armed Forces Pacific", "962-966"), ("FM", "Micronesia", "969"),
        ("MH", "Marshall Islands", "969"), ("PW", "Palau", "969"),
    ];

    private static readonly Dictionary<string, string> ByName = Rows
        .SelectMany(r => new[] { (Key: r.Name, r.Code), (Key: r.Code, r.Code) })
        .ToDictionary(p => p.Key, p => p.Code, StringComparer.OrdinalIgnoreCase);

    /// <summary>Two-letter code from a code or a full name (<c>Massachusetts</c>), any case; null when it is neither.</summary>
    public static string? Code(string? state) => state is null ? null : ByName.GetValueOrDefault(state.Trim());

    /// <summary>Whether the first three digits of a ZIP are used in a state.</summary>
    public static bool HasZip(string code, string zip)
    {
        var row = Array.Find(Rows, r => r.Code == code);
        return zip.Length >= 3 && row.Zips is not null && row.Zips.Split(',').Any(range =>
        {
            var dash = range.IndexOf('-', StringComparison.Ordinal);
            var from = dash < 0 ? range : range[..dash];
            var to = dash < 0 ? range : range[(dash + 1)..];
            var prefix = zip[..3];
            return string.CompareOrdinal(from, prefix) <= 0 && string.CompareOrdinal(prefix, to) <= 0;
        });
    }
}
