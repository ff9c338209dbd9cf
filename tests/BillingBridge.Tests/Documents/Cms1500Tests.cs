using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.Documents;
using FhirEmr.BillingBridge.Tests.Fakes;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Tests.Documents;

public sealed class Cms1500Tests
{
    private readonly SmallPractice _practice = new();

    [Fact]
    public async Task Every_box_has_its_value()
    {
        _practice.Records.Put(new Consent { Id = "c", Status = Consent.ConsentState.Active, Patient = new ResourceReference("Patient/p-a1") });
        var form = Assert.Single(await BuildAsync("a1", c =>
        {
            c.Insurance[0].PreAuthRef = ["AUTH77"];
            c.Item[0].Modifier.Add(new CodeableConcept(Terminology.CodeSystemUrls.Cpt, "95"));
            c.SupportingInfo = [new Claim.SupportingInformationComponent { Sequence = 1, Category = SupportingInfo.Category(SupportingInfo.Onset), Timing = new Date("2026-03-28") }];
        }));

        (string Box, string Value)[] expected =
        [
            ("carrier", "FIRST MUTUAL"), ("1", "GROUP HEALTH PLAN"), ("1a", "M100200"), ("2", "DOE, ROWAN, LEE"), ("3", "01 01 1970 F"), ("4", "DOE, ROWAN, LEE"),
            ("5", "1 OAK LANE APT 4\nSALEM OR 97301"), ("6", "SELF"), ("7", "1 OAK LANE APT 4\nSALEM OR 97301"), ("9", ""), ("10a", "NO"), ("10b", "NO"), ("10c", "NO"), ("11", "G55"),
            ("11a", "01 01 1970 F"), ("11c", "FIRST MUTUAL"), ("11d", "NO"), ("12", "SIGNATURE ON FILE"), ("13", "SIGNATURE ON FILE"), ("14", "03 28 2026 431"), ("17", ""), ("20", "NO"),
            ("21", "A J069\nB R509"), ("22", ""), ("23", "AUTH77"), ("25", "93-1234567 EIN"), ("26", "PCNA1"), ("27", "YES"), ("28", "150.00"), ("29", "0.00"),
            ("31", "ALBA NÚÑEZ 03 31 2026"), ("32", "HILLTOP CLINIC\n7 HILL ROAD\nSALEM OR 97301-1234"), ("33", "HILLTOP CLINIC\n7 HILL ROAD\nSALEM OR 97301-1234"), ("33a", "1234567893"),
        ];
        Assert.Equal(expected, expected.Select(e => (e.Box, form[e.Box])));
        Assert.Equal(
            [("99213", "25 95", "AB", 120m, "1987654328"), ("87880", "", "A", 30m, "1987654328")],
            form.Lines.Select(l => (l.Code, string.Join(' ', l.Modifiers), l.Pointers, l.ChargeUsd, l.RenderingNpi)));
    }

    [Fact]
    public async Task All_boxes_of_the_form_are_there_once()
    {
        var form = Assert.Single(await BuildAsync("a1"));
        string[] numbers =
        [
            "carrier", "1", "1a", "2", "3", "4", "5", "6", "7", "8", "9", "9a", "9b", "9c", "9d", "10a", "10b", "10c", "10d", "11", "11a", "11b", "11c", "11d", "12", "13", "14", "15", "16", "17",
            "17a", "17b", "18", "19", "20", "21", "22", "23", "25", "26", "27", "28", "29", "30", "31", "32", "32a", "32b", "33", "33a", "33b",
        ];

        Assert.Equal(numbers, form.Boxes.Select(b => b.Number)); // 24 is the lines
    }

    [Fact]
    public async Task Without_a_consent_nobody_signed()
    {
        var form = Assert.Single(await BuildAsync("a1"));

        Assert.Equal(("", ""), (form["12"], form["13"]));
    }

    [Fact]
    public async Task A_replacement_quotes_the_payers_number()
    {
        var form = Assert.Single(await BuildAsync("a1", c =>
        {
            c.AddExtension(BillingUrls.FrequencyExtension, new Code("7"));
            c.Related = [new Claim.RelatedClaimComponent { Claim = new ResourceReference("Claim/a0"), Reference = new Identifier("urn:fhiremr:icn:FM001", "FM9001") }];
        }));

        Assert.Equal("7 FM9001", form["22"]);
    }

    [Fact]
    public async Task The_seventh_line_goes_on_a_second_form_which_bears_the_total()
    {
        var forms = await BuildAsync("a1", c => c.Item = [.. Enumerable.Range(1, 8).Select(i => SmallPractice.Line(i, "99213", 10m, [], 1))]);

        Assert.Equal([6, 2], forms.Select(f => f.Lines.Count));
        Assert.Equal(["CONTINUED", "80.00"], forms.Select(f => f["28"]));
    }

    [Fact]
    public async Task Characters_stand_in_the_places_of_the_form()
    {
        var rows = Cms1500Grid.Write(Assert.Single(await BuildAsync("a1")));

        Assert.Equal(66, rows.Count);
        Assert.All(rows, r => Assert.True(r.Length <= 80));
        Assert.Equal("M100200", At(rows, 9, 50, 7));
        Assert.Equal("X", At(rows, 9, 31, 1));
        Assert.Equal("DOE, ROWAN, LEE", At(rows, 11, 1, 15));
        Assert.Equal("01 01 1970", At(rows, 11, 31, 10));
        Assert.Equal("X", At(rows, 11, 47, 1));
        Assert.Equal("X", At(rows, 13, 33, 1));
        Assert.Equal("J069", At(rows, 39, 3, 4));
        Assert.Equal("R509", At(rows, 39, 16, 4));
        Assert.Equal("03 30 26 03 30 26 11", At(rows, 44, 1, 20));
        Assert.Equal("99213   25", At(rows, 44, 25, 10));
        Assert.Equal("AB", At(rows, 44, 45, 2));
        Assert.Equal("120 00", At(rows, 44, 53, 6));
        Assert.Equal("1987654328", At(rows, 44, 68, 10));
        Assert.Equal("87880", At(rows, 46, 25, 5));
        Assert.Equal("150 00", At(rows, 56, 54, 6));
        Assert.Equal("1234567893", At(rows, 62, 51, 10));
    }

    [Fact]
    public async Task Printed_for_the_bought_form_every_character_stands_in_its_cell()
    {
        var forms = await BuildAsync("a1");
        var print = Cms1500Papers.Form(forms, "PCNA1");
        using var pdf = UglyToad.PdfPig.PdfDocument.Open(print);

        Assert.Empty(PdfUa.Check(print));
        var letters = pdf.GetPage(1).Letters.Where(l => l.Value != " ").ToList();
        var rows = Cms1500Grid.Write(forms[0]);
        Assert.Equal(1, pdf.NumberOfPages);
        Assert.Equal(rows.Sum(r => r.Count(c => c != ' ')), letters.Count);
        foreach (var letter in letters)
        {
            var row = (int)Math.Round((792 - letter.StartBaseLine.Y + 3) / 12) - 1;
            var column = (int)((((letter.StartBaseLine.X + letter.EndBaseLine.X) / 2) - 22) / 7.2);
            Assert.Equal(rows[row][column].ToString(), letter.Value);
        }
    }

    [Fact]
    public async Task The_readable_form_names_every_box()
    {
        var paper = Cms1500Papers.Readable(await BuildAsync("a1"), "PCNA1");
        var pdf = new PdfText(PaperPdf.Write(paper));

        Assert.Contains("1aInsured's idM100200", pdf.Text.Split('\n'));
        Assert.Empty(PdfUa.Check(PaperPdf.Write(paper)));
        Assert.Contains("CMS-1500 (02/12) values of claim PCNA1", pdf.Text, StringComparison.Ordinal);
        Assert.Contains("99213", PaperHtml.Write(paper), StringComparison.Ordinal);
    }

    private async Task<IReadOnlyList<Cms1500>> BuildAsync(string id, Action<Claim>? change = null)
    {
        var claim = _practice.AddClaim(id, change: change);
        return Cms1500Builder.Build(await PaperSources.GatherAsync(_practice.Records, claim, TestContext.Current.CancellationToken));
    }

    /// <summary>Row and column count from 1.</summary>
    private static string At(IReadOnlyList<string> rows, int row, int column, int length) => rows[row - 1].PadRight(80).Substring(column - 1, length);
}
