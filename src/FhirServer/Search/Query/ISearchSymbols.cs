namespace FhirEmr.FhirServer.Search.Query;

/// <summary>The dictionaries in front of the index, as far as a search reads them; it never adds to them.</summary>
internal interface ISearchSymbols
{
    /// <summary>Number of a known system or unit; null when no resource ever used it (so nothing can match).</summary>
    int? Find(string text);

    /// <summary>Numbers of all symbols that satisfy the predicate (units by code, whatever their system).</summary>
    IReadOnlyList<int> Where(Func<string, bool> predicate);

    /// <summary>Keyed 64-bit hash of a token text, the same that indexing used.</summary>
    long Hash(ReadOnlySpan<byte> text);
}
