using System.Globalization;
using System.Security.Cryptography;
using FhirEmr.Terminology.Index;

namespace FhirEmr.Terminology.CodeSystems;

/// <summary>One of the CSV files shipped inside this assembly, named by its path in the project.</summary>
internal sealed record EmbeddedTable(string Path, string Sha256, IReadOnlyList<IReadOnlyDictionary<string, string>> Rows)
{
    public static EmbeddedTable Read(string path)
    {
        using var stream = typeof(EmbeddedTable).Assembly.GetManifestResourceStream(path)
            ?? throw new InvalidOperationException($"{path} is not embedded in this build.");
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);

        var records = CsvText.Read(System.Text.Encoding.UTF8.GetString(bytes.ToArray())).ToArray();
        var header = records[0].Cells;
        return new(path, Convert.ToHexStringLower(SHA256.HashData(bytes.ToArray())),
            [.. records.Skip(1).Select(r => header.Zip(r.Cells).ToDictionary(p => p.First, p => p.Second, StringComparer.Ordinal))]);
    }

    public static DateOnly? Date(string text) =>
        text.Length == 0 ? null : DateOnly.ParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture);

    /// <summary>The edition these rows make up: ours, so whole or fragment as told, in force from a day on.</summary>
    public ShelvedEdition ToEdition(
        string id, string system, string part, EditionContent content, bool isComplete, DateOnly from, IReadOnlyList<ConceptRow> rows,
        Hierarchy hierarchy = Hierarchy.None)
    {
        var edition = new Edition(
            id, system, part, "1", content, isComplete, from, null, Sha256, rows.Count, rows.Count(r => r.IsBillable),
            DateTimeOffset.UnixEpoch, Path, "Wording by the FhirEmr project, Apache-2.0.");
        return new(edition, new(() => ConceptTable.Build(rows, hierarchy)), null);
    }
}
