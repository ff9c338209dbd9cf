using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Rest;

namespace FhirEmr.FhirServer.Interactions.Writing;

/// <summary>What a request that writes one resource keeps for its repeats.</summary>
internal static class SingleWrite
{
    /// <param name="existing">What a conditional create found instead of writing; null when something is written.</param>
    public static CommitTerms Terms(FhirRequest request, StoredResource? existing, TimeProvider clock) => request.Idempotency is null ? CommitTerms.None : new()
    {
        Keep = outcomes =>
        {
            var outcome = outcomes is [var written] ? written : new WriteOutcome(WriteKind.Unchanged, existing);
            var reply = WriteReply.For(outcome, request.Prefer);
            return reply.Json.Length <= KeptReply.MostBody
                ? KeptReply.Of(request, reply, clock.GetUtcNow())
                : KeptReply.OfWritten(request, reply.Status, [outcome], clock.GetUtcNow());
        },
    };
}
