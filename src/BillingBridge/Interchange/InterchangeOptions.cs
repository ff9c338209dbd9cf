using System.ComponentModel.DataAnnotations;

namespace FhirEmr.BillingBridge.Interchange;

/// <summary>Who we are on the wire, and to whom we send. Bound from <c>Billing:Interchange</c>, checked at start-up.</summary>
public sealed class InterchangeOptions : IValidatableObject
{
    /// <summary>ISA05.</summary>
    [Required, StringLength(2, MinimumLength = 2)] public string SenderQualifier { get; set; } = "ZZ";

    /// <summary>ISA06 and GS02, submitter id in NM1*41; padded to 15 characters in ISA.</summary>
    [Required, StringLength(15, MinimumLength = 2)] public string SenderId { get; set; } = "";

    /// <summary>ISA07.</summary>
    [Required, StringLength(2, MinimumLength = 2)] public string ReceiverQualifier { get; set; } = "ZZ";

    /// <summary>ISA08 and GS03, id in NM1*40.</summary>
    [Required, StringLength(15, MinimumLength = 2)] public string ReceiverId { get; set; } = "";

    /// <summary>NM1*40, the clearinghouse.</summary>
    [Required, StringLength(60, MinimumLength = 1)] public string ReceiverName { get; set; } = "";

    /// <summary>NM1*41.</summary>
    [Required, StringLength(60, MinimumLength = 1)] public string SubmitterName { get; set; } = "";

    /// <summary>PER*IC: whom the clearinghouse calls.</summary>
    [Required, StringLength(60, MinimumLength = 1)] public string ContactName { get; set; } = "";

    /// <summary>PER*IC*TE: ten digits.</summary>
    [Required, RegularExpression(@"\d{10}")] public string ContactPhone { get; set; } = "";

    /// <summary>PER*IC*EM; optional.</summary>
    [EmailAddress] public string? ContactEmail { get; set; }

    /// <summary>ISA15: P production, T test. T until someone says otherwise, so a fresh install cannot bill.</summary>
    [RegularExpression("[PT]")] public string UsageIndicator { get; set; } = "T";

    /// <summary>True when procedure wording comes from our demo fragment: such claims are never production, whatever <see cref="UsageIndicator"/> says.</summary>
    public bool UsesDemoProcedures { get; set; }

    /// <summary>Claims in one file; clearinghouses take 5,000, one transaction of a FHIR server fewer.</summary>
    [Range(1, 2_000)] public int MaxClaimsPerBatch { get; set; } = 500;

    /// <summary>Hours after which a claim file without any answer is work for a person.</summary>
    [Range(1, 240)] public int SilenceHours { get; set; } = 24;

    /// <summary>Added to UTC for the dates and times in ISA, GS and BHT, which are local by custom.</summary>
    public TimeSpan UtcOffset { get; set; } = TimeSpan.Zero;

    /// <summary>Whose interchanges we take besides those of <see cref="ReceiverId"/>.</summary>
    public IList<TradingPartner> Partners { get; set; } = [];

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        foreach (var partner in Partners)
        {
            var faults = new List<ValidationResult>();
            Validator.TryValidateObject(partner, new ValidationContext(partner), faults, validateAllProperties: true);
            foreach (var fault in faults)
                yield return new ValidationResult($"Partner '{partner.Id}': {fault.ErrorMessage}", [nameof(Partners)]);
            foreach (var unknown in partner.Transactions.Where(t => !InboundKinds.Names.Contains(t)))
                yield return new ValidationResult($"Partner '{partner.Id}': {unknown} is no transaction we read; they are {string.Join(", ", InboundKinds.Names)}.", [nameof(Partners)]);
        }
    }
}
