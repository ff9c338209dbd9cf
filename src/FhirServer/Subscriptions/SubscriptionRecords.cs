using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Security.Access;

namespace FhirEmr.FhirServer.Subscriptions;

/// <summary>What the server itself writes about a subscription, through the one door: its status, and the work that a dead one makes.</summary>
/// <param name="door">Every interaction goes through it.</param>
internal sealed class SubscriptionRecords(Func<FhirRequest, CancellationToken, Task<FhirReply>> door)
{
    private const string TaskSystem = "urn:fhiremr:task";
    private const string OpenStatuses = "draft,requested,received,accepted,ready,in-progress,on-hold";

    /// <summary>Under this name the server writes; what it writes begins nothing anew.</summary>
    public static Caller Writer { get; } = Caller.System with { Name = "FhirEmr subscriptions" };

    public static bool IsOwn(Caller caller) => caller.IsSystem && caller.Name == Writer.Name;

    /// <summary>Shows in the resource how it stands.</summary>
    /// <returns>Whether it does: false when somebody has written it meanwhile.</returns>
    public async Task<bool> ShowAsync(StoredResource resource, string status, string fault, string baseUrl, CancellationToken ct)
    {
        var json = (JsonObject)JsonNode.Parse(resource.Json.Span)!;
        if ((string?)json["status"] == status && ((string?)json["error"] ?? "") == fault)
            return true;
        json["status"] = status;
        if (fault.Length > 0)
            json["error"] = fault;
        else
            json.Remove("error");
        var reply = await SendAsync("PUT", new(resource.Key.Type, resource.Key.Id, null, false, false, null, false), json, baseUrl,
            new(string.Create(CultureInfo.InvariantCulture, $"W/\"{resource.Version}\""), null, null, null), ct);
        return reply.Status switch
        {
            200 or 201 => true,
            412 or 409 or 404 or 410 => false,
            _ => throw new InvalidOperationException($"The status of {resource.Key} could not be written: {reply.Status}."),
        };
    }

    /// <summary>Asks people to look after a subscription that was given up; once for each time that it was, and again when they are through with it.</summary>
    /// <param name="occasion">The same for the same time.</param>
    public async Task ReportAsync(ResourceKey subscription, string occasion, string fault, string baseUrl, CancellationToken ct)
    {
        var identifier = $"{subscription.Id}.{occasion}";
        var task = new JsonObject
        {
            ["resourceType"] = "Task",
            ["identifier"] = new JsonArray(new JsonObject { ["system"] = "urn:fhiremr:subscription-failure", ["value"] = identifier }),
            ["status"] = "requested",
            ["intent"] = "order",
            ["priority"] = "urgent",
            ["code"] = new JsonObject
            {
                ["coding"] = new JsonArray(new JsonObject { ["system"] = TaskSystem, ["code"] = "subscription-failed" }),
                ["text"] = "A subscriber is no longer told of events",
            },
            ["description"] = $"{fault} Events are kept: see to the subscriber, then write the Subscription again with status requested, or POST {subscription}/$replay.",
            ["focus"] = new JsonObject { ["reference"] = subscription.ToString() },
        };
        var reply = await SendAsync("POST", new("Task", null, null, false, false, null, false), task, baseUrl, new(null, null, null, $"identifier=urn:fhiremr:subscription-failure|{identifier}&status={OpenStatuses}"), ct);
        if (!reply.IsSuccess)
            throw new InvalidOperationException($"The Task about {subscription} could not be written: {reply.Status}.");
    }

    private Task<FhirReply> SendAsync(string method, FhirTarget target, JsonObject resource, string baseUrl, ConditionalHeaders headers, CancellationToken ct) => door(
        new(method, target, Writer)
        {
            BaseUrl = baseUrl,
            Body = FhirJsonReader.Read(Encoding.UTF8.GetBytes(resource.ToJsonString()), out _)!.Root,
            Headers = headers,
        }, ct);
}
