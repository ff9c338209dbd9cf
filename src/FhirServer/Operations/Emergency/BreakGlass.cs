using System.Text.Json.Nodes;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Security.Access.Planning;
using FhirEmr.FhirServer.Security.Accounts.Emergency;
using FhirEmr.FhirServer.Storage;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Operations.Emergency;

/// <summary><c>POST Patient/[id]/$break-glass</c>: emergency access to one record for an hour (security.md S-47).</summary>
/// <remarks>
/// Parameter <c>reason</c>, ten characters at least. Needs the right <c>breakglass</c> and a second factor not older than five minutes. Answers Parameters
/// <c>until</c> and <c>review</c>, the Task that asks for the review; replies 200, 400, 403, 404. Whoever has the right may learn that the patient exists.
/// </remarks>
internal sealed class BreakGlass(BreakGlassBook book, AccessPlanner planner, IResourceStore store, Func<FhirRequest, CancellationToken, Task<FhirReply>> write)
{
    public const string Definition = "urn:fhiremr:OperationDefinition:break-glass";

    public async Task<FhirReply> HandleAsync(FhirRequest request, CancellationToken ct)
    {
        var (input, fault) = OperationInput.Read(request, "reason");
        if (fault is not null)
            return FhirReply.Refuse(fault);
        if (request.Caller is not { Principal: { UserId: not null, Patient: null } user, Access: var access } || !access.Holds(BreakGlassBook.Right))
            return Refuse(FaultKind.Forbidden, $"This needs the right {BreakGlassBook.Right}, which clinicians have, and no client acting for itself.");
        if (!book.IsFresh(user))
            return Refuse(FaultKind.Forbidden, "Prove your second factor again first: emergency access needs one not older than five minutes.");
        var reason = input["reason"]?.Trim() ?? "";
        if (reason.Length < BreakGlassBook.ShortestReason || reason.Length > 2000)
            return Refuse(FaultKind.Invalid, $"reason must say in {BreakGlassBook.ShortestReason} to 2000 characters why: it is reviewed.");
        if (await store.ReadAsync(request.Target.Key, SystemPlanFor, ct) is not { IsDeleted: false })
            return FhirReply.Refuse(FhirFault.NotFound(request.Target.Key));

        var grant = await book.GrantAsync(user, request.Target.Id!, reason, ct);
        planner.Forget(user.UserId!);
        var review = await ReviewAsync(request, user, grant.Until, reason, ct);
        var answer = new Parameters();
        answer.Parameter.Add(new() { Name = "until", Value = new Instant(grant.Until) });
        if (review is not null)
            answer.Parameter.Add(new() { Name = "review", Value = new ResourceReference(review) });
        return FhirReply.Of(answer);
    }

    // The caller may not see the patient yet: that is what the operation is for.
    private static AccessPlan SystemPlanFor => Caller.System.Access;

    /// <summary>A work item for whoever answers for privacy.</summary>
    private async Task<string?> ReviewAsync(FhirRequest request, Principal user, DateTimeOffset until, string reason, CancellationToken ct)
    {
        var task = new JsonObject
        {
            ["resourceType"] = "Task",
            ["status"] = "requested",
            ["intent"] = "order",
            ["priority"] = "urgent",
            ["code"] = new JsonObject { ["coding"] = new JsonArray(new JsonObject { ["system"] = "urn:fhiremr:task", ["code"] = "break-glass-review" }), ["text"] = "Review emergency access" },
            ["description"] = $"{user.UserName ?? user.UserId} opened this record in an emergency until {until:u}. Reason given: {reason}",
            ["for"] = new JsonObject { ["reference"] = request.Target.Key.ToString() },
            ["performerType"] = new JsonArray(new JsonObject { ["coding"] = new JsonArray(new JsonObject { ["system"] = "urn:fhiremr:role", ["code"] = "auditor" }), ["text"] = "Privacy officer" }),
        };
        var body = FhirJsonReader.Read(System.Text.Encoding.UTF8.GetBytes(task.ToJsonString()), out _)!.Root;
        var reply = await write(new FhirRequest("POST", FhirTarget.Parse("Task", out _)!, Caller.System) { BaseUrl = request.BaseUrl, Body = body }, ct);
        return reply.Location is { } location ? location[..location.IndexOf("/_history", StringComparison.Ordinal)] : null;
    }

    private static FhirReply Refuse(FaultKind kind, string text) => FhirReply.Refuse(FhirFault.Of(kind, text));
}
