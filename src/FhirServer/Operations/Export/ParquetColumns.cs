using Parquet;
using Parquet.Schema;

namespace FhirEmr.FhirServer.Operations.Export;

/// <summary>The columns of a Parquet file, the same for every type, and how rows become them.</summary>
internal static class ParquetColumns
{
    private delegate Task Writing(ParquetRowGroupWriter group, IReadOnlyList<ParquetRow> rows, CancellationToken ct);

    private static readonly (DataField Field, Writing WriteAsync)[] All =
    [
        Text("id", r => r.Id),
        Number("version_id", r => r.Version),
        Time("last_updated", r => r.LastUpdated),
        Text("patient_id", r => r.PatientId),
        Text("encounter_id", r => r.EncounterId),
        Text("practitioner_id", r => r.PractitionerId),
        Text("organization_id", r => r.OrganizationId),
        Text("subject", r => r.Subject),
        Text("status", r => r.Status),
        Text("category_code", r => r.CategoryCode),
        Text("code_system", r => r.CodeSystem),
        Text("code", r => r.Code),
        Text("code_display", r => r.CodeDisplay),
        Text("code_text", r => r.CodeText),
        Time("start_time", r => r.Start),
        Time("end_time", r => r.End),
        Number("value_number", r => r.ValueNumber),
        Text("value_unit", r => r.ValueUnit),
        Text("value_code", r => r.ValueCode),
        Text("value_text", r => r.ValueText),
        Column(new DecimalDataField("amount", 18, 4, isNullable: true), r => r.Amount),
        Text("currency", r => r.Currency),
        Text("gender", r => r.Gender),
        Text("birth_date", r => r.BirthDate),
        Text("resource", r => r.Resource),
    ];

    public static ParquetSchema Schema { get; } = new(All.Select(c => c.Field));

    public static async Task WriteAsync(ParquetWriter file, IReadOnlyList<ParquetRow> rows, CancellationToken ct)
    {
        using var group = file.CreateRowGroup();
        foreach (var (_, write) in All)
            await write(group, rows, ct);
    }

    private static (DataField, Writing) Text(string name, Func<ParquetRow, string?> of)
    {
        var field = new DataField<string>(name);
        return (field, (group, rows, _) => group.WriteAsync(field, [.. rows.Select(r => of(r)!)]));
    }

    private static (DataField, Writing) Number<T>(string name, Func<ParquetRow, T?> of)
        where T : struct => Column(new DataField<T?>(name), of);

    private static (DataField, Writing) Time(string name, Func<ParquetRow, DateTime?> of) =>
        Column(new DateTimeDataField(name, DateTimeFormat.Timestamp, isAdjustedToUTC: true, unit: DateTimeTimeUnit.Millis, isNullable: true), of);

    private static (DataField, Writing) Column<T>(DataField field, Func<ParquetRow, T?> of)
        where T : struct => (field, (group, rows, ct) => group.WriteAsync<T>(field, new ReadOnlyMemory<T?>([.. rows.Select(of)]), cancellationToken: ct));
}
