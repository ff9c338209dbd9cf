using FhirEmr.BillingBridge.X12.Envelope;
using FhirEmr.BillingBridge.X12.Syntax;
using FhirEmr.BillingBridge.X12.Transactions;

namespace FhirEmr.BillingBridge.Interchange;

/// <summary>What a received file is.</summary>
internal enum InboundKind
{
    Unknown,
    Ta1,
    Acknowledgement999,
    ClaimAck277,
    ClaimStatus277,
    Eligibility271,
    Remittance835,
    Claim837P,
    Review278,
}

/// <summary>Tells the kind of a file from its first group (GS08) or TA1.</summary>
internal static class InboundKinds
{
    /// <summary>How a configuration names them.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Enum.GetValues<InboundKind>().Where(k => k is not InboundKind.Unknown).Select(Name)];

    public static string Name(InboundKind kind) => kind switch
    {
        InboundKind.Ta1 => "TA1",
        InboundKind.Acknowledgement999 => "999",
        InboundKind.ClaimAck277 => "277CA",
        InboundKind.ClaimStatus277 => "277",
        InboundKind.Eligibility271 => "271",
        InboundKind.Remittance835 => "835",
        InboundKind.Claim837P => "837P",
        InboundKind.Review278 => "278",
        _ => "unknown",
    };

    public static InboundKind Of(Gs? group) => group switch
    {
        { Guide: Guides.Acknowledgement999 } => InboundKind.Acknowledgement999,
        { Guide: Guides.ClaimAck277 } => InboundKind.ClaimAck277,
        { Guide: Guides.ClaimStatus, FunctionalId: "HN" } => InboundKind.ClaimStatus277,
        { Guide: Guides.Eligibility, FunctionalId: "HB" } => InboundKind.Eligibility271,
        { Guide: Guides.Review or Guides.ReviewInquiry } => InboundKind.Review278,
        { Guide: Guides.Remittance835 } => InboundKind.Remittance835,
        { Guide: Guides.Claim837P } => InboundKind.Claim837P,
        _ => InboundKind.Unknown,
    };

    public static async Task<InboundKind> OfAsync(Stream x12, CancellationToken ct)
    {
        var envelope = new EnvelopeReader(x12, new X12Findings());
        while (await envelope.ReadAsync(ct) is { } next)
        {
            switch (next.Part)
            {
                case EnvelopePart.InterchangeAck:
                    return InboundKind.Ta1;
                case EnvelopePart.GroupStart:
                    return Of(envelope.Group);
                default:
                    break;
            }
        }

        return InboundKind.Unknown;
    }
}
