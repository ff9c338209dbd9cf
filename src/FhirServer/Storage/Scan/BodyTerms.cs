using FhirEmr.FhirServer.Search.Query;

namespace FhirEmr.FhirServer.Storage.Scan;

/// <summary>Takes an expression apart into what SQL answers and what only the bodies can.</summary>
internal static class BodyTerms
{
    /// <summary>Every resource.</summary>
    private static readonly SearchExpression Anything = new SearchExpression.And([]);

    /// <summary>Whether a body must be read somewhere to decide the expression.</summary>
    public static bool In(SearchExpression term) => term switch
    {
        SearchExpression.Body => true,
        SearchExpression.And and => In(and.Terms),
        SearchExpression.Or or => In(or.Terms),
        SearchExpression.Not not => In(not.Term),
        SearchExpression.Chain chain => In(chain.Target),
        SearchExpression.ReverseChain reverse => In(reverse.Source),
        _ => false,
    };

    /// <summary>A condition without bodies that every match satisfies: the candidates worth reading.</summary>
    public static SearchExpression Necessary(SearchExpression term)
    {
        if (!In(term))
            return term;
        return term switch
        {
            SearchExpression.Body body => body.Candidates is { } candidates ? Necessary(candidates) : Anything,
            SearchExpression.And and => new SearchExpression.And([.. and.Terms.Select(Necessary).Where(t => !IsAnything(t))]),
            SearchExpression.Or or => or.Terms.Select(Necessary).ToArray() is var any && any.Any(IsAnything) ? Anything : new SearchExpression.Or(any),
            SearchExpression.Chain chain => chain with { Target = Necessary(chain.Target) },
            SearchExpression.ReverseChain reverse => reverse with { Source = Necessary(reverse.Source) },
            _ => Anything, // a negation: what the inner term may match says nothing about what it does not
        };
    }

    /// <summary>The terms of the top-level conjunction that need bodies; the others are in <see cref="Necessary"/> as they are.</summary>
    public static List<SearchExpression> Undecided(SearchExpression where)
    {
        var terms = new List<SearchExpression>();
        Collect(where);
        return terms;

        void Collect(SearchExpression term)
        {
            if (term is SearchExpression.And and)
                foreach (var t in and.Terms)
                    Collect(t);
            else if (In(term))
                terms.Add(term);
        }
    }

    /// <summary>The parts of an undecided term that SQL answers, as large as they come.</summary>
    public static IEnumerable<SearchExpression> Answerable(SearchExpression term) => term switch
    {
        _ when !In(term) => [term],
        SearchExpression.And and => and.Terms.SelectMany(Answerable),
        SearchExpression.Or or => or.Terms.SelectMany(Answerable),
        SearchExpression.Not not => Answerable(not.Term),
        _ => [],
    };

    /// <summary>What the search calls its first term that needs bodies; null when it has no name.</summary>
    public static string? NameIn(SearchExpression term) => term switch
    {
        SearchExpression.Body body => body.Parameter,
        SearchExpression.And and => and.Terms.Where(In).Select(NameIn).FirstOrDefault(n => n is not null),
        SearchExpression.Or or => or.Terms.Where(In).Select(NameIn).FirstOrDefault(n => n is not null),
        SearchExpression.Not not => NameIn(not.Term),
        SearchExpression.Chain chain => NameIn(chain.Target),
        SearchExpression.ReverseChain reverse => NameIn(reverse.Source),
        _ => null,
    };

    private static bool In(IReadOnlyList<SearchExpression> terms)
    {
        for (var i = 0; i < terms.Count; i++)
            if (In(terms[i]))
                return true;
        return false;
    }

    private static bool IsAnything(SearchExpression term) => term is SearchExpression.And { Terms.Count: 0 };
}
