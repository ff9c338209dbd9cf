using System.IO.Compression;
using System.Text;
using System.Xml.Linq;
using DocumentFormat.OpenXml;
using DocumentFormat.OpenXml.Packaging;
using DocumentFormat.OpenXml.Validation;
using FhirEmr.BillingBridge.Kpis;
using FhirEmr.BillingBridge.Kpis.Definitions;
using FhirEmr.BillingBridge.Kpis.Reports;
using Hl7.Fhir.Model;
using Measure = FhirEmr.BillingBridge.Kpis.Measure;
using static FhirEmr.BillingBridge.Tests.Kpis.KpiPractice;

namespace FhirEmr.BillingBridge.Tests.Kpis;

public sealed class KpiReportTests
{
    private static readonly XNamespace Sheet = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";

    [Fact]
    public void Parameters_say_what_was_asked_and_what_came_out()
    {
        var (query, figures) = Ask(q => q with { Payer = "Organization/acme" }, "CCR", "IDR-N");
        var answer = KpiParameters.Of(query, figures);
        Assert.Equal(("2026-01-01", "2026-03-31", "Organization/acme"), (Text(answer, "start"), Text(answer, "end"), Text(answer, "payer")));
        var kpis = answer.Parameter.Where(p => p.Name == "kpi").ToArray();
        Assert.Equal(("CCR", "0.5", "1", "2"), (Text(kpis[0], "id"), Text(kpis[0], "value"), Text(kpis[0], "numerator"), Text(kpis[0], "denominator")));
        Assert.StartsWith("Claims whose first scrub", Text(kpis[0], "howComputed"), StringComparison.Ordinal);
        var none = (FhirDecimal)kpis[1].Part.Single(p => p.Name == "value").Value!;
        Assert.Null(none.Value);
        Assert.Equal("not-applicable", none.GetExtensionValue<Code>("http://hl7.org/fhir/StructureDefinition/data-absent-reason")!.Value);
    }

    [Fact]
    public void Records_come_in_pages_and_their_number_is_said()
    {
        var (query, figures) = Ask(q => q with { Drill = KpiDrill.Denominator }, "CCR");
        var kpi = KpiParameters.Of(query, figures, skip: 1, take: 5).Parameter.Single(p => p.Name == "kpi");
        Assert.Equal("2", Text(kpi, "total"));
        Assert.Equal(["Claim/c2"], kpi.Part.Where(p => p.Name == "record").Select(p => ((ResourceReference)p.Value!).Reference));
        Assert.DoesNotContain(KpiParameters.Of(query, figures, skip: 9).Parameter.Single(p => p.Name == "kpi").Part, p => p.Name == "record");
    }

    [Fact]
    public void Csv_has_a_row_for_each_figure_and_each_part()
    {
        var (query, figures) = Ask(q => q, "CCR", "PAYER-MIX");
        var lines = Encoding.UTF8.GetString(KpiCsv.Of(query, figures)).Split("\r\n");
        Assert.Equal("id,title,group,part,unit,numerator,denominator,value,peer value,z-score,curve value,curve z-score,start,end,notes", lines[0]);
        Assert.Equal("CCR,Clean-claim rate,,,rate,1,2,0.5,,,,,2026-01-01,2026-03-31,", lines[1]);
        Assert.Equal("PAYER-MIX,Payer mix,,charges commercial,rate,250.5,250.5,1,,,,,2026-01-01,2026-03-31,", lines[3]);
    }

    [Fact]
    public void Csv_quotes_what_has_a_comma_and_disarms_what_looks_like_a_formula()
    {
        using var practice = new KpiPractice().Claims(1, id => Facts(id) with { Header = Header(id) with { Payer = "=HYPERLINK(\"a\",1)" }, FirstAnsweredOn = new(2026, 2, 10) });
        var query = practice.Query with { Kpis = [KpiBook.Find("IDR-N")!], GroupBy = KpiGrouping.Payer };
        Assert.Contains("IDR-N,Initial denial rate,\"'=HYPERLINK(\"\"a\"\",1)\",,rate,0,1,0,", Encoding.UTF8.GetString(KpiCsv.Of(query, practice.Cube.Count(query))), StringComparison.Ordinal);
    }

    [Fact]
    public void The_workbook_has_numbers_as_numbers_and_days_as_dates()
    {
        var (query, figures) = Ask(q => q with { Drill = KpiDrill.Denominator }, "CCR");
        using var zip = new ZipArchive(new MemoryStream(KpiWorkbook.Of(query, figures)));
        Assert.Equal(
            ["KPIs", "How it is computed", "Records"], Part(zip, "xl/workbook.xml").Descendants(Sheet + "sheet").Select(s => s.Attribute("name")!.Value));
        var cells = Part(zip, "xl/worksheets/sheet1.xml").Descendants(Sheet + "row").ElementAt(1).Elements(Sheet + "c").ToDictionary(c => c.Attribute("r")!.Value);
        Assert.Equal(("inlineStr", "CCR"), (cells["A2"].Attribute("t")!.Value, cells["A2"].Value));
        Assert.Equal((null, "0.5", "4"), (cells["H2"].Attribute("t")?.Value, cells["H2"].Value, cells["H2"].Attribute("s")!.Value)); // shown as per cent
        Assert.Equal((null, "46023", "2"), (cells["M2"].Attribute("t")?.Value, cells["M2"].Value, cells["M2"].Attribute("s")!.Value)); // 2026-01-01
        Assert.DoesNotContain("C2", cells.Keys); // no group: no cell
        Assert.Equal(["record", "Claim/c1", "Claim/c2"], Part(zip, "xl/worksheets/sheet3.xml").Descendants(Sheet + "row").Select(r => r.Elements(Sheet + "c").Last().Value));
        foreach (var part in Part(zip, "[Content_Types].xml").Root!.Elements().Select(e => e.Attribute("PartName")?.Value).OfType<string>())
            Assert.NotNull(zip.GetEntry(part.TrimStart('/')));
        Assert.Equal(5, Part(zip, "xl/styles.xml").Descendants(Sheet + "cellXfs").Single().Elements().Count());
    }

    /// <summary>By the Open XML SDK's own validator, which knows the schemas and the rules beside them.</summary>
    [Theory]
    [InlineData(KpiDrill.None)]
    [InlineData(KpiDrill.Denominator)]
    public void The_workbook_is_valid_to_an_independent_reader(KpiDrill drill)
    {
        var (query, figures) = Ask(q => q with { Drill = drill }, "CCR", "PAYER-MIX");
        using var workbook = SpreadsheetDocument.Open(new MemoryStream(KpiWorkbook.Of(query, figures)), isEditable: false);

        foreach (var version in (FileFormatVersions[])[FileFormatVersions.Office2007, FileFormatVersions.Microsoft365])
            Assert.Equal([], new OpenXmlValidator(version).Validate(workbook, TestContext.Current.CancellationToken).Select(e => $"{e.Part?.Uri} {e.Path?.XPath}: {e.Description}"));
        Assert.Equal(drill == KpiDrill.None ? 2 : 3, workbook.WorkbookPart!.WorksheetParts.Count());
        var first = workbook.WorkbookPart.GetPartById(workbook.WorkbookPart.Workbook!.Sheets!.Elements<DocumentFormat.OpenXml.Spreadsheet.Sheet>().First().Id!);
        Assert.Contains("Clean-claim rate", ((WorksheetPart)first).Worksheet!.InnerText, StringComparison.Ordinal);
    }

    [Fact]
    public void A_measure_report_has_the_populations_the_score_and_the_parts_as_strata()
    {
        var (query, figures) = Ask(q => q, "CCR", "PAYER-MIX");
        var bundle = KpiMeasureReports.Of(query, figures, new DateTimeOffset(2026, 11, 29, 0, 0, 0, TimeSpan.Zero));
        var reports = bundle.Entry.Select(e => (MeasureReport)e.Resource!).ToArray();
        Assert.Equal(["urn:fhiremr:Measure:CCR", "urn:fhiremr:Measure:PAYER-MIX"], reports.Select(r => r.Measure));
        Assert.Equal([("numerator", 1), ("denominator", 2)], reports[0].Group[0].Population.Select(p => (p.Code!.Coding[0].Code!, p.Count!.Value)));
        Assert.Equal(.5m, reports[0].Group[0].MeasureScore!.Value);
        Assert.Equal(("2026-01-01", "2026-03-31"), (reports[0].Period!.Start, reports[0].Period!.End));
        Assert.Empty(reports[1].Group[0].Population); // money is no population
        Assert.Equal(250.5m, reports[1].Group[0].GetExtensionValue<Quantity>("urn:fhiremr:kpi-numerator")!.Value);
        Assert.Equal(["charges commercial"], reports[1].Group[0].Stratifier[0].Stratum.Select(s => s.Value!.Text));
    }

    private static (KpiQuery, IReadOnlyList<KpiFigure>) Ask(Func<KpiQuery, KpiQuery> ask, params string[] kpis)
    {
        var day = new DateOnly(2026, 2, 10);
        using var practice = new KpiPractice()
            .Claims(1, id => Facts(id) with { FirstScrubbedOn = day, IsFirstScrubClean = true, FirstSubmittedOn = day, IsAcceptedFirst = true, Postings = [Post(Measure.Charge, 250.50m, day)] })
            .Claims(1, id => Facts(id) with { FirstSubmittedOn = day });
        var query = ask(practice.Query with { Kpis = [.. kpis.Select(k => KpiBook.Find(k)!)] });
        return (query, practice.Cube.Count(query));
    }

    private static XDocument Part(ZipArchive zip, string name)
    {
        using var stream = zip.GetEntry(name)!.Open();
#pragma warning disable RS0030 // our own workbook, and no server
        return XDocument.Load(stream);
#pragma warning restore RS0030
    }

    private static string? Text(Parameters parameters, string name) => parameters.Parameter.Single(p => p.Name == name).Value?.ToString();

    private static string? Text(Parameters.ParameterComponent parameter, string name) => parameter.Part.Single(p => p.Name == name).Value?.ToString();
}
