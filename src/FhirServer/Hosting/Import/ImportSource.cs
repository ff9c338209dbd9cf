using System.IO.Compression;
using System.Text;
using FhirEmr.FhirServer.Hosting.Cli;
using FhirEmr.FhirServer.Operations.Import;
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

    /// <summary>How files of lines are called.</summary>
    public static string[] LineEndings { get; } = [".ndjson", ".ndjson.gz"];

    public static IReadOnlyList<string> Files(string path) => [.. InputFiles.Of(path, [.. LineEndings, ".json"]).OrderBy(Rank).ThenBy(f => f, StringComparer.Ordinal)];

    public static bool IsLines(string file) => Array.Exists(LineEndings, e => file.EndsWith(e, StringComparison.OrdinalIgnoreCase));

    /// <summary>Lines of an NDJSON file, blank ones passed over.</summary>
    /// <exception cref="InvalidDataException">It is damaged, or ends before its end: behind the lines that could be read.</exception>
    public static async IAsyncEnumerable<ImportItem> LinesAsync(string file, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken ct)
    {
        await using var stored = new MeasuredStream(File.OpenRead(file));
        var isCompressed = file.EndsWith(".gz", StringComparison.OrdinalIgnoreCase);
        await using var content = new MeasuredStream(isCompressed ? new GZipStream(stored, CompressionMode.Decompress) : stored);
        using var reader = new StreamReader(content, Encoding.UTF8);
        for (var number = 1; await reader.ReadLineAsync(ct) is { } line; number++)
            if (!string.IsNullOrWhiteSpace(line))
                yield return new(file, number, Encoding.UTF8.GetBytes(line));
        if (isCompressed && stored.Last != (uint)content.Bytes) // cut off, it ends without a word
            throw new InvalidDataException("The file is cut off, or made of several gzip members: what could be read of it was taken. Write it anew as one.");
    }

    private static int Rank(string file)
    {
        var name = Path.GetFileName(file);
        var rank = Array.FindIndex(FirstWords, w => name.StartsWith(w, StringComparison.OrdinalIgnoreCase));
        return rank < 0 ? FirstWords.Length : rank;
    }
}
