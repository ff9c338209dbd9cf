using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Modifiers;

/// <summary>MOD-025: modifiers that change the price come before those that inform.</summary>
internal sealed class PricingModifiersAreFirst : IScrubRule
{
    public string Id => "MOD-025";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        string[] pricing = ["22", "24", "25", "26", "50", "51", "52", "53", "54", "55", "56", "57", "58", "59", "62", "66", "78", "79", "80", "81", "82", "AS", "TC", "XE", "XS", "XP", "XU"];
        foreach (var line in claim.Lines)
        {
            var firstOther = line.Modifiers.TakeWhile(m => pricing.Contains(m)).Count();
            if (line.Modifiers.Skip(firstOther).Any(m => pricing.Contains(m)))
                yield return Warn(Id, IssueType.BusinessRule, $"{line.Path}.modifier", "Modifier order: put the pricing modifiers first.").On(line);
        }
    }
}
