using FhirEmr.BillingBridge.Charges;

namespace FhirEmr.BillingBridge.RiskAdjustment;

/// <summary>What the score asks of a beneficiary (billing spec 5.2, steps 5 to 7).</summary>
/// <param name="OriginalEntitlement">OREC: 0 age, 1 disability, 2 ESRD, 3 both.</param>
/// <param name="DualStatus">Two-digit dual status code; null or <c>00</c> without Medicaid.</param>
public sealed record RiskPerson(DateOnly BirthDate, bool IsFemale, int OriginalEntitlement, string? DualStatus = null)
{
    private static readonly string[] FullDual = ["02", "04", "08"];
    private static readonly string[] PartialDual = ["01", "03", "05", "06"];

    public bool IsLongTermInstitutional { get; init; }

    /// <summary>Less than twelve months of Part B in the year of the services.</summary>
    public bool IsNewEnrollee { get; init; }

    /// <summary>Member of a special needs plan for chronic conditions.</summary>
    public bool IsInChronicPlan { get; init; }

    public bool IsFullDual => FullDual.Contains(DualStatus);

    public bool IsPartialDual => PartialDual.Contains(DualStatus);

    public bool HasMedicaid => IsFullDual || IsPartialDual;

    /// <summary>Completed years on 1 February of the payment year.</summary>
    public int AgeIn(int paymentYear) => DateOfService.YearsBetween(BirthDate, new DateOnly(paymentYear, 2, 1));

    public bool IsDisabled(int paymentYear) => AgeIn(paymentYear) < 65 && OriginalEntitlement != 0;

    public bool IsOriginallyDisabled(int paymentYear) => OriginalEntitlement == 1 && !IsDisabled(paymentYear);

    internal int SexCode => IsFemale ? 2 : 1;
}
