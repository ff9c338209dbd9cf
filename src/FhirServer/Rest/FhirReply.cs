using FhirEmr.FhirServer.Resources;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Rest;

/// <summary>The answer to one interaction, before it is written in a format.</summary>
internal sealed record FhirReply(int Status)
{
    private readonly ReadOnlyMemory<byte> json;

    /// <summary>UTF-8 JSON as stored or composed; empty for none. An answer in parts is joined when asked for it so.</summary>
    public ReadOnlyMemory<byte> Json
    {
        get => Body is null ? json : Body.Join();
        init => json = value;
    }

    /// <summary>The JSON in parts, for answers too large to copy together; null when <see cref="Json"/> has it whole.</summary>
    public ReplyBody? Body { get; init; }

    /// <summary>Parts of the answer as they are worked out, after those of <see cref="Body"/>; the writer sends each before it asks for the next.</summary>
    public IAsyncEnumerable<ReplyBody>? More { get; init; }

    /// <summary>Version of the resource in the body, for the ETag; null when the body is no versioned resource.</summary>
    public int? Version { get; init; }

    public DateTimeOffset? LastModified { get; init; }

    /// <summary>Relative <c>Type/id/_history/v</c> of what was written.</summary>
    public string? Location { get; init; }

    public FhirFault? Fault { get; init; }

    /// <summary>Media type of a body that is no FHIR resource and goes out as it is; null for resources, which take the format asked for.</summary>
    public string? ContentType { get; init; }
    /// <summary>Further HTTP headers: Retry-After, X-Progress and the like.</summary>
    public IReadOnlyList<(string Name, string Value)> Headers { get; init; } = [];

    public bool IsSuccess => Status < 400;

    /// <summary>The same answer with all of it worked out, for those who keep it.</summary>
    public async Task<FhirReply> WholeAsync()
    {
        if (More is null)
            return this;
        var whole = new ReplyBody();
        whole.Add(Body ?? ReplyBody.Of(Json));
        await foreach (var next in More)
            whole.Add(next);
        return this with { Body = whole, More = null };
    }

    public static FhirReply Ok(StoredResource resource, int status = 200) => new(status)
    {
        Json = resource.Json,
        Version = resource.Version,
        LastModified = resource.LastUpdated,
    };

    public static FhirReply Refuse(FhirFault fault) => new(fault.Status)
    {
        Fault = fault,
        Json = FhirFormats.ToJson(fault.ToOutcome()),
    };

    public static FhirReply Of(Resource resource, int status = 200) => new(status) { Json = FhirFormats.ToJson(resource) };
}
