using System.Text.Json;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Rest;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.CdsHooks;

/// <summary>Reads the body of a question and says of anything wrong what and where. Resources in it are held to R4's structure, as those of a write are.</summary>
internal static class CdsRequestReader
{
    private const int MaxOrders = 100;

    public static (CdsRequest? Request, FhirFault? Fault) Read(ReadOnlyMemory<byte> body, CdsService service)
    {
        if (!System.Text.Unicode.Utf8.IsValid(body.Span))
            return Refuse("The body is not in UTF-8.");
        try
        {
            using var document = JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = 128 });
            return Read(document.RootElement, service);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException) // the latter of half a surrogate pair, when the text is asked for
        {
            return Refuse("The body is no JSON.");
        }
    }

    private static (CdsRequest?, FhirFault?) Read(JsonElement root, CdsService service)
    {
        if (root.ValueKind != JsonValueKind.Object)
            return Refuse("The body must be a JSON object with hook, hookInstance and context.");
        if (Text(root, "hook") is not { } hook)
            return Refuse("'hook' is missing.");
        if (hook != service.Hook)
            return Refuse($"This service answers the hook {service.Hook}, and no other.");
        if (Text(root, "hookInstance") is not { Length: > 0 and <= 200 })
            return Refuse("'hookInstance' is missing: a UUID that names this call.");
        if (!root.TryGetProperty("context", out var context) || context.ValueKind != JsonValueKind.Object)
            return Refuse("'context' is missing.");
        if (Text(context, "userId") is not { Length: > 0 })
            return Refuse("'context.userId' is missing: the user as a resource, as in Practitioner/1.");
        if (Text(context, "patientId") is not { } patient || !ResourceKey.IsId(patient))
            return Refuse("'context.patientId' is missing, or is no id: the id alone, without 'Patient/'.");
        var encounter = Text(context, "encounterId");
        if (encounter is not null && !ResourceKey.IsId(encounter))
            return Refuse("'context.encounterId' is no id: the id alone, without 'Encounter/'.");
        if (encounter is null && service.NeedsEncounter)
            return Refuse("'context.encounterId' is missing.");

        var (orders, fault) = service.TakesOrders ? Orders(context, patient) : ([], null);
        if (fault is not null)
            return (null, fault);
        (var prefetch, fault) = Prefetch(root);
        if (fault is not null)
            return (null, fault);
        (var authorization, fault) = Authorization(root);
        return fault is not null ? (null, fault) : (new CdsRequest(patient)
        {
            EncounterId = encounter,
            DraftOrders = orders,
            Prefetch = prefetch,
            FhirServer = Text(root, "fhirServer"),
            Authorization = authorization,
        }, null);
    }

    private static (IReadOnlyList<Resource>, FhirFault?) Orders(JsonElement context, string patientId)
    {
        if (!context.TryGetProperty("draftOrders", out var json))
            return ([], FhirFault.Of(FaultKind.Invalid, "'context.draftOrders' is missing."));
        if (Parse(json, "context.draftOrders", out var fault) is not { } resource)
            return ([], fault);
        if (resource is not Bundle bundle)
            return ([], FhirFault.Of(FaultKind.Invalid, "'context.draftOrders' is no Bundle."));
        var orders = bundle.Entry.Select(e => e.Resource).OfType<Resource>().ToList();
        if (orders.Select(DraftOrder.Of).Any(o => o?.Subject?.Reference is { } subject && subject != $"Patient/{patientId}" && !subject.EndsWith($"/Patient/{patientId}", StringComparison.Ordinal)))
            return ([], FhirFault.Of(FaultKind.Invalid, "'context.draftOrders' has an order of another patient than 'context.patientId'."));
        return orders.Count > MaxOrders ? ([], FhirFault.Of(FaultKind.Invalid, $"'context.draftOrders' has {orders.Count} orders; at most {MaxOrders} are looked at in one call.")) : (orders, null);
    }

    private static (IReadOnlyDictionary<string, Resource>, FhirFault?) Prefetch(JsonElement root)
    {
        var sent = new Dictionary<string, Resource>(StringComparer.Ordinal);
        if (!root.TryGetProperty("prefetch", out var prefetch) || prefetch.ValueKind == JsonValueKind.Null)
            return (sent, null);
        if (prefetch.ValueKind != JsonValueKind.Object)
            return (sent, FhirFault.Of(FaultKind.Invalid, "'prefetch' must be an object of resources by key."));
        foreach (var property in prefetch.EnumerateObject())
        {
            if (property.Value.ValueKind == JsonValueKind.Null)
                continue; // it could not be had there; it may be had here
            var key = property.Name.Length > 60 ? property.Name[..60] : property.Name;
            if (Parse(property.Value, $"prefetch.{key}", out var fault) is not { } resource)
                return (sent, fault);
            sent[property.Name] = resource;
        }

        return (sent, null);
    }

    private static (CdsAuthorization?, FhirFault?) Authorization(JsonElement root)
    {
        if (!root.TryGetProperty("fhirAuthorization", out var given) || given.ValueKind == JsonValueKind.Null)
            return (null, null);
        if (given.ValueKind != JsonValueKind.Object || Text(given, "access_token") is not { Length: > 0 and < 16384 } token)
            return (null, FhirFault.Of(FaultKind.Invalid, "'fhirAuthorization.access_token' is missing."));
        return Text(root, "fhirServer") is null
            ? (null, FhirFault.Of(FaultKind.Invalid, "'fhirServer' is missing: fhirAuthorization says how to read it."))
            : (new CdsAuthorization(token, Text(given, "subject")), null);
    }

    /// <summary>A resource whose structure is that of R4; null with the fault, whose places are below <paramref name="path"/>.</summary>
    private static Resource? Parse(JsonElement json, string path, out FhirFault? fault)
    {
        fault = null;
        if (json.ValueKind == JsonValueKind.Object)
        {
            var bytes = JsonSerializer.SerializeToUtf8Bytes(json);
            if (FhirJsonReader.Read(bytes, out var issues) is not null && issues.Count == 0)
                return FhirFormats.Parse(bytes);
            fault = new FhirFault(FaultKind.Invalid, [.. issues.Select(i => new FaultIssue(i.Code, $"'{path}': {i.Text}", i.Expression.Length == 0 ? null : i.Expression)).DefaultIfEmpty(new FaultIssue(null, $"'{path}' is no resource."))]);
            return null;
        }

        fault = FhirFault.Of(FaultKind.Invalid, $"'{path}' is no resource.");
        return null;
    }

    private static (CdsRequest?, FhirFault?) Refuse(string text) => (null, FhirFault.Of(FaultKind.Invalid, text));

    private static string? Text(JsonElement root, string name) => root.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
