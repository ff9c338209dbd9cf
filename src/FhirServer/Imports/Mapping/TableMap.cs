using System.Text.Json;
using System.Text.Json.Serialization;
using FhirEmr.FhirServer.Imports.Tables;
using FhirEmr.FhirServer.Resources;

namespace FhirEmr.FhirServer.Imports.Mapping;

internal enum DateOrder
{
    MonthFirst,
    DayFirst,
}

/// <summary>Which column says what, as it is proposed, corrected, kept under a name and used.</summary>
/// <param name="Columns">In the order of the file; a column without a field is not imported.</param>
internal sealed record TableMap(IReadOnlyList<MappedColumn> Columns, DateOrder Dates)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { Converters = { new JsonStringEnumConverter(JsonNamingPolicy.KebabCaseLower) }, WriteIndented = false };

    /// <summary>Guesses by the headers, and the order of dates by the values.</summary>
    public static TableMap Guess(SourceTable table, IReadOnlyList<ImportField> fields)
    {
        var taken = new HashSet<string>();
        var columns = new List<MappedColumn>();
        foreach (var header in table.Headers)
        {
            var plain = ValueReader.Plain(header);
            var field = fields.FirstOrDefault(f => ValueReader.Plain(f.Name) == plain || f.Synonyms.Contains(plain));
            columns.Add(new(header, field is not null && taken.Add(field.Name) ? field.Name : null));
        }

        return new(columns, ValueReader.OrderOf(DateTexts(table, columns, fields)));
    }

    /// <summary>A map that was kept or sent, laid over a file: by header, in whatever order the file has them.</summary>
    /// <param name="given">The map.</param>
    /// <param name="table">The file.</param>
    /// <param name="fields">What its kind knows.</param>
    /// <param name="isAbout">It was made for this very file: then a column that is not there is a mistake. A kept map may know more columns than a file has.</param>
    /// <returns>The map, or what keeps it from fitting, as sentences.</returns>
    public static (TableMap? Map, IReadOnlyList<string> Faults) Fit(TableMap given, SourceTable table, IReadOnlyList<ImportField> fields, bool isAbout)
    {
        var faults = new List<string>();
        var byHeader = new Dictionary<string, string?>();
        foreach (var (header, field) in given.Columns)
        {
            if (isAbout && field is not null && !table.Headers.Any(h => ValueReader.Plain(h) == ValueReader.Plain(header)))
                faults.Add($"The file has no column '{header}'; it has {string.Join(", ", table.Headers.Where(h => h.Length > 0))}.");
            if (field is not null && fields.All(f => f.Name != field))
                faults.Add($"There is no field '{field}'; there are {string.Join(", ", fields.Select(f => f.Name))}.{(NearestName.Of(field, fields.Select(f => f.Name)) is { } near ? $" Did you mean '{near}'?" : "")}");
            byHeader.TryAdd(ValueReader.Plain(header), field);
        }

        faults.AddRange(given.Columns.Where(c => c.Field is not null).GroupBy(c => c.Field).Where(g => g.Count() > 1).Select(g => $"Two columns are mapped to {g.Key}: {string.Join(", ", g.Select(c => c.Header))}."));
        var taken = new HashSet<string>();
        return faults.Count > 0 ? (null, faults)
            : (given with { Columns = [.. table.Headers.Select(h => byHeader.GetValueOrDefault(ValueReader.Plain(h)) is { } f && taken.Add(f) ? new MappedColumn(h, f) : new MappedColumn(h, null))] }, faults);
    }

    public string Write() => JsonSerializer.Serialize(this, Json);

    /// <exception cref="JsonException">It is no map.</exception>
    public static TableMap Read(string json) => JsonSerializer.Deserialize<TableMap>(json, Json) is { Columns: not null } map && map.Columns.All(c => c is { Header: not null })
        ? map : throw new JsonException("A map has columns, each with header and field.");

    private static IEnumerable<string> DateTexts(SourceTable table, List<MappedColumn> columns, IReadOnlyList<ImportField> fields) =>
        from column in columns.Index()
        where fields.Any(f => f.Name == column.Item.Field && f.Form is FieldForm.Date or FieldForm.BirthDate or FieldForm.DateAndTime)
        from row in table.Rows
        select row.Cell(column.Index).Text;
}

/// <param name="Field">Null for a column that is not imported.</param>
internal sealed record MappedColumn(string Header, string? Field);
