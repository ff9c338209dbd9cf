using FhirEmr.FhirServer.Search.Parameters;

namespace FhirEmr.FhirServer.Search.Indexing;

/// <summary>What extraction needs from outside to turn texts into the small numbers the index holds.</summary>
internal interface IIndexContext
{
    /// <summary>Whether rows are made to be kept: only then may new parameters get numbers.</summary>
    bool IsWriting => true;

    /// <summary>
    /// Target of a reference: a surrogate key (positive) for resources of this server, the negative hash for other addresses, 0 when
    /// it cannot be indexed (fragments, unresolved). References of the resource were resolved before extraction.
    /// </summary>
    long Target(string reference);

    /// <summary>Target of a canonical in one of its two forms (<see cref="CanonicalForm"/>): never a surrogate key.</summary>
    long Canonical(string canonical) => Target(CanonicalForm.Of(canonical));

    /// <summary>Number of a code system, identifier system or unit symbol; 0 for none. New ones are numbered durably.</summary>
    int Symbol(ReadOnlySpan<byte> text);

    /// <summary>Keyed hash of a token text; remembers the text so that the store can keep it once.</summary>
    long Token(ReadOnlySpan<byte> text);

    /// <summary>Keyed hash of a text that stands for itself and is never shown.</summary>
    long Hash(ReadOnlySpan<byte> text);

    /// <summary>A text (display, text of the concept, of the identifier's type) stands beside a token of the parameters: kept once, for <c>:text</c>.</summary>
    void Display(SearchParam[] parameters, ReadOnlySpan<byte> text, long hash, int system);

    /// <summary>Keyed hash of the set of parameters that have a value; the set is kept once, for <c>:missing</c>.</summary>
    long Shape(int typeNumber, ReadOnlySpan<int> sortedParams);
}
