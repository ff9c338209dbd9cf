namespace FhirEmr.FhirServer.Subscriptions;

/// <summary>Names of the Subscriptions R5 Backport guide (hl7.org/fhir/uv/subscriptions-backport, 1.1.0) for R4.</summary>
internal static class Backport
{
    private const string Structure = "http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/";
    private const string Operation = "http://hl7.org/fhir/uv/subscriptions-backport/OperationDefinition/";

    public const string Guide = "http://hl7.org/fhir/uv/subscriptions-backport/ImplementationGuide/hl7.fhir.uv.subscriptions-backport";
    public const string Subscription = Structure + "backport-subscription";
    public const string Notification = Structure + "backport-subscription-notification-r4";
    public const string Status = Structure + "backport-subscription-status-r4";
    public const string FilterCriteria = Structure + "backport-filter-criteria";
    public const string HeartbeatPeriod = Structure + "backport-heartbeat-period";
    public const string Timeout = Structure + "backport-timeout";
    public const string MaxCount = Structure + "backport-max-count";
    public const string ChannelType = Structure + "backport-channel-type";
    public const string PayloadContent = Structure + "backport-payload-content";
    public const string TopicCanonical = Structure + "capabilitystatement-subscriptiontopic-canonical";

    public const string StatusOperation = Operation + "backport-subscription-status";
    public const string EventsOperation = Operation + "backport-subscription-events";
    public const string TokenOperation = Operation + "backport-subscription-get-ws-binding-token";
}
