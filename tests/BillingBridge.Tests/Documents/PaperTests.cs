using System.Xml.Linq;
using FhirEmr.BillingBridge.Documents;

namespace FhirEmr.BillingBridge.Tests.Documents;

public class PaperTests
{
    private static readonly Paper Sample = new("Statement of Zoë Müller",
    [
        new PaperBlock.Heading(2, "Account"),
        new PaperBlock.Facts([("Name", "Zoë Müller"), ("Born", "1980-02-03")]),
        new PaperBlock.Table("Charges", [new("Service", 3), new("Amount", 1, IsNumber: true)], [["Visit <b>", "1,234.50"], ["Test & trial", "20.00"]]) { Totals = ["Total", "1,254.50"] },
        new PaperBlock.Paragraph("First line.\nSecond line."),
    ])
    {
        Footer = "Hilltop Clinic",
    };

    [Fact]
    public void A_pdf_has_its_text_title_language_and_page_numbers()
    {
        var pdf = new PdfText(PaperPdf.Write(Sample));

        Assert.Equal(("Statement of Zoë Müller", "en-US", 1), (pdf.Title, pdf.Language, pdf.Pages.Count));
        Assert.Contains("Statement of Zoë Müller", pdf.Pages[0]);
        Assert.Contains("Test & trial20.00", pdf.Pages[0]);
        Assert.Contains("Second line.", pdf.Pages[0]);
        Assert.Contains("Hilltop ClinicPage 1 of 1", pdf.Pages[0]);
        Assert.DoesNotContain("□", pdf.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_pdf_is_tagged_for_who_reads_by_ear()
    {
        var tags = PdfTags.Read(PaperPdf.Write(Sample));

        Assert.True(tags.IsMarked);
        Assert.Equal("", tags.Unheard);
        Assert.Equal(
            """
            Document
             H1 Statement of Zoë Müller
             H2 Account
             L
              LI
               Lbl Name
               LBody Zoë Müller
              LI
               Lbl Born
               LBody 1980-02-03
             Table
              Caption
               P Charges
              TR
               TH(Column) Service
               TH(Column) Amount
              TR
               TH(Row) Visit <b>
               TD 1,234.50
              TR
               TH(Row) Test & trial
               TD 20.00
              TR
               TH(Row) Total
               TD 1,254.50
             P First line.Second line.
            """.ReplaceLineEndings("\n"),
            string.Join('\n', tags.Lines));
    }

    [Fact]
    public void A_pdf_holds_what_pdf_ua_asks_that_a_program_can_see()
    {
        Assert.Empty(PdfUa.Check(PaperPdf.Write(Sample)));
        Assert.Empty(PdfUa.Check(PaperPdf.Write(new Paper("Long & <odd>",
        [
            new PaperBlock.Table("Rows", [new("Name", 3), new("Amount", 1, IsNumber: true)], [.. Enumerable.Range(1, 90).Select(i => (IReadOnlyList<string>)[$"Łódź {i} 王", ""])]),
            new PaperBlock.PageBreak(),
            new PaperBlock.Paragraph(""),
        ]))));
    }

    /// <summary>The same file with a few letters changed, each to be found.</summary>
    [Theory]
    [InlineData("<</Marked true>>", "<</Marked null>>", "06-003")]
    [InlineData("/Lang(en-US)", "/Lanx(en-US)", "11-006")]
    [InlineData("/DisplayDocTitle true", "/DisplayDocTitle null", "07-002")]
    [InlineData("<pdfuaid:part>1", "<pdfuaid:part>2", "06-002")]
    [InlineData("xml:lang=\"x-default\">State", "xml:lang=\"x-default\">Stage", "06-004")]
    [InlineData("/Tabs/S", "/Tabs/R", "28-004")]
    [InlineData("/StructParents 0", "/StructParents 5", "01")]
    [InlineData("/Scope/Row", "/Scope/Raw", "15-003")]
    [InlineData("/O/Table", "/O/Tabel", "15-003")]
    [InlineData("/S/H2", "/S/H3", "14-003")]
    [InlineData("/S/LI", "/S/LX", "02-001")]
    [InlineData("/S/TR", "/S/TD", "09")]
    [InlineData("/ToUnicode ", "/ToUnicodx ", "10-001")]
    [InlineData("/FontFile2 ", "/FontFilex ", "31-009")]
    public void What_breaks_pdf_ua_is_found(string was, string becomes, string checkpoint)
    {
        var text = System.Text.Encoding.Latin1.GetString(PaperPdf.Write(Sample));
        Assert.Contains(was, text, StringComparison.Ordinal);
        var broken = System.Text.Encoding.Latin1.GetBytes(text.Replace(was, becomes, StringComparison.Ordinal));

        Assert.Contains(PdfUa.Check(broken), p => p.StartsWith(checkpoint, StringComparison.Ordinal));
    }

    [Fact]
    public void Content_outside_of_the_tags_breaks_pdf_ua()
    {
        using var document = PdfSharp.Pdf.IO.PdfReader.Open(new MemoryStream(PaperPdf.Write(Sample)), PdfSharp.Pdf.IO.PdfDocumentOpenMode.Modify);
        using (var graphics = PdfSharp.Drawing.XGraphics.FromPdfPage(document.Pages[0]))
            graphics.DrawLine(PdfSharp.Drawing.XPens.Black, 0, 0, 9, 9);
        using var stream = new MemoryStream();
        document.Save(stream, closeStream: false);

        Assert.Contains(PdfUa.Check(stream.ToArray()), p => p.StartsWith("01-005: page 1 paints", StringComparison.Ordinal));
    }

    [Fact]
    public void What_runs_over_pages_is_one_element_and_what_is_repeated_is_not_read_again()
    {
        var rows = Enumerable.Range(1, 150).Select(i => (IReadOnlyList<string>)[$"Row{i}", $"{i}.00"]).ToList();
        var tags = PdfTags.Read(PaperPdf.Write(new Paper("Long",
        [
            new PaperBlock.Paragraph(string.Join('\n', Enumerable.Range(1, 100).Select(i => $"line {i}"))), new PaperBlock.Table("Rows", [new("Name", 3), new("Amount", 1, IsNumber: true)], rows),
        ])));

        Assert.Equal("", tags.Unheard);
        Assert.Single(tags.Lines, l => l.StartsWith(" P line 1", StringComparison.Ordinal) && l.EndsWith("line 100", StringComparison.Ordinal));
        Assert.Single(tags.Lines, l => l.Contains("TH(Column) Name", StringComparison.Ordinal));
        Assert.Equal(151, tags.Lines.Count(l => l.Trim() == "TR"));
        Assert.DoesNotContain(tags.Lines, l => l.Contains("Page ", StringComparison.Ordinal));
    }

    /// <summary>Whatever stands above it on the page, and however high its first row.</summary>
    [Fact]
    public void A_tables_header_and_a_heading_never_stand_alone_at_the_foot_of_a_page()
    {
        IReadOnlyList<string> high = [string.Join('\n', Enumerable.Repeat("high", 6)), "1.00"];
        for (var above = 30; above <= 62; above++)
        {
            var paper = new Paper("Foot", [new PaperBlock.Paragraph(string.Join('\n', Enumerable.Repeat("above", above))), new PaperBlock.Heading(2, "Heading"), new PaperBlock.Table("Caption", [new("Name", 3), new("Amount", 1, IsNumber: true)], [high])]);
            var pages = new PdfText(PaperPdf.Write(paper)).Pages;

            var page = Assert.Single(pages, p => p.Contains("high1.00"));
            Assert.Contains("NameAmount", page);
            Assert.Contains("Caption", page);
            Assert.Contains("Heading", page);
            Assert.Single(pages.SelectMany(p => p), l => l == "NameAmount");
        }
    }

    [Theory]
    [InlineData("018401234", "Lawrence, MA 01840-1234")]
    [InlineData("01840-1234", "Lawrence, MA 01840-1234")]
    [InlineData("01840", "Lawrence, MA 01840")]
    [InlineData("K1A 0B1", "Lawrence, MA K1A 0B1")]
    public void A_nine_digit_zip_has_its_dash(string zip, string line) =>
        Assert.Equal(line, PaperWords.Address(new Hl7.Fhir.Model.Address { City = "Lawrence", State = "MA", PostalCode = zip }));

    [Theory]
    [InlineData("ÀÉÎÕÜ ß ñ ç ø ¿ ¡ £ § µ ½ þ ÿ")] // Latin-1
    [InlineData("Łódź Győr Şişli Đà Nẵng")]
    [InlineData("Ελένη Παπαδοπούλου")]
    [InlineData("Анна Щукина")]
    public void Names_come_out_in_their_own_letters(string name)
    {
        var pdf = new PdfText(PaperPdf.Write(new Paper("Letter", [new PaperBlock.Paragraph(name)])));

        Assert.Contains(name.Normalize().Replace(" ", "", StringComparison.Ordinal), pdf.Text.Replace(" ", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("王小明", "U+5C0F, U+660E, U+738B")]
    [InlineData("محمد", "U+062D, U+062F, U+0645")]
    [InlineData("דוד", "U+05D3, U+05D5")]
    public void What_cannot_be_printed_is_named_in_words_and_stands_in_the_html(string name, string characters)
    {
        var paper = new Paper("Letter", [new PaperBlock.Paragraph($"For {name}.")]);
        var pdf = new PdfText(PaperPdf.Write(paper));

        Assert.Contains($"For {new string('□', name.Length)}.", pdf.Text, StringComparison.Ordinal);
        Assert.Contains(characters, pdf.Text, StringComparison.Ordinal);
        Assert.Contains(name, System.Net.WebUtility.HtmlDecode(PaperHtml.Write(paper)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_long_table_repeats_its_header_on_every_page_and_loses_no_row()
    {
        var rows = Enumerable.Range(1, 150).Select(i => (IReadOnlyList<string>)[$"Row{i}", $"{i}.00"]).ToList();
        var pdf = new PdfText(PaperPdf.Write(new Paper("Long", [new PaperBlock.Table("Rows", [new("Name", 3), new("Amount", 1, IsNumber: true)], rows)])));

        Assert.InRange(pdf.Pages.Count, 3, 6);
        Assert.All(pdf.Pages, p => Assert.Contains("NameAmount", p));
        Assert.All(rows, r => Assert.Contains(string.Concat(r), pdf.Pages.SelectMany(p => p)));
        Assert.Contains($"Page {pdf.Pages.Count} of {pdf.Pages.Count}", pdf.Pages[^1]);
    }

    [Fact]
    public void A_long_word_is_broken_and_nothing_runs_off_the_page()
    {
        var word = new string('w', 400);
        var pdf = new PdfText(PaperPdf.Write(new Paper("Word", [new PaperBlock.Paragraph(word)])));

        Assert.Equal(400, pdf.Pages[0].Where(l => l.StartsWith("ww", StringComparison.Ordinal)).Sum(l => l.Length));
        Assert.All(pdf.Pages[0], l => Assert.True(l.Length < 120));
    }

    [Fact]
    public void Html_is_well_formed_and_readable_by_ear()
    {
        var html = PaperHtml.Write(Sample);
        var page = XDocument.Parse(html.Replace("<!DOCTYPE html>", "", StringComparison.Ordinal).Replace("<meta charset=\"utf-8\">", "", StringComparison.Ordinal)
            .Replace("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">", "", StringComparison.Ordinal)).Root!;

        Assert.Equal("en-US", page.Attribute("lang")!.Value);
        Assert.Equal("Statement of Zoë Müller", page.Descendants("title").Single().Value);
        Assert.Equal(["h1", "h2"], page.Descendants().Select(e => e.Name.LocalName).Where(n => n is ['h', >= '1' and <= '6']));
        Assert.Equal("Charges", page.Descendants("caption").Single().Value);
        Assert.Equal(["Service", "Amount"], page.Descendants("th").Where(t => t.Attribute("scope")!.Value == "col").Select(t => t.Value));
        Assert.Equal(["Visit <b>", "Test & trial", "Total"], page.Descendants("th").Where(t => t.Attribute("scope")!.Value == "row").Select(t => t.Value));
        Assert.Empty(page.Descendants("script"));
        Assert.DoesNotContain("http", html, StringComparison.Ordinal);
    }
}
