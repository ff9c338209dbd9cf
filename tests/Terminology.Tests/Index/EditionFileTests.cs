using CsCheck;
using FhirEmr.Terminology.Import;
using FhirEmr.Terminology.Index;

namespace FhirEmr.Terminology.Tests.Index;

public sealed class EditionFileTests : IDisposable
{
    private static readonly Edition Edition = new(
        "invented-1", "urn:x", "codes", "1", EditionContent.Codes, true, new(2025, 1, 1), null, new string('a', 64), 1, 1, DateTimeOffset.UnixEpoch, "x.txt", null);

    private readonly Releases releases = new();

    public void Dispose() => releases.Dispose();

    [Fact]
    public void What_is_written_is_read_back()
    {
        var path = releases.File("x.terms", "");
        var row = Gen.Select(Gen.String[Gen.Char['A', 'Z'], 1, 7], Gen.String, Gen.Bool, Gen.Int[0, 60_000], Gen.Bool)
            .Select((code, title, isBillable, day, isDated) => new ConceptRow(
                code, title, isDated ? "short" : "", isBillable, isDated ? DateOnly.FromDayNumber(day) : null,
                Properties: isDated ? new Dictionary<string, string> { ["k"] = code } : null));

        row.List[0, 30].Select(rows => rows.DistinctBy(r => r.Code).ToArray()).Sample(
            rows =>
            {
                var table = ConceptTable.Build(rows);
                EditionFile.Write(path, Edition, table.Columns);
                var read = EditionFile.Read(path);
                return read.Count == rows.Length && EditionFile.ReadHeader(path) == Edition
                    && Enumerable.Range(0, read.Count).All(i => Text(read, i) == Text(table, i));
            },
            iter: 50,
            threads: 1);
    }

    [Fact]
    public void A_damaged_edition_is_refused_rather_than_half_read()
    {
        releases.Import(ReleaseKind.Icd10Cm, "icd10cm-order-2022.txt", Releases.Order(1, "Z98", true, "Invented"));
        var path = Directory.GetFiles(releases.Folder).Single();
        var bytes = File.ReadAllBytes(path);
        bytes[^40] ^= 1;
        File.WriteAllBytes(path, bytes);

        var failure = Assert.Throws<InvalidDataException>(() => releases.Open().Find(CodeSystemUrls.Icd10Cm, "Z98", new(2022, 1, 1)));

        Assert.Contains("import the release again", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Leftovers_of_a_broken_import_are_ignored_and_strangers_are_named()
    {
        Directory.CreateDirectory(releases.Folder);
        File.WriteAllText(Path.Combine(releases.Folder, "icd10cm-2022-0.terms.tmp"), "half a file");
        File.WriteAllText(Path.Combine(releases.Folder, "stranger.terms"), "not ours");

        var service = releases.Open();

        Assert.Equal(["stranger.terms"], service.UnreadableFiles);
        Assert.Equal(TableState.Fragment, service.StateOf(CodeSystemUrls.Icd10Cm, new(2022, 1, 1)));
    }

    [Fact]
    public void Another_node_sees_the_edition_after_a_refresh()
    {
        var other = releases.Open();
        releases.Import(ReleaseKind.Icd10Cm, "icd10cm-order-2022.txt", Releases.Order(1, "Z98", true, "Invented"));
        Assert.Null(other.Find(CodeSystemUrls.Icd10Cm, "Z98", new(2022, 1, 1)));

        other.Refresh();

        Assert.Equal("Invented", other.Find(CodeSystemUrls.Icd10Cm, "Z98", new(2022, 1, 1))!.Display);
    }

    private static string Text(ConceptTable table, int row) =>
        $"{table.Code(row)}|{table.Display(row)}|{table.IsBillable(row)}|{table.ValidFrom(row)}|{table.Parent(row)}|{string.Join(';', table.Properties(row))}";
}
