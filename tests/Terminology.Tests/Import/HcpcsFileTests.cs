using FhirEmr.Terminology.Import;

namespace FhirEmr.Terminology.Tests.Import;

public sealed class HcpcsFileTests : IDisposable
{
    private const string System = CodeSystemUrls.Hcpcs;
    private static readonly DateOnly Day = new(2025, 11, 3);
    private readonly Releases releases = new();

    public void Dispose() => releases.Dispose();

    [Fact]
    public void Fixed_width_records_join_their_text_and_keep_their_columns()
    {
        var report = releases.Import(ReleaseKind.Hcpcs, "HCPC2025_OCT_ANWEB.txt",
            Record("Q9999", 100, '3', "Invented supply with a long", "Invented supply", coverage: 'C', betos: "Z2", added: "20200101") +
            "Q999900200" + "4" + "description\n" +
            Record("   ZZ", 100, '7', "Invented modifier", "Inv mod", coverage: 'D', added: "20200101"));

        Assert.Equal((ImportOutcome.Loaded, 2, 1, 0), (report.Outcome, report.RowCount, report.Edition!.BillableCount, report.BadRowCount));
        var code = releases.Service.Find(System, "q9999", Day)!;
        Assert.Equal(("Invented supply with a long description", true, new DateOnly(2020, 1, 1)), (code.Display, code.IsBillable, code.ValidFrom!.Value));
        Assert.Equal(("C", "Z2", "Invented supply", "code"), (code.Properties["coverage"], code.Properties["betos"], code.Properties["shortTitle"], code.Properties["kind"]));
        Assert.False(releases.Service.Find(System, "ZZ", Day)!.IsBillable);
    }

    [Fact]
    public void A_terminated_code_is_valid_on_its_last_day_and_not_after()
    {
        releases.Import(ReleaseKind.Hcpcs, "HCPC2025_OCT_ANWEB.txt",
            Record("Q9999", 100, '3', "Invented", "Inv", added: "20200101", terminated: "20251103") + Record("Q9998", 100, '3', "Other", "Oth", added: "20251104"));

        Assert.NotNull(releases.Service.Find(System, "Q9999", Day));
        Assert.Null(releases.Service.Find(System, "Q9999", Day.AddDays(1)));
        Assert.Null(releases.Service.Find(System, "Q9998", Day));
        Assert.Empty(releases.Service.Search(System, "other", Day, 5));
        Assert.Equal(new DateOnly(2025, 11, 3), Assert.Single(releases.Service.History(System, "Q9999")).ValidTo);
    }

    [Fact]
    public void The_spreadsheet_form_is_read_by_its_header_wherever_that_stands()
    {
        releases.Import(ReleaseKind.Hcpcs, "HCPC2025_OCT_ANWEB.csv",
            "Invented title line,,\n\nHCPC,SEQNUM,RECID,LONG DESCRIPTION,SHORT DESCRIPTION,COV,TOS1,TOS2,ADD DT,TERM DT\n" +
            "Q9999,100,3,\"Invented, quoted \"\"text\"\"\nover two lines\",Inv,C,1,9,20200101,\n   ZZ,100,7,Invented modifier,Mod,D,,,1/1/2020,\n");

        var code = releases.Service.Find(System, "Q9999", Day)!;
        Assert.Equal(("Invented, quoted \"text\" over two lines", "1,9"), (code.Display, code.Properties["typeOfService"]));
        Assert.NotNull(releases.Service.Find(System, "zz", Day));
    }

    [Fact]
    public void Bad_records_are_listed_with_their_line()
    {
        var good = string.Concat(Enumerable.Range(1000, 400).Select(i => Record($"Q{i}", 100, '3', "Invented", "Inv")));

        var report = releases.Import(ReleaseKind.Hcpcs, "HCPC2025_OCT_ANWEB.txt",
            good + "Q500100200" + "4" + "continuation of nothing\n" + Record("Q5002", 100, '3', "Invented", "Inv", added: "20201301") + "short\n");

        Assert.Equal((ImportOutcome.Loaded, 400, 3), (report.Outcome, report.RowCount, report.BadRowCount));
        Assert.Equal([401, 402, 403], report.BadRows.Select(b => b.Line).Order());
        Assert.Contains(report.BadRows, b => b.Expected.Contains("CCYYMMDD", StringComparison.Ordinal));
    }

    [Fact]
    public void A_quarter_ends_before_the_next_and_fragments_answer_outside_it()
    {
        var edition = releases.Import(ReleaseKind.Hcpcs, "HCPC2025_OCT_ANWEB.txt", Record("Q9999", 100, '3', "Invented", "Inv")).Edition!;

        Assert.Equal((new(2025, 10, 1), new DateOnly(2025, 12, 31)), (edition.EffectiveFrom, edition.EffectiveTo!.Value));
        Assert.Equal((TableState.Complete, TableState.Complete), (releases.Service.StateOf(System, Day), releases.Service.StateOfModifiers(System, Day)));
        Assert.Equal(TableState.Fragment, releases.Service.StateOf(System, new(2026, 1, 1)));
        Assert.Null(releases.Service.Find(System, "G0008", Day));
        Assert.NotNull(releases.Service.Find(System, "G0008", new(2026, 1, 1)));
        Assert.NotNull(releases.Service.Find("urn:oid:2.16.840.1.113883.6.285", "G0008", new(2026, 1, 1)));
    }

    /// <summary>A first record in the official columns.</summary>
    private static string Record(
        string code, int sequence, char id, string text, string brief, char coverage = ' ', string betos = "", string added = "", string terminated = "")
    {
        var line = new char[320];
        Array.Fill(line, ' ');
        void Put(int column, string value) => value.CopyTo(0, line, column - 1, value.Length);
        Put(1, code);
        Put(6, $"{sequence:00000}{id}{text}");
        Put(92, brief);
        Put(230, coverage.ToString());
        Put(257, betos);
        Put(269, added);
        Put(285, terminated);
        return new string(line) + "\r\n";
    }
}
