using FhirEmr.FhirServer.Documents;
using FhirEmr.FhirServer.Interactions;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Storage;

namespace FhirEmr.FhirServer.Operations.Documents;

/// <summary><c>Composition/[id]/$document</c>: the Composition and everything it refers to, directly or through others, as one document Bundle.</summary>
/// <remarks>
/// composition-operation-document.html. Parameters <c>persist</c> (POST only: the Bundle is stored as the caller's create would store it) and, on
/// the type, <c>id</c>. What the Composition itself refers to has to be there and the caller's to read: a document without it would say less than
/// its author signed. <c>graph</c> is refused. Answers 200, 201, 400, 404, 405, 410, 422.
/// </remarks>
internal sealed class DocumentOperation(IResourceStore store, RecordReader records, Lazy<FhirInteractions> interactions, TimeProvider clock)
{
    private const string Definition = "http://hl7.org/fhir/OperationDefinition/Composition-document";

    public static IEnumerable<Operation> List(IServiceProvider services)
    {
        yield return new("document", Definition, ["Composition"], true, true, false, (r, ct) => services.GetRequiredService<DocumentOperation>().HandleAsync(r, ct)) { Right = null };
    }

    public async Task<FhirReply> HandleAsync(FhirRequest request, CancellationToken ct)
    {
        var (input, fault) = OperationInput.Read(request, "persist", "graph", "id");
        fault ??= Fault(request, input);
        if (fault is not null)
            return FhirReply.Refuse(fault);

        var key = new ResourceKey("Composition", request.Target.Id ?? Id(input["id"]!, request.BaseUrl));
        if (await store.ReadAsync(key, request.Caller.Access, ct) is not { } stored)
            return FhirReply.Refuse(FhirFault.NotFound(key));
        if (stored.IsDeleted)
            return FhirReply.Refuse(FhirFault.Gone(key));

        var composition = records.Of(stored);
        var elsewhere = Elsewhere(composition.Root);
        var missing = new List<ResourceKey>();
        var entries = await records.FollowAsync([.. composition.References().Distinct()], composition, missing, request.Caller.Access, ct);
        if (entries is null)
            return FhirReply.Refuse(FhirFault.Of(FaultKind.TooCostly, $"{key} leads to more resources than a document may hold."));
        if (missing.Count > 0 || elsewhere.Count > 0)
            return FhirReply.Refuse(new(FaultKind.Unprocessable,
            [
                .. missing.Select(m => new FaultIssue("not-found", $"{key} refers to {m}, which is not here for you to read: the document would lack it.")),
                .. elsewhere.Select(e => new FaultIssue("not-supported", $"{key} refers to {e}, which is not on this server: the document would lack it.")),
            ]));

        if (input["persist"] == "true" && entries.Prepend(composition).FirstOrDefault(e => e.IsLabelled) is { } labelled)
            return FhirReply.Refuse(FhirFault.Of(FaultKind.Unprocessable,
                $"{labelled.Key} bears security labels, and a stored document would show it to whoever may see documents: leave persist out, and keep what you are answered under your own care."));

        var now = clock.GetUtcNow();
        var body = DocumentBundle.Write($"{request.BaseUrl}/{key}", stored.Json, entries.Select(e => ($"{request.BaseUrl}/{e.Key}", e.Json)), now);
        return input["persist"] == "true" ? await PersistAsync(request, body, ct) : new FhirReply(200) { Body = body };
    }

    private static FhirFault? Fault(FhirRequest request, OperationInput input)
    {
        if (input["graph"] is not null)
            return FhirFault.Of(FaultKind.NotSupported, "$document follows every reference of the Composition; a graph of your own is not supported: leave the parameter graph out.");
        if (input["persist"] is not (null or "true" or "false"))
            return FhirFault.Of(FaultKind.Invalid, $"persist={input["persist"]} is neither true nor false.", code: "value");
        if (input["persist"] == "true" && request.Method != "POST")
            return FhirFault.Of(FaultKind.MethodNotAllowed, "persist=true stores the document, so $document is then called with POST.");
        if (input["persist"] == "true" && request.IsReadOnly)
            return FhirFault.OnlyReads();
        if (request.Target.Id is null && (input["id"] is not { } id || !ResourceKey.IsId(Id(id, request.BaseUrl))))
            return FhirFault.Of(FaultKind.Invalid, "Say which Composition: Composition/[id]/$document, or the parameter id.", code: "required");
        return request.Target.Id is not null && input["id"] is not null ? FhirFault.Of(FaultKind.Invalid, "The address names the Composition already: leave the parameter id out.") : null;
    }

    private static string Id(string text, string baseUrl)
    {
        var relative = baseUrl.Length > 0 && text.StartsWith(baseUrl + "/", StringComparison.Ordinal) ? text[(baseUrl.Length + 1)..] : text;
        return relative.StartsWith("Composition/", StringComparison.Ordinal) ? relative["Composition/".Length..] : relative;
    }

    /// <summary>Direct references of a Composition that lead to other servers.</summary>
    private List<string> Elsewhere(FhirNode composition)
    {
        var (found, tree) = (new List<string>(), composition.Tree);
        for (var i = composition.Index + 1; i < tree.Nodes[composition.Index].Next; i++)
            if (new FhirNode(tree, i) is { Kind: NodeKind.Text } node && FhirNames.Name(node.NameId) == "reference" && node.Text is { Length: > 0 } text && text[0] != '#'
                && records.Local(text) is null)
                found.Add(text);
        return found;
    }

    private async Task<FhirReply> PersistAsync(FhirRequest request, ReplyBody body, CancellationToken ct)
    {
        if (FhirJsonReader.Read(body.Join(), out var issues) is not { } tree)
            return FhirReply.Refuse(FhirFault.Structure(issues));
        return await interactions.Value.HandleAsync(new("POST", FhirTarget.Parse("Bundle", out _)!, request.Caller)
        {
            Body = tree.Root,
            BaseUrl = request.BaseUrl,
            Prefer = request.Prefer with { Return = request.Prefer.Return ?? "representation" },
            Entry = request.Entry,
        }, ct);
    }
}
