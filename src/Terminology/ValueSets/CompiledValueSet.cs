using System.Collections.Frozen;

namespace FhirEmr.Terminology.ValueSets;

/// <summary>A value set ready to be asked: for each system it takes codes from, which. Immutable, shared by all threads.</summary>
internal sealed class CompiledValueSet
{
    private readonly KeyValuePair<string, SystemTest>[] parts;
    private readonly FrozenDictionary<string, SystemTest> bySystem;

    /// <param name="definition">What it was compiled from; null for an implicit value set, or one that is not here.</param>
    /// <param name="parts">By system, in the order the value set names them.</param>
    /// <param name="unresolved">Why some of it cannot be told for any system: an import that is missing or goes in a circle.</param>
    public CompiledValueSet(ValueSetDefinition? definition, IReadOnlyList<KeyValuePair<string, SystemTest>> parts, string? unresolved)
    {
        Definition = definition;
        Unresolved = unresolved;
        this.parts = [.. parts];
        bySystem = this.parts.ToFrozenDictionary(p => p.Key, p => p.Value, StringComparer.Ordinal);
    }

    public ValueSetDefinition? Definition { get; }

    /// <summary>Not even its name is known here.</summary>
    public bool IsMissing { get; init; }

    /// <summary>It includes itself by way of others.</summary>
    public bool IsCircular { get; init; }

    public string? Unresolved { get; }

    public IReadOnlyList<KeyValuePair<string, SystemTest>> Parts => parts;

    /// <summary>A value set nothing is known of.</summary>
    public static CompiledValueSet Unknown(string why) => new(null, [], why);

    public MembershipAnswer Check(string? system, CodeOn code)
    {
        if (Definition?.LockedDate is { } locked)
            code = code with { Day = locked };
        if (system is not null)
        {
            if (!bySystem.TryGetValue(system, out var test) && !bySystem.TryGetValue(CodeSystemUrls.Canonical(system), out test))
                return Unresolved is null
                    ? new(Membership.NotIn, null, null, $"The value set takes no codes from {system}.", TakesSystem: false)
                    : new(Membership.Unknown, null, null, Unresolved, TakesSystem: false);
            return Answer(test.Test(code), system);
        }

        var answer = new MembershipAnswer(Membership.NotIn, null, null, parts.Length == 0 ? "The value set is empty." : null, TakesSystem: parts.Length > 0);
        foreach (var (url, test) in parts)
        {
            var verdict = Answer(test.Test(code), url);
            if (verdict.Membership == Membership.In)
                return verdict;
            if (answer.Membership == Membership.NotIn && (verdict.Membership == Membership.Unknown || answer.Why is null))
                answer = verdict;
        }

        return answer.Membership == Membership.NotIn && Unresolved is not null ? answer with { Membership = Membership.Unknown, Why = Unresolved } : answer;
    }

    private MembershipAnswer Answer(Verdict verdict, string system) => verdict.Membership switch
    {
        Membership.In => new(Membership.In, verdict.Display, system, null, TakesSystem: true),
        Membership.NotIn when Unresolved is not null => new(Membership.Unknown, null, null, Unresolved, TakesSystem: true),
        _ => new(verdict.Membership, null, null, verdict.Why ?? "It is not in the value set.", TakesSystem: true),
    };
}
