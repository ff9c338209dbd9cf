using FhirEmr.BillingBridge.Scrubbing.Edits;

namespace FhirEmr.BillingBridge.Tests.Fakes;

/// <summary>Edit tables with a handful of made-up rows in the layouts of CMS.</summary>
internal static class TestTables
{
    public static EditTables Small { get; } = new(
        PtpTable.Read("ptp-test", new StringReader("20610\t99213\t\t20200101\t*\t1\tx\n80053\t82947\t\t20100101\t*\t0\tx\n20610\t20605\t\t20150101\t*\t1\tx\n29881\t29877\t\t20100101\t*\t9\tx\n")),
        [MueTable.Read("mue-test", new DateOnly(2020, 1, 1), new StringReader("11102,1,1 Line Edit,x\n83036,1,2 Date of Service Edit: Policy,x\n36415,2,3 Date of Service Edit: Clinical,x\n"))],
        AddOnTable.Read("aoc-test", new StringReader("11103\t1\t20190101\t\t11102\nG2211\t2\t20240101\t\t\n")));
}
