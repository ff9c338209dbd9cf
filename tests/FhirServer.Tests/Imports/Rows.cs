using FhirEmr.FhirServer.Imports.Kinds;
using FhirEmr.FhirServer.Imports.Mapping;
using FhirEmr.FhirServer.Imports.Tables;
using FhirEmr.FhirServer.Security.Access;

namespace FhirEmr.FhirServer.Tests.Imports;

/// <summary>Rows by what they say, without a file around them.</summary>
internal static class Rows
{
    public static readonly DateTimeOffset Now = new(2026, 11, 29, 12, 0, 0, TimeSpan.Zero);

    public static MappedRow Of(ImportKind kind, int line, params (string Field, string Text)[] values) => MappedRow.Of(
        new SourceRow(line, [.. values.Select((v, i) => new SourceCell(v.Text, line, i + 1))]), new TableMap([.. values.Select(v => new MappedColumn(v.Field, v.Field))], DateOrder.MonthFirst),
        kind.Fields.ToDictionary(f => f.Name), new ValueReader(DateOrder.MonthFirst, DateOnly.FromDateTime(Now.DateTime)));

    /// <summary>A run that looks nothing up.</summary>
    public static ImportScope Scope() => new(null!, null!, "import", "hash", OnDuplicate.Update, "urn:test", Caller.System, TimeZoneInfo.Utc, Now);
}
