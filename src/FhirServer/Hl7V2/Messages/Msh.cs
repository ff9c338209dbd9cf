using FhirEmr.FhirServer.Hl7V2.Syntax;

namespace FhirEmr.FhirServer.Hl7V2.Messages;

/// <summary>MSH: who sends what to whom, and how it wants to be answered.</summary>
internal sealed record Msh(string Application, string Facility, string Type, string Event, string ControlId, string ProcessingId, string Version, string AcceptAck, string ApplicationAck)
{
    private const int MostControlId = 199; // HL7 v2.7; earlier versions have 20

    public string ReceivingApplication { get; init; } = "";

    public string ReceivingFacility { get; init; } = "";

    /// <summary>MSH-7 as sent.</summary>
    public string? SentAt { get; init; }

    /// <summary><c>ORU^R01</c>.</summary>
    public string Kind => $"{Type}^{Event}";

    /// <summary>MSH-15 or MSH-16 is valued: the enhanced mode (chapter 2.9.2).</summary>
    public bool IsEnhanced => AcceptAck.Length > 0 || ApplicationAck.Length > 0;

    public static Msh Read(Message message)
    {
        var msh = message.Header;
        return new(msh[3].Text ?? "", msh[4].Text ?? "", msh[9].First[1] ?? "", msh[9].First[2] ?? EventOf(msh[9].First[3]), msh[10].Text ?? "", msh[11].Text ?? "", msh[12].Text ?? "",
            msh[15].Text ?? "", msh[16].Text ?? "")
        {
            ReceivingApplication = msh[5].Text ?? "",
            ReceivingFacility = msh[6].Text ?? "",
            SentAt = msh[7].Text,
        };
    }

    /// <summary>What keeps the message from being looked at any further; null for nothing.</summary>
    public MessageFault? Fault(bool takesTests)
    {
        var at = new ErrorLocation("MSH", 1);
        if (Type.Length == 0)
            return new(ErrorCodes.RequiredFieldMissing, "MSH-9 must name the type and event of the message.", at with { Field = 9 });
        if (ControlId.Length == 0)
            return new(ErrorCodes.RequiredFieldMissing, "MSH-10 must hold the control id, by which the answer is found and a repeat is known.", at with { Field = 10 });
        if (ControlId.Length > MostControlId)
            return new(ErrorCodes.ValueTooLong, $"MSH-10 may have {MostControlId} characters.", at with { Field = 10 });
        if (Version.Length > 0 && !(Version.StartsWith("2.", StringComparison.Ordinal) && Version.Length >= 3 && Version[2] is >= '1' and <= '9'))
            return new(ErrorCodes.UnsupportedVersion, "MSH-12 must be 2.1 to 2.9.", at with { Field = 12, Repetition = 1, Component = 1 });
        return ProcessingId is "" or "P" || takesTests ? null
            : new(ErrorCodes.UnsupportedProcessingId, "MSH-11 says this is no production message, and tests are not taken from this sender.", at with { Field = 11, Repetition = 1, Component = 1 });
    }

    private static string EventOf(string? structure) => structure is { } s && s.IndexOf('_', StringComparison.Ordinal) is > 0 and var end ? s[(end + 1)..] : "";
}
