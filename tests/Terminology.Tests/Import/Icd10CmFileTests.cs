using System.Text;
using FhirEmr.Terminology.Import;
using FhirEmr.Terminology.Index;

namespace FhirEmr.Terminology.Tests.Import;

public sealed class Icd10CmFileTests : IDisposable
{
    private const string System = CodeSystemUrls.Icd10Cm;
    private static readonly DateOnly Fy2022 = new(2022, 3, 31);
    private static readonly string Small =
        Releases.Order(1, "Z98", false, "Invented group") + Releases.Order(2, "Z980", true, "Invented first") +
        Releases.Order(3, "Z981", false, "Invented second group") + Releases.Order(4, "Z981X1A", true, "Invented deep one") + "\r\n   \n";

    private readonly Releases releases = new();

    public void Dispose() => releases.Dispose();

    [Fact]
    public void The_order_file_gives_headers_billable_codes_titles_and_the_tree()
    {
        var report = releases.Import(ReleaseKind.Icd10Cm, "icd10cm-order-2022.txt", Small);

        Assert.Equal((ImportOutcome.Loaded, 4, 0), (report.Outcome, report.RowCount, report.BadRowCount));
        Assert.Equal(("icd10cm-2022", "2022", 2), (report.Edition!.Id, report.Edition.Version, report.Edition.BillableCount));
        var deep = releases.Service.Find(System, " z98.1x1a ", Fy2022)!;
        Assert.Equal(("Z98.1X1A", "Invented deep one", true, "icd10cm-2022"), (deep.Code, deep.Display, deep.IsBillable, deep.Edition));
        Assert.Equal("Z98.1", deep.Properties["parent"]);
        Assert.Equal(["Z98.0", "Z98.1"], releases.Service.Children(System, "Z98", Fy2022).Select(c => c.Code));
        Assert.False(releases.Service.Find(System, "Z98", Fy2022)!.IsBillable);
    }

    [Theory]
    [InlineData("icd10cm-order-2022.txt", "2021-10-01", "2022-09-30", "icd10cm-2022")]
    [InlineData("icd10cm_order_2026.txt", "2025-10-01", "2026-09-30", "icd10cm-2026")]
    [InlineData("icd10cm-order-April-2025.txt", "2025-04-01", "2025-09-30", "icd10cm-2025-04")]
    public void The_file_name_says_when_the_release_is_in_force(string name, string from, string to, string id)
    {
        var edition = releases.Import(ReleaseKind.Icd10Cm, name, Small).Edition!;

        Assert.Equal((id, from, to), (edition.Id, $"{edition.EffectiveFrom:O}", $"{edition.EffectiveTo:O}"));
    }

    [Fact]
    public void The_codes_file_holds_billable_codes_only()
    {
        releases.Import(ReleaseKind.Icd10Cm, "icd10cm-codes-2022.txt", "Z980    Invented first\nZ981X1A Invented deep one\n");

        Assert.Equal("Invented deep one", releases.Service.Find(System, "Z98.1X1A", Fy2022)!.Display);
        Assert.Null(releases.Service.Find(System, "Z98", Fy2022));
    }

    [Fact]
    public void A_code_is_judged_by_the_release_in_force_on_the_day()
    {
        releases.Import(ReleaseKind.Icd10Cm, "icd10cm-order-2022.txt", Small);
        releases.Import(ReleaseKind.Icd10Cm, "icd10cm-order-2023.txt", Releases.Order(1, "Z98", true, "Invented, now without subdivision"));

        Assert.NotNull(releases.Service.Find(System, "Z98.0", new(2022, 9, 30)));
        Assert.Null(releases.Service.Find(System, "Z98.0", new(2022, 10, 1)));
        Assert.True(releases.Service.Find(System, "Z98", new(2022, 10, 1))!.IsBillable);
        Assert.Equal(["icd10cm-2022", "icd10cm-2023"], releases.Service.History(System, "Z98").Select(c => c.Edition));
    }

    [Fact]
    public void The_april_update_takes_over_for_the_rest_of_the_fiscal_year()
    {
        releases.Import(ReleaseKind.Icd10Cm, "icd10cm-order-april-2022.txt", Releases.Order(1, "Z980", true, "Invented, reworded in April"));
        releases.Import(ReleaseKind.Icd10Cm, "icd10cm-order-2022.txt", Small);

        Assert.Equal("Invented first", releases.Service.Find(System, "Z980", new(2022, 3, 31))!.Display);
        Assert.Equal("Invented, reworded in April", releases.Service.Find(System, "Z980", new(2022, 4, 1))!.Display);
    }

    [Fact]
    public void The_same_file_twice_changes_nothing()
    {
        releases.Import(ReleaseKind.Icd10Cm, "icd10cm-order-2022.txt", Small);
        var before = releases.Service.Editions;

        var again = releases.Import(ReleaseKind.Icd10Cm, "icd10cm-order-2022.txt", Small);
        releases.Service.Refresh();

        Assert.Equal(ImportOutcome.AlreadyLoaded, again.Outcome);
        Assert.Equal(before, releases.Service.Editions);
        Assert.Single(Directory.GetFiles(releases.Folder));
    }

    [Fact]
    public void A_corrected_file_of_the_same_release_takes_over_and_the_first_is_kept()
    {
        releases.Import(ReleaseKind.Icd10Cm, "icd10cm-order-2022.txt", Small);
        releases.Import(ReleaseKind.Icd10Cm, "icd10cm-order-2022.txt", Small.Replace("Invented first", "Invented FIRST", StringComparison.Ordinal));

        Assert.Equal("Invented FIRST", releases.Service.Find(System, "Z980", Fy2022)!.Display);
        Assert.Equal("Invented FIRST", releases.Open().Find(System, "Z980", Fy2022)!.Display);
        Assert.Equal(2, releases.Service.Editions.Count(e => e.Id == "icd10cm-2022"));
    }

    [Fact]
    public void Up_to_one_bad_row_in_a_hundred_is_listed_with_its_line_and_what_was_expected()
    {
        var lines = string.Concat(Enumerable.Range(0, 99).Select(i => Releases.Order(i, $"A{i:00}", true, $"Invented {i}")));

        var report = releases.Import(ReleaseKind.Icd10Cm, "icd10cm-order-2022.txt", lines + "00100 a99     1 lower case" + new string(' ', 60) + "lower case\n");

        Assert.Equal((ImportOutcome.Loaded, 99, 1), (report.Outcome, report.RowCount, report.BadRowCount));
        Assert.Equal(100, report.BadRows[0].Line);
        Assert.Contains("code in 7-13", report.BadRows[0].Expected, StringComparison.Ordinal);
    }

    [Fact]
    public void More_than_one_bad_row_in_a_hundred_refuses_the_release_and_leaves_the_active_one()
    {
        releases.Import(ReleaseKind.Icd10Cm, "icd10cm-order-2022.txt", Small);

        var report = releases.Import(ReleaseKind.Icd10Cm, "icd10cm-order-2022.txt", Small + "00005 Z982    7 no such flag\n");

        Assert.Equal((ImportOutcome.Refused, null, 1), (report.Outcome, report.Edition, report.BadRowCount));
        Assert.Contains("Line 7", report.Message, StringComparison.Ordinal);
        Assert.Equal("Invented first", releases.Service.Find(System, "Z980", Fy2022)!.Display);
        Assert.Single(Directory.GetFiles(releases.Folder));
    }

    [Fact]
    public void A_repeated_code_is_a_bad_row()
    {
        var report = releases.Import(ReleaseKind.Icd10Cm, "icd10cm-order-2022.txt", Small + Releases.Order(5, "Z980", true, "Invented again"));

        Assert.Contains("Z980 came before", Assert.Single(report.BadRows).Expected, StringComparison.Ordinal);
    }

    [Fact]
    public void A_header_without_codes_below_it_is_a_warning()
    {
        var report = releases.Import(ReleaseKind.Icd10Cm, "icd10cm-order-2022.txt", Small + Releases.Order(5, "Z99", false, "Invented empty group"));

        Assert.Equal(ImportOutcome.Loaded, report.Outcome);
        Assert.Contains("Z99", Assert.Single(report.Warnings), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("<html>not a release</html>")]
    public void A_file_of_another_kind_is_refused(string content)
    {
        var report = releases.Import(ReleaseKind.Icd10Cm, "icd10cm-order-2022.txt", content);

        Assert.Equal(ImportOutcome.Refused, report.Outcome);
        Assert.Equal(TableState.Fragment, releases.Service.StateOf(System, Fy2022));
    }

    [Fact]
    public void A_file_name_without_a_year_needs_the_version_from_the_operator()
    {
        var refused = releases.Import(ReleaseKind.Icd10Cm, "order.txt", Small);
        var loaded = releases.Import(ReleaseKind.Icd10Cm, "order.txt", Small, new(Version: "2022"));

        Assert.Equal(ImportOutcome.Refused, refused.Outcome);
        Assert.Contains("2026", refused.Message, StringComparison.Ordinal);
        Assert.Equal("icd10cm-2022", loaded.Edition!.Id);
    }

    [Fact]
    public void A_missing_file_is_refused()
    {
        var report = releases.Service.Import(ReleaseKind.Icd10Cm, Path.Combine(releases.Folder, "icd10cm-order-2022.txt"), null, TestContext.Current.CancellationToken);

        Assert.Equal(ImportOutcome.Refused, report.Outcome);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Titles_read_the_same_in_utf8_and_windows_1252(bool isWindows)
    {
        var encoding = isWindows ? CodePagesEncodingProvider.Instance.GetEncoding(1252)! : new UTF8Encoding(encoderShouldEmitUTF8Identifier: true);
        var bytes = encoding.GetPreamble().Concat(encoding.GetBytes(Releases.Order(1, "Z980", true, "Ménière’s, invented"))).ToArray();

        releases.Service.Import(ReleaseKind.Icd10Cm, releases.File("icd10cm-order-2022.txt", bytes), null, TestContext.Current.CancellationToken);

        Assert.Equal("Ménière’s, invented", releases.Service.Find(System, "Z98.0", Fy2022)!.Display);
        Assert.Single(releases.Service.Search(System, "menieres", Fy2022, 5));
    }

    [Fact]
    public async Task Questions_are_answered_while_releases_come_in()
    {
        releases.Import(ReleaseKind.Icd10Cm, "icd10cm-order-2022.txt", Small);
        using var stop = new CancellationTokenSource();
        var asking = Task.Run(
            () =>
            {
                while (!stop.IsCancellationRequested)
                    Assert.StartsWith("Invented", releases.Service.Find(System, "Z980", Fy2022)!.Display, StringComparison.Ordinal);
            },
            TestContext.Current.CancellationToken);

        for (var i = 0; i < 20; i++)
            releases.Import(ReleaseKind.Icd10Cm, "icd10cm-order-2022.txt", Small.Replace("Invented first", $"Invented first {i}", StringComparison.Ordinal));
        await stop.CancelAsync();

        await asking;
        Assert.Equal("Invented first 19", releases.Service.Find(System, "Z980", Fy2022)!.Display);
    }
}
