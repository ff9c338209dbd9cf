using FhirEmr.FhirServer.Interactions.Writing;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Storage.Commit;

namespace FhirEmr.FhirServer.Interactions.System;

/// <summary>What one attempt at a transaction has worked out: intents, addresses, and outcomes already known.</summary>
internal sealed class TransactionWork(int entries, string? baseUrl)
{
    private readonly WriteOutcome?[] outcomes = new WriteOutcome?[entries];

    public List<WriteIntent> Intents { get; } = [];

    public Links Links { get; } = new(baseUrl);

    /// <summary>Resources that conditional creates found, and their entries.</summary>
    public List<(ResourceKey Key, int Entry)> Found { get; } = [];

    /// <summary>Conditions that found nothing, and the entries that create for them.</summary>
    public Dictionary<string, int> Conditions { get; } = new(StringComparer.Ordinal);

    /// <summary>Searches that decided something without leading to a write, to hold again at the commit.</summary>
    public List<Precondition> Preconditions { get; } = [];

    /// <summary>An entry that needs no write.</summary>
    public void Know(int entry, WriteOutcome outcome) => outcomes[entry] = outcome;

    /// <summary>Outcomes by entry; null for reads.</summary>
    /// <param name="written">In the order of <see cref="Intents"/>.</param>
    public WriteOutcome?[] OutcomesWith(IReadOnlyList<WriteOutcome> written)
    {
        for (var i = 0; i < Intents.Count; i++)
            outcomes[Intents[i].Entry!.Value] = written[i];
        return outcomes;
    }
}
