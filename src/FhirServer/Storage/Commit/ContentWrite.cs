namespace FhirEmr.FhirServer.Storage.Commit;

/// <summary>One step in the life of a Binary's content, which lies in pieces beside the resource (reliability R-5).</summary>
/// <remarks>
/// Begin and Pieces are committed as they arrive, each commit small; the commit of the version that points to the content Refers to it. What
/// nobody came to refer to is Dropped later; what only a purged resource referred to is Purged with it.
/// </remarks>
internal abstract record ContentWrite(long Content)
{
    /// <param name="Created">Milliseconds since 1970 UTC.</param>
    public sealed record Begin(long Content, long Created) : ContentWrite(Content);

    public sealed record Piece(long Content, int Ordinal, byte[] Data) : ContentWrite(Content);

    /// <summary>All pieces are there.</summary>
    public sealed record Close(long Content, long Size, string Digest) : ContentWrite(Content);

    /// <summary>A version points to it from now on. The plan is stale when the content is gone.</summary>
    public sealed record Refer(long Content) : ContentWrite(Content);

    /// <summary>Removes a content that no version refers to; the plan is stale when there is none such.</summary>
    public sealed record Drop(long Content) : ContentWrite(Content);

    /// <summary>Removes a content together with all versions that pointed to it; one that is gone already is none the worse.</summary>
    public sealed record Purge(long Content) : ContentWrite(Content);

    /// <summary>Whether the pieces go with the head.</summary>
    public bool TakesPieces => this is Drop or Purge;

    /// <summary>Whether it must find its row, and what to say when it does not.</summary>
    public string? MustFind => this is Refer or Drop ? "The content of a Binary is no longer as it was." : null;
}
