using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Storage;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Operations.Evidence;

/// <summary><c>Claim/[id]/$evidence</c>: a version of the claim with the exact versions of everything it rested on, as stored then.</summary>
/// <remarks>
/// Parameters <c>version</c> (of the claim; the newest by default) or <c>stage</c> (the newest version in that billing stage). A collection
/// Bundle: the claim first, then each resource once, under versioned fullUrls; every entry says why it is there. What billing decided on was
/// written down by it; what else the claim refers to is derived from history. What cannot be had is named in an OperationOutcome at the end.
/// Answers 200, 400, 404, 410, 503.
/// </remarks>
internal sealed class Evidence(IResourceStore store, TimeProvider clock)
{
    public const string ReasonUrl = "urn:fhiremr:evidence-reason";

    private const string StageUrl = "urn:fhiremr:claim-stage";
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(50);

    private readonly VersionAtCommit versions = new(store, clock);

    public static IEnumerable<Operation> List(IServiceProvider services)
    {
        yield return new("evidence", "urn:fhiremr:OperationDefinition:Claim-evidence", ["Claim"], false, true, false,
            (r, ct) => services.GetRequiredService<Evidence>().HandleAsync(r, ct));
    }

    public async Task<FhirReply> HandleAsync(FhirRequest request, CancellationToken ct)
    {
        var (input, fault) = OperationInput.Read(request, "version", "stage");
        if (fault is not null)
            return FhirReply.Refuse(fault);
        var number = 0;
        if (input["version"] is { } text && (!int.TryParse(text, CultureInfo.InvariantCulture, out number) || number < 1))
            return FhirReply.Refuse(FhirFault.Of(FaultKind.Invalid, $"version={text} cannot be read: versions are numbered from 1.", code: "value"));
        if (number > 0 && input["stage"] is not null)
            return FhirReply.Refuse(FhirFault.Of(FaultKind.Invalid, "Give version or stage, not both: each names one version of the claim."));

        var (claim, refusal) = await ClaimAsync(request, number, input["stage"], ct);
        if (claim is null)
            return FhirReply.Refuse(refusal!);

        for (var attempt = 0; ; attempt++)
        {
            try
            {
                return await AnswerAsync(request, claim, ct);
            }
            catch (NotSettledException) when (attempt < 20)
            {
                await Task.Delay(Patience, ct);
            }
            catch (NotSettledException)
            {
                return FhirReply.Refuse(FhirFault.Of(FaultKind.Unavailable,
                    $"{claim.Key} was written a moment ago and an earlier transaction still runs: what came first is not settled yet. Ask again."));
            }
        }
    }

    private async Task<(StoredResource? Claim, FhirFault? Fault)> ClaimAsync(FhirRequest request, int version, string? stage, CancellationToken ct)
    {
        var (key, access) = (request.Target.Key, request.Caller.Access);
        if (version > 0)
            return await store.ReadVersionAsync(key, version, access, ct) switch
            {
                null => (null, FhirFault.Of(FaultKind.NotFound, $"{key} has no version {version}.")),
                { IsDeleted: true } => (null, FhirFault.Gone(key)),
                var found => (found, null),
            };

        if (stage is null)
            return await store.ReadAsync(key, access, ct) switch
            {
                null => (null, FhirFault.NotFound(key)),
                { IsDeleted: true } => (null, FhirFault.Gone(key)),
                var found => (found, null),
            };

        var stages = new List<string>();
        for (HistoryPosition? after = null; ;)
        {
            var page = await store.HistoryAsync(new(key.Type, key.Id, 100, null, null, after), access, ct);
            foreach (var candidate in page.Versions.Where(v => !v.IsDeleted))
            {
                var at = StageOf(Parsed(candidate));
                if (at == stage)
                    return (candidate, null);
                if (at is not null && !stages.Contains(at))
                    stages.Add(at);
            }

            if (page.Versions.Count == 0 && after is null)
                return (null, FhirFault.NotFound(key));
            if ((after = page.Next) is null)
                return (null, FhirFault.Of(FaultKind.NotFound, stages.Count == 0
                    ? $"{key} never had a billing stage."
                    : $"{key} was never in stage '{stage}'; it was in {string.Join(", ", stages)}."));
        }
    }

    private async Task<FhirReply> AnswerAsync(FhirRequest request, StoredResource claim, CancellationToken ct)
    {
        var root = Parsed(claim);
        var (found, missing) = (new Dictionary<ResourceKey, (StoredResource Resource, string Why)>(), new List<string>());
        var by = $"{claim.Key}/_history/{claim.Version}";
        foreach (var (key, version) in ClaimReferences.Pinned(root))
        {
            if (await store.ReadVersionAsync(key, version, request.Caller.Access, ct) is { IsDeleted: false } pinned)
                found.TryAdd(key, (pinned, $"Billing decided on this version when it made or repaired {claim.Key}."));
            else
                missing.Add($"{key}/_history/{version}, which billing decided on, is no longer here.");
        }

        var references = ClaimReferences.Of(root, TryRead(request.BaseUrl)).Where(r => r.Key is not { } key || (!found.ContainsKey(key) && key != claim.Key)).ToArray();
        var then = await versions.FindAsync(claim, [.. references.Where(r => r.Version == 0).Select(r => r.Key).OfType<ResourceKey>()], request.Caller.Access, ct);
        foreach (var reference in references)
        {
            if (reference.Key is not { } key)
                missing.Add($"{reference.Path} refers to {reference.Text}, which is not on this server.");
            else if (reference.Version > 0 && await store.ReadVersionAsync(key, reference.Version, request.Caller.Access, ct) is { IsDeleted: false } named)
                found.TryAdd(key, (named, $"{reference.Path} refers to this version."));
            else if (reference.Version == 0 && then.TryGetValue(key, out var current))
                found.TryAdd(key, (current, $"{reference.Path} refers to it, and this version was the current one when {by} was committed."));
            else
                missing.Add($"{reference.Path} refers to {reference.Text}, which did not exist when {by} was committed.");
        }

        using var bundle = new BundleWriter("collection", claim.LastUpdated);
        bundle.Links(("self", $"{request.BaseUrl}/{claim.Key}/$evidence?version={claim.Version}"));
        Entry(bundle, request.BaseUrl, claim, "The claim itself.");
        foreach (var (resource, why) in found.Values)
            Entry(bundle, request.BaseUrl, resource, why);
        if (missing.Count > 0)
            bundle.Entry(null, Outcome(missing));
        return new FhirReply(200) { Body = bundle.Finish() };
    }

    private static void Entry(BundleWriter bundle, string baseUrl, StoredResource resource, string why) =>
        bundle.EntryWith($"{baseUrl}/{resource.Key}/_history/{resource.Version}", resource.Json, "extension", Reason(why));

    private static byte[] Reason(string why)
    {
        var buffer = new System.Buffers.ArrayBufferWriter<byte>(256);
        using var json = new Utf8JsonWriter(buffer, new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        json.WriteStartArray();
        json.WriteStartObject();
        json.WriteString("url", ReasonUrl);
        json.WriteString("valueString", why);
        json.WriteEndObject();
        json.WriteEndArray();
        json.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    private static byte[] Outcome(IReadOnlyList<string> missing)
    {
        var outcome = new OperationOutcome();
        outcome.Issue.AddRange(missing.Select(m => new FaultIssue("not-found", m).ToComponent("not-found", OperationOutcome.IssueSeverity.Warning)));
        return FhirFormats.ToJson(outcome);
    }

    private static ClaimReferences.TryRead TryRead(string baseUrl) => (string reference, out ResourceKey key, out int version) =>
        ResourceKey.TryParseRelative(baseUrl.Length > 0 && reference.StartsWith(baseUrl + "/", StringComparison.Ordinal) ? reference[(baseUrl.Length + 1)..] : reference, out key, out version);

    private static FhirNode Parsed(StoredResource claim) => FhirJsonReader.Read(claim.Json, out _)?.Root
        ?? throw new InvalidDataException($"The stored body of {claim.Key} cannot be read; run the doctor.");

    private static string? StageOf(FhirNode claim)
    {
        foreach (var child in claim.Children)
            if (FhirNames.Name(child.NameId) == "extension" && child.TextOf("url") == StageUrl)
                return child.TextOf("value");
        return null;
    }
}
