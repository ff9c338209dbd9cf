using FhirEmr.Terminology.CodeSystems;
using FhirEmr.Terminology.CodeSystems.Editions;
using FhirEmr.Terminology.CodeSystems.Hcpcs;
using FhirEmr.Terminology.ConceptMaps;
using FhirEmr.Terminology.Import;
using FhirEmr.Terminology.Index;
using FhirEmr.Terminology.Operations;
using FhirEmr.Terminology.ValueSets;

namespace FhirEmr.Terminology;

/// <summary>The front door: imported editions, our own fragments and maps behind one set of questions. One instance, any number of threads.</summary>
public sealed class TerminologyService : ITerminology
{
    /// <summary><see cref="Concept.Edition"/> of an answer out of our own procedure wording; a claim that relies on it goes out as a test (ISA15=T).</summary>
    public const string DemoFragment = BuiltInEditions.DemoFragment;

    private readonly EditionShelf shelf;
    private readonly ReleaseImporter importer;
    private readonly SystemCatalog catalog;
    private readonly ValueSetEngine engine;
    private readonly TimeProvider time;
    private readonly Lock importing = new();

    /// <param name="folder">Where editions are kept, e.g. <c>&lt;DataFolder&gt;/terminology</c>; null keeps imports in memory only.</param>
    /// <param name="time">Dates the imports, and the titles of map targets when no date of service is known.</param>
    /// <param name="source">Where CodeSystem, ValueSet and ConceptMap resources come from; null when there are none.</param>
    public TerminologyService(string? folder, TimeProvider time, ICanonicalSource? source = null)
    {
        shelf = new(folder, BuiltInEditions.All());
        catalog = new(new(shelf, EverydayCodes.Of), source ?? NoResources.Instance);
        engine = new(catalog);
        CodeSystems = new(catalog);
        ValueSetOperations = new(engine, catalog);
        ConceptMaps = new(catalog, engine);
        Closures = new(catalog, folder);
        Fees = new(shelf);
        importer = new(shelf, time);
        this.time = time;
    }

    /// <summary>Membership in value sets, on a date.</summary>
    public IValueSets ValueSets => engine;

    /// <summary>The operations on code systems.</summary>
    public CodeSystemOperations CodeSystems { get; }

    /// <summary>The operations on value sets.</summary>
    public ValueSetOperations ValueSetOperations { get; }

    /// <summary>Translation by concept maps.</summary>
    public ConceptMapOperations ConceptMaps { get; }

    /// <summary>Closure tables of clients.</summary>
    public ClosureTables Closures { get; }

    /// <summary>What searches mean by codes, with conformance resources as a source of its own has them: a search of the past knows those of then.</summary>
    public SearchedCodes SearchedBy(ICanonicalSource resources) => new(new(catalog.Editions, resources));

    /// <summary>Where conformance resources come from.</summary>
    public ICanonicalSource Resources => catalog.Source;

    /// <summary>Tables about codes: edits, units, fees.</summary>
    public FeeTables Fees { get; }

    /// <summary>Everything that can answer, our own fragments included, in no order that matters.</summary>
    public IReadOnlyList<Edition> Editions => [.. shelf.All.Select(e => e.Edition)];

    /// <summary>Code systems whose codes are judged by a grammar.</summary>
    public static IEnumerable<string> Grammars => FhirEmr.Terminology.CodeSystems.Grammars.GrammarSystem.Urls;

    /// <summary>Every edition and how it stands to a day, by system and age.</summary>
    public IReadOnlyList<EditionStanding> Standing(DateOnly today)
    {
        var editions = shelf.All.Select(e => e.Edition).OrderBy(e => e.System, StringComparer.Ordinal).ThenBy(e => e.EffectiveFrom).ThenBy(e => e.LoadedAt).ToArray();
        var rivals = editions.ToLookup(e => (e.System, e.Part));
        return [.. editions.Select(e => EditionStanding.Of(e, [.. rivals[(e.System, e.Part)]], today))];
    }

    /// <summary>Takes an edition out of use and off the disk; false when there is none of that name, or it is one of our own.</summary>
    public bool Retire(string editionId)
    {
        lock (importing)
            return shelf.Remove(editionId);
    }

    /// <summary>What changed from one edition to another; null when either is not here.</summary>
    public EditionComparison? Compare(string fromId, string toId, int limit) =>
        shelf.All.FirstOrDefault(e => e.Edition.Id == fromId) is { } from && shelf.All.FirstOrDefault(e => e.Edition.Id == toId) is { } to
            ? EditionDifference.Of(from, to, limit) : null;

    /// <summary>Edition files in the folder that cannot be read; delete them and import again.</summary>
    public IReadOnlyList<string> UnreadableFiles => shelf.Unreadable;

    /// <summary>Looks into the folder again, for what another node or the command line imported.</summary>
    public void Refresh() => shelf.Refresh();

    /// <summary>
    /// Reads a release file and puts it in force. Bad rows are counted and listed; more than 1 % of them, or a file that is not of
    /// this kind, is refused and changes nothing; the same file again changes nothing either. Throws only when the disk does.
    /// </summary>
    /// <remarks>billing.md §8. Imports run one at a time; questions are answered meanwhile from what was there before.</remarks>
    public ImportReport Import(ReleaseKind kind, string path, ImportOptions? options, CancellationToken ct)
    {
        lock (importing)
            return importer.Run(kind, path, options ?? new(), ct);
    }

    /// <inheritdoc/>
    public Concept? Find(string system, string code, DateOnly asOf)
    {
        var (url, key) = (CodeSystemUrls.Canonical(system), CodeForm.Matching(code));
        foreach (var shelved in shelf.InForce(url, ContentOf(url, key), asOf))
        {
            var table = shelved.Table.Value;
            if (table.Find(key, asOf) is >= 0 and var row)
                return ToConcept(url, shelved.Edition, table, row);
        }

        return null;
    }

    /// <inheritdoc/>
    public TableState StateOf(string system, DateOnly asOf) => StateOf(system, EditionContent.Codes, asOf);

    /// <inheritdoc/>
    public TableState StateOfModifiers(string system, DateOnly asOf) => StateOf(system, EditionContent.Modifiers, asOf);

    /// <inheritdoc/>
    public IReadOnlyList<Concept> Children(string system, string code, DateOnly asOf)
    {
        var (url, key) = (CodeSystemUrls.Canonical(system), CodeForm.Matching(code));
        foreach (var shelved in shelf.InForce(url, EditionContent.Codes, asOf))
        {
            var table = shelved.Table.Value;
            if (table.Find(key, asOf) is >= 0 and var row)
                return [.. table.Children(row).Where(c => table.IsValidOn(c, asOf)).Select(c => ToConcept(url, shelved.Edition, table, c))];
        }

        return [];
    }

    /// <inheritdoc/>
    public IReadOnlyList<ConceptHit> Search(string system, string text, DateOnly asOf, int limit)
    {
        var url = CodeSystemUrls.Canonical(system);
        var codes = shelf.InForce(url, EditionContent.Codes, asOf);
        var modifiers = shelf.InForce(url, EditionContent.Modifiers, asOf);

        // Long, medium and short CPT texts say the same thing: the fullest one is searched, and of a separate modifier edition only its modifiers.
        var hits = codes.Take(1).SelectMany(e => SearchIn(e, _ => true))
            .Concat(modifiers.Take(1).Except(codes.Take(1)).SelectMany(e => SearchIn(e, code => code.Length == 2)));
        return [.. hits.OrderByDescending(h => h.Score).Take(limit)];

        IEnumerable<ConceptHit> SearchIn(ShelvedEdition e, Func<string, bool> isWanted) =>
            ConceptSearch.Run(e.Table.Value, text, CodeForm.Matching(text), asOf, limit, EverydayCodes.Of(url))
                .Where(hit => isWanted(e.Table.Value.Code(hit.Row)))
                .Select(hit => new ConceptHit(ToConcept(url, e.Edition, e.Table.Value, hit.Row), hit.Score));
    }

    /// <inheritdoc/>
    public IReadOnlyList<ConceptMapping> Translate(string sourceSystem, string sourceCode, string targetSystem) =>
        Translate(sourceSystem, sourceCode, targetSystem, new MappingContext());

    /// <inheritdoc/>
    public IReadOnlyList<ConceptMapping> Translate(string sourceSystem, string sourceCode, string targetSystem, MappingContext context)
    {
        var target = CodeSystemUrls.Canonical(targetSystem);
        return [.. ConceptMapLibrary.For(sourceSystem, sourceCode)
            .Where(r => r.TargetSystem == target && !r.IsUnmatched && r.When.Allows(context))
            .OrderBy(r => r.Group)
            .Select(r => new ConceptMapping(target, r.TargetCode, DisplayOf(target, r, context), r.Equivalence, r.NeedsChoice, r.Advice)
            {
                Group = r.Group,
                Modifier = r.Modifier,
                When = r.When,
            })];
    }

    /// <inheritdoc/>
    public IReadOnlyList<Concept> History(string system, string code)
    {
        var (url, key) = (CodeSystemUrls.Canonical(system), CodeForm.Matching(code));
        return [.. shelf.All.Where(e => e.Edition.System == url).OrderBy(e => e.Edition.EffectiveFrom).ThenBy(e => e.Edition.LoadedAt)
            .SelectMany(e => e.Table.Value.FindAll(key).Select(row => ToConcept(url, e.Edition, e.Table.Value, row)))];
    }

    private TableState StateOf(string system, EditionContent content, DateOnly asOf) =>
        shelf.InForce(CodeSystemUrls.Canonical(system), content, asOf) switch
        {
            [] => TableState.None,
            [{ Edition.IsComplete: true }, ..] => TableState.Complete,
            _ => TableState.Fragment,
        };

    private static EditionContent ContentOf(string system, string key) =>
        key.Length == 2 && (system is CodeSystemUrls.Cpt or CodeSystemUrls.DemoProcedures || (system is CodeSystemUrls.Hcpcs && HcpcsCode.IsModifier(key)))
            ? EditionContent.Modifiers
            : EditionContent.Codes;

    private static Concept ToConcept(string system, Edition edition, ConceptTable table, int row)
    {
        var properties = table.Properties(row);
        if (table.Parent(row) is >= 0 and var parent)
            properties["parent"] = CodeForm.Shown(system, table.Code(parent));
        return new(system, CodeForm.Shown(system, table.Code(row)), table.Display(row), table.IsBillable(row),
            table.ValidFrom(row), table.ValidTo(row), edition.Id, properties);
    }

    /// <summary>The target's title on the date of service; without one, today or on the last day the line applies.</summary>
    private string? DisplayOf(string system, MapRow row, MappingContext context)
    {
        var today = DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);
        return Find(system, row.TargetCode, context.ServiceDate ?? (row.When.To < today ? row.When.To.Value : today))?.Display;
    }
}
