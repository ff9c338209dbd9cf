using FhirEmr.FhirServer.Interactions;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Security.Access;

namespace FhirEmr.FhirServer.Hosting.Import;

/// <summary>Where an import goes: the store of this installation, or a running server over REST.</summary>
internal interface IImportTarget
{
    /// <summary>Sends one transaction; null when it is stored, else what was wrong.</summary>
    Task<FhirFault?> SendAsync(ReadOnlyMemory<byte> transaction, CancellationToken ct);
}

/// <summary>Straight into this installation's store, through the same door as HTTP.</summary>
internal sealed class LocalTarget(FhirInteractions interactions) : IImportTarget
{
    public async Task<FhirFault?> SendAsync(ReadOnlyMemory<byte> transaction, CancellationToken ct)
    {
        if (RequestBody.Read(transaction, FhirFormats.JsonMediaType, out var body) is { } unreadable)
            return unreadable;

        var reply = await interactions.HandleAsync(new("POST", FhirTarget.Parse("", out _)!, Caller.System) { Body = body, BaseUrl = "" }, ct);
        return reply.Fault;
    }
}

/// <summary>Over HTTP, to any FHIR R4 server that takes transactions.</summary>
internal sealed class HttpTarget(HttpClient http, Uri baseUrl) : IImportTarget
{
    public async Task<FhirFault?> SendAsync(ReadOnlyMemory<byte> transaction, CancellationToken ct)
    {
        using var content = new ReadOnlyMemoryContent(transaction);
        content.Headers.ContentType = new(FhirFormats.JsonMediaType);
        using var response = await http.PostAsync(baseUrl, content, ct);
        if (response.IsSuccessStatusCode)
            return null;

        var body = await response.Content.ReadAsByteArrayAsync(ct);
        var text = FhirJsonReader.Read(body, out _) is { } tree && tree.Root.Child("issue") is { Exists: true } issue
            ? issue.TextOf("diagnostics") ?? issue.Child("details").TextOf("text")
            : null;
        return FhirFault.Of(response.StatusCode == System.Net.HttpStatusCode.UnprocessableEntity ? FaultKind.Unprocessable : FaultKind.Invalid,
            text ?? $"The server answered {(int)response.StatusCode}.", code: issueCode(body));

        static string? issueCode(byte[] body) =>
            FhirJsonReader.Read(body, out _) is { } tree && tree.Root.Child("issue") is { Exists: true } issue ? issue.TextOf("code") : null;
    }
}
