using System.Globalization;
using FhirEmr.BillingBridge.Claims;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Headers;

/// <summary>HDR-006: a void has the lines of the claim it voids.</summary>
internal sealed class VoidRepeatsOriginal : IScrubRule
{
    public string Id => "HDR-006";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        if (claim.Claim.Frequency() != "8" || claim.History.Original is not { } original)
            yield break;
        var theirs = original.Item.Select((item, i) => Shape(new ScrubLine(i, item))).Order(StringComparer.Ordinal);
        if (!claim.Lines.Select(Shape).Order(StringComparer.Ordinal).SequenceEqual(theirs))
            yield return Reject(Id, IssueType.BusinessRule, "Claim.item", "Void must repeat the original: the lines differ. Copy them from the claim that is voided.");
    }

    private static string Shape(ScrubLine line) =>
        string.Create(CultureInfo.InvariantCulture, $"{line.Code} {string.Join(',', line.Modifiers)} {line.From:O} {line.Units:0.###} {line.NetUsd:0.00}");
}
