using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.X12.Segments;
using FhirEmr.BillingBridge.X12.Transactions;

namespace FhirEmr.BillingBridge.Interchange.Import;

/// <summary>The identifiers of people and coverages that a received claim makes: the payer's member id, and for a dependent who of the family.</summary>
internal static class MemberKey
{
    /// <summary>Null when payer or member has no id; then every claim makes its own patient.</summary>
    public static (string System, string Value)? Patient(Claim837PItem.Claim claim) => claim.Subscriber is { Payer.Name.Id: { Length: > 0 } payer, Insured.Name.Id: { Length: > 0 } member }
        ? (BillingUrls.Member(payer), claim.Patient is null ? member : Dependent(member, claim))
        : null;

    /// <summary>The coverage of this patient.</summary>
    public static (string System, string Value) Coverage(Claim837PItem.Claim claim, ReceivedInsurance insurance)
    {
        var member = insurance.Insured?.Name.Id is { Length: > 0 } id ? id : $"claim {claim.Body.Clm.ControlNumber}";
        return (BillingUrls.Member(insurance.Payer?.Name.Id is { Length: > 0 } payer ? payer : "unknown"), IsSelf(claim, insurance) ? member : Dependent(member, claim));
    }

    public static bool IsSelf(Claim837PItem.Claim claim, ReceivedInsurance insurance) =>
        insurance.Index == 0 ? claim.Patient is null : insurance.Sbr?.Relationship is "18";

    private static string Dependent(string member, Claim837PItem.Claim claim) =>
        $"{member}/{claim.PatientParty?.Find<Dmg>()?.BirthDate}/{claim.PatientParty?.Name.First}";
}
