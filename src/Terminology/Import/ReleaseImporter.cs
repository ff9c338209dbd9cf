using FhirEmr.Terminology.Index;

namespace FhirEmr.Terminology.Import;

/// <summary>File → checked rows → edition on the shelf. The active edition is untouched until the new one is whole and stored.</summary>
internal sealed class ReleaseImporter(EditionShelf shelf, TimeProvider time)
{
    public ImportReport Run(ReleaseKind kind, string path, ImportOptions options, CancellationToken ct)
    {
        if (new FileInfo(path) is not { Exists: true } file)
            return ImportReport.Refused($"There is no file {path}.");
        if (file.Length > ReleaseText.MaxBytes)
            return ImportReport.Refused($"{file.Name} has {file.Length} bytes; no release is that large.");
        var (label, problem) = ReleaseLabel.For(kind, path, options);
        if (label is null)
            return ImportReport.Refused(problem);

        var text = ReleaseText.Read(path);
        shelf.Refresh();
        if (shelf.All.FirstOrDefault(e => IsSame(e.Edition, label, text) && IsWhole(e)) is { } same)
            return new(ImportOutcome.AlreadyLoaded, same.Edition, same.Edition.RowCount, 0, [], [], $"{text.Name} is loaded already, as {same.Edition.Id}; nothing changed.");

        ct.ThrowIfCancellationRequested();
        var sink = new RowSink();
        Load(kind, text, sink);
        ct.ThrowIfCancellationRequested();
        if (sink.Rows.Count == 0 || sink.IsTooBad)
            return new(ImportOutcome.Refused, null, sink.Rows.Count, sink.BadCount, sink.BadRows, sink.Warnings, Refusal(text, sink));

        var edition = new Edition(
            label.Id, label.System, label.Part, label.Version, label.Content, IsComplete: true, label.From, label.To,
            text.Sha256, sink.Rows.Count, sink.Rows.Count(r => r.IsBillable), time.GetUtcNow(), text.Name, options.Notice);
        shelf.Add(edition, ConceptTable.Build(sink.Rows, kind == ReleaseKind.Icd10Cm ? Hierarchy.Prefix : Hierarchy.None));
        return new(ImportOutcome.Loaded, edition, sink.Rows.Count, sink.BadCount, sink.BadRows, sink.Warnings,
            $"{edition.Id}: {edition.RowCount} rows, {edition.BillableCount} billable, {sink.BadCount} not understood; in force from {edition.EffectiveFrom:O}.");
    }

    private static bool IsSame(Edition loaded, ReleaseLabel label, ReleaseText text) =>
        loaded.Sha256 == text.Sha256 && loaded.Id == label.Id && loaded.EffectiveFrom == label.From && loaded.EffectiveTo == label.To;

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

    private static void Load(ReleaseKind kind, ReleaseText text, RowSink sink)
    {
        switch (kind)
        {
            case ReleaseKind.Icd10Cm:
                Icd10CmFile.Read(text, sink);
                break;
            case ReleaseKind.Hcpcs:
                HcpcsFile.Read(text, sink);
                break;
            case ReleaseKind.Cpt:
                CptFile.ReadCodes(text, sink);
                break;
            case ReleaseKind.CptModifiers:
                CptFile.ReadModifiers(text, sink);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(kind), kind, null);
        }
    }

    private static string Refusal(ReleaseText text, RowSink sink)
    {
        var first = sink.BadRows.Count > 0 ? $" Line {sink.BadRows[0].Line}: expected {sink.BadRows[0].Expected}." : "";
        return sink.Rows.Count == 0
            ? $"{text.Name} holds no row of this kind; nothing changed.{first}"
            : $"{text.Name}: {sink.BadCount} of {sink.Rows.Count + sink.BadCount} rows were not understood, more than 1 %; nothing changed.{first}";
    }
}
