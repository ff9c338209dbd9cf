using System.Globalization;
using FhirEmr.BillingBridge.X12.Segments;
using FhirEmr.BillingBridge.X12.Syntax;

namespace FhirEmr.BillingBridge.X12.Transactions;

/// <summary>HL01 counts 1, 2, 3 … within one set and HL02 names an earlier HL. Real files break this often, so it only warns.</summary>
internal sealed class HierarchyCheck(X12Findings findings)
{
    private int _count;

    public void Check(Segment segment, Hl hl)
    {
        _count++;
        if (hl.Number != _count.ToString(CultureInfo.InvariantCulture))
            findings.Warn("IK4-7", $"HL01 is {hl.Number}; it should be {_count}.", segment.At(1));
        if (hl.Parent is { } parent && (!int.TryParse(parent, out var n) || n < 1 || n >= _count))
            findings.Warn("IK4-7", $"HL02 {parent} is no earlier HL.", segment.At(2));
    }
}
