using FhirEmr.BillingBridge.Charges;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Claims;

/// <summary>The billing values that R4 keeps in extensions and identifiers of Claim.</summary>
public static class ClaimExtensions
{
    /// <summary>The stage (billing spec 1.3); null on a claim that is not ours.</summary>
    public static string? Stage(this Claim claim) => claim.GetExtensionValue<Code>(BillingUrls.StageExtension)?.Value;

    /// <summary>Sets the extension and the <c>Claim.status</c> that belongs to it; use <see cref="StageTransitions"/> to move a stored claim.</summary>
    public static void SetStage(this Claim claim, string stage)
    {
        claim.RemoveExtension(BillingUrls.StageExtension);
        claim.AddExtension(BillingUrls.StageExtension, new Code(stage));
        claim.Status = StageTransitions.StatusOf(stage);
    }

    /// <summary>Patient control number, CLM01.</summary>
    public static string? PatientControlNumber(this Claim claim) => claim.Identifier.Find(i => i.System == BillingUrls.PatientControlNumber)?.Value;

    /// <summary>The key that made the claim (billing spec 1.5).</summary>
    public static string? CreationKey(this Claim claim) => claim.Identifier.Find(i => i.System == BillingUrls.IdempotencyKey)?.Value;

    /// <summary>CLM05-3; 1 when absent.</summary>
    public static string Frequency(this Claim claim) => claim.GetExtensionValue<Code>(BillingUrls.FrequencyExtension)?.Value ?? "1";

    /// <summary>No payer is asked: the patient pays.</summary>
    public static bool IsSelfPay(this Claim claim) => claim.GetExtension(BillingUrls.SelfPayExtension) is not null;

    /// <summary>The same, since somebody said it of this claim: not because the patient is registered so.</summary>
    public static bool IsSelfPaySaid(this Claim claim) => claim.GetExtensionValue<FhirString>(BillingUrls.SelfPayExtension)?.Value is { } why && why != CoverageOrder.SelfPayReason;

    /// <summary>No payer is asked from now on: the patient pays, and why.</summary>
    public static void BillThePatient(this Claim claim, string why)
    {
        claim.SetExtension(BillingUrls.SelfPayExtension, new FhirString(why));
        claim.Insurance = [];
        claim.Insurer = null;
        ClaimParties.SayNobodyInsures(claim);
    }

    /// <summary>The first day of service: of the lines, else of the billable period; of a claim without either, the day it was made.</summary>
    public static DateOnly FirstServiceDay(this Claim claim) => claim.KnownServiceDay() ?? default;

    /// <summary>The same; null when none of these is known.</summary>
    public static DateOnly? KnownServiceDay(this Claim claim) => claim.Item.Select(i => DateOfService.First(i.Serviced)).Min()
        ?? DateOfService.First(claim.BillablePeriod) ?? DateOfService.From(claim.Created);

    /// <summary>Id that claims to a payer carry (2010BB NM109); null when it has none.</summary>
    public static string? PayerId(this Organization? payer) => payer?.Identifier.Find(i => i.System == BillingUrls.PayerId)?.Value;

    /// <summary>Line control number, REF*6R.</summary>
    public static string? LineControlNumber(this Claim.ItemComponent item) =>
        item.GetExtensionValue<Identifier>(BillingUrls.LineControlNumber)?.Value;

    /// <summary>Whether a line is work of a laboratory that CLIA certifies; only then does the certificate's number go along (REF*X4).</summary>
    public static bool HasLaboratoryLine(this Claim claim) =>
        claim.Item.Exists(i => i.ProductOrService.Codes().Any(c => CodeFacts.IsLaboratory(c.Code)));

    /// <summary>The diagnoses that reach the wire, in the order of HI: those with a code.</summary>
    public static IEnumerable<Claim.DiagnosisComponent> WrittenDiagnoses(this Claim claim) =>
        claim.Diagnosis.OrderBy(d => d.Sequence).Where(d => d.DiagnosisCode() is not null);

    /// <summary>The code of a diagnosis as written; null when it is none or a reference.</summary>
    public static string? DiagnosisCode(this Claim.DiagnosisComponent diagnosis) =>
        (diagnosis.Diagnosis as CodeableConcept)?.Coding.Find(c => c.Code is { Length: > 0 })?.Code;

    /// <summary>What an unlisted code stands for (SV101-7); null for any other, whose meaning everybody can look up.</summary>
    public static string? WrittenDescription(this Claim.ItemComponent item) =>
        item.ProductOrService is { Text: { Length: > 0 } text } service && service.Codes().Any(c => CodeFacts.IsUnlisted(c.Code)) ? text[..Math.Min(80, text.Length)] : null;

    /// <summary>The charge behind a line.</summary>
    public static ResourceReference? ChargeItem(this Claim.ItemComponent item) =>
        item.GetExtensionValue<ResourceReference>(BillingUrls.ChargeItemExtension);

    /// <summary>The insurance this claim is sent to; null when there is none or more than one.</summary>
    public static Claim.InsuranceComponent? FocalInsurance(this Claim claim) => claim.Insurance.Count(i => i.Focal == true) == 1
        ? claim.Insurance.Find(i => i.Focal == true)
        : null;

    /// <summary>The value of <c>supportingInfo</c> of one category, see <see cref="SupportingInfo"/>.</summary>
    public static IEnumerable<Claim.SupportingInformationComponent> Info(this Claim claim, string category) =>
        claim.SupportingInfo.Where(i => i.Category?.Coding.Exists(c => c.Code == category) == true);

    /// <summary>Members of the care team in one role, see <see cref="CareTeamRoles"/>.</summary>
    public static IEnumerable<Claim.CareTeamComponent> Team(this Claim claim, string role) =>
        claim.CareTeam.Where(t => t.Role?.Coding.Exists(c => c.Code == role) == true);
}
