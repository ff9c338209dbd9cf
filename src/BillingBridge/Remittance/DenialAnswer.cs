using FhirEmr.BillingBridge.Denials;
using FhirEmr.BillingBridge.X12.Segments;
using FhirEmr.BillingBridge.X12.Transactions;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Remittance;

/// <summary>CLP → what the denial desk looks at.</summary>
internal static class DenialAnswer
{
    public static DeniedClaim Of(Claim claim, Remittance835Item.Claim remittance, PaymentContext payment, RemittanceKeys keys, string response)
    {
        IReadOnlyList<Denial> ofPatient = StageDecision.PatientDenials(remittance);
        IReadOnlyList<Denial> denials = [.. StageDecision.Denials(remittance), .. ofPatient];
        var items = LineMatching.Match(claim, remittance).Select(i => i?.Sequence).ToList();
        var whole = new LineAnswer(null, remittance.Clp.PaidUsd, PatientUsd(remittance.Adjustments, null), denials.Where(d => d.Line is null).Sum(d => d.AmountUsd));
        IReadOnlyList<LineAnswer> answers = remittance.Lines.Count == 0
            ? [whole]
            : [.. remittance.Lines.Select((l, i) => new LineAnswer(items[i], l.Svc.PaidUsd, PatientUsd(l.Adjustments, i), denials.Where(d => d.Line == i).Sum(d => d.AmountUsd)))];
        return new DeniedClaim(claim, response, keys.Claim, payment.Name, payment.PaidOn, denials, items, answers);

        // What the plan allows and leaves to the patient; what it denies is not allowed, whoever is asked for it.
        decimal PatientUsd(IEnumerable<Cas> adjustments, int? line) =>
            adjustments.Where(c => c.Group == "PR").Sum(c => c.TotalUsd) - ofPatient.Where(d => d.Line == line).Sum(d => d.AmountUsd);
    }
}
