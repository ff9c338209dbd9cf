namespace FhirEmr.FhirServer.Operations.Reindexing;

/// <summary>How hard the background index works. Bound from <c>Search:Reindex</c>.</summary>
public sealed class ReindexOptions
{
    /// <summary>Resources a step, each step a transaction that also carries the checkpoint; 1 to 1000.</summary>
    public int ChunkSize { get; set; } = 200;

    /// <summary>Part of the time it works while others may want the database: 0.5 rests as long as it worked.</summary>
    public double Share { get; set; } = 0.5;

    /// <summary>
    /// Where several nodes share a database: seconds between a definition and the beginning of its index, so that every node knows it
    /// and no write that began before is still under way.
    /// </summary>
    public int SettleSeconds { get; set; } = 30;
}
