using FhirEmr.BillingBridge.Charges;
using FhirEmr.BillingBridge.Ports;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Claims;

/// <summary>Brings a claim that is still a draft up to its chart: fills what is absent, overwrites nothing.</summary>
internal static class ClaimRefresh
{
    /// <returns>A changed copy; the claim itself is not touched.</returns>
    public static Claim Apply(Claim claim, EncounterChart chart, ChargeSheet charges, FeeSchedule fees)
    {
        var copy = (Claim)claim.DeepCopy();
        var day = claim.Item.Count > 0 ? claim.FirstServiceDay() : charges.Lines.Select(l => l.ServiceDate).DefaultIfEmpty(DateOfService.From(claim.Created) ?? default).Min();
        var account = ChargeAccounts.OfClaim(chart, claim);
        if (!copy.IsSelfPay() && copy.FocalInsurance()?.Coverage?.Reference is null && CoverageOrder.IsSelfPay(chart, day, account))
            copy.AddExtension(BillingUrls.SelfPayExtension, new FhirString(CoverageOrder.SelfPayReason));
        var coverages = copy.IsSelfPay() ? [] : CoverageOrder.For(chart, day, account);
        ClaimParties.Complete(copy, chart, coverages, coverages is [var first, ..] ? first : null);

        if (copy.Diagnosis.Count == 0)
            copy.Diagnosis = ClaimBuilder.Diagnoses(charges.Diagnoses);

        foreach (var item in copy.Item)
        {
            if (!item.DiagnosisSequence.Any() && copy.Diagnosis.Count > 0)
                item.DiagnosisSequence = [copy.Diagnosis[0].Sequence];
            if (item.UnitPrice?.Value is null or 0m)
                Price(item, fees);
        }

        copy.Total = ClaimBuilder.Usd(copy.Item.Sum(i => i.Net?.Value ?? 0m));
        return copy;
    }

    private static void Price(Claim.ItemComponent item, FeeSchedule fees)
    {
        var code = item.ProductOrService.Codes().FirstOrDefault()?.Code;
        var modifiers = item.Modifier.SelectMany(m => m.Codes()).Select(m => m.Code).ToList();
        if (code is null || DateOfService.From((item.Serviced as Date)?.Value) is not { } day || fees.Find(code, modifiers, day) is not { } row)
            return;

        var place = (item.Location as CodeableConcept).Codes().FirstOrDefault()?.Code;
        item.UnitPrice = ClaimBuilder.Usd(row.PriceUsd(place));
        item.Net = ClaimBuilder.Usd(Math.Round(row.PriceUsd(place) * (item.Quantity?.Value ?? 1m), 2, MidpointRounding.AwayFromZero));
    }
}
