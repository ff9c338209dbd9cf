using System.Globalization;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Amounts;

/// <summary>AMT-002: net is unit price times quantity times factor.</summary>
internal sealed class LineMultiplies : IScrubRule
{
    public string Id => "AMT-002";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        foreach (var line in claim.Lines)
        {
            var expected = Math.Round((line.Item.UnitPrice?.Value ?? 0m) * line.Units * (line.Item.Factor ?? 1m), 2, MidpointRounding.AwayFromZero);
            if (line.NetUsd != expected)
            {
                yield return Reject(Id, IssueType.Value, $"{line.Path}.net", string.Create(CultureInfo.InvariantCulture, $"Line arithmetic: {line.NetUsd:0.00} but {expected:0.00} expected."))
                    .On(line);
            }
        }
    }
}
