using System.Collections.Frozen;
using FhirEmr.Terminology.CodeSystems;

namespace FhirEmr.Terminology.ValueSets;

/// <summary>What is known of one code and a part of a value set.</summary>
internal readonly record struct Verdict(Membership Membership, string? Display, string? Why)
{
    public static Verdict Is(string? display) => new(Membership.In, display, null);

    public static Verdict IsNot(string? why = null) => new(Membership.NotIn, null, why);

    public static Verdict Unknown(string? why) => new(Membership.Unknown, null, why);
}

/// <summary>A question: a code of the part's system, on a day, perhaps in a version of the system.</summary>
internal readonly record struct CodeOn(string Code, DateOnly Day, string? SystemVersion);

/// <summary>A code that is in a value set.</summary>
/// <param name="Content">The system that has it; null for codes known only by being listed.</param>
/// <param name="Row">Its row there.</param>
/// <param name="Listed">The line that lists it, when one does.</param>
internal readonly record struct Member(string System, CodeSystemContent? Content, int Row, ListedCode? Listed)
{
    /// <summary>Read when asked for: most members of a large set are only counted.</summary>
    public string Code => Content is null ? Listed!.Code : Content.Code(Row);

    public string? Display => Listed?.Display ?? Content?.Display(Row);

    public bool IsAbstract => Listed?.IsAbstract == true || Content?.IsAbstract(Row) == true;

    public bool IsInactive => Listed?.IsInactive ?? Content?.IsInactive(Row) == true;

    public IEnumerable<Designation> Designations => (Listed?.Designations ?? []).Concat(Content?.Designations(Row) ?? []);
}

/// <summary>The codes of one system that belong to a part of a value set.</summary>
internal abstract class SystemTest
{
    public abstract Verdict Test(CodeOn code);

    /// <summary>Every member on a day, in the order they are defined; <paramref name="fault"/> says why it cannot be told.</summary>
    public abstract IEnumerable<Member> Members(DateOnly asOf, out string? fault);

    /// <summary>The members as an index can be asked for them; of a whole system no list is made. Null, and why, when they cannot be told.</summary>
    public virtual SystemCodes? Codes(DateOnly asOf, int max, out string? fault)
    {
        var members = Members(asOf, out fault).Take(max + 1).Select(m => m.Code);
        return fault is null ? SystemCodes.Of(members) : null;
    }

    /// <summary>Whether the day decides anything.</summary>
    public abstract bool IsDated { get; }

    /// <summary>Whether members can be listed without walking through a whole system.</summary>
    public virtual bool IsListed => false;

    /// <summary>The system its members lie in, for searching there; null when they are searched among themselves.</summary>
    public virtual CodeSystemContent? ContentOn(DateOnly asOf) => null;

    /// <summary>Whether a code that is not among the members is known not to be one.</summary>
    public abstract bool IsClosed { get; }
}

/// <summary>Codes by name.</summary>
internal sealed class ListedTest : SystemTest
{
    private readonly IReadOnlyList<Member> members;
    private readonly FrozenDictionary<string, Member> byKey;
    private readonly Func<string, string>? key;
    private readonly string why;
    private readonly SystemTest? origin;

    /// <param name="members">In order; of the same code listed twice the first counts.</param>
    /// <param name="key">The form codes are compared in; null when as they are.</param>
    /// <param name="why">What to say of a code that is not among them.</param>
    /// <param name="origin">What was worked out to this list; null when the value set itself lists them.</param>
    public ListedTest(IEnumerable<Member> members, Func<string, string>? key, string why, SystemTest? origin = null)
    {
        this.origin = origin;
        this.key = key;
        this.why = why;
        this.members = [.. members.DistinctBy(m => KeyOf(m.Code), StringComparer.Ordinal)];
        byKey = this.members.ToFrozenDictionary(m => KeyOf(m.Code), StringComparer.Ordinal);
    }

    public override bool IsDated => false;

    public override bool IsListed => true;

    public override bool IsClosed => true;

    public override Verdict Test(CodeOn code) => byKey.TryGetValue(KeyOf(code.Code), out var member) ? Verdict.Is(member.Display) : Verdict.IsNot(why);

    public override IEnumerable<Member> Members(DateOnly asOf, out string? fault)
    {
        fault = null;
        return members;
    }

    /// <summary>A whole system stays a statement about the system, though it was worked out to a list.</summary>
    public override SystemCodes? Codes(DateOnly asOf, int max, out string? fault) => origin is null ? base.Codes(asOf, max, out fault) : origin.Codes(asOf, max, out fault);

    private string KeyOf(string code) => key is null ? code : key(code);
}

/// <summary>Codes by name of a system that changes with the date: one that is listed but not in force is not in the set.</summary>
internal sealed class DatedListTest(ListedTest list, SystemOn system) : SystemTest
{
    public override bool IsDated => true;

    public override bool IsListed => true;

    public override bool IsClosed => true;

    public override Verdict Test(CodeOn code)
    {
        var verdict = list.Test(code);
        if (verdict.Membership != Membership.In || system.At(code) is not CodeSystemContent content)
            return verdict;
        var standing = content.Judge(code.Code, code.Day);
        return standing.IsValid == false ? Verdict.IsNot($"It is listed, but no code of the edition in force on {code.Day:O}.") : verdict with { Display = standing.Display ?? verdict.Display };
    }

    public override IEnumerable<Member> Members(DateOnly asOf, out string? fault) =>
        list.Members(asOf, out fault).Where(m => Test(new(m.Code, asOf, null)).Membership == Membership.In).Select(m => Placed(m, asOf));

    private Member Placed(Member member, DateOnly asOf) =>
        system.At(new(member.Code, asOf, null)) is CodeSystemContent content && content.Find(member.Code, asOf) is >= 0 and var row
            ? member with { Content = content, Row = row }
            : member;
}

/// <summary>All codes of a system, or those that pass its filters.</summary>
internal sealed class FilteredTest(SystemOn system, IReadOnlyList<ValueSetFilter> filters, bool withInactive) : SystemTest
{
    // By content: an edition or resource has its own rows. Few live at a time, and a new state of the shelf or the store makes new tests.
    private readonly System.Runtime.CompilerServices.ConditionalWeakTable<CodeSystemContent, RowFilter> compiled = [];

    public override bool IsDated => system.IsDated;

    public override bool IsClosed => system.At(new("", DateOnly.MaxValue, null)) is CodeSystemContent { Content: ContentMode.Complete };

    public override Verdict Test(CodeOn code)
    {
        switch (system.At(code))
        {
            case CodeSystemContent content:
                if (content.Content == ContentMode.NotPresent)
                    return Verdict.Unknown(SystemCatalog.WhyUnknown(system.Url));
                var row = content.Find(code.Code, code.Day);
                if (row < 0)
                {
                    return content.Judge(code.Code, code.Day).IsValid == false
                        ? Verdict.IsNot($"It is no code of {system.Url}{(content.IsDated ? $" on {code.Day:O}" : "")}.")
                        : Verdict.Unknown($"Only a part of {system.Url} is here, and the code is not in it.");
                }

                var filter = FilterOf(content);
                if (filter.Fault is not null)
                    return Verdict.Unknown(filter.Fault);
                if (filter.Test(row) && (withInactive || !content.IsInactive(row)))
                    return Verdict.Is(content.Display(row));
                return filter.Fault is { } slow ? Verdict.Unknown(slow)
                    : Verdict.IsNot(filters.Count == 0 ? "It is inactive, and the value set takes active codes only." : $"It does not pass the filter {Words}.");
            case { } grammar when filters.Count == 0:
                return grammar.Judge(code.Code, code.Day).IsValid == true ? Verdict.Is(null) : Verdict.IsNot($"It is not written as a code of {system.Url} is.");
            case { }:
                return Verdict.Unknown($"The filter {Words} cannot be evaluated on {system.Url}, whose codes are not listed.");
            default:
                return Verdict.Unknown(SystemCatalog.WhyUnknown(system.Url));
        }
    }

    public override IEnumerable<Member> Members(DateOnly asOf, out string? fault)
    {
        if (system.At(new("", asOf, null)) is not CodeSystemContent { Count: > 0 } content)
        {
            fault = system.At(new("", asOf, null)) is null ? SystemCatalog.WhyUnknown(system.Url) : $"The codes of {system.Url} follow a grammar and cannot be listed.";
            return [];
        }

        var filter = FilterOf(content);
        var rows = content.Rows(asOf).Where(row => filter.Test(row) && (withInactive || !content.IsInactive(row)));
        if (filters.Count > 0)
            rows = [.. rows]; // a pattern that takes too long shows only when it is tried
        fault = filter.Fault;
        return fault is null ? rows.Select(row => new Member(content.Url, content, row, null)) : [];
    }

    public override CodeSystemContent? ContentOn(DateOnly asOf) => system.At(new("", asOf, null)) as CodeSystemContent;

    public override SystemCodes? Codes(DateOnly asOf, int max, out string? fault)
    {
        fault = null;
        return filters switch
        {
            [] when withInactive => SystemCodes.All,
            [{ Op: "is-not-a" } negated] => new FilteredTest(system, [negated with { Op = "is-a" }], withInactive: true).Codes(asOf, max, out fault)?.Not(),
            [{ Op: "not-in", Property: "code" or "concept" } but] => SystemCodes.Of(but.Value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)).Not(),
            _ => base.Codes(asOf, max, out fault),
        };
    }

    /// <summary>The system when every one of its codes belongs here.</summary>
    public SystemOn? WholeSystem => filters.Count == 0 && withInactive ? system : null;

    private string Words => string.Join(" and ", filters.Select(f => $"'{f.Property} {f.Op} {f.Value}'"));

    private RowFilter FilterOf(CodeSystemContent content) => compiled.GetValue(content, c => RowFilter.Compile(c, filters));
}

/// <summary>Nothing is known of the codes of a system.</summary>
internal sealed class UnknownTest(string why) : SystemTest
{
    public override bool IsDated => false;

    public override bool IsClosed => false;

    public override Verdict Test(CodeOn code) => Verdict.Unknown(why);

    public override IEnumerable<Member> Members(DateOnly asOf, out string? fault)
    {
        fault = why;
        return [];
    }
}
