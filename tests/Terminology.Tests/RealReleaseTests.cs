using FhirEmr.Terminology.CodeSystems;
using FhirEmr.Terminology.CodeSystems.Carc;
using FhirEmr.Terminology.CodeSystems.Icd10Cm;
using FhirEmr.Terminology.CodeSystems.PlaceOfService;
using FhirEmr.Terminology.ConceptMaps;
using FhirEmr.Terminology.Import;

namespace FhirEmr.Terminology.Tests;

/// <summary>The loaders over the files CMS published, and the budgets they are held to.</summary>
public sealed class RealReleaseTests : IDisposable
{
    private static readonly DateOnly InFy2022 = new(2022, 1, 15);
    private readonly Releases releases = new();

    public void Dispose() => releases.Dispose();

    [Fact]
    public void The_fy2022_order_file_has_95524_rows_of_which_72748_are_billable()
    {
        var report = Load();

        Assert.Equal(ImportOutcome.Loaded, report.Outcome);
        Assert.Equal((95_524, 72_748, 0), (report.RowCount, report.Edition!.BillableCount, report.BadRowCount));
        Assert.Equal((new(2021, 10, 1), new DateOnly(2022, 9, 30)), (report.Edition.EffectiveFrom, report.Edition.EffectiveTo!.Value));
        Assert.Equal(TableState.Complete, releases.Service.StateOf(CodeSystemUrls.Icd10Cm, InFy2022));
        Assert.Equal("E11.4", releases.Service.Find(CodeSystemUrls.Icd10Cm, "e1142", InFy2022)!.Properties["parent"]);
        Assert.Equal(["T36.0X1A", "T36.0X1D", "T36.0X1S"], releases.Service.Children(CodeSystemUrls.Icd10Cm, "T36.0X1", InFy2022).Select(c => c.Code));
    }

    [Fact]
    public void A_restart_answers_from_the_stored_edition()
    {
        Load();
        var reopened = releases.Open();

        Assert.Equal("Type 2 diabetes mellitus with diabetic polyneuropathy", reopened.Find(CodeSystemUrls.Icd10Cm, "E11.42", InFy2022)!.Display);
    }

    [Fact]
    public void The_billable_code_list_of_2026_loads_without_titles()
    {
        var report = releases.Service.Import(ReleaseKind.Icd10Cm, SharedData.File("icd10cm", "icd10cm-valid-codes-2026.txt"), null, TestContext.Current.CancellationToken);

        Assert.Equal((74_719, 0), (report.RowCount, report.BadRowCount));
        Assert.NotNull(releases.Service.Find(CodeSystemUrls.Icd10Cm, "QA0.8", new(2026, 5, 1)));
        Assert.Null(releases.Service.Find(CodeSystemUrls.Icd10Cm, "E11.42", new(2026, 5, 1))!.Display);
    }

    [Fact]
    public void The_october_2025_hcpcs_has_8463_codes_and_383_modifiers()
    {
        var report = releases.Service.Import(ReleaseKind.Hcpcs, SharedData.File("hcpcs", "hcpcs-2025-oct.csv"), null, TestContext.Current.CancellationToken);

        Assert.Equal((ImportOutcome.Loaded, 8_846, 8_463, 0), (report.Outcome, report.RowCount, report.Edition!.BillableCount, report.BadRowCount));
        Assert.Equal("hcpcs-2025-10", report.Edition.Id);
        Assert.Equal("modifier", releases.Service.Find(CodeSystemUrls.Hcpcs, "gt", new(2025, 11, 3))!.Properties["kind"]);
    }

    [Fact]
    public void The_fixed_width_record_and_the_csv_of_hcpcs_agree()
    {
        var day = new DateOnly(2025, 11, 3);
        using var other = new Releases();
        var fixedWidth = releases.Service.Import(ReleaseKind.Hcpcs, SharedData.File("hcpcs", "HCPC2025_OCT_ANWEB.relaid-excerpt.txt"), null, TestContext.Current.CancellationToken);
        other.Service.Import(ReleaseKind.Hcpcs, SharedData.File("hcpcs", "hcpcs-2025-oct.csv"), null, TestContext.Current.CancellationToken);

        Assert.Equal((ImportOutcome.Loaded, 0), (fixedWidth.Outcome, fixedWidth.BadRowCount));
        foreach (var code in (string[])["GA", "GY", "LT"])
        {
            var (a, b) = (releases.Service.Find(CodeSystemUrls.Hcpcs, code, day)!, other.Service.Find(CodeSystemUrls.Hcpcs, code, day)!);
            Assert.Equal((b.Display, b.ValidFrom, b.Properties["coverage"]), (a.Display, a.ValidFrom, a.Properties["coverage"]));
        }
    }

    [Fact]
    public void Every_target_of_our_diagnosis_maps_is_billable_in_fy2022_unless_its_dates_exclude_it()
    {
        Load();
        var context = new MappingContext(InFy2022);

        var wrong = ConceptMapLibrary.All
            .Where(r => r.TargetSystem == CodeSystemUrls.Icd10Cm && r.When.Allows(context))
            .Where(r => releases.Service.Find(CodeSystemUrls.Icd10Cm, r.TargetCode, InFy2022) is not { IsBillable: true, Edition: "icd10cm-2022" })
            .Select(r => $"{r.SourceCode} -> {r.TargetCode}");

        Assert.Empty(wrong);
    }

    [Fact]
    public void Our_icd10cm_fragment_agrees_with_the_release_about_what_is_billable()
    {
        using var without = new Releases();
        Load();
        var fragment = without.Service.Editions.Single(e => e.Id == "icd10cm-fragment");
        var codes = EmbeddedTable.Read("CodeSystems/Icd10Cm/fragment.csv").Rows.Select(r => r["code"]).Distinct().ToArray();

        var differing = codes.Where(c => without.Service.Find(CodeSystemUrls.Icd10Cm, c, InFy2022) is { } ours
            && ours.IsBillable != releases.Service.Find(CodeSystemUrls.Icd10Cm, c, InFy2022)?.IsBillable);

        Assert.Equal(Icd10CmCode.Began, fragment.EffectiveFrom);
        Assert.Empty(differing);
    }

    [Fact]
    public void What_our_icd10cm_fragment_calls_billable_in_2026_is_in_the_list_of_2026()
    {
        using var without = new Releases();
        var day = new DateOnly(2026, 5, 1);
        releases.Service.Import(ReleaseKind.Icd10Cm, SharedData.File("icd10cm", "icd10cm-valid-codes-2026.txt"), null, TestContext.Current.CancellationToken);
        var ours = EmbeddedTable.Read("CodeSystems/Icd10Cm/fragment.csv").Rows.Select(r => r["code"]).Distinct()
            .Where(c => without.Service.Find(CodeSystemUrls.Icd10Cm, c, day) is { IsBillable: true });

        Assert.DoesNotContain(ours, c => releases.Service.Find(CodeSystemUrls.Icd10Cm, c, day) is null);
    }

    [Fact]
    public void Our_hcpcs_fragment_names_codes_and_modifiers_that_exist()
    {
        releases.Service.Import(ReleaseKind.Hcpcs, SharedData.File("hcpcs", "hcpcs-2025-oct.csv"), null, TestContext.Current.CancellationToken);
        var ours = EmbeddedTable.Read("CodeSystems/Hcpcs/fragment.csv").Rows;

        Assert.Empty(ours.Where(r => releases.Service.Find(CodeSystemUrls.Hcpcs, r["code"], new(2025, 11, 3)) is not { } real
            || real.Properties["kind"] != r["kind"] || (r["from"].Length > 0 && real.ValidFrom != EmbeddedTable.Date(r["from"]))).Select(r => r["code"]));
    }

    [Fact]
    public void Our_place_of_service_and_adjustment_reason_tables_have_every_code_of_the_public_lists()
    {
        var places = CsvText.Read(File.ReadAllText(SharedData.File("codes", "place-of-service.csv"))).Skip(1);
        var reasons = CsvText.Read(File.ReadAllText(SharedData.File("codes", "carc-classification.csv"))).Skip(1);

        Assert.All(places, p => Assert.Equal(p.Cells[2] == "facility", PlaceOfServiceTable.IsFacility(p.Cells[0])));
        Assert.All(reasons, r => Assert.Equal((r.Cells[2], r.Cells[3] == "y", r.Cells[4]), CarcTable.Find(r.Cells[0]) is { } c ? (c.Category, c.IsDenial, c.ScrubRule ?? "") : default));
    }

    [Theory]
    [InlineData("I10", "I10")]
    [InlineData("e11.42", "E11.42")]
    [InlineData("type 2 diabetes without complications", "E11.9")]
    [InlineData("htn", "I10")]
    [InlineData("hypertension", "I10")]
    [InlineData("diabetes", "E11.9")]
    [InlineData("flu", "J11.1")]
    [InlineData("E11 foot", "E11.621")]
    [InlineData("knee pain", "M25.569")]
    [InlineData("sprain ankle right", "S93.401A")]
    [InlineData("normal pregnancy", "Z34.90")]
    [InlineData("acute bronchitis", "J20.9")]
    [InlineData("pnuemonia", "J18.9")]
    [InlineData("diabetis neuropathy type 2", "E11.40")]
    [InlineData("hyperlipid", "E78.5")]
    public void A_clinician_finds_the_code_among_the_first_ten(string typed, string code)
    {
        Load();

        Assert.Contains(code, releases.Service.Search(CodeSystemUrls.Icd10Cm, typed, InFy2022, 10).Select(h => h.Concept.Code));
    }

    /// <summary>What a search may take from the heap, which unlike its time is the same on every machine: a slow query is one that looks at much.</summary>
    [Fact]
    public void Searches_over_the_whole_release_look_at_little()
    {
        Load();
        string[] typed =
        [
            "diabetes", "d", "E11", "S", "fracture of", "fracture femur left", "pnuemonia", "hypertenson", "asthma", "type 2 diabetes foot ulcer",
            "chronic kidney dis", "acute", "unspecified", "initial encounter", "intial encouter", "copd", "otitis media right",
        ];

        var costs = typed.Select(text => (Bytes: Cost(text), Text: text)).OrderBy(t => t.Bytes).ToArray();
        TestContext.Current.SendDiagnosticMessage(string.Join("; ", costs.Select(c => $"{c.Text}: {c.Bytes:N0} bytes")));
        Assert.True(costs[^1].Bytes < 2_000_000, $"'{costs[^1].Text}' takes {costs[^1].Bytes:N0} bytes.");

        long Cost(string text)
        {
            releases.Service.Search(CodeSystemUrls.Icd10Cm, text, InFy2022, 20);
            var before = GC.GetAllocatedBytesForCurrentThread();
            releases.Service.Search(CodeSystemUrls.Icd10Cm, text, InFy2022, 20);
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }
    }

    private ImportReport Load() =>
        releases.Service.Import(ReleaseKind.Icd10Cm, SharedData.File("icd10cm", "icd10cm-order-2022.txt"), null, TestContext.Current.CancellationToken);
}
