namespace FhirEmr.FhirServer.Hl7V2.Syntax;

/// <summary>HL7 table 0357, message error condition codes.</summary>
internal static class ErrorCodes
{
    public const string SegmentSequence = "100";
    public const string RequiredFieldMissing = "101";
    public const string DataType = "102";
    public const string TableValueNotFound = "103";
    public const string ValueTooLong = "104";
    public const string UnsupportedMessageType = "200";
    public const string UnsupportedEvent = "201";
    public const string UnsupportedProcessingId = "202";
    public const string UnsupportedVersion = "203";
    public const string UnknownKey = "204";
    public const string DuplicateKey = "205";
    public const string RecordLocked = "206";
    public const string ApplicationInternal = "207";

    private static readonly Dictionary<string, string> Names = new(StringComparer.Ordinal)
    {
        [SegmentSequence] = "Segment sequence error",
        [RequiredFieldMissing] = "Required field missing",
        [DataType] = "Data type error",
        [TableValueNotFound] = "Table value not found",
        [ValueTooLong] = "Value too long",
        [UnsupportedMessageType] = "Unsupported message type",
        [UnsupportedEvent] = "Unsupported event code",
        [UnsupportedProcessingId] = "Unsupported processing id",
        [UnsupportedVersion] = "Unsupported version id",
        [UnknownKey] = "Unknown key identifier",
        [DuplicateKey] = "Duplicate key identifier",
        [RecordLocked] = "Application record locked",
        [ApplicationInternal] = "Application internal error",
    };

    public static string NameOf(string code) => Names.GetValueOrDefault(code, code);

    /// <summary>Faults that no change of the content would mend, as what passes by itself: the message is rejected (AR), not in error (AE).</summary>
    public static bool IsRejection(string code) => code is UnsupportedMessageType or UnsupportedEvent or UnsupportedProcessingId or UnsupportedVersion or RecordLocked or ApplicationInternal;
}
