using System.ComponentModel.DataAnnotations;

namespace FhirEmr.BillingBridge.Interchange;

/// <summary>Somebody whose interchanges we take. Bound from <c>Billing:Interchange:Partners</c>; the receiver of our claims is always one.</summary>
public sealed class TradingPartner
{
    /// <summary>Their ISA06 when they send.</summary>
    [Required, StringLength(15, MinimumLength = 2)] public string Id { get; set; } = "";

    /// <summary>Their ISA05; empty takes any.</summary>
    [StringLength(2)] public string Qualifier { get; set; } = "";

    /// <summary>How they call us in ISA08; empty is <see cref="InterchangeOptions.SenderId"/>.</summary>
    [StringLength(15)] public string OurId { get; set; } = "";

    /// <summary>ISA15 of what they send: P or T; empty is <see cref="InterchangeOptions.UsageIndicator"/>.</summary>
    [RegularExpression("[PT]?")] public string UsageIndicator { get; set; } = "";

    /// <summary>What they may send: <c>835 999 TA1 277CA 277 271 837P</c>; empty is all of them but 837P.</summary>
    public IList<string> Transactions { get; set; } = [];

    /// <summary>They give ISA13 more than once, so that a known number with other content is another interchange and no mistake.</summary>
    public bool ReusesControlNumbers { get; set; }
}
