namespace FhirEmr.FhirServer.Search.Query;

/// <summary>Collects what is wrong with a request, so that one answer names all of it.</summary>
internal sealed class SearchFaults(SearchHandling handling)
{
    private readonly List<SearchFault> refusals = [];
    private readonly List<SearchFault> warnings = [];

    public IReadOnlyList<SearchFault> Refusals => refusals;

    public IReadOnlyList<SearchFault> Warnings => warnings;

    /// <summary>A known parameter with a value that cannot be meant: refused however lenient the caller.</summary>
    public void BadValue(string parameter, string text) => refusals.Add(new("value", parameter, text));

    /// <summary>Something the client should know about an answer that is right all the same.</summary>
    public void Warn(string parameter, string text)
    {
        if (!warnings.Exists(w => w.Parameter == parameter && w.Text == text))
            warnings.Add(new("informational", parameter, text));
    }

    /// <summary>A request that would cost or mean too much as it stands.</summary>
    public void Refuse(string code, string parameter, string text) => refusals.Add(new(code, parameter, text));

    /// <summary>Something this server does not know: left out with a warning when the caller is lenient.</summary>
    public void Unknown(string parameter, string text)
    {
        if (handling == SearchHandling.Lenient)
            warnings.Add(new("not-supported", parameter, $"{text} It was left out of the search."));
        else
            refusals.Add(new("not-supported", parameter, text));
    }
}
