using FhirEmr.BillingBridge.Ports;
using FhirEmr.BillingBridge.X12;

namespace FhirEmr.BillingBridge.Interchange.Receiving;

/// <summary>Whether an interchange is taken in.</summary>
internal abstract record Admission
{
    private Admission()
    {
    }

    /// <summary>It is: known partner, new number, whole.</summary>
    public sealed record Accepted(TradingPartner Partner) : Admission;

    /// <summary>It was applied before and says the same; nothing is done.</summary>
    public sealed record Known(string Why) : Admission;

    /// <summary>It is not; nothing of it is applied.</summary>
    /// <param name="Note">TA105 for its sender; null when the sender is a stranger, who gets no answer.</param>
    public sealed record Refused(string Why, string? Note) : Admission;

    /// <summary>Everything that can be told without looking at what was received before.</summary>
    /// <returns>Accepted, or why not.</returns>
    public static Admission Of(ReceivedInterchange interchange, InterchangeOptions options, ChannelKind channel)
    {
        var isa = interchange.Isa;
        if (Find(options, isa.SenderId) is not { } partner)
            return new Refused($"{interchange.Name} is not from a trading partner of ours (Billing:Interchange:Partners).", null);
        if (partner.Qualifier.Length > 0 && !Same(partner.Qualifier, isa.SenderQualifier))
            return new Refused($"{interchange.Name} has another sender qualifier than the partner's {partner.Qualifier}.", null);
        var ourId = partner.OurId.Length > 0 ? partner.OurId : options.SenderId;
        if (!Same(ourId, isa.ReceiverId))
            return new Refused($"{interchange.Name} is addressed to {isa.ReceiverId}; this partner knows us as {ourId}.", null);

        // What is wrong with the structure is told with the place.
        if (interchange.OwnFindings.FirstOrDefault(f => f.Severity is X12Severity.Refusal) is { } fault)
            return new Refused($"{interchange.Name} is refused: {fault}", InterchangeVerdict.Note(fault));
        if (Usage(interchange, options, partner, channel) is { } usage)
            return new Refused(usage, "020");
        return new Accepted(partner);
    }

    // The receiver of our claims, and those who are listed; a listing of the receiver itself says more than the default.
    private static TradingPartner? Find(InterchangeOptions options, string senderId) =>
        options.Partners.FirstOrDefault(p => Same(p.Id, senderId)) ?? (Same(options.ReceiverId, senderId) ? new TradingPartner { Id = options.ReceiverId } : null);

    // Test claims may be sent, and answered, beside production; test money and test claims are never taken for real ones.
    private static string? Usage(ReceivedInterchange interchange, InterchangeOptions options, TradingPartner partner, ChannelKind channel)
    {
        var configured = partner.UsageIndicator.Length > 0 ? partner.UsageIndicator : options.UsageIndicator;
        var isProduction = configured == "P" && channel is ChannelKind.Live && !options.UsesDemoProcedures;
        if (interchange.Isa.IsProduction)
            return isProduction ? null : $"{interchange.Name} is marked production (ISA15=P); only test interchanges are taken here.";
        return isProduction && interchange.Groups.Any(g => g.Kind is InboundKind.Remittance835 or InboundKind.Claim837P or InboundKind.Unknown)
            ? $"{interchange.Name} is marked test (ISA15=T); test payments and claims are not taken into production."
            : null;
    }

    private static bool Same(string a, string b) => string.Equals(a.Trim(), b.Trim(), StringComparison.OrdinalIgnoreCase);
}
