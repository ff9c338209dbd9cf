using FhirEmr.BillingBridge.Kpis.Cube;

namespace FhirEmr.BillingBridge.Kpis.Definitions;

/// <summary>AUTH-DENIAL: authorisations that were missing.</summary>
internal sealed class AuthorisationDenials : Kpi
{
    public override string Id => "AUTH-DENIAL";

    public override string Title => "Authorisation denials";

    public override string HowComputed =>
        "Lines that first 835s of the period deny for want of an authorisation (CARC 15, 197, 198, 210, 284, 296), over the lines that needed one: those, and the lines of claims that carry an authorisation number.";

    public override KpiUnit Unit => KpiUnit.Rate;

    internal override void Count(in ClaimRow claim, in ClaimView view, Tally tally)
    {
        if (!tally.Scope.In(claim.Answered))
            return;
        foreach (ref readonly var line in view.Lines)
        {
            var isDenied = false;
            foreach (ref readonly var denial in view.Denials)
                isDenied |= denial.IsAuthorisation && denial.Number == line.Number;
            if (isDenied || claim.IsAuthorised)
                tally.Add(view.At, claim.Answered, isDenied ? 1 : 0, 1);
        }
    }
}
