using System.Text.Json;

namespace FhirEmr.FhirServer.Storage.Query;

/// <summary>A list as one JSON argument: the statement text stays the same whatever its length.</summary>
internal static class JsonList
{
    public static string Of(long[] values) => "[" + string.Join(',', values) + "]";

    public static string Of(string[] values) => "[" + string.Join(',', values.Select(v => "\"" + JsonEncodedText.Encode(v) + "\"")) + "]";
}
