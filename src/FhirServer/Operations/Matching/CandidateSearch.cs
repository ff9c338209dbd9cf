using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Search.Query;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Storage;

namespace FhirEmr.FhirServer.Operations.Matching;

/// <summary>Finds the few records worth comparing, by searches that the index answers; the store is never walked.</summary>
/// <remarks>Each search catches a kind of slip that the others miss: a wrong name by the birth date, a wrong birth date by the name, both by telecom.</remarks>
internal sealed class CandidateSearch(IResourceStore store, SearchParser parser)
{
    /// <summary>Most candidates of one search; more of them share too little to tell apart.</summary>
    public const int MaxOfOne = 200;

    /// <summary>What searches by names, and by where people of a name live, are called in what was cut: of those who share no more there may be any number, strangers all of them.</summary>
    private static readonly string[] Common = ["family", "given", "family and given", "family and address-postalcode"];

    private const int MaxNames = 4;

    /// <returns>Candidates by surrogate key, and what was searched for where there were more than could be compared.</returns>
    public async Task<(IReadOnlyList<StoredResource> Found, IReadOnlyList<string> Cut)> FindAsync(PatientTraits asked, AccessPlan access, CancellationToken ct)
    {
        var (found, cut) = (new SortedDictionary<long, StoredResource>(), new List<string>());
        foreach (var block in Blocks(asked))
        {
            if (await parser.ParseAsync("Patient", block, SearchHandling.Strict, null, ct) is not SearchParse.Parsed parsed)
                continue; // a value that no index row can have: nobody shares it
            var page = await store.SearchAsync(parsed.Query with { Count = MaxOfOne }, access, ct);
            foreach (var match in page.Matches)
                found.TryAdd(match.Sid, match);
            if (page.Next is not null)
                cut.Add(string.Join(" and ", block.Select(b => b.Key)));
        }

        return ([.. found.Values], cut);
    }

    /// <summary>Who is the one described, for what goes into their record: certain, or for a person to say.</summary>
    public async Task<Likeness> LikeAsync(PatientTraits asked, AccessPlan access, CancellationToken ct)
    {
        var (found, cut) = await FindAsync(asked, access, ct);
        return Likeness.Of(asked, found, cut.Any(c => Tells(c, asked)));
    }

    /// <summary>Whether somebody who is the one described may be among those that were cut. Whoever is known by more than a name is found by that as well.</summary>
    public static bool Tells(string cut, PatientTraits asked) =>
        !Common.Contains(cut, StringComparer.Ordinal) || (asked.BirthDate is null && asked.Phones.Count == 0 && asked.Emails.Count == 0 && !asked.Identifiers.Exists(i => i.IsUsable));

    public static IEnumerable<KeyValuePair<string, string>[]> Blocks(PatientTraits asked)
    {
        var identifiers = asked.Identifiers.Where(i => i.IsUsable).SelectMany(Written).Distinct().ToArray();
        if (identifiers.Length > 0)
            yield return [new("identifier", string.Join(',', identifiers))];

        var telecoms = asked.Phones.SelectMany(PhoneForms).Concat(asked.Emails).Select(SearchText.Escape).Distinct().ToArray();
        if (telecoms.Length > 0)
            yield return [new("telecom", string.Join(',', telecoms))];

        var names = asked.Names.Where(n => n.Family.Count > 0 || n.Given.Count > 0).Take(MaxNames).ToArray();
        var families = names.SelectMany(n => n.Family.Prepend(string.Join(' ', n.Family))).Where(f => f.Length > 0).Distinct().ToArray();
        var givens = names.Where(n => n.Given.Count > 0).Select(n => n.Given[0]).Distinct().ToArray();
        if (asked.BirthDate is { } born)
        {
            var near = string.Join(',', BirthDates.Slips(born).Select(s => s.Date));
            if (born.Length == 10)
                yield return [new("birthdate", born)];
            foreach (var (code, starts) in new[] { ("family", families), ("given", givens) })
            {
                if (starts.Length == 0)
                    continue;
                var some = string.Join(',', starts.Select(s => Start(s, 2)).Distinct());
                if (near.Length > 0)
                    yield return [new("birthdate", near), new(code, some)];
                else
                    yield return [new("birthdate", born), new(code, some)];
            }
        }

        if (families.Length > 0)
        {
            if (givens.Length > 0)
            {
                yield return [new("family", string.Join(',', families)), new("given", string.Join(',', givens.Select(g => Start(g, 1)).Distinct()))];
                yield return [new("family", string.Join(',', givens)), new("given", string.Join(',', families))]; // written the other way round
                yield return [new("family", string.Join(',', families.Select(f => Start(f, 3)).Distinct())), new("given", string.Join(',', givens))];
            }
            else
            {
                yield return [new("family", string.Join(',', families))];
            }

            var postal = asked.Addresses.Select(a => a.PostalCode).Where(p => p.Length > 0).Distinct().ToArray();
            if (postal.Length > 0)
                yield return [new("family", string.Join(',', families.Select(f => Start(f, 3)).Distinct())), new("address-postalcode", string.Join(',', postal))];
        }
        else if (givens.Length > 0)
        {
            yield return [new("given", string.Join(',', givens))];
        }
    }

    /// <summary>The index holds identifiers as written, and a social security number is written in two ways.</summary>
    private static IEnumerable<string> Written(PersonIdentifier i)
    {
        foreach (var value in i.IsSsn ? [i.Written, i.Value, $"{i.Value[..3]}-{i.Value[3..5]}-{i.Value[5..]}"] : new[] { i.Written })
            yield return (i.System is { Length: > 0 } system ? SearchText.Escape(system) + "|" : "") + SearchText.Escape(value);
    }

    private static IEnumerable<string> PhoneForms(string digits) => digits.Length < 10 ? [digits, $"{digits[..3]}-{digits[3..]}"] :
    [
        digits, $"{digits[..3]}-{digits[3..6]}-{digits[6..]}", $"({digits[..3]}) {digits[3..6]}-{digits[6..]}", $"({digits[..3]}){digits[3..6]}-{digits[6..]}",
        $"{digits[..3]}.{digits[3..6]}.{digits[6..]}", $"+1{digits}", $"1{digits}", $"+1-{digits[..3]}-{digits[3..6]}-{digits[6..]}", $"1-{digits[..3]}-{digits[3..6]}-{digits[6..]}",
        $"+1 {digits[..3]} {digits[3..6]} {digits[6..]}", $"{digits[..3]} {digits[3..6]} {digits[6..]}",
    ];

    private static string Start(string text, int length) => text.Length <= length ? text : text[..length];
}
