using System.Buffers;
using System.Text;
using System.Text.Json;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Search.Query;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Storage.Bodies;

namespace FhirEmr.FhirServer.Interactions.Jobs;

/// <summary>A request as a job keeps it: compressed JSON with the address, what was preferred, and the body as sent.</summary>
internal static class JobRequest
{
    private static readonly JsonDocumentOptions Options = new() { MaxDepth = (2 * FhirJsonParse.MaxDepth) + 16 };

    public static byte[] Write(FhirRequest request)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var json = new Utf8JsonWriter(buffer, new() { SkipValidation = true }))
        {
            json.WriteStartObject();
            json.WriteString("method"u8, request.Method);
            json.WriteString("path"u8, request.Target.ToPath());
            json.WriteString("query"u8, QueryString.Format(request.Query));
            json.WriteString("base"u8, request.BaseUrl);
            json.WriteString("plan"u8, request.Caller.Access.Key);
            if (request.Caller.Principal is { } principal)
            {
                json.WritePropertyName("principal"u8);
                JsonSerializer.Serialize(json, principal);
            }

            if (request.Prefer.Return is not null)
                json.WriteString("return"u8, request.Prefer.Return);
            json.WriteBoolean("lenient"u8, request.Prefer.Lenient);
            if (request.Body.Exists)
            {
                json.WritePropertyName("body"u8);
                json.WriteRawValue(request.Body.Raw, skipInputValidation: true);
            }

            json.WriteEndObject();
        }

        return BodyCodec.Shipped.Compress(buffer.WrittenSpan);
    }

    /// <summary>The request, asked by nobody yet, and who asked it: null for the server itself.</summary>
    public static StoredJob Read(byte[] stored, string client)
    {
        using var document = JsonDocument.Parse(BodyCodec.Shipped.Decompress(stored), Options);
        var root = document.RootElement;
        var target = FhirTarget.Parse(root.GetProperty("path"u8).GetString()!, out _) ?? throw new InvalidDataException("A stored job has no address.");
        var body = root.TryGetProperty("body"u8, out var sent) ? FhirJsonReader.Read(Encoding.UTF8.GetBytes(sent.GetRawText()), out _)!.Root : default;
        var request = new FhirRequest(root.GetProperty("method"u8).GetString()!, target, new Caller(client, AccessPlan.Nothing))
        {
            Query = QueryString.Parse(root.GetProperty("query"u8).GetString()),
            BaseUrl = root.GetProperty("base"u8).GetString()!,
            Prefer = new(root.TryGetProperty("return"u8, out var prefer) ? prefer.GetString() : null, root.GetProperty("lenient"u8).GetBoolean()),
            Body = body,
        };
        var principal = root.TryGetProperty("principal"u8, out var asker) ? asker.Deserialize<Principal>() : null;
        return new(request, principal, root.TryGetProperty("plan"u8, out var plan) ? plan.GetString()! : AccessPlan.Nothing.Key);
    }
}

/// <param name="Plan">Key of the access plan it was accepted under.</param>
internal sealed record StoredJob(FhirRequest Request, Principal? Principal, string Plan);
