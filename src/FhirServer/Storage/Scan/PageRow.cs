using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Search.Query;
using FhirEmr.FhirServer.Storage.Bodies;
using FhirEmr.FhirServer.Storage.Query;

namespace FhirEmr.FhirServer.Storage.Scan;

/// <summary>One row of a page with its place in the order.</summary>
internal readonly record struct PageRow(StoredResource Resource, object?[] Values)
{
    public PagePosition Position => new(Values, Resource.Sid);

    public static PageRow Read(IRow row, IReadOnlyList<SortKey> sort, BodyCodec codec)
    {
        var values = sort.Count == 0 ? [] : new object?[sort.Count];
        for (var i = 0; i < values.Length; i++)
            if (!row.IsNull(ResourceRow.Count + i))
                values[i] = SortSql.IsNumeric(sort[i]) ? row.Int64(ResourceRow.Count + i) : row.Text(ResourceRow.Count + i);
        return new(ResourceRow.Read(row, codec), values);
    }
}
