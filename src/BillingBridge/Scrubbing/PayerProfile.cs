namespace FhirEmr.BillingBridge.Scrubbing;

/// <summary>What one payer wants, from one day to another (billing spec 3.12). The values are data; these are the default rows.</summary>
public sealed record PayerProfile
{
    /// <summary>Value in <c>urn:fhiremr:payer-id</c>; null in a family's default row.</summary>
    public string? PayerId { get; init; }

    public required PayerFamily Family { get; init; }

    public DateOnly? From { get; init; }

    public DateOnly? To { get; init; }

    /// <summary>Days from the last service to receipt; null means Medicare's rule, the same day one year later.</summary>
    public int? FilingDays { get; init; } = 180;

    /// <summary>The same for a corrected claim, from the remittance.</summary>
    public int CorrectedFilingDays { get; init; } = 180;

    /// <summary>Days to appeal by level.</summary>
    public IReadOnlyList<int> AppealDays { get; init; } = [180, 60];

    public int DaysToPay { get; init; } = 30;

    /// <summary>Frequency 7 and 8.</summary>
    public bool AcceptsReplacement { get; init; } = true;

    /// <summary>Accepted shapes of a member id after removing blanks and dashes, one regular expression.</summary>
    public string MemberIdPattern { get; init; } = "^[A-Z0-9]{4,20}$";

    /// <summary>A wrong shape holds the claim rather than warns.</summary>
    public bool MemberIdMustMatch { get; init; }

    public IReadOnlyList<string> TelehealthModifiers { get; init; } = ["95", "93", "GT", "FQ"];

    public bool TelehealthModifierRequired { get; init; } = true;

    /// <summary>How many days before the service an eligibility answer may be.</summary>
    public int EligibilityDays { get; init; } = 30;

    /// <summary>The practice does not participate in Medicare, so its charges have a limit.</summary>
    public bool IsNonParticipating { get; init; }

    /// <summary>Timed units are counted code by code rather than over all minutes of the day.</summary>
    public bool CountsUnitsByMidpoint { get; init; }

    public bool TaxonomyRequired { get; init; }

    public bool ReferralRequired { get; init; }

    public bool GroupNumberRequired { get; init; }

    public bool OnePlacePerClaim { get; init; }

    public bool AllowsZeroCharge { get; init; }

    public bool DecimalUnits { get; init; }

    /// <summary>How many levels a visit may be billed above what the record supports.</summary>
    public int VisitLevelTolerance { get; init; }

    public bool PrefersX { get; init; }

    public bool ExternalCauseWanted { get; init; }

    /// <summary>Health plan accepts accident claims before the liability payer.</summary>
    public bool PaysAccidentsFirst { get; init; }

    /// <summary>X12 service types whose copay is all the patient pays: the deductible is left alone.</summary>
    public IReadOnlyList<string> CopayOnlyServiceTypes { get; init; } = ["98"];

    /// <summary>Codes that need prior authorisation.</summary>
    public IReadOnlyList<string> PriorAuthCodes { get; init; } = [];

    /// <summary>Rules switched off or changed for this payer.</summary>
    public IReadOnlyList<RuleOverride> Overrides { get; init; } = [];

    /// <summary>The payer's own rules, PAY-001 onwards.</summary>
    public IReadOnlyList<PayerRuleRow> Rules { get; init; } = [];

    /// <summary>Last day a claim with this last day of service may reach the payer.</summary>
    public DateOnly FilingLimit(DateOnly lastService) => FilingDays is { } days ? lastService.AddDays(days) : lastService.AddYears(1);
}
