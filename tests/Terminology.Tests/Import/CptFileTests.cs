using FhirEmr.Terminology.Import;

namespace FhirEmr.Terminology.Tests.Import;

/// <summary>Invented descriptors in the layout of the licensed files.</summary>
public sealed class CptFileTests : IDisposable
{
    private const string System = CodeSystemUrls.Cpt;
    private const string Tabs = "Invented header\nCopyright line\n\n99213\tInvented text of a visit\n0001U\tInvented lab text\n3044F\tInvented measure text\n";
    private static readonly DateOnly Day = new(2025, 11, 3);
    private readonly Releases releases = new();

    public void Dispose() => releases.Dispose();

    [Fact]
    public void The_tab_layout_is_read_below_its_header_lines()
    {
        var report = releases.Import(ReleaseKind.Cpt, "LONGULT.txt", Tabs, new(Version: "2025", Notice: "Invented licence line"));

        Assert.Equal((ImportOutcome.Loaded, 3, 0), (report.Outcome, report.RowCount, report.BadRowCount));
        Assert.Equal(("cpt-2025-long", "Invented licence line"), (report.Edition!.Id, report.Edition.Notice));
        Assert.Equal("PLA", releases.Service.Find(System, "0001u", Day)!.Properties["cptCategory"]);
        Assert.Equal("Invented text of a visit", releases.Service.Find(System, "99213", Day)!.Display);
    }

    [Fact]
    public void The_fixed_layout_joins_the_lines_of_a_code()
    {
        releases.Import(ReleaseKind.Cpt, "LONGULT.txt", "Invented header\n99213 Invented text that goes\n99213 on over two lines\n20610 Invented joint text\n", new(Version: "2025"));

        Assert.Equal("Invented text that goes on over two lines", releases.Service.Find(System, "99213", Day)!.Display);
        Assert.Equal("Invented joint text", releases.Service.Find(System, "20610", Day)!.Display);
    }

    [Fact]
    public void The_year_must_be_said_or_stand_in_the_folder_name()
    {
        Assert.Equal(ImportOutcome.Refused, releases.Import(ReleaseKind.Cpt, "LONGULT.txt", Tabs).Outcome);
        Assert.Equal("cpt-2025-short", releases.Import(ReleaseKind.Cpt, "CPT 2025/SHORTU.txt", Tabs).Edition!.Id);
    }

    [Fact]
    public void A_licensed_file_replaces_our_fragment_on_the_days_it_covers()
    {
        releases.Import(ReleaseKind.Cpt, "LONGULT.txt", Tabs, new(Version: "2025"));

        Assert.Equal((TableState.Complete, TableState.Fragment), (releases.Service.StateOf(System, Day), releases.Service.StateOf(System, new(2026, 1, 1))));
        Assert.Null(releases.Service.Find(System, "99214", Day));
        Assert.Equal("demo-fragment", releases.Service.Find(System, "99214", new(2026, 1, 1))!.Edition);
    }

    [Fact]
    public void Codes_and_modifiers_come_in_separate_files()
    {
        releases.Import(ReleaseKind.Cpt, "LONGULT.txt", Tabs, new(Version: "2025"));
        Assert.Equal(TableState.Fragment, releases.Service.StateOfModifiers(System, Day));
        Assert.Equal("demo-fragment", releases.Service.Find(System, "25", Day)!.Edition);
        Assert.DoesNotContain(releases.Service.Search(System, "visit", Day, 50), h => h.Concept.Edition == "demo-fragment" && h.Concept.Code.Length == 5);

        releases.Import(ReleaseKind.CptModifiers, "MODUL.txt", "Invented header\n25\tInvented modifier text\n", new(Version: "2025"));

        Assert.Equal(TableState.Complete, releases.Service.StateOfModifiers(System, Day));
        Assert.Equal(("Invented modifier text", false), (releases.Service.Find(System, "25", Day)!.Display, releases.Service.Find(System, "25", Day)!.IsBillable));
        Assert.Null(releases.Service.Find(System, "59", Day));
        Assert.NotNull(releases.Service.Find(System, "99213", Day));
    }

    [Fact]
    public void The_longest_text_loaded_is_the_one_shown()
    {
        releases.Import(ReleaseKind.Cpt, "LONGULT.txt", Tabs, new(Version: "2025"));
        releases.Import(ReleaseKind.Cpt, "SHORTU.txt", "Header\n99213\tSHORT\n", new(Version: "2025"));

        Assert.Equal("Invented text of a visit", releases.Service.Find(System, "99213", Day)!.Display);
    }
}
