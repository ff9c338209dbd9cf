using FhirEmr.FhirServer.Search.Parameters;
using FhirEmr.FhirServer.Search.Query;
using FhirEmr.FhirServer.Storage.Explain;

namespace FhirEmr.FhirServer.Operations.Explaining;

/// <summary>What would make a search cheaper, in a sentence each; most useful first.</summary>
internal static class ExplainAdvice
{
    /// <summary>Fewer rows than this are found in no time, whatever the way.</summary>
    private const int Many = 1000;

    public static IReadOnlyList<string> For(string? type, SearchExplanation explanation, IReadOnlyList<SearchParam> offered, IReadOnlyList<string> named)
    {
        var advice = new List<string>();
        var each = type ?? "resource of these types";
        var narrow = explanation.Owner is null && type is not null && PatientCompartment.CodesOf(type) is [var patient, ..] && type != "Patient" ? $"name the patient ({patient}=Patient/...)" : null;
        if (explanation.Scans)
            advice.Add($"Resources are read one by one here, {explanation.MaxScanned} at most: {narrow ?? "add an identifier, a code or a date"} to leave fewer of them.");
        if (explanation.Terms.Count == 0)
            advice.Add($"This search is unscoped: it walks through every {each}. {(narrow is null ? "Add" : Capital(narrow) + ", or add")} a date, an identifier or a code.");
        else if (!explanation.Terms.Any(t => t.Role == "driver") && !explanation.Scans)
            advice.Add($"No criterion can lead the search, so every {each} is looked at: {(narrow is null ? "add" : narrow + " or add")} a date, an identifier or a code.");
        else if (narrow is not null && explanation.Terms[0].Rows > Many)
            advice.Add($"The most selective criterion still finds {(explanation.Terms[0].Rows >= TermExplanation.Limit ? "more than " : "")}{explanation.Terms[0].Rows} resources: {narrow}, or add a date.");
        foreach (var term in explanation.Terms.Select(t => t.Term).OfType<SearchExpression.Token>())
            if (term is { Hash: not null, System: null } && term.Param.Code is "code" or "identifier")
                advice.Add($"Add the system to '{term.Param.Code}' ({term.Param.Code}=system|...): it finds fewer, and never the same code of another system.");
        if (named.Contains("code") && named.FirstOrDefault(n => n.StartsWith("value-", StringComparison.Ordinal)) is { } value
            && offered.FirstOrDefault(p => p.Code == $"code-{value}") is { } composite)
            advice.Add(composite.IsSupported
                ? $"'{composite.Code}' asks for both on one and the same value, from one index: {composite.Code}=code$value."
                : $"A composite ('{composite.Code}') would help, but is not offered here.");
        return advice.Count > 0 ? advice : ["Nothing to improve: the index leads straight to the matches."];
    }

    private static string Capital(string text) => char.ToUpperInvariant(text[0]) + text[1..];
}
