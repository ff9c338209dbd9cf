using System.Runtime.CompilerServices;
using FhirEmr.Terminology.CodeSystems;
using FhirEmr.Terminology.Index;
using FhirEmr.Terminology.ValueSets;

namespace FhirEmr.Terminology.Operations;

/// <summary>Compiled value set → its codes: all, a page, or the best for what was typed.</summary>
internal static class Expander
{
    /// <summary>Most codes one answer holds.</summary>
    public const int MaxCodes = 10_000;

    /// <summary>Hits of a filter that says no count.</summary>
    private const int DefaultHits = 1000;

    // Lists are searched by an index of their own, built at the first search and gone with the list.
    private static readonly ConditionalWeakTable<SystemTest, ListSearch> Searches = [];

    public static (Expansion? Expansion, Refusal? Refusal) Expand(CompiledValueSet set, ExpansionRequest request)
    {
        var day = set.Definition?.LockedDate ?? request.On;
        if (set.Unresolved is { } why)
            return (null, new(set.IsMissing ? "not-found" : set.IsCircular ? "too-costly" : "not-supported", why));
        return string.IsNullOrWhiteSpace(request.Filter) ? All(set, request, day) : Filtered(set, request, day);
    }

    private static (Expansion?, Refusal?) All(CompiledValueSet set, ExpansionRequest request, DateOnly day)
    {
        var (total, page) = (0, new List<Member>());
        var limit = Math.Min(request.Count ?? MaxCodes, MaxCodes);
        foreach (var (_, test) in set.Parts)
        {
            var members = test.Members(day, out var fault);
            if (fault is not null)
                return (null, new("not-supported", $"The value set cannot be expanded: {fault}"));
            foreach (var member in members)
            {
                if (!IsWanted(member, request))
                    continue;
                if (total >= request.Offset && page.Count < limit)
                    page.Add(member);
                total++;
            }
        }

        if (request.Count is null && total - request.Offset > MaxCodes)
            return (null, new("too-costly", $"The expansion has {total} codes, more than the {MaxCodes} one answer holds: ask for pages (offset, count) or give a filter."));
        return (Answer(set, request, total, page), null);
    }

    private static (Expansion?, Refusal?) Filtered(CompiledValueSet set, ExpansionRequest request, DateOnly day)
    {
        var limit = Math.Min(request.Count is 0 ? MaxCodes : (request.Count ?? DefaultHits) + (long)request.Offset, MaxCodes);
        var hits = new List<(Member Member, double Score)>();
        foreach (var (_, test) in set.Parts)
        {
            if (!test.IsListed && test.ContentOn(day) is { } content)
            {
                hits.AddRange(content.Search(request.Filter!, day, (int)limit, row => IsIn(test, content, row, day) && IsWanted(new(content.Url, content, row, null), request))
                    .Select(hit => (new Member(content.Url, content, hit.Row, null), hit.Score)));
                continue;
            }

            var members = test.Members(day, out var fault);
            if (fault is not null)
                return (null, new("not-supported", $"The value set cannot be searched: {fault}"));
            var search = test.IsDated ? new ListSearch(members) : Searches.GetValue(test, _ => new(members));
            hits.AddRange(search.Run(request.Filter!, (int)limit, m => IsWanted(m, request)));
        }

        var ordered = set.Parts.Count == 1 ? hits : [.. hits.OrderByDescending(h => h.Score)];
        int? total = ordered.Count < limit ? ordered.Count : null;
        return (Answer(set, request, total, [.. ordered.Take((int)limit).Skip(request.Offset).Take(request.Count ?? DefaultHits).Select(h => h.Member)]), null);
    }

    private static bool IsIn(SystemTest test, CodeSystemContent content, int row, DateOnly day) => test.Test(new(content.Code(row), day, null)).Membership == Membership.In;

    private static bool IsWanted(Member member, ExpansionRequest request) =>
        (!request.ActiveOnly || !member.IsInactive) && (!request.ExcludeNotForUi || !member.IsAbstract);

    private static Expansion Answer(CompiledValueSet set, ExpansionRequest request, int? total, List<Member> page)
    {
        var contents = page.Select(m => m.Content).OfType<CodeSystemContent>().Distinct().ToArray();
        var definition = set.Definition;
        return new(
            new(definition?.Url, definition?.Version, definition?.Name, definition?.Title, definition?.Status, definition?.Copyright), total,
            request.Nested && request.Offset == 0 && string.IsNullOrWhiteSpace(request.Filter) && total == page.Count ? Nest(page, request) : [.. page.Select(m => Code(m, request))],
            [.. contents.Select(c => c.Copyright).OfType<string>().Prepend(definition?.Copyright ?? "").Where(c => c.Length > 0).Distinct()],
            [.. contents.Select(c => c.Version is null ? c.Url : $"{c.Url}|{c.Version}")],
            [.. contents.Where(c => c.Content == ContentMode.Fragment).Select(c => $"Only a part of {c.Title ?? c.Url} is here.")]);
    }

    /// <summary>Each concept below the nearest one above it that is also in the set; those with several parents stand below the first.</summary>
    private static List<ExpandedCode> Nest(List<Member> members, ExpansionRequest request)
    {
        var rowsIn = members.Where(m => m.Content is not null).Select(m => (m.Content!, m.Row)).ToHashSet();
        var above = members.ToLookup(m => m.Content is { } content && content.Ancestors(m.Row).Select(row => (content, row)).FirstOrDefault(rowsIn.Contains) is { content: not null } parent ? parent : ((CodeSystemContent, int)?)null);
        return Below(null);

        List<ExpandedCode> Below((CodeSystemContent, int)? parent) =>
            [.. above[parent].Select(m => Code(m, request) with { Contains = m.Content is null ? [] : Below((m.Content, m.Row)) })];
    }

    private static ExpandedCode Code(Member member, ExpansionRequest request)
    {
        var designations = request.IncludeDesignations || request.DisplayLanguage is not null ? member.Designations.ToArray() : [];
        var display = request.DisplayLanguage is { } language
            ? designations.Where(d => d.Language is not null && IsLanguage(d.Language, language)).Select(d => d.Value).FirstOrDefault() ?? member.Display
            : member.Display;
        return new(member.System, member.Content?.Version ?? member.Listed?.Version, member.Code, display, member.IsAbstract, member.IsInactive,
            request.IncludeDesignations ? [.. designations.Where(d => IsAskedFor(d, request.Designations))] : []);
    }

    private static bool IsAskedFor(Designation designation, IReadOnlyList<string> wanted) => wanted.Count == 0 || wanted.Any(w =>
        w.Contains('|', StringComparison.Ordinal) ? w == $"{designation.UseSystem}|{designation.Use}" : designation.Language is not null && IsLanguage(designation.Language, w));

    /// <summary>de-CH is German, too (RFC 4647, basic filtering).</summary>
    private static bool IsLanguage(string tag, string wanted) => tag.StartsWith(wanted, StringComparison.OrdinalIgnoreCase) && (tag.Length == wanted.Length || tag[wanted.Length] == '-');

    /// <summary>The members of a list under the same search as whole systems.</summary>
    private sealed class ListSearch
    {
        private readonly Member[] sorted;
        private readonly ConceptTable table;

        public ListSearch(IEnumerable<Member> members)
        {
            sorted = [.. members.OrderBy(m => m.Code, StringComparer.Ordinal)];
            table = ConceptTable.Build(sorted.Select(m => new ConceptRow(m.Code, m.Display ?? m.Code, "", !m.IsAbstract) { Synonyms = [.. m.Designations.Select(d => d.Value)] }), Hierarchy.None);
        }

        public IEnumerable<(Member Member, double Score)> Run(string text, int limit, Func<Member, bool> isWanted) =>
            ConceptSearch.Run(table, text, text.Trim(), DateOnly.MaxValue, limit, [], row => isWanted(sorted[row])).Select(hit => (sorted[hit.Row], hit.Score));
    }
}
