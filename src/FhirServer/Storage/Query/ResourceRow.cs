using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Storage.Bodies;
using FhirEmr.FhirServer.Storage.Commit;

namespace FhirEmr.FhirServer.Storage.Query;

/// <summary>Reads a resource version from the leading columns of a row.</summary>
internal static class ResourceRow
{
    public const int Count = 8;

    public static string Columns(string alias) =>
        $"{alias}.Sid, {alias}.Type, {alias}.Id, {alias}.Version, {alias}.LastUpdated, {alias}.Deleted, {alias}.Method, {alias}.Body";

    /// <param name="from">The first of the columns.</param>
    public static StoredResource Read(IRow row, BodyCodec codec, int from = 0)
    {
        var isDeleted = row.Int64(from + 5) != 0;
        return new(
            row.Int64(from),
            new ResourceKey(ResourceTypes.NameOf((int)row.Int64(from + 1)), row.Text(from + 2)),
            (int)row.Int64(from + 3),
            DateTimeOffset.FromUnixTimeMilliseconds(row.Int64(from + 4)),
            isDeleted,
            HttpVerb.NameOf(row.Int64(from + 6)),
            isDeleted ? default : codec.Decompress(row.Blob(from + 7)));
    }
}
