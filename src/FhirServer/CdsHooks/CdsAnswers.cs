using System.Text.Json.Nodes;
using FhirEmr.FhirServer.Interactions;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Security.Access;

namespace FhirEmr.FhirServer.CdsHooks;

/// <summary>Runs a service on one question: what was sent along, then the record as the user may see it, then the cards.</summary>
internal sealed class CdsAnswers(FhirInteractions interactions)
{
    /// <param name="caller">As whom missing records are read; null for a client that may read none.</param>
    public async Task<(JsonObject? Cards, FhirFault? Fault)> AnswerAsync(CdsService service, CdsRequest request, Func<Caller>? caller, CancellationToken ct)
    {
        var records = new CdsRecords(interactions, caller);
        if (records.Take(request, service) is { } fault)
            return (null, fault);
        try
        {
            return (CdsCardWriter.Response(await service.AnswerAsync(request, records, ct)), null);
        }
        catch (CdsDataMissingException missing)
        {
            return (null, FhirFault.Of(FaultKind.PreconditionFailed,
                $"The service cannot answer: {missing.Message}. Send what the prefetch templates ask for, or a token of the user that reads it, in fhirAuthorization.", code: "incomplete"));
        }
    }
}
