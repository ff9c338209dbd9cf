namespace FhirEmr.FhirServer.Hl7V2.Messages;

/// <summary>Systems and extensions of what messages make.</summary>
internal static class Hl7V2Urls
{
    /// <summary>Codes of the Basic resources that keep messages: <see cref="Received"/>, <see cref="Outbound"/>.</summary>
    public const string Kind = "urn:fhiremr:hl7v2";
    public const string Received = "received";
    public const string Outbound = "outbound";

    /// <summary>What became of a message, a second coding beside the kind.</summary>
    public const string State = "urn:fhiremr:hl7v2-state";
    public const string Applied = "applied";
    public const string Parked = "parked";
    public const string Refused = "refused";
    public const string Queued = "queued";
    public const string Sent = "sent";
    public const string Dead = "dead";

    public const string MessageKey = "urn:fhiremr:hl7v2:message";
    public const string ContentHash = "urn:fhiremr:hl7v2:content";

    /// <summary>The instant up to which a resource knows what its sender said; an older message changes nothing of it.</summary>
    public const string AsOf = "urn:fhiremr:hl7v2:as-of";

    /// <summary>On <see cref="AsOf"/>: the version of the resource that the message wrote; another one is of people.</summary>
    public const string AsOfVersion = "urn:fhiremr:hl7v2:as-of-version";
    public const string Original = "urn:fhiremr:hl7v2:original";
    public const string Answer = "urn:fhiremr:hl7v2:acknowledgement";
    public const string MessageType = "urn:fhiremr:hl7v2:message-type";
    public const string Sender = "urn:fhiremr:hl7v2:sender";

    /// <summary>Where an outbound message goes, a coding beside its kind and state.</summary>
    public const string Destination = "urn:fhiremr:hl7v2:destination";

    /// <summary>Shows that the server itself wrote the outbound message.</summary>
    public const string Seal = "urn:fhiremr:hl7v2:seal";
    public const string Attempts = "urn:fhiremr:hl7v2:attempts";
    public const string NextAttempt = "urn:fhiremr:hl7v2:next-attempt";
    public const string Reason = "urn:fhiremr:hl7v2:reason";

    public const string ReviewTask = "hl7v2-review";
    public const string FailureTask = "hl7v2-not-delivered";

    public const string ContentType = "x-application/hl7-v2+er7";

    public static string CodeSystem(string sender, string name) => $"urn:fhiremr:hl7v2:{sender}:{name}";
}
