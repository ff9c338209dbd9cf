using FhirEmr.BillingBridge.Scrubbing.Edits;
using FhirEmr.Terminology;
using FhirEmr.Terminology.Import;

namespace FhirEmr.BillingBridge.Tests.Scrubbing.Edits;

public class EditFolderTests
{
    [Fact]
    public void A_folder_gives_its_tables_and_names_the_files_nobody_asks_for()
    {
        var folder = Directory.CreateTempSubdirectory("fhiremr-tables-");
        try
        {
            File.WriteAllText(Path.Combine(folder.FullName, "payers.csv"), "payer,from,to\nACME1,2026-01-01,2026-06-30\n");
            File.WriteAllText(Path.Combine(folder.FullName, "payrs.csv"), "payer\nACME1\n");

            var (tables, unknown) = EditFolder.Read(folder.FullName);

            Assert.Equal(["payrs.csv"], unknown);
            var payers = Assert.Single(tables).Value;
            Assert.Single(payers.Find("acme1", new(2026, 6, 30)));
            Assert.Empty(payers.Find("ACME1", new(2026, 7, 1)));
            Assert.StartsWith("payers of ", payers.Edition, StringComparison.Ordinal);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void Imported_editions_answer_where_nothing_else_is_given()
    {
        var folder = Directory.CreateTempSubdirectory("fhiremr-edits-");
        try
        {
            string Write(string name, string text)
            {
                var path = Path.Combine(folder.FullName, name);
                File.WriteAllText(path, text);
                return path;
            }

            var day = new DateOnly(2026, 3, 2);
            var terminology = new TerminologyService(null, TimeProvider.System);
            var reports = new[]
            {
                terminology.Import(ReleaseKind.NcciPtp, Write("ccipra-v320r0-f1.txt", "x\n20610\t99213\t\t20200101\t*\t1\tx\n"), new("v320r0", new DateOnly(2026, 1, 1)), TestContext.Current.CancellationToken),
                terminology.Import(ReleaseKind.NcciMue, Write("MCR_MUE_PractitionerServices_Eff_01-01-2026.csv", "notice\n20610,2,3 Date of Service Edit: Clinical,x\n"), null, TestContext.Current.CancellationToken),
                terminology.Import(ReleaseKind.NcciAddOns, Write("AOC_V2026Q1-MCR.txt", "notice\n11103\t1\t20190101\t\t11102\t\t\t\nG2211\t2\t20240101\t\t\t\t\t\n"), null, TestContext.Current.CancellationToken),
            };
            Assert.All(reports, r => Assert.NotNull(r.Edition));

            var tables = new EditTables { Imported = terminology.Fees };

            Assert.Equal('1', tables.PtpOn(day)!.Find("20610", "99213", day)!.ModifierIndicator);
            Assert.Equal(reports[0].Edition!.Id, tables.PtpOn(day)!.Edition);
            Assert.Equal(new MueEdit("20610", 2, 3), tables.MueOn(day)!.Find("20610"));
            Assert.Equal("11102", tables.AddOnsOn(day)!.Find("11103", day).Single().Primary);
            Assert.Equal(2, tables.AddOnsOn(day)!.Find("G2211", day).Single().Type);
            Assert.Empty(tables.AddOnsOn(day)!.Find("99213", day));
            Assert.Null(tables.FeesOn(day));
            Assert.Equal("000", tables.GlobalDays("20610", day));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
