using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Evidence;

/// <summary>LAB-004: all components of a panel are billed as the panel.</summary>
internal sealed class PanelIsBilledWhole : IScrubRule
{
    public string Id => "LAB-004";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        foreach (var day in claim.Lines.GroupBy(l => l.From))
        {
            var codes = day.Select(l => l.Code).ToHashSet();
            foreach (var panel in Panels.Where(p => !codes.Contains(p.Panel) && p.Components.All(codes.Contains)))
            {
                yield return Reject(Id, IssueType.BusinessRule, "Claim.item", $"Use panel {panel.Panel}: all of {string.Join(", ", panel.Components)} are billed singly.");
                break; // the larger panel comes first and contains the smaller
            }
        }
    }

    private static readonly (string Panel, string[] Components)[] Panels =
    [
        ("80053", ["82040", "82247", "82310", "82374", "82435", "82565", "84075", "84132", "84155", "84295", "84460", "84450", "82947", "84520"]),
        ("80048", ["82310", "82374", "82435", "82565", "82947", "84132", "84295", "84520"]),
        ("80051", ["82374", "82435", "84132", "84295"]),
        ("80061", ["82465", "83718", "84478"]),
        ("80076", ["82040", "82247", "82248", "84075", "84155", "84460", "84450"]),
    ];
}
