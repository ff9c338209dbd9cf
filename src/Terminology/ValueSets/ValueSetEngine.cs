using System.Collections.Concurrent;
using System.Text.Json;

namespace FhirEmr.Terminology.ValueSets;

/// <summary>Value sets by canonical URL, compiled when first asked for and kept until a resource or an edition changes.</summary>
internal sealed class ValueSetEngine(SystemCatalog catalog) : IValueSets
{
    private const string Implicit = "?fhir_vs";
    private const int MaxKept = 20_000; // names come from clients

    private volatile Kept kept = new(catalog.Source.Generation, catalog.Editions.Stamp);

    public MembershipAnswer Check(string valueSet, string? system, string code, string? systemVersion, DateOnly asOf)
    {
        try
        {
            return Find(valueSet).Check(system, new(code, asOf, systemVersion));
        }
        catch (InvalidDataException damaged)
        {
            // An edition file that does not read: whoever asks must not fail for it.
            return new(Membership.Unknown, null, null, damaged.Message, TakesSystem: false);
        }
    }

    /// <summary>The compiled value set; never null, what is not here is <see cref="CompiledValueSet.IsMissing"/>.</summary>
    public CompiledValueSet Find(string canonical)
    {
        var current = Current();
        return current.Sets.TryGetValue(canonical, out var known) ? known : Compile(canonical, new(catalog, Import), current);
    }

    /// <summary>Compiles a value set that is not kept anywhere, or with versions of its own.</summary>
    public CompiledValueSet Compile(ValueSetDefinition definition, VersionPins? pins = null) =>
        new ValueSetCompiler(catalog, pins is null ? Import : Fresh, pins).Compile(definition.Url ?? "the value set", definition);

    /// <summary>As <see cref="Find(string)"/>, with versions that are not those of everybody else.</summary>
    public CompiledValueSet Find(string canonical, VersionPins? pins) => pins is null ? Find(canonical) : Read(canonical, new(catalog, Fresh, pins));

    /// <summary>An import that must not be taken from what is kept: the versions are the caller's.</summary>
    private CompiledValueSet Fresh(string canonical, ValueSetCompiler compiler) => Bounded(canonical, compiler) ?? Read(canonical, compiler);

    private CompiledValueSet Import(string canonical, ValueSetCompiler compiler)
    {
        var current = Current();
        if (current.Sets.TryGetValue(canonical, out var known) || compiler.Circular.TryGetValue(canonical, out known))
            return known;
        return Bounded(canonical, compiler) ?? Compile(canonical, compiler, current);
    }

    /// <summary>The answer where following an import would not end; null to follow it.</summary>
    private static CompiledValueSet? Bounded(string canonical, ValueSetCompiler compiler)
    {
        if (compiler.Open.Count >= ValueSetCompiler.MaxDepth)
            return CompiledValueSet.Unknown($"Value sets include each other more than {ValueSetCompiler.MaxDepth} deep at {canonical}.");
        if (compiler.Open.Contains(canonical))
        {
            var circle = string.Join(" → ", compiler.Open.SkipWhile(url => url != canonical).Append(canonical));
            return new(null, [], $"Value sets include each other in a circle: {circle}.") { IsCircular = true };
        }

        return null;
    }

    private CompiledValueSet Compile(string canonical, ValueSetCompiler compiler, Kept current)
    {
        var compiled = Read(canonical, compiler);
        // Inside a circle the answer depends on where the circle was entered: it is worked out again for whoever asks next.
        if (compiled.IsCircular && compiler.Open.Count > 0)
            return compiler.Circular[canonical] = compiled;
        if (current.Sets.Count > MaxKept)
            current.Sets.Clear();
        return current.Sets.GetOrAdd(canonical, compiled);
    }

    private CompiledValueSet Read(string canonical, ValueSetCompiler compiler)
    {
        if (canonical.IndexOf(Implicit, StringComparison.Ordinal) is > 0 and var mark)
            return OfSystem(canonical[..mark], canonical[(mark + Implicit.Length)..], compiler);
        if (canonical == CodeSystemUrls.Loinc + "/vs")
            return compiler.OfSystem(CodeSystemUrls.Loinc);
        var (url, version) = canonical.LastIndexOf('|') is > 0 and var bar ? (canonical[..bar], canonical[(bar + 1)..]) : (canonical, null);
        try
        {
            return catalog.Source.Find("ValueSet", url, version) is { } json
                ? compiler.Compile(canonical, ValueSetReader.Read(json))
                : new(null, [], $"The value set {canonical} is not known here.") { IsMissing = true };
        }
        catch (Exception unreadable) when (unreadable is JsonException or FormatException)
        {
            return CompiledValueSet.Unknown($"The value set {canonical} cannot be read: {unreadable.Message}");
        }
    }

    private static CompiledValueSet OfSystem(string system, string rest, ValueSetCompiler compiler) => rest switch
    {
        "" => compiler.OfSystem(system),
        _ when rest.StartsWith("=isa/", StringComparison.Ordinal) => compiler.OfSystem(system, new ValueSetFilter("concept", "is-a", Uri.UnescapeDataString(rest["=isa/".Length..]))),
        _ when rest.StartsWith("=refset/", StringComparison.Ordinal) => compiler.OfSystem(system, new ValueSetFilter("refset", "=", rest["=refset/".Length..])),
        _ => CompiledValueSet.Unknown($"Of implicit value sets '{Implicit}', '{Implicit}=isa/[code]' and '{Implicit}=refset/[code]' are known, not '{Implicit}{rest}'."),
    };

    private Kept Current()
    {
        var current = kept;
        if (current.Generation != catalog.Source.Generation || !ReferenceEquals(current.Stamp, catalog.Editions.Stamp))
            kept = current = new(catalog.Source.Generation, catalog.Editions.Stamp);
        return current;
    }

    private sealed class Kept(long generation, object stamp)
    {
        public long Generation => generation;

        public object Stamp => stamp;

        public ConcurrentDictionary<string, CompiledValueSet> Sets { get; } = new(StringComparer.Ordinal);
    }
}
