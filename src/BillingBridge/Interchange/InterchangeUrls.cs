namespace FhirEmr.BillingBridge.Interchange;

/// <summary>Identifier systems, codes and extensions of batches and their counters.</summary>
public static class InterchangeUrls
{
    /// <summary>Basic identifier: the counters of one sender; value = ISA06, and <c>/ISA08</c> when the receiver is not that of our claims.</summary>
    public const string ControlNumbers = "urn:fhiremr:control-numbers";

    /// <summary>Extensions of that Basic (integer): the numbers last given out.</summary>
    public const string LastInterchange = "urn:fhiremr:last-interchange";
    public const string LastGroup = "urn:fhiremr:last-group";
    public const string LastBatch = "urn:fhiremr:last-batch";

    /// <summary>DocumentReference.type and category systems of X12 files.</summary>
    public const string DocumentType = "urn:fhiremr:x12";
    public const string Outbox = "urn:fhiremr:outbox";
    public const string OutboxPending = "pending";
    public const string OutboxSent = "sent";

    /// <summary>DocumentReference identifier: SHA-256 of an interchange we received.</summary>
    public const string ContentHash = "urn:fhiremr:content-sha256";

    /// <summary>Given up after a day of trying, with a Task; completing the Task sends it again.</summary>
    public const string OutboxDead = "dead";

    /// <summary>Extension of a file in the outbox that could not be handed over yet, see <see cref="Interchange.Delivery"/>.</summary>
    public const string Delivery = "urn:fhiremr:delivery";

    public const string X12ContentType = "application/edi-x12";

    /// <summary>DocumentReference identifier: GS06 of one of our files.</summary>
    public static string Group(string senderId) => $"urn:fhiremr:gs06:{senderId}";

    /// <summary>DocumentReference identifier: ISA13 of one of our files.</summary>
    public static string Interchange(string senderId) => $"urn:fhiremr:isa13:{senderId}";
}
