using FhirEmr.Terminology.CodeSystems;

namespace FhirEmr.Terminology.ValueSets;

/// <summary>In any of them. What one says yes to stands, whatever is unknown of the others.</summary>
internal sealed class UnionTest(IReadOnlyList<SystemTest> parts) : SystemTest
{
    public override bool IsDated => parts.Any(p => p.IsDated);

    public override bool IsListed => parts.All(p => p.IsListed);

    public override bool IsClosed => parts.All(p => p.IsClosed);

    public override CodeSystemContent? ContentOn(DateOnly asOf) => parts.Select(p => p.ContentOn(asOf)).FirstOrDefault(c => c is not null);

    public override SystemCodes? Codes(DateOnly asOf, int max, out string? fault)
    {
        fault = null;
        var all = SystemCodes.Of([]);
        foreach (var part in parts)
        {
            if (part.Codes(asOf, max, out fault) is not { } codes)
                return null;
            all = all.Or(codes);
        }

        return all;
    }

    public override Verdict Test(CodeOn code)
    {
        var answer = Verdict.IsNot();
        foreach (var part in parts)
        {
            var verdict = part.Test(code);
            if (verdict.Membership == Membership.In)
                return verdict;
            if (answer.Membership == Membership.NotIn && (verdict.Membership == Membership.Unknown || answer.Why is null))
                answer = verdict;
        }

        return answer;
    }

    public override IEnumerable<Member> Members(DateOnly asOf, out string? fault)
    {
        fault = null;
        IEnumerable<Member> all = [];
        foreach (var part in parts)
        {
            all = all.Concat(part.Members(asOf, out var wrong));
            fault ??= wrong;
        }

        return all.DistinctBy(m => m.Code, StringComparer.Ordinal);
    }
}

/// <summary>In all of them.</summary>
internal sealed class IntersectionTest(IReadOnlyList<SystemTest> parts) : SystemTest
{
    public override bool IsDated => parts.Any(p => p.IsDated);

    public override bool IsListed => parts.Any(p => p.IsListed);

    public override bool IsClosed => parts.All(p => p.IsClosed);

    public override CodeSystemContent? ContentOn(DateOnly asOf) => parts.Select(p => p.ContentOn(asOf)).FirstOrDefault(c => c is not null);

    public override SystemCodes? Codes(DateOnly asOf, int max, out string? fault)
    {
        fault = null;
        var all = SystemCodes.All;
        foreach (var part in parts)
        {
            if (part.Codes(asOf, max, out fault) is not { } codes)
                return null;
            all = all.And(codes);
        }

        return all;
    }

    public override Verdict Test(CodeOn code)
    {
        var answer = Verdict.Is(null);
        foreach (var part in parts)
        {
            var verdict = part.Test(code);
            if (verdict.Membership == Membership.NotIn)
                return verdict;
            if (verdict.Membership == Membership.Unknown)
                answer = verdict;
            else if (answer.Membership == Membership.In)
                answer = answer with { Display = answer.Display ?? verdict.Display };
        }

        return answer;
    }

    /// <summary>The members of the part that is quickest to list, as far as the others have them.</summary>
    public override IEnumerable<Member> Members(DateOnly asOf, out string? fault)
    {
        fault = null;
        string? first = null;
        foreach (var lister in parts.OrderBy(p => p.IsListed ? 0 : 1))
        {
            var members = lister.Members(asOf, out var wrong);
            if (wrong is null)
            {
                var others = parts.Where(p => p != lister).ToArray();
                var kept = members.Select(m => (Member: m, Verdict: Combined(others, m, asOf))).ToArray();
                fault = Array.Find(kept, k => k.Verdict.Membership == Membership.Unknown).Verdict.Why;
                return kept.Where(k => k.Verdict.Membership == Membership.In).Select(k => k.Member);
            }

            first ??= wrong;
        }

        fault = first;
        return [];
    }

    private static Verdict Combined(SystemTest[] others, Member member, DateOnly asOf) => new IntersectionTest(others).Test(new(member.Code, asOf, null));
}

/// <summary>In one, and not in the other.</summary>
internal sealed class ExceptTest(SystemTest included, SystemTest excluded) : SystemTest
{
    public override bool IsDated => included.IsDated || excluded.IsDated;

    public override bool IsListed => included.IsListed;

    public override bool IsClosed => included.IsClosed && excluded.IsClosed;

    public override CodeSystemContent? ContentOn(DateOnly asOf) => included.ContentOn(asOf);

    public override SystemCodes? Codes(DateOnly asOf, int max, out string? fault) =>
        included.Codes(asOf, max, out fault) is { } codes && excluded.Codes(asOf, max, out fault) is { } without ? codes.AndNot(without) : null;

    public override Verdict Test(CodeOn code)
    {
        var verdict = included.Test(code);
        if (verdict.Membership == Membership.NotIn)
            return verdict;
        var without = excluded.Test(code);
        return without.Membership switch
        {
            Membership.In => Verdict.IsNot("The value set excludes it."),
            Membership.Unknown => Verdict.Unknown(without.Why),
            _ => verdict,
        };
    }

    public override IEnumerable<Member> Members(DateOnly asOf, out string? fault)
    {
        var members = included.Members(asOf, out fault);
        if (fault is not null)
            return [];
        var kept = members.Select(m => (Member: m, Verdict: excluded.Test(new(m.Code, asOf, null)))).ToArray();
        fault = Array.Find(kept, k => k.Verdict.Membership == Membership.Unknown).Verdict.Why;
        return kept.Where(k => k.Verdict.Membership == Membership.NotIn).Select(k => k.Member);
    }
}
