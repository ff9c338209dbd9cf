namespace FhirEmr.FhirServer.CdsHooks;

/// <summary>One service: which hook it answers, what it asks to be sent along, and what answers.</summary>
/// <remarks>https://cds-hooks.hl7.org/2.0/#discovery.</remarks>
/// <param name="Prefetch">Templates by key; what a client does not send is read here, as the user.</param>
internal sealed record CdsService(
    string Id, string Hook, string Title, string Description, IReadOnlyList<KeyValuePair<string, string>> Prefetch,
    Func<CdsRequest, CdsRecords, CancellationToken, Task<IReadOnlyList<CdsCard>>> AnswerAsync)
{
    public bool NeedsEncounter { get; init; }

    public bool TakesOrders { get; init; }
}
