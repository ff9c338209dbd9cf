using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using FhirEmr.FhirServer.Resources;

namespace FhirEmr.FhirServer.Rest;

/// <summary>Writes Bundles around stored bytes: the resources inside are neither parsed nor, when they are large, copied.</summary>
internal sealed class BundleWriter : IDisposable
{
    /// <summary>From here on a resource becomes a part of its own; smaller ones are cheaper to copy.</summary>
    private const int OwnPartBytes = 4096;

    private ReplyBody body = new();
    private readonly PartBuffer buffer = new();
    private readonly Utf8JsonWriter json;
    private bool inEntries;
    private int entries;

    /// <param name="profile">For <c>meta.profile</c>; null for none.</param>
    public BundleWriter(string type, DateTimeOffset now, long? total = null, string? profile = null)
    {
        json = new(buffer, new() { SkipValidation = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        json.WriteStartObject();
        json.WriteString("resourceType"u8, "Bundle"u8);
        json.WriteString("id"u8, Guid.CreateVersion7(now).ToString());
        json.WriteStartObject("meta"u8);
        json.WriteString("lastUpdated"u8, FhirInstant.Format(now));
        if (profile is not null)
        {
            json.WriteStartArray("profile"u8);
            json.WriteStringValue(profile);
            json.WriteEndArray();
        }

        json.WriteEndObject();
        json.WriteString("type"u8, type);
        if (total is { } count)
            json.WriteNumber("total"u8, count);
    }

    /// <summary>What makes a Bundle a document of its own (bdl-9, bdl-10): an identifier that no other has, and when it was put together.</summary>
    public void Document(string identifier, DateTimeOffset timestamp)
    {
        json.WriteStartObject("identifier"u8);
        json.WriteString("system"u8, "urn:ietf:rfc:3986"u8);
        json.WriteString("value"u8, identifier);
        json.WriteEndObject();
        json.WriteString("timestamp"u8, FhirInstant.Format(timestamp));
    }

    public void Links(params ReadOnlySpan<(string Relation, string? Url)> links)
    {
        json.WriteStartArray("link"u8);
        foreach (var (relation, url) in links)
        {
            if (url is null)
                continue;
            json.WriteStartObject();
            json.WriteString("relation"u8, relation);
            json.WriteString("url"u8, url);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    /// <summary>A search result whose <c>search</c> says more than a mode: score, extensions.</summary>
    /// <param name="search">The whole element as JSON.</param>
    public void EntryWithSearch(string fullUrl, ReadOnlyMemory<byte> resource, ReadOnlyMemory<byte> search) =>
        EntryWith(fullUrl, resource, "search", search);

    /// <summary>An entry with one more element of ours, given as JSON.</summary>
    public void EntryWith(string fullUrl, ReadOnlyMemory<byte> resource, string name, ReadOnlyMemory<byte> element)
    {
        if (!inEntries)
        {
            json.WriteStartArray("entry"u8);
            inEntries = true;
        }

        json.WriteStartObject();
        entries++;
        json.WriteString("fullUrl"u8, fullUrl);
        json.WritePropertyName("resource"u8);
        json.WriteRawValue(resource.Span, skipInputValidation: true);
        json.WritePropertyName(name);
        json.WriteRawValue(element.Span, skipInputValidation: true);
        json.WriteEndObject();
    }

    /// <param name="mode">search.mode: match, include or outcome; null outside search results.</param>
    /// <param name="parts">The resource when it is an answer in parts itself.</param>
    public void Entry(string? fullUrl, ReadOnlyMemory<byte> resource, string? mode = null, EntryRequest? request = null, EntryResponse? response = null, ReplyBody? parts = null)
    {
        if (!inEntries)
        {
            json.WriteStartArray("entry"u8);
            inEntries = true;
        }

        json.WriteStartObject();
        if (mode is null or "match")
            entries++;
        if (fullUrl is not null)
            json.WriteString("fullUrl"u8, fullUrl);
        if (!resource.IsEmpty)
        {
            json.WritePropertyName("resource"u8);
            Resource(resource);
        }
        else if (parts is not null)
        {
            json.WritePropertyName("resource"u8);
            json.WriteRawValue("0"u8, skipInputValidation: true);
            Cut(but: 1);
            body.Add(parts);
        }

        if (mode is not null)
        {
            json.WriteStartObject("search"u8);
            json.WriteString("mode"u8, mode);
            json.WriteEndObject();
        }

        if (request is { } asked)
        {
            json.WriteStartObject("request"u8);
            json.WriteString("method"u8, asked.Method);
            json.WriteString("url"u8, asked.Url);
            json.WriteEndObject();
        }

        if (response is { } answer)
        {
            json.WriteStartObject("response"u8);
            json.WriteString("status"u8, answer.Status.ToString(CultureInfo.InvariantCulture));
            if (answer.Location is not null)
                json.WriteString("location"u8, answer.Location);
            if (answer.Version is { } version)
                json.WriteString("etag"u8, string.Create(CultureInfo.InvariantCulture, $"W/\"{version}\""));
            if (answer.LastModified is { } modified)
                json.WriteString("lastModified"u8, FhirInstant.Format(modified));
            if (!answer.Outcome.IsEmpty)
            {
                json.WritePropertyName("outcome"u8);
                json.WriteRawValue(answer.Outcome.Span, skipInputValidation: true);
            }

            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    /// <summary>Closes the Bundle; gives what was not taken yet.</summary>
    public ReplyBody Finish()
    {
        if (inEntries)
            json.WriteEndArray();
        json.WriteEndObject();
        return Take();
    }

    /// <summary>What was written since the last time, to be sent before the rest is known.</summary>
    public ReplyBody Take()
    {
        Cut();
        body.Entries = entries;
        (var taken, body, entries) = (body, new(), 0);
        return taken;
    }

    private void Resource(ReadOnlyMemory<byte> resource)
    {
        if (resource.Length < OwnPartBytes && !ReplyBody.MayHaveContent(resource.Span))
        {
            json.WriteRawValue(resource.Span, skipInputValidation: true);
            return;
        }

        // The JSON writer sees a literal in its place, which is cut off again: so it knows that a value stood there.
        json.WriteRawValue("0"u8, skipInputValidation: true);
        Cut(but: 1);
        body.AddResource(resource);
    }

    private void Cut(int but = 0)
    {
        json.Flush(); // after it the writer holds no memory of the buffer
        body.Add(buffer.Cut(but));
    }

    /// <summary>What the JSON writer writes into; what was cut off stays as it is, and writing goes on behind it.</summary>
    private sealed class PartBuffer : IBufferWriter<byte>
    {
        private byte[] bytes = new byte[4096];
        private int start;
        private int end;

        public ReadOnlyMemory<byte> Cut(int but)
        {
            var part = bytes.AsMemory(start, end - start - but);
            start = end;
            return part;
        }

        public void Advance(int count) => end += count;

        public Memory<byte> GetMemory(int sizeHint = 0)
        {
            var wanted = Math.Max(sizeHint, 256);
            if (bytes.Length - end < wanted)
            {
                var larger = new byte[Math.Max(wanted, 2 * (end - start)) + 4096];
                bytes.AsSpan(start, end - start).CopyTo(larger);
                (bytes, end, start) = (larger, end - start, 0);
            }

            return bytes.AsMemory(end);
        }

        public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;
    }

    public void Dispose() => json.Dispose();
}

internal readonly record struct EntryRequest(string Method, string Url);

internal readonly record struct EntryResponse(int Status, string? Location, int? Version, DateTimeOffset? LastModified, ReadOnlyMemory<byte> Outcome);
