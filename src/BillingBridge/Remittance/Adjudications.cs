using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.X12.Segments;
using FhirEmr.BillingBridge.X12.Transactions;
using FhirEmr.Terminology;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Remittance;

/// <summary>One adjudication, before it becomes a ClaimResponse's or an ExplanationOfBenefit's.</summary>
/// <param name="Categories">First the FHIR one, then CARIN's when that differs.</param>
/// <param name="Group">CAS01; with <paramref name="Reason"/> it makes the triple verbatim.</param>
internal sealed record Adjudication(IReadOnlyList<(string System, string Code)> Categories, decimal AmountUsd, string? Group = null, string? Reason = null, decimal? Value = null)
{
    public ClaimResponse.AdjudicationComponent ToClaimResponse()
    {
        var target = new ClaimResponse.AdjudicationComponent { Category = Category(), Amount = Money(AmountUsd), Value = Value, Reason = ReasonConcept() };
        AddGroup(target);
        return target;
    }

    public ExplanationOfBenefit.AdjudicationComponent ToBenefit()
    {
        var target = new ExplanationOfBenefit.AdjudicationComponent { Category = Category(), Amount = Money(AmountUsd), Value = Value, Reason = ReasonConcept() };
        AddGroup(target);
        return target;
    }

    public static Money Money(decimal usd) => new() { Value = usd, Currency = Hl7.Fhir.Model.Money.Currencies.USD };

    private CodeableConcept Category() => new() { Coding = [.. Categories.Select(c => new Coding(c.System, c.Code))] };

    private CodeableConcept? ReasonConcept() => Reason is null ? null : new CodeableConcept(CodeSystemUrls.Carc, Reason);

    private void AddGroup(BackboneElement target)
    {
        if (Group is not null)
            target.AddExtension(BillingUrls.CagcExtension, new Code(Group));
    }
}

/// <summary>835 amounts → adjudications (billing spec 2.4). Every CAS triple is kept as it came: group, reason, amount, quantity.</summary>
internal static class Adjudications
{
    private static readonly (string, string) Submitted = (RemittanceUrls.Adjudication, "submitted");
    private static readonly (string, string) Benefit = (RemittanceUrls.Adjudication, "benefit");
    private static readonly (string, string) PaidToProvider = (RemittanceUrls.C4bbAdjudication, "paidtoprovider");
    private static readonly (string, string) Eligible = (RemittanceUrls.Adjudication, "eligible");
    private static readonly (string, string) Allowed = (RemittanceUrls.C4bbAdjudication, "allowed");

    public static IReadOnlyList<Adjudication> OfLine(RemittanceLine line) =>
    [
        new([Submitted], line.Svc.ChargeUsd, Value: line.Svc.SubmittedUnits),
        new([Eligible, Allowed], AllowedUsd(line)),
        .. line.Adjustments.SelectMany(OfAdjustment),
        new([Benefit, PaidToProvider], line.Svc.PaidUsd, Value: line.Svc.PaidUnits),
    ];

    public static IReadOnlyList<Adjudication> OfClaim(Remittance835Item.Claim claim) => [.. claim.Adjustments.SelectMany(OfAdjustment)];

    /// <summary>AMT*B6, else what was paid and what the patient owes.</summary>
    public static decimal AllowedUsd(RemittanceLine line) =>
        line.Amount("B6") ?? line.Svc.PaidUsd + line.Adjustments.Where(c => c.Group == "PR").Sum(c => c.TotalUsd);

    private static IEnumerable<Adjudication> OfAdjustment(Cas cas) =>
        cas.Triples.Select(t => new Adjudication([Category(cas.Group, t.Reason)], t.AmountUsd, cas.Group, t.Reason, t.Quantity));

    private static (string, string) Category(string group, string reason) => (group, reason) switch
    {
        ("PR", "1") => (RemittanceUrls.Adjudication, "deductible"),
        ("PR", "2") => (RemittanceUrls.C4bbAdjudication, "coinsurance"),
        ("PR", "3") => (RemittanceUrls.Adjudication, "copay"),
        ("CO", "45") => (RemittanceUrls.C4bbAdjudication, "discount"),
        ("OA", "23") => (RemittanceUrls.C4bbAdjudication, "priorpayerpaid"),
        _ => (RemittanceUrls.C4bbAdjudication, "noncovered"),
    };
}
