using System.IO.Compression;
using System.Text;
using FhirEmr.FhirServer.Imports.Tables;

namespace FhirEmr.FhirServer.Tests.Imports;

/// <summary>Workbooks as Excel writes them, and archives that only look like one.</summary>
[Trait("Requirement", "S-75")]
public sealed class WorkbookReaderTests
{
    private const string Main = "xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"";

    private const string Sheet = $"""
        <worksheet {Main}><sheetData>
        <row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="inlineStr"><is><t>DOB</t></is></c><c r="D1" t="str"><v>Fee</v></c></row>
        <row r="3"><c r="A3" t="s"><v>1</v></c><c r="B3" s="1"><v>32874</v></c><c r="D3"><v>12.5</v></c></row>
        <row r="4"><c r="A4" t="b"><v>1</v></c><c r="B4" s="2"><v>45292.59375</v></c><c r="D4" t="e"><v>#REF!</v></c></row>
        </sheetData></worksheet>
        """;

    [Fact]
    public void Reads_shared_and_inline_texts_numbers_days_and_errors_with_their_places()
    {
        var table = TableReader.Read(Workbook(Sheet));

        Assert.Equal("workbook, sheet Patients", table.Form);
        Assert.Equal(["Name", "DOB", "", "Fee"], table.Headers);
        Assert.Equal([3, 4], table.Rows.Select(r => r.Line));
        Assert.Equal(["O'Brien, Zoë", "1990-01-01", "", "12.5"], table.Rows[0].Cells.Select(c => c.Text));
        Assert.Equal("2024-01-01 14:15", table.Rows[1].Cell(1).Text);
        Assert.Equal(4, table.Rows[1].Fault!.Value.Column);
        Assert.Contains("#REF!", table.Rows[1].Fault!.Value.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Refuses_names_that_lead_out_document_types_and_what_unpacks_to_too_much()
    {
        Assert.Contains("leads out", Refusal(Workbook(Sheet, ("../evil.xml", "x"))), StringComparison.Ordinal);
        Assert.Contains("leads out", Refusal(Workbook(Sheet, ("/etc/x", "x"))), StringComparison.Ordinal);
        Assert.Contains("cannot be read", Refusal(Workbook("<!DOCTYPE x [<!ENTITY a \"b\">]><worksheet>&a;</worksheet>")), StringComparison.Ordinal);
        Assert.Contains("unpacks to more", Refusal(Workbook(Sheet, ("xl/media/bomb", new string('0', 40_000_000)))), StringComparison.Ordinal);
        Assert.Contains("archive of something else", Refusal(Zip(("a.txt", "x"))), StringComparison.Ordinal);
        Assert.Contains("cannot be read", Refusal([.. "PK\x03\x04"u8, .. new byte[50]]), StringComparison.Ordinal);
    }

    [Fact]
    public void Rows_that_are_only_formatted_are_none_and_cells_stand_in_order()
    {
        var table = TableReader.Read(Workbook($"""<worksheet {Main}><sheetData><row r="1"><c r="A1" t="s"><v>0</v></c></row><row r="2"/><row r="3"><c r="A3" s="1"/><c r="C3"/></row><row r="4"><c r="A4" t="s"><v>1</v></c></row></sheetData></worksheet>"""));

        Assert.Equal([4], table.Rows.Select(r => r.Line));
        Assert.Contains("no order", Refusal(Workbook($"""<worksheet {Main}><sheetData><row r="1"><c r="B1"><v>1</v></c><c r="A1"><v>1</v></c></row></sheetData></worksheet>""")), StringComparison.Ordinal);
    }

    private static string Refusal(byte[] file) => Assert.Throws<SourceTableException>(() => TableReader.Read(file)).Message;

    internal static byte[] Workbook(string sheet, params (string Name, string Text)[] more) => Zip(
    [
        ("xl/workbook.xml", $"<workbook {Main} xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\"><sheets><sheet name=\"Notes\" state=\"hidden\" r:id=\"r0\"/><sheet name=\"Patients\" r:id=\"r1\"/></sheets></workbook>"),
        ("xl/_rels/workbook.xml.rels", "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\"><Relationship Id=\"r0\" Target=\"worksheets/notes.xml\"/><Relationship Id=\"r1\" Target=\"worksheets/sheet1.xml\"/></Relationships>"),
        ("xl/styles.xml", $"<styleSheet {Main}><numFmts><numFmt numFmtId=\"165\" formatCode=\"m/d/yy h:mm\"/></numFmts><cellStyleXfs><xf numFmtId=\"14\"/></cellStyleXfs><cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"14\"/><xf numFmtId=\"165\"/></cellXfs></styleSheet>"),
        ("xl/sharedStrings.xml", $"<sst {Main}><si><t>Name</t></si><si><r><t>O'Brien, </t></r><r><t>Zoë</t></r><rPh><t>hint</t></rPh></si></sst>"),
        ("xl/worksheets/sheet1.xml", sheet),
        .. more,
    ]);

    private static byte[] Zip(params (string Name, string Text)[] parts)
    {
        using var bytes = new MemoryStream();
        using (var zip = new ZipArchive(bytes, ZipArchiveMode.Create, leaveOpen: true))
            foreach (var (name, text) in parts)
            {
                using var entry = zip.CreateEntry(name).Open();
                entry.Write(Encoding.UTF8.GetBytes(text));
            }

        return bytes.ToArray();
    }
}
