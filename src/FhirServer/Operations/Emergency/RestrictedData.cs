using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Search.Query;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Security.Access.Planning;
using FhirEmr.FhirServer.Security.Accounts.Emergency;
using FhirEmr.FhirServer.Storage;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Operations.Emergency;

/// <summary><c>Patient/[id]/$restricted-data</c>: whether labels or consents keep anything of the record from the user, who could ask for emergency access (security.md S-45).</summary>
/// <remarks>
/// Answers Parameters with the boolean <c>restricted</c>, and neither what nor how much; replies 200, 403, 404. Needs the right <c>breakglass</c>. To others it is the same 403 for
/// every patient, and no other answer carries a mark: that something was left out would tell what it is about.
/// </remarks>
internal sealed class RestrictedData(AccessPlanner planner, CompartmentCriterion compartment, IResourceStore store)
{
    public const string Definition = "urn:fhiremr:OperationDefinition:restricted-data";

    public async Task<FhirReply> HandleAsync(FhirRequest request, CancellationToken ct)
    {
        var (_, fault) = OperationInput.Read(request);
        if (fault is not null)
            return FhirReply.Refuse(fault);
        if (request.Caller is not { Principal: { UserId: not null, Patient: null } user, Access: var access } || !access.Holds(BreakGlassBook.Right))
            return FhirReply.Refuse(FhirFault.Of(FaultKind.Forbidden, $"This needs the right {BreakGlassBook.Right}, which clinicians have, and no client acting for itself."));

        // Who may open the record in an emergency may learn that there is one.
        if (await store.ReadAsync(request.Target.Key, Caller.System.Access, ct) is not { IsDeleted: false })
            return FhirReply.Refuse(FhirFault.NotFound(request.Target.Key));
        var answer = new Parameters();
        answer.Parameter.Add(new() { Name = "restricted", Value = new FhirBoolean(await IsAnyAsync(request, await planner.WithheldAsync(user, ct), ct)) });
        return FhirReply.Of(answer);
    }

    /// <summary>One search in the patient's compartment, under a plan that opens only what the user's own leaves out.</summary>
    private async Task<bool> IsAnyAsync(FhirRequest request, AccessPlan withheld, CancellationToken ct)
    {
        var types = Resources.ResourceTypes.All.Where(withheld.CanSearch).ToList();
        if (types.Count == 0)
            return false;
        var members = await compartment.ForAsync(request.Target.Key, types, ct);
        var found = await store.SearchAsync(new SearchQuery(SearchQuery.EveryType, members) { Types = types, Count = 1 }, withheld, ct);
        return found.Matches.Count > 0;
    }
}
