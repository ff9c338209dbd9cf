namespace FhirEmr.BillingBridge.Claims;

/// <summary><c>Claim.item.programCode</c> codes of system <see cref="BillingUrls.ServiceProgram"/>: the yes-or-no elements of SV1.</summary>
public static class ServicePrograms
{
    /// <summary>SV109 Y.</summary>
    public const string Emergency = "emergency";

    /// <summary>SV111 Y: early and periodic screening of children.</summary>
    public const string Epsdt = "epsdt";

    /// <summary>SV112 Y.</summary>
    public const string FamilyPlanning = "family-planning";

    /// <summary>SV115 0.</summary>
    public const string CopayExempt = "copay-exempt";
}
