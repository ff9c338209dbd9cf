using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Security.Access;

namespace FhirEmr.FhirServer.Interactions;

/// <summary>Whether a caller may ask for such a thing at all: the right to the interaction on the type, or to the operation. Which resources it reaches the store decides.</summary>
/// <remarks>
/// Security.md S-30, S-35. Asked at the one door, so for every entry of a batch, and by transactions for each of theirs. 401 for who has not
/// signed in, 403 for who has: neither depends on what is stored.
/// </remarks>
internal static class RequestRights
{
    /// <param name="operation">The operation addressed; null when there is none such.</param>
    public static FhirFault? FaultOf(FhirRequest request, Func<FhirTarget, Operations.Operation?> operation)
    {
        var (target, caller) = (request.Target, request.Caller);
        if (caller.Access.IsEverything || target.IsMetadata)
            return null;
        if (caller.Principal is null && ReferenceEquals(caller.Access, AccessPlan.Nothing))
            return FhirFault.Of(FaultKind.Unauthorized, "Sign in first: the request carries no credentials that count.");
        if (target.Operation is not null)
            return OfOperation(target, caller.Access, operation);

        return (request.Method, target) switch
        {
            ("GET" or "HEAD", { IsHistory: true, Version: not null }) => Needs(target.Type, Interaction.Vread, "read versions of"),
            ("GET" or "HEAD", { IsHistory: true }) => Needs(target.Type, Interaction.History, "see the history of"),
            ("GET" or "HEAD", { Id: not null }) => Needs(target.Type, Interaction.Read, "read"),
            ("GET" or "HEAD", _) or ("POST", { IsSearch: true }) => Needs(target.Type, Interaction.Search, "search"),
            ("POST", { Type: not null }) => Needs(target.Type, Interaction.Create, "create"),
            ("PUT", { Type: not null }) => caller.Access.Of(target.Type!).Allows(Interaction.Update) ? null : Needs(target.Type, Interaction.Create, "update or create"),
            ("PATCH", { Type: not null }) => Needs(target.Type, Interaction.Patch, "patch") // what is patched by id is read first
                ?? (target.Id is null ? null : Needs(target.Type, Interaction.Read, "read")),
            ("DELETE", { Type: not null }) => Needs(target.Type, Interaction.Delete, "delete"),
            _ => null, // a Bundle is as much as its entries are; what is not offered says so itself
        };

        FhirFault? Needs(string? type, Interaction interaction, string verb) => type is null || caller.Access.Of(type).Allows(interaction)
            ? null : FhirFault.Of(FaultKind.Forbidden, $"You may not {verb} {type}.");
    }

    /// <summary>An operation without a right of its own is still asked of a resource, which must be of a type that may be read.</summary>
    private static FhirFault? OfOperation(FhirTarget target, AccessPlan access, Func<FhirTarget, Operations.Operation?> operation) => operation(target) switch
    {
        { Right: { } right } when !access.Holds(right) => FhirFault.Of(FaultKind.Forbidden, $"${target.Operation} needs the right {right}."),
        { Right: null } when target is { Type: { } type, Id: not null } && !access.Of(type).Allows(Interaction.Read) => FhirFault.Of(FaultKind.Forbidden, $"You may not read {type}."),
        _ => null,
    };
}
