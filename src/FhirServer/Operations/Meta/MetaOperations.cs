using System.Buffers;
using System.Text.Json;
using FhirEmr.FhirServer.Interactions.Patching;
using FhirEmr.FhirServer.Interactions.Writing;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Storage;

namespace FhirEmr.FhirServer.Operations.Meta;

/// <summary><c>$meta</c>, <c>$meta-add</c> and <c>$meta-delete</c>: profiles, tags and security labels without the rest of the resource.</summary>
/// <remarks>
/// https://hl7.org/fhir/R4/resource-operation-meta.html, -meta-add, -meta-delete. Changing them makes a version: R4 leaves that open, and a
/// security label that comes or goes without a trace in the history could not be audited. Hence a past version is read only.
/// Replies 200, 400, 404, 405, 410, 412, 422.
/// </remarks>
internal sealed class MetaOperations(IResourceStore store, StoredEdit edit, TimeProvider clock)
{
    private const string Definitions = "http://hl7.org/fhir/OperationDefinition/Resource-";

    public static IEnumerable<Operation> List(IServiceProvider services)
    {
        MetaOperations Meta() => services.GetRequiredService<MetaOperations>();
        yield return new("meta", Definitions + "meta", [], false, false, false, (r, ct) => Meta().UsedAsync(r, ct)) { Right = null };
        yield return new("meta", Definitions + "meta", ResourceTypes.All, true, true, false, (r, ct) => Meta().ReadAsync(r, ct)) { OnVersion = true, Right = null };
        yield return new("meta-add", Definitions + "meta-add", ResourceTypes.All, false, true, true, (r, ct) => Meta().ChangeAsync(r, MetaElements.Add, ct)) { Right = null };
        yield return new("meta-delete", Definitions + "meta-delete", ResourceTypes.All, false, true, true, (r, ct) => Meta().ChangeAsync(r, MetaElements.Remove, ct)) { Right = null };
    }

    /// <summary>Of the system or a type: every profile, tag and label that some resource has (at most 1000 of each kind).</summary>
    private async Task<FhirReply> UsedAsync(FhirRequest request, CancellationToken ct)
    {
        if (OperationInput.Read(request).Fault is { } fault)
            return FhirReply.Refuse(fault);
        var used = await store.MetaInUseAsync(request.Target.Type is { } type ? [type] : ResourceTypes.All, request.Caller.Access, ct);
        return Answer(MetaElements.Of(used).ToBytes(), null, null);
    }

    private async Task<FhirReply> ReadAsync(FhirRequest request, CancellationToken ct)
    {
        var target = request.Target;
        if (target.Id is null)
            return await UsedAsync(request, ct);
        if (OperationInput.Read(request).Fault is { } fault)
            return FhirReply.Refuse(fault);

        var found = target.Version is { } version
            ? await store.ReadVersionAsync(target.Key, version, request.Caller.Access, ct)
            : await store.ReadAsync(target.Key, request.Caller.Access, ct);
        return found switch
        {
            null => FhirReply.Refuse(target.Version is null ? FhirFault.NotFound(target.Key) : FhirFault.Of(FaultKind.NotFound, $"{target.Key} has no version {target.Version} here.")),
            { IsDeleted: true } => FhirReply.Refuse(FhirFault.Gone(target.Key)),
            _ => Answer(found),
        };
    }

    private async Task<FhirReply> ChangeAsync(FhirRequest request, Action<JsonMembers, JsonMembers> change, CancellationToken ct)
    {
        var (meta, fault) = MetaElements.Sent(request);
        if (meta is null)
            return FhirReply.Refuse(fault!);
        var terms = request.Idempotency is null ? CommitTerms.None : new CommitTerms { Keep = written => KeptReply.Of(request, Answer(written[0].Resource!), clock.GetUtcNow()) };
        var (outcome, refusal) = await edit.RunAsync(request, resource =>
        {
            change((JsonMembers)resource["meta"]!, meta); // every stored resource has one
            return null;
        }, terms, ct);
        return refusal is null ? Answer(outcome!.Resource!) : FhirReply.Refuse(refusal);
    }

    private static FhirReply Answer(StoredResource resource) =>
        Answer(((JsonMembers)JsonValue.Parse(resource.Json.Span))["meta"]!.ToBytes(), resource.Version, resource.LastUpdated);

    private static FhirReply Answer(byte[] meta, int? version, DateTimeOffset? modified)
    {
        var buffer = new ArrayBufferWriter<byte>(meta.Length + 100);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("resourceType"u8, "Parameters"u8);
            json.WriteStartArray("parameter"u8);
            json.WriteStartObject();
            json.WriteString("name"u8, "return"u8);
            if (meta.Length > 2) // FHIR has no empty objects
            {
                json.WritePropertyName("valueMeta"u8);
                json.WriteRawValue(meta, skipInputValidation: true);
            }

            json.WriteEndObject();
            json.WriteEndArray();
            json.WriteEndObject();
        }

        return new FhirReply(200) { Json = buffer.WrittenMemory, Version = version, LastModified = modified };
    }
}
