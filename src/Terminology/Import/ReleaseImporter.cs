using FhirEmr.Terminology.Index;

namespace FhirEmr.Terminology.Import;

/// <summary>File → checked rows → edition on the shelf. The active edition is untouched until the new one is whole and stored.</summary>
internal sealed class ReleaseImporter(EditionShelf shelf, TimeProvider time)
{
    public ImportReport Run(ReleaseKind kind, string path, ImportOptions options, CancellationToken ct)
    {
        var loader = Loaders.Of(kind);
        if (loader.IsFolder ? !Directory.Exists(path) : !File.Exists(path))
            return ImportReport.Refused($"There is no {(loader.IsFolder ? "folder" : "file")} {path}.");
        if (!loader.IsFolder && new FileInfo(path) is { Length: > ReleaseText.MaxBytes } large)
            return ImportReport.Refused($"{large.Name} has {large.Length} bytes; no release is that large.");
        var (files, missing) = loader.IsFolder ? loader.FilesIn!(path) : ([path], null);
        if (missing is not null)
            return ImportReport.Refused(missing);
        var (label, problem) = ReleaseLabel.For(kind, files[0], options);
        if (label is null)
            return ImportReport.Refused(problem);

        var texts = files.Select(ReleaseText.Open).ToArray();
        var (name, sha256) = (texts[0].Name, Sha256(texts));
        shelf.Refresh();
        if (shelf.All.FirstOrDefault(e => IsSame(e.Edition, label, sha256) && IsWhole(e)) is { } same)
            return new(ImportOutcome.AlreadyLoaded, same.Edition, same.Edition.RowCount, 0, [], [], $"{name} is loaded already, as {same.Edition.Id}; nothing changed.");

        ct.ThrowIfCancellationRequested();
        var sink = new RowSink(loader.AllowsRepeats);
        for (var i = 0; i < texts.Length; i++)
        {
            var done = i;
            texts[i].Read = share =>
            {
                ct.ThrowIfCancellationRequested();
                options.Progress?.Report(new(sink.Rows.Count, (done + share) / texts.Length));
            };
        }

        loader.Read(texts, sink);
        ct.ThrowIfCancellationRequested();
        if (sink.Rows.Count == 0 || sink.IsTooBad)
            return new(ImportOutcome.Refused, null, sink.Rows.Count, sink.BadCount, sink.BadRows, sink.Warnings, Refusal(name, sink));

        var edition = new Edition(
            label.Id, label.System, label.Part, label.Version, label.Content, loader.IsComplete, label.From, label.To,
            sha256, sink.Rows.Count, sink.Rows.Count(r => r.IsBillable), time.GetUtcNow(), name, options.Notice ?? loader.Notice);
        shelf.Add(edition, ConceptTable.Build(sink.Rows, loader.Hierarchy));
        options.Progress?.Report(new(sink.Rows.Count, 1));
        return new(ImportOutcome.Loaded, edition, sink.Rows.Count, sink.BadCount, sink.BadRows, sink.Warnings,
            $"{edition.Id}: {edition.RowCount} rows, {edition.BillableCount} billable, {sink.BadCount} not understood; in force from {edition.EffectiveFrom:O}.");
    }

    private static string Sha256(ReleaseText[] texts) => texts.Length == 1 ? texts[0].Sha256
        : Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.ASCII.GetBytes(string.Concat(texts.Select(t => t.Sha256)))));

    private static bool IsSame(Edition loaded, ReleaseLabel label, string sha256) =>
        loaded.Sha256 == sha256 && loaded.Id == label.Id && loaded.EffectiveFrom == label.From && loaded.EffectiveTo == label.To;

    // A damaged edition does not count as loaded: importing its release again is how it is mended.
    private static bool IsWhole(ShelvedEdition loaded)
    {
        try
        {
            return loaded.Table.Value.Count >= 0;
        }
        catch (InvalidDataException)
        {
            return false;
        }
    }

    private static string Refusal(string name, RowSink sink)
    {
        var first = sink.BadRows.Count > 0 ? $" Line {sink.BadRows[0].Line}{(sink.BadRows[0].Column is { } column ? $", column {column}" : "")}: expected {sink.BadRows[0].Expected}." : "";
        return sink.Rows.Count == 0
            ? $"{name} holds no row of this kind; nothing changed.{first}"
            : $"{name}: {sink.BadCount} of {sink.Rows.Count + sink.BadCount} rows were not understood, more than 1 %; nothing changed.{first}";
    }
}
