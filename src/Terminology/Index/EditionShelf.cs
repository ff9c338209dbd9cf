using System.Collections.Immutable;

namespace FhirEmr.Terminology.Index;

/// <summary>Every edition known here and which of them answers on a date. Readers see one snapshot; a new edition replaces it in one step.</summary>
internal sealed class EditionShelf
{
    private readonly string? folder;
    private readonly Lock writing = new();
    private readonly ImmutableArray<ShelvedEdition> builtIn;
    private volatile Snapshot snapshot;

    /// <param name="folder">Where edition files live; null keeps imported editions in memory only.</param>
    public EditionShelf(string? folder, IEnumerable<ShelvedEdition> builtIn)
    {
        this.folder = folder;
        this.builtIn = [.. builtIn];
        snapshot = new(this.builtIn, []);
        Refresh();
    }

    public IReadOnlyList<ShelvedEdition> All => snapshot.Editions;

    /// <summary>The same object as long as the editions are the same ones.</summary>
    public object Stamp => snapshot;

    /// <summary>Files in the folder that carry our extension but no readable header.</summary>
    public IReadOnlyList<string> Unreadable => snapshot.Unreadable;

    /// <summary>Reads the folder again: another node or the command line may have imported.</summary>
    public void Refresh()
    {
        if (folder is null || !Directory.Exists(folder))
            return;

        lock (writing)
        {
            var known = snapshot.Editions.Where(e => e.Path is not null).ToDictionary(e => e.Path!, StringComparer.Ordinal);
            var editions = builtIn.ToBuilder();
            var unreadable = new List<string>();
            foreach (var path in Directory.GetFiles(folder, "*" + EditionFile.Extension).Order(StringComparer.Ordinal))
            {
                if (known.TryGetValue(path, out var same))
                    editions.Add(same);
                else if (EditionFile.ReadHeader(path) is { } edition)
                    editions.Add(new(edition, new(() => EditionFile.Read(path)), path));
                else
                    unreadable.Add(Path.GetFileName(path));
            }

            // Nothing new leaves the snapshot as it is: what was worked out from it stays good.
            if (!editions.SequenceEqual(snapshot.Editions) || !unreadable.SequenceEqual(snapshot.Unreadable))
                snapshot = new(editions.ToImmutable(), unreadable);
        }
    }

    /// <summary>Takes an imported edition away, from the folder too; false when there is none of that name. Our own tables stay.</summary>
    public bool Remove(string id)
    {
        lock (writing)
        {
            var gone = snapshot.Editions.Where(e => e.Edition.Id == id && !builtIn.Contains(e)).ToArray();
            foreach (var path in gone.Select(e => e.Path).OfType<string>())
                File.Delete(path);
            if (gone.Length > 0)
                snapshot = snapshot with { Editions = snapshot.Editions.RemoveRange(gone) };
            return gone.Length > 0;
        }
    }

    /// <summary>Stores an edition, then makes it visible. Throws when the disk refuses; readers then still see the old snapshot.</summary>
    public void Add(Edition edition, ConceptTable table)
    {
        lock (writing)
        {
            string? path = null;
            if (folder is not null)
            {
                Directory.CreateDirectory(folder);
                path = Path.Combine(folder, EditionFile.NameOf(edition));
                EditionFile.Write(path, edition, table.Columns);
            }

            snapshot = snapshot with
            {
                Editions = snapshot.Editions.RemoveAll(e => path is not null && e.Path == path).Add(new(edition, new(() => table), path)),
            };
        }
    }

    /// <summary>
    /// The editions that answer on a date, one per part, best part first; fragments only when nothing complete covers the date.
    /// Of two that cover it the later effective date wins (an April update over its October release), then the later load.
    /// </summary>
    public IReadOnlyList<ShelvedEdition> InForce(string system, EditionContent content, DateOnly asOf)
    {
        List<ShelvedEdition> best = [];
        foreach (var candidate in snapshot.Editions)
        {
            var edition = candidate.Edition;
            if (edition.System != system || (edition.Content & content) == 0 || !edition.Covers(asOf))
                continue;

            var rival = best.FindIndex(b => b.Edition.Part == edition.Part && b.Edition.IsComplete == edition.IsComplete);
            if (rival < 0)
                best.Add(candidate);
            else if ((edition.EffectiveFrom, edition.LoadedAt).CompareTo((best[rival].Edition.EffectiveFrom, best[rival].Edition.LoadedAt)) > 0)
                best[rival] = candidate;
        }

        if (best.Count > 1 && best.Exists(b => b.Edition.IsComplete))
            best.RemoveAll(b => !b.Edition.IsComplete);
        if (best.Count > 1)
            best.Sort((a, b) => Rank(a.Edition.Part).CompareTo(Rank(b.Edition.Part)));
        return best;
    }

    private static int Rank(string part) => part switch { "long" => 1, "medium" => 2, "short" => 3, "modifiers" => 4, _ => 0 };

    private sealed record Snapshot(ImmutableArray<ShelvedEdition> Editions, IReadOnlyList<string> Unreadable);
}

/// <summary>An edition and its codes, read from disk when first asked for.</summary>
internal sealed record ShelvedEdition(Edition Edition, Lazy<ConceptTable> Table, string? Path);
