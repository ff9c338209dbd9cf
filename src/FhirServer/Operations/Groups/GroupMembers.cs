using System.Text.Json;
using FhirEmr.FhirServer.Interactions.Patching;
using FhirEmr.FhirServer.Interactions.Writing;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Search.Query;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Storage;

namespace FhirEmr.FhirServer.Operations.Groups;

/// <summary><c>Group/[id]/$member-add</c> and <c>$member-remove</c>: one member comes or goes, and the rest of the list is not sent.</summary>
/// <remarks>
/// Da Vinci Member Attribution (hl7.org/fhir/us/davinci-atr). Who goes stays in the list as inactive, so that it can be told when; who comes again is active again.
/// Each is an update like any other: a version, under the caller's rights. Two at once both come through. Replies 200, 400, 404, 410, 412, 422.
/// </remarks>
internal sealed class GroupMembers(IResourceStore store, StoredEdit edit, ConditionResolver conditions, LocalAddress address, TimeProvider clock)
{
    private const string AttributedProvider = "http://hl7.org/fhir/us/davinci-atr/StructureDefinition/ext-attributedProvider";

    private const string Npi = "http://hl7.org/fhir/sid/us-npi";

    public static IEnumerable<Operation> List(IServiceProvider services)
    {
        GroupMembers Members() => services.GetRequiredService<GroupMembers>();
        yield return new("member-add", "http://hl7.org/fhir/us/davinci-atr/OperationDefinition/member-add", ["Group"], false, true, true, (r, ct) => Members().ChangeAsync(r, isAdding: true, ct)) { Right = null };
        yield return new("member-remove", "http://hl7.org/fhir/us/davinci-atr/OperationDefinition/member-remove", ["Group"], false, true, true, (r, ct) => Members().ChangeAsync(r, isAdding: false, ct)) { Right = null };
    }

    private async Task<FhirReply> ChangeAsync(FhirRequest request, bool isAdding, CancellationToken ct)
    {
        if (!request.Caller.Access.Of("Group").Allows(Interaction.Update))
            return FhirReply.Refuse(FhirFault.Of(FaultKind.Forbidden, "You may not update Group.")); // before anybody is looked up
        var (input, fault) = MemberInput.Read(request);
        if (input is null)
            return FhirReply.Refuse(fault!);
        var (patient, unknown) = await FindAsync(input.Patient, input.MemberId, ["Patient"], request, ct);
        if (patient is null)
            return FhirReply.Refuse(unknown!);
        var (provider, nobody) = input.Provider is null && input.ProviderNpi is null
            ? (null, null)
            : await FindAsync(input.Provider, input.ProviderNpi is var (system, value) ? (system ?? Npi, value) : null, ["Practitioner", "PractitionerRole", "Organization"], request, ct);
        if (nobody is not null)
            return FhirReply.Refuse(nobody);

        var (outcome, refusal) = await edit.RunAsync(
            request,
            group => (isAdding ? Add(group, patient.Value, provider, input.Period) : Remove(group, patient.Value, provider)) is { } why ? FhirFault.Of(FaultKind.Unprocessable, why) : null,
            SingleWrite.Terms(request, null, clock), ct);
        return refusal is null ? WriteReply.For(outcome!, request.Prefer) : FhirReply.Refuse(refusal);
    }

    /// <summary>Whom a reference or an identifier means, among those the caller may see.</summary>
    private async Task<(ResourceKey? Key, FhirFault? Fault)> FindAsync(string? reference, (string? System, string Value)? identifier, string[] types, FhirRequest request, CancellationToken ct)
    {
        if (reference is not null)
            return address.TryGetKey(reference, out var key) && types.Contains(key.Type) && await store.ReadAsync(key, request.Caller.Access, ct) is { IsDeleted: false }
                ? (key, null) : (null, FhirFault.Of(FaultKind.Unprocessable, $"'{reference}' is no {string.Join(" or ", types)} that is known here.", code: "not-found"));
        var token = (identifier!.Value.System is { } system ? SearchText.Escape(system) + "|" : "") + SearchText.Escape(identifier.Value.Value);
        foreach (var type in types)
        {
            if (type == "PractitionerRole" || !request.Caller.Access.Of(type).Allows(Interaction.Search))
                continue;
            var found = await conditions.ResolveAsync(type, [new("identifier", token)], request.Caller, ct);
            if (found.Fault is not null)
                return (null, found.Fault);
            if (found.Matches.Count > 1)
                return (null, FhirFault.Of(FaultKind.Unprocessable, $"More than one {type} has that identifier: name it by reference.", code: "multiple-matches"));
            if (found.Matches is [var only])
                return (only.Key, null);
        }

        return (null, FhirFault.Of(FaultKind.Unprocessable, $"No {string.Join(" or ", types)} with that identifier is known here.", code: "not-found"));
    }

    private string? Add(JsonMembers group, ResourceKey patient, ResourceKey? provider, JsonMembers? period)
    {
        if (group["actual"] is JsonScalar { Kind: JsonTokenType.False })
            return "The Group describes its members and does not list them (actual is false): change its member-filter instead.";
        if (group["member"] is not JsonItems members)
            group.Set("member", members = new JsonItems());
        var member = members.Items.OfType<JsonMembers>().FirstOrDefault(m => IsOf(m, patient));
        if (member is null)
        {
            var entity = new JsonMembers();
            entity.Set("reference", Text(patient.ToString()));
            member = new JsonMembers();
            member.Set("entity", entity);
            members.Items.Add(member);
        }

        member.Remove("inactive");
        if (period is not null)
            member.Set("period", period);
        if (provider is { } attributed)
        {
            if (member["extension"] is not JsonItems extensions)
                member.Set("extension", extensions = new JsonItems());
            extensions.Items.RemoveAll(e => (e as JsonMembers)?.TextOf("url") == AttributedProvider);
            var (extension, reference) = (new JsonMembers(), new JsonMembers());
            reference.Set("reference", Text(attributed.ToString()));
            extension.Set("url", Text(AttributedProvider));
            extension.Set("valueReference", reference);
            extensions.Items.Add(extension);
        }

        return null;
    }

    private string? Remove(JsonMembers group, ResourceKey patient, ResourceKey? provider)
    {
        var member = (group["member"] as JsonItems)?.Items.OfType<JsonMembers>().FirstOrDefault(m => IsOf(m, patient));
        if (member is null)
            return $"{patient} is no member of this Group.";
        if (provider is { } attributed && ProviderOf(member) is { } other && !(address.TryGetKey(other, out var key) && key == attributed))
            return $"{patient} is a member for another provider.";
        member.Set("inactive", new JsonScalar(JsonTokenType.True, "true"u8.ToArray()));
        return null;
    }

    private bool IsOf(JsonMembers member, ResourceKey patient) =>
        (member["entity"] as JsonMembers)?.TextOf("reference") is { } reference && address.TryGetKey(reference, out var key) && key == patient;

    private static string? ProviderOf(JsonMembers member) => (member["extension"] as JsonItems)?.Items.OfType<JsonMembers>()
        .Where(e => e.TextOf("url") == AttributedProvider).Select(e => (e["valueReference"] as JsonMembers)?.TextOf("reference")).FirstOrDefault();

    // Ids hold nothing that JSON would have to escape.
    private static JsonScalar Text(string text) => new(JsonTokenType.String, System.Text.Encoding.UTF8.GetBytes($"\"{text}\""));
}
