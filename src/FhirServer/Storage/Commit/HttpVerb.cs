namespace FhirEmr.FhirServer.Storage.Commit;

/// <summary>The verbs that make versions, as small numbers on disk.</summary>
internal static class HttpVerb
{
    private static readonly string[] Names = ["POST", "PUT", "PATCH", "DELETE"];

    public static int NumberOf(string method) => Array.IndexOf(Names, method) is >= 0 and var i
        ? i + 1
        : throw new ArgumentException($"'{method}' makes no version.", nameof(method));

    public static string NameOf(long number) => number is >= 1 and <= 4 ? Names[number - 1] : "PUT";
}
