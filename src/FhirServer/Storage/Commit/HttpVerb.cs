namespace FhirEmr.FhirServer.Storage.Commit;

/// <summary>The verbs that make versions, as small numbers on disk.</summary>
internal static class HttpVerb
{
    /// <summary>A version put back with the number it had elsewhere: what was before it is not here. To readers it is a PUT.</summary>
    public const int Restored = 5;

    private static readonly string[] Names = ["POST", "PUT", "PATCH", "DELETE"];

    public static int NumberOf(string method) => Array.IndexOf(Names, method) is >= 0 and var i
        ? i + 1
        : throw new ArgumentException($"'{method}' makes no version.", nameof(method));

    public static int NumberOf(ResourceWrite write) => write.Restored is null ? NumberOf(write.Method) : Restored;

    public static string NameOf(long number) => number is >= 1 and <= 4 ? Names[number - 1] : "PUT";
}
