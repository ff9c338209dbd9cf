using FhirEmr.BillingBridge.Scrubbing.Edits;

namespace FhirEmr.BillingBridge.Tests.Scrubbing.Edits;

public class EditTableTests
{
    private const string Ptp = "Column1/Column2 Edits\t\t\t\t\t\t\nColumn 1\tColumn 2\t*=in existence\tEffective\tDeletion\tModifier\tPTP Edit Rationale\n"
        + "20610\t99213\t\t20200101\t*\t1\tx\n99214\t36415\t\t20100101\t20101231\t1\tx\n29881\t29877\t\t20100101\t*\t9\tx\n17110\t11102\t\t20260401\t20260401\t1\tx\n";

    private const string Mue = "\"notice, with commas\n\nand lines\",,,\n\"HCPCS/\nCPT Code\",Practitioner Services MUE Values,MUE Adjudication Indicator,MUE Rationale\n99213,1,2 Date of Service Edit: Policy,x\n20610,2,3 Date of Service Edit: Clinical,\"a, \"\"quoted\"\" reason\"\n";

    [Fact]
    public void Pairs_are_ordered_and_dated()
    {
        var table = PtpTable.Read("v1", new StringReader(Ptp));

        Assert.Equal(4, table.Count);
        Assert.Equal('1', table.Find("20610", "99213", new(2026, 1, 1))!.ModifierIndicator);
        Assert.Null(table.Find("99213", "20610", new(2026, 1, 1)));
        Assert.Null(table.Find("20610", "99213", new(2019, 12, 31)));
        Assert.NotNull(table.Find("99214", "36415", new(2010, 12, 31)));
        Assert.Null(table.Find("99214", "36415", new(2011, 1, 1)));
    }

    [Fact]
    public void Indicator_nine_and_edits_deleted_on_their_first_day_do_not_count()
    {
        var table = PtpTable.Read("v1", new StringReader(Ptp));

        Assert.Null(table.Find("29881", "29877", new(2026, 1, 1)));
        Assert.Null(table.Find("17110", "11102", new(2026, 4, 1)));
    }

    [Fact]
    public void Units_are_read_past_a_notice_of_many_lines()
    {
        var table = MueTable.Read("2026-01", new(2026, 1, 1), new StringReader(Mue));

        Assert.Equal(new MueEdit("99213", 1, 2), table.Find("99213"));
        Assert.Equal(new MueEdit("20610", 2, 3), table.Find("20610"));
    }

    [Fact]
    public void The_quarter_in_force_answers()
    {
        var tables = new EditTables(Mue:
        [
            MueTable.Read("2026-01", new(2026, 1, 1), new StringReader("")),
            MueTable.Read("2026-04", new(2026, 4, 1), new StringReader("")),
        ]);

        Assert.Equal(("2026-01", "2026-04"), (tables.MueOn(new(2026, 3, 31))!.Edition, tables.MueOn(new(2026, 4, 1))!.Edition));
        Assert.Null(tables.MueOn(new(2025, 12, 31)));
    }

    [Fact]
    public void Add_on_rows_keep_their_type_and_primary()
    {
        var table = AddOnTable.Read("q1", new StringReader("notice\nAdd-On Code\tAOC Edit Type\tx\tx\tPrimary Code\n11103\t1\t20190101\t20251231\t11102\t\n"));

        Assert.Equal("11102", table.Find("11103", new(2025, 12, 31)).Single().Primary);
        Assert.Empty(table.Find("11103", new(2026, 1, 1)));
    }
}
