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

    public static StoredResource Read(IRow row, BodyCodec codec)
    {
        var isDeleted = row.Int64(5) != 0;
        return new(
            row.Int64(0),
            new ResourceKey(ResourceTypes.NameOf((int)row.Int64(1)), row.Text(2)),
            (int)row.Int64(3),
            DateTimeOffset.FromUnixTimeMilliseconds(row.Int64(4)),
            isDeleted,
            HttpVerb.NameOf(row.Int64(6)),
            isDeleted ? default : codec.Decompress(row.Blob(7)));
    }
}
