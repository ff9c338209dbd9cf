using FhirEmr.FhirServer.Search.Query;

namespace FhirEmr.FhirServer.Storage.Explain;

/// <summary>How the store would answer a search.</summary>
/// <param name="Sql">The statement of the page, with placeholders where values stand.</param>
/// <param name="Plan">The engine's own plan, line by line; empty when the engine gives none.</param>
/// <param name="Owner">The patient whose rows alone are looked at; null when the search is not confined to one.</param>
internal sealed record SearchExplanation(
    IReadOnlyList<TermExplanation> Terms, string Sql, IReadOnlyList<string> Plan, string Engine, long? Owner, int MaxScanned)
{
    /// <summary>Whether bodies have to be read.</summary>
    public bool Scans => Terms.Any(t => t.IsScan);
}

/// <summary>One condition that all matches must satisfy.</summary>
/// <param name="Table">Index table that answers it; null when the resource row or the bodies do.</param>
/// <param name="Role">driver (the index names the resources), probe (each is looked up), filter (the row itself tells) or scan (bodies are read).</param>
/// <param name="Order">Place in the order of work, from 1.</param>
/// <param name="Rows">Resources that satisfy it, counted up to <see cref="Limit"/>; of a scan, the candidates.</param>
/// <param name="Estimate">What the engine's statistics say; null when it keeps none.</param>
internal sealed record TermExplanation(SearchExpression Term, string? Table, string Role, int Order, long Rows, long? Estimate)
{
    /// <summary>Counting ends here.</summary>
    public const int Limit = 10_000;

    public bool IsScan => Role == "scan";
}
