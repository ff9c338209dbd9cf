using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Storage;
using FhirEmr.Terminology.Operations;

namespace FhirEmr.FhirServer.Operations.Terminology;

/// <summary>The resource an operation was called on: by its id, with what it says of itself; or none, when the operation was called on the type.</summary>
internal sealed record Asked(FhirNode Resource, ReadOnlyMemory<byte> Json)
{
    public static Asked Nothing { get; } = new(default, default);

    /// <summary>Null when there is none.</summary>
    public ReadOnlyMemory<byte>? Content => Resource.Exists ? Json : (ReadOnlyMemory<byte>?)null;

    public string? Url => Resource.Exists ? Resource.TextOf("url") : null;

    public string? Version => Resource.Exists ? Resource.TextOf("version") : null;

    public static async ValueTask<(Asked Asked, FhirFault? Fault)> ReadAsync(IResourceStore store, FhirRequest request, CancellationToken ct)
    {
        if (request.Target.Id is null)
            return (Nothing, null);
        var found = await store.ReadAsync(request.Target.Key, request.Caller.Access, ct);
        if (found is null or { IsDeleted: true })
            return (Nothing, found is null ? FhirFault.NotFound(request.Target.Key) : FhirFault.Gone(request.Target.Key));
        return FhirJsonReader.Read(found.Json, out _) is { } tree ? (new(tree.Root, found.Json), null) : (Nothing, FhirFault.NotFound(request.Target.Key));
    }

    public static FhirReply Refuse(Refusal refusal, IEnumerable<string> warnings) => FhirReply.Refuse(FhirFault.Of(
        refusal.Code switch
        {
            "not-found" => FaultKind.NotFound,
            "too-costly" => FaultKind.TooCostly,
            "not-supported" => FaultKind.Unprocessable,
            _ => FaultKind.Invalid,
        },
        string.Join(' ', warnings.Prepend(refusal.Text)), code: refusal.Code));

    public static FhirReply Missing(string text, IEnumerable<string> warnings) =>
        FhirReply.Refuse(FhirFault.Of(FaultKind.Invalid, string.Join(' ', warnings.Prepend(text)), code: "required"));
}
