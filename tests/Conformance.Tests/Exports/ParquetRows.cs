using Parquet;
using Parquet.Schema;

namespace FhirEmr.Conformance.Tests.Exports;

/// <summary>A Parquet file read back with the library itself: column by column, row group by row group.</summary>
internal static class ParquetRows
{
    public static async Task<List<Dictionary<string, object?>>> ReadAsync(byte[] file)
    {
        var rows = new List<Dictionary<string, object?>>();
        await using var reader = await ParquetReader.CreateAsync(new MemoryStream(file));
        foreach (var group in reader.RowGroups)
        {
            var first = rows.Count;
            rows.AddRange(Enumerable.Range(0, (int)group.RowCount).Select(_ => new Dictionary<string, object?>()));
            foreach (var field in reader.Schema.GetDataFields())
            {
                var values = await ColumnAsync(group, field);
                for (var i = 0; i < values.Length; i++)
                    rows[first + i][field.Name] = values[i];
            }
        }

        return rows;
    }

    private static async Task<object?[]> ColumnAsync(ParquetRowGroupReader group, DataField field)
    {
        if (field.ClrType == typeof(string) || field.ClrType == typeof(ReadOnlyMemory<char>))
        {
            var texts = new string?[group.RowCount];
            await group.ReadAsync(field, texts.AsMemory());
            return texts;
        }

        return field.ClrType == typeof(int) ? await OfAsync<int>() : field.ClrType == typeof(double) ? await OfAsync<double>()
            : field.ClrType == typeof(decimal) ? await OfAsync<decimal>() : await OfAsync<DateTime>();

        async Task<object?[]> OfAsync<T>()
            where T : struct
        {
            var values = new T?[group.RowCount];
            await group.ReadAsync(field, values.AsMemory());
            return [.. values.Select(v => (object?)v)];
        }
    }
}
