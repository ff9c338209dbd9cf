using FhirEmr.BillingBridge.X12.Syntax;
using static FhirEmr.BillingBridge.X12.Syntax.Element;

namespace FhirEmr.BillingBridge.X12.Envelope;

/// <summary>ISA, interchange header. Ids are trimmed here and padded when written.</summary>
/// <param name="UsageIndicator">ISA15: P production, T test.</param>
internal sealed record Isa(
    string SenderQualifier,
    string SenderId,
    string ReceiverQualifier,
    string ReceiverId,
    string Date,
    string Time,
    string ControlNumber,
    string UsageIndicator)
{
    /// <summary>ISA01/02 and ISA03/04 authorisation and security; <c>00</c> and blanks when nothing is agreed.</summary>
    public string AuthorizationQualifier { get; init; } = "00";

    public string Authorization { get; init; } = "";

    public string SecurityQualifier { get; init; } = "00";

    public string Security { get; init; } = "";

    public string Version { get; init; } = "00501";

    /// <summary>ISA14: 1 asks for a TA1.</summary>
    public string AcknowledgmentRequested { get; init; } = "0";

    public bool IsProduction => UsageIndicator == "P";

    public static Isa Read(Segment s) => new(s[5], s[6].Trim(), s[7], s[8].Trim(), s[9], s[10], s[13].Trim(), s[15])
    {
        AuthorizationQualifier = s[1],
        Authorization = s[2].TrimEnd(),
        SecurityQualifier = s[3],
        Security = s[4].TrimEnd(),
        Version = s[12],
        AcknowledgmentRequested = s[14],
    };

    public void WriteTo(SegmentWriter x12) => x12.WriteIsa([
        AuthorizationQualifier, Authorization, SecurityQualifier, Security,
        SenderQualifier, SenderId, ReceiverQualifier, ReceiverId,
        Date, Time, (x12.Separators.Repetition ?? 'U').ToString(), Version,
        ControlNumber, AcknowledgmentRequested, UsageIndicator, x12.Separators.Component.ToString()]);
}

/// <summary>GS, functional group header.</summary>
/// <param name="FunctionalId">GS01: HC 837, HP 835, FA 999, HN 277CA.</param>
/// <param name="Guide">GS08, the implementation guide.</param>
internal sealed record Gs(
    string FunctionalId, string Sender, string Receiver, string Date, string Time, string ControlNumber, string Guide)
{
    public static Gs Read(Segment s) => new(s[1], s[2], s[3], s[4], s[5], s[6], s[8]);

    public void WriteTo(SegmentWriter x12) =>
        x12.Write("GS", FunctionalId, Sender, Receiver, Date, Time, ControlNumber, "X", Guide);
}

/// <summary>ST, transaction set header. An 835 has no ST03.</summary>
internal sealed record St(string SetId, string ControlNumber, string? Guide)
{
    public static St Read(Segment s) => new(s[1], s[2], s.Text(3));

    public void WriteTo(SegmentWriter x12) => x12.Write("ST", SetId, ControlNumber, Guide);
}

/// <summary>TA1, interchange acknowledgement.</summary>
/// <param name="ControlNumber">ISA13 of the interchange answered.</param>
/// <param name="Code">A accepted, E accepted with errors, R rejected.</param>
/// <param name="Note">TA105, three digits; 000 no error.</param>
internal sealed record Ta1(string ControlNumber, string Date, string Time, string Code, string Note) : IX12Segment
{
    public static Ta1 Read(Segment s) => new(s[1], s[2], s[3], s[4], s[5]);

    public void WriteTo(SegmentWriter x12) => x12.Write("TA1", ControlNumber, Date, Time, Code, Note);
}
