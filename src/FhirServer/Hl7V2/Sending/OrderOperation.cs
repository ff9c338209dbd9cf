using System.Globalization;
using System.Text;
using FhirEmr.FhirServer.Hl7V2.Messages;
using FhirEmr.FhirServer.Hl7V2.Mllp;
using FhirEmr.FhirServer.Hl7V2.Receiving;
using FhirEmr.FhirServer.Interactions;
using FhirEmr.FhirServer.Operations;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Storage;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Hl7V2.Sending;

/// <summary><c>ServiceRequest/[id]/$hl7v2</c>: the order as an HL7 v2 message; with <c>destination</c> it is put into the outbox, too.</summary>
/// <remarks>
/// Parameters <c>destination</c> (a name below Hl7V2:Destinations) and <c>message</c> (OML^O21, ORM^O01). Answers 200 with Parameters: <c>message</c>, and <c>outbox</c>, the
/// Basic that keeps it, with its <c>state</c>. A version of an order goes to a destination once, however often it is asked for.
/// </remarks>
internal sealed class OrderOperation(FhirInteractions interactions, IResourceStore store, IReadOnlyDictionary<string, DestinationOptions> destinations, OutboxSignal signal, TimeProvider clock)
{
    public const string Name = "hl7v2";

    /// <summary>Sending an order is one thing, and sending messages to this server (<c>operation:hl7v2</c>) another.</summary>
    public const string Right = "operation:hl7v2-order";

    public static IEnumerable<Operation> List(IServiceProvider services)
    {
        yield return new(Name, "urn:fhiremr:OperationDefinition:hl7v2", ["ServiceRequest"], false, true, true, (r, ct) => services.GetRequiredService<OrderOperation>().HandleAsync(r, ct)) { Right = Right };
    }

    public async Task<FhirReply> HandleAsync(FhirRequest request, CancellationToken ct)
    {
        var (input, fault) = OperationInput.Read(request, "destination", "message");
        if (fault is not null)
            return FhirReply.Refuse(fault);
        DestinationOptions? to = null;
        if (input["destination"] is { } name && !destinations.TryGetValue(name, out to))
            return FhirReply.Refuse(FhirFault.Of(FaultKind.Invalid, $"There is no destination '{name}'; {(destinations.Count == 0 ? "none is configured" : $"there are {string.Join(", ", destinations.Keys)}")} (Hl7V2:Destinations).", code: "value"));
        var kind = input["message"] ?? to?.Message ?? OrderMessage.Oml;
        if (kind is not (OrderMessage.Oml or OrderMessage.Orm))
            return FhirReply.Refuse(FhirFault.Of(FaultKind.Invalid, $"message={kind} cannot be written: {OrderMessage.Oml} and {OrderMessage.Orm} can.", code: "value"));

        var read = await ReadAsync(request.Target.Key, request, ct);
        if (read.Fault is not null)
            return read;
        var order = FhirFormats.Parse<ServiceRequest>(read.Json.Span);
        if (!ResourceKey.TryParseRelative(order.Subject?.Reference ?? "", out var subject, out _) || subject.Type != "Patient")
            return FhirReply.Refuse(FhirFault.Of(FaultKind.Unprocessable, "The order is for no patient of this server.", "ServiceRequest.subject"));
        if (order.Status is RequestStatus.Draft)
            return FhirReply.Refuse(FhirFault.Of(FaultKind.Unprocessable, "A draft is not sent: make the order active first.", "ServiceRequest.status"));
        if (order.Code is null)
            return FhirReply.Refuse(FhirFault.Of(FaultKind.Unprocessable, "The order says not what is ordered.", "ServiceRequest.code"));
        var patient = await ReadAsync(subject, request, ct);
        if (patient.Fault is not null)
            return FhirReply.Refuse(FhirFault.Of(FaultKind.Unprocessable, "The patient of the order cannot be read.", "ServiceRequest.subject"));

        var now = clock.GetUtcNow();
        var id = Hl7Id.Of(input["destination"] ?? "", "order", order.Id, order.Meta?.VersionId, kind);
        var controlId = id[..20];
        var message = OrderMessage.Write(order, FhirFormats.Parse<Patient>(patient.Json.Span), kind, controlId, (to?.Application ?? "", to?.Facility ?? ""), now);
        var answer = new Parameters();
        if (to is not null)
        {
            var basic = OutboundMessage.Of(id, input["destination"]!, kind, controlId, message, order.Subject!, now, store.Symbols);
            var put = await PutAsync(basic, ConditionalHeaders.None with { IfNoneMatch = "*" }, request, ct);
            if (put.Fault is { Kind: FaultKind.PreconditionFailed } && await store.ReadAsync(new("Basic", id), SystemPlans.Outbox, ct) is { IsDeleted: false } stands)
            {
                // Asked for before; or somebody else has written there, or changed what the server wrote, and then the order is put where it belongs.
                var before = FhirFormats.Parse<Basic>(stands.Json.Span);
                if (OutboundMessage.IsGenuine(before, store.Symbols))
                    (basic, put) = (before, FhirReply.Of(before));
                else
                    put = await PutAsync(basic, ConditionalHeaders.None with { IfMatch = $"W/\"{stands.Version.ToString(CultureInfo.InvariantCulture)}\"" }, request, ct);
            }

            if (put.Fault is { } refused)
                return FhirReply.Refuse(refused);
            answer.Add("outbox", new ResourceReference($"Basic/{id}"));
            answer.Add("state", new Code(StoredMessage.StateOf(basic)));
            signal.Set();
        }

        answer.Add("message", new FhirString(Encoding.UTF8.GetString(message)));
        return FhirReply.Of(answer);
    }

    /// <summary>Ascribed to who asks, and written by the server: clinicians send orders and may not write what waits in the outbox.</summary>
    private Task<FhirReply> PutAsync(Basic basic, ConditionalHeaders headers, FhirRequest request, CancellationToken ct) =>
        interactions.HandleAsync(new FhirRequest("PUT", FhirTarget.Parse($"Basic/{basic.Id}", out _)!, request.Caller with { Access = SystemPlans.Outbox })
        {
            Body = FhirJsonReader.Read(FhirFormats.ToJson(basic), out _)!.Root,
            Headers = headers,
            BaseUrl = request.BaseUrl,
            IsReadOnly = request.IsReadOnly,
        }, ct);

    /// <summary>Through the door, so that the audit says whose record went into a message.</summary>
    private Task<FhirReply> ReadAsync(ResourceKey key, FhirRequest request, CancellationToken ct) =>
        interactions.HandleAsync(new FhirRequest("GET", FhirTarget.Parse(key.ToString(), out _)!, request.Caller) { BaseUrl = request.BaseUrl }, ct);
}
