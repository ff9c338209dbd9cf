using System.Text.Json;
using FhirEmr.Terminology.ValueSets;

namespace FhirEmr.Terminology.Operations;

/// <summary>The operations on value sets (valueset-operations.html): one that is known here by its URL, or one that comes with the question.</summary>
public sealed class ValueSetOperations
{
    private readonly ValueSetEngine engine;
    private readonly SystemCatalog catalog;

    internal ValueSetOperations(ValueSetEngine engine, SystemCatalog catalog) => (this.engine, this.catalog) = (engine, catalog);

    /// <summary>Expands a value set by its canonical URL.</summary>
    public (Expansion? Expansion, Refusal? Refusal) Expand(string canonical, ExpansionRequest request) =>
        Guarded(() =>
        {
            var set = engine.Find(canonical, Pins(request));
            return Expander.Expand(set, request with { On = Nearest(set, request.On) });
        });

    /// <summary>Expands a ValueSet resource (JSON) that came with the question.</summary>
    public (Expansion? Expansion, Refusal? Refusal) Expand(ReadOnlyMemory<byte> valueSet, ExpansionRequest request)
    {
        var (definition, fault) = Read(valueSet);
        return definition is null ? (null, fault) : Guarded(() => Expander.Expand(engine.Compile(definition, Pins(request)), request));
    }

    /// <summary>Whether any of these codings is in the value set; the answer is about the one that is, or else about the first.</summary>
    /// <param name="canonical">URL of the value set; null when <paramref name="valueSet"/> has it.</param>
    /// <param name="codings">System null: any the value set takes.</param>
    public (CodeVerdict? Verdict, Refusal? Refusal) Validate(string? canonical, ReadOnlyMemory<byte> valueSet, IReadOnlyList<GivenCoding> codings, DateOnly on)
    {
        CompiledValueSet set;
        if (canonical is null)
        {
            var (definition, fault) = Read(valueSet);
            if (definition is null)
                return (null, fault);
            set = engine.Compile(definition);
        }
        else
        {
            set = engine.Find(canonical);
        }

        if (set.IsMissing)
            return (null, new("not-found", set.Unresolved!));
        CodeVerdict? first = null;
        foreach (var coding in codings)
        {
            var verdict = Validate(set, coding, on);
            if (verdict.Result == true)
                return (verdict, null);
            first ??= verdict;
        }

        return (first, null);
    }

    private CodeVerdict Validate(CompiledValueSet set, GivenCoding coding, DateOnly on)
    {
        var answer = set.Check(coding.System, new(coding.Code, on, coding.Version));
        var system = answer.System ?? coding.System;
        if (answer.Membership != Membership.In)
        {
            // Why it is no code at all, on that day, says more than that a set lacks it.
            var standing = coding.System is { } of && answer.TakesSystem ? catalog.FindOrAny(of, coding.Version, on) : null;
            var why = standing?.Judge(coding.Code, on).IsValid == false ? CodeHistory.WhyNot(catalog, standing, coding.Code, on) : answer.Why;
            var name = set.Definition is { } definition ? definition.Title ?? definition.Name ?? definition.Url : null;
            var text = answer.Membership == Membership.NotIn ? $"{coding.Code} is not in the value set{(name is null ? "" : $" {name}")}. {why}" : $"Whether {coding.Code} is in the value set cannot be told. {why}";
            return new(answer.Membership == Membership.NotIn ? false : null, text, system, coding.Version, coding.Code, null);
        }

        if (coding.Display is { } display && answer.Display is { } known && !display.Equals(known, StringComparison.OrdinalIgnoreCase)
            && !(catalog.FindOrAny(system!, coding.Version, on) is CodeSystems.CodeSystemContent content && content.Find(coding.Code, on) is >= 0 and var row && CodeSystemOperations.IsNameOf(content, row, display)))
            return new(false, $"'{display}' is no name of {coding.Code}: it is '{known}'.", system, coding.Version, coding.Code, known) { IsDisplayWrong = true };
        return new(true, null, system, coding.Version ?? catalog.FindOrAny(system!, null, on)?.Version, coding.Code, answer.Display);
    }

    /// <summary>For a day that no edition covers: the day of the nearest one.</summary>
    private DateOnly Nearest(CompiledValueSet set, DateOnly on)
    {
        foreach (var (system, test) in set.Parts)
        {
            if (test.IsDated && catalog.Editions.Nearest(CodeSystemUrls.Canonical(system), on) is { Main: var edition } && !edition.Covers(on))
                return on < edition.EffectiveFrom ? edition.EffectiveFrom : edition.EffectiveTo ?? on;
        }

        return on;
    }

    private static VersionPins? Pins(ExpansionRequest request) =>
        request.SystemVersions.Count + request.ForcedVersions.Count == 0 ? null : new(request.SystemVersions, request.ForcedVersions);

    private static (Expansion?, Refusal?) Guarded(Func<(Expansion?, Refusal?)> expand)
    {
        try
        {
            return expand();
        }
        catch (InvalidDataException damaged)
        {
            return (null, new("exception", damaged.Message));
        }
    }

    private static (ValueSetDefinition?, Refusal?) Read(ReadOnlyMemory<byte> json)
    {
        try
        {
            return (ValueSetReader.Read(json), null);
        }
        catch (Exception unreadable) when (unreadable is JsonException or FormatException)
        {
            return (null, new("invalid", $"The value set that came with the question cannot be read: {unreadable.Message}"));
        }
    }
}

/// <summary>A code as somebody wrote it down.</summary>
public readonly record struct GivenCoding(string? System, string? Version, string Code, string? Display);
