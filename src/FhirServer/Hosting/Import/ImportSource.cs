using System.Text;
using FhirEmr.FhirServer.Resources;

namespace FhirEmr.FhirServer.Hosting.Import;

/// <summary>One thing found in a file: a Bundle, or the resources of an NDJSON file with their line numbers.</summary>
internal sealed record ImportItem(string File, int Line, ReadOnlyMemory<byte> Json)
{
    public string Place => Line == 0 ? File : $"{File}:{Line}";
}

/// <summary>Files of a folder in the order that lets references find their targets: facilities and people before the rest.</summary>
internal static class ImportSource
{
    private static readonly string[] FirstWords = ["hospitalInformation", "practitionerInformation", "organization", "location", "practitioner", "patient", "coverage", "encounter"];

    public static IReadOnlyList<string> Files(string path)
    {
        if (File.Exists(path))
            return [path];
        if (!Directory.Exists(path))
            throw new FileNotFoundException($"There is no file or folder {path}.");

        return [.. Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories)
            .Where(f => Path.GetExtension(f).ToLowerInvariant() is ".json" or ".ndjson")
            .OrderBy(Rank).ThenBy(f => f, StringComparer.Ordinal)];
    }

    public static bool IsLines(string file) => Path.GetExtension(file).Equals(".ndjson", StringComparison.OrdinalIgnoreCase);

    /// <summary>Lines of an NDJSON file, blank ones passed over.</summary>
    public static async IAsyncEnumerable<ImportItem> LinesAsync(string file, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken ct)
    {
        using var reader = new StreamReader(file, Encoding.UTF8);
        for (var number = 1; await reader.ReadLineAsync(ct) is { } line; number++)
            if (!string.IsNullOrWhiteSpace(line))
                yield return new(file, number, Encoding.UTF8.GetBytes(line));
    }

    private static int Rank(string file)
    {
        var name = Path.GetFileName(file);
        var rank = Array.FindIndex(FirstWords, w => name.StartsWith(w, StringComparison.OrdinalIgnoreCase));
        return rank < 0 ? FirstWords.Length : rank;
    }
}
