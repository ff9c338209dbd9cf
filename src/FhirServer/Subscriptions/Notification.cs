using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Storage.Subscriptions;

namespace FhirEmr.FhirServer.Subscriptions;

/// <summary>Why a notification is sent (subscription-notification-type of R5).</summary>
internal static class NotificationType
{
    public const string Handshake = "handshake";
    public const string Heartbeat = "heartbeat";
    public const string Event = "event-notification";
    public const string QueryStatus = "query-status";
    public const string QueryEvent = "query-event";
}

/// <summary>A notification of the backport guide: a Bundle of type history whose first entry is the status as Parameters, with the events in it.</summary>
/// <param name="Total">Events since the subscription began.</param>
/// <param name="Status">As FHIR says it: requested, active, error, off.</param>
/// <param name="Fault">Why the last one was not delivered; empty for nothing.</param>
internal sealed record Notification(string BaseUrl, string Id, SubscriptionRequest Request, string Type, string Status, long Total, string Fault)
{
    /// <summary>What happened; a version that its reader may not see is null, and only its number is told.</summary>
    public IReadOnlyList<SubscriptionEvent> Events { get; init; } = [];

    /// <summary>How much of it is told, where that is not what the subscription says.</summary>
    public PayloadContent Content { get; init; } = Request.Content;

    /// <summary>The Bundle.</summary>
    public byte[] ToBundle(DateTimeOffset now)
    {
        var buffer = new ArrayBufferWriter<byte>(2048);
        using (var json = new Utf8JsonWriter(buffer, new() { SkipValidation = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteString("resourceType"u8, "Bundle"u8);
            json.WriteString("id"u8, Guid.CreateVersion7(now).ToString());
            json.WriteStartObject("meta"u8);
            json.WriteStartArray("profile"u8);
            json.WriteStringValue(Backport.Notification);
            json.WriteEndArray();
            json.WriteEndObject();
            json.WriteString("type"u8, "history"u8);
            json.WriteString("timestamp"u8, FhirInstant.Format(now));
            json.WriteStartArray("entry"u8);
            json.WriteStartObject();
            json.WriteString("fullUrl"u8, $"urn:uuid:{Guid.CreateVersion7(now)}");
            json.WritePropertyName("resource"u8);
            WriteStatus(json);
            json.WriteStartObject("request"u8);
            json.WriteString("method"u8, "GET"u8);
            json.WriteString("url"u8, $"{BaseUrl}/Subscription/{Id}/$status");
            json.WriteEndObject();
            json.WriteStartObject("response"u8);
            json.WriteString("status"u8, "200"u8);
            json.WriteEndObject();
            json.WriteEndObject();
            if (Content != PayloadContent.Empty)
                foreach (var version in Events.Select(e => e.Version).OfType<StoredResource>())
                    WriteVersion(json, version);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>The status by itself.</summary>
    public byte[] ToStatus()
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(buffer, new() { SkipValidation = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
            WriteStatus(json);
        return buffer.WrittenSpan.ToArray();
    }

    private void WriteStatus(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("resourceType"u8, "Parameters"u8);
        json.WriteStartObject("meta"u8);
        json.WriteStartArray("profile"u8);
        json.WriteStringValue(Backport.Status);
        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteStartArray("parameter"u8);
        Reference(json, "subscription", $"{BaseUrl}/Subscription/{Id}");
        if (Request.Topic is { } topic)
            Value(json, "topic", "valueCanonical", topic.Url);
        Value(json, "status", "valueCode", Status);
        Value(json, "type", "valueCode", Type);
        Value(json, "events-since-subscription-start", "valueString", Total.ToString(CultureInfo.InvariantCulture));
        foreach (var happened in Events)
        {
            json.WriteStartObject();
            json.WriteString("name"u8, "notification-event"u8);
            json.WriteStartArray("part"u8);
            Value(json, "event-number", "valueString", happened.Number.ToString(CultureInfo.InvariantCulture));
            Value(json, "timestamp", "valueInstant", FhirInstant.Format(FhirInstant.FromMilliseconds(happened.At)));
            if (Content != PayloadContent.Empty && happened.Version is { } version)
                Reference(json, "focus", $"{BaseUrl}/{version.Key}");
            json.WriteEndArray();
            json.WriteEndObject();
        }

        if (Fault.Length > 0)
        {
            json.WriteStartObject();
            json.WriteString("name"u8, "error"u8);
            json.WriteStartObject("valueCodeableConcept"u8);
            json.WriteString("text"u8, Fault);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private void WriteVersion(Utf8JsonWriter json, StoredResource version)
    {
        json.WriteStartObject();
        json.WriteString("fullUrl"u8, $"{BaseUrl}/{version.Key}");
        if (Content == PayloadContent.FullResource && !version.IsDeleted)
        {
            json.WritePropertyName("resource"u8);
            json.WriteRawValue(version.Json.Span, skipInputValidation: true);
        }

        var method = version.Method == "PATCH" ? "PUT" : version.Method;
        json.WriteStartObject("request"u8);
        json.WriteString("method"u8, method);
        json.WriteString("url"u8, method == "POST" ? version.Key.Type : version.Key.ToString());
        json.WriteEndObject();
        json.WriteStartObject("response"u8);
        json.WriteString("status"u8, version.IsDeleted ? "204" : version.Version == 1 ? "201" : "200");
        json.WriteString("etag"u8, string.Create(CultureInfo.InvariantCulture, $"W/\"{version.Version}\""));
        json.WriteString("lastModified"u8, FhirInstant.Format(version.LastUpdated));
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void Value(Utf8JsonWriter json, string name, string choice, string value)
    {
        json.WriteStartObject();
        json.WriteString("name"u8, name);
        json.WriteString(choice, value);
        json.WriteEndObject();
    }

    private static void Reference(Utf8JsonWriter json, string name, string reference)
    {
        json.WriteStartObject();
        json.WriteString("name"u8, name);
        json.WriteStartObject("valueReference"u8);
        json.WriteString("reference"u8, reference);
        json.WriteEndObject();
        json.WriteEndObject();
    }
}
