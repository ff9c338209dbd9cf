using System.Text.Json;
using FhirEmr.Bench.Input;

namespace FhirEmr.Bench.Load;

/// <summary>Reads what the server said it made of each entry.</summary>
/// <remarks>https://hl7.org/fhir/R4/http.html#transaction-response: one entry for each of the request, in its order.</remarks>
internal static class TransactionResponse
{
    /// <summary>Entries that came back.</summary>
    public static int Entries(InputBundle loaded)
    {
        using var document = JsonDocument.Parse(loaded.Response!);
        return document.RootElement.GetProperty("entry").GetArrayLength();
    }

    /// <summary><c>Type/id</c> of each entry, in order.</summary>
    public static IReadOnlyList<string> Keys(InputBundle loaded)
    {
        using var document = JsonDocument.Parse(loaded.Response!);
        return [.. document.RootElement.GetProperty("entry").EnumerateArray().Select(entry => Key(entry.GetProperty("response").GetProperty("location").GetString()!))];
    }

    /// <summary><c>Patient/1</c> from <c>http://host/fhir/Patient/1/_history/1</c>, absolute or relative.</summary>
    public static string Key(string location)
    {
        var history = location.IndexOf("/_history/", StringComparison.Ordinal);
        var parts = (history < 0 ? location : location[..history]).TrimEnd('/').Split('/');
        return $"{parts[^2]}/{parts[^1]}";
    }
}
