using System.Text;
using FhirEmr.FhirServer.Imports.Tables;

namespace FhirEmr.FhirServer.Tests.Imports;

/// <summary>Text tables as programs write them, and where exactly a broken one is broken.</summary>
public sealed class CsvReaderTests
{
    [Theory]
    [InlineData("a,b\r\n1,2\r\n", "commas")]
    [InlineData("a;b\n1,5;2\n", "semicolons")]
    [InlineData("a\tb, c\n1\t2\n", "tabs")]
    [InlineData("a|b\r1|2", "bars")]
    public void Finds_the_separator(string text, string name)
    {
        var table = TableReader.Read(Encoding.UTF8.GetBytes(text));

        Assert.EndsWith(name, table.Form, StringComparison.Ordinal);
        Assert.Equal(2, table.Headers.Count);
        Assert.Single(table.Rows);
    }

    public static TheoryData<string, byte[]> Encodings => new()
    {
        { "UTF-8", Encoding.UTF8.GetBytes("name,x\nZoë,1") },
        { "UTF-8", [0xEF, 0xBB, 0xBF, .. Encoding.UTF8.GetBytes("name,x\nZoë,1")] },
        { "UTF-16", [0xFF, 0xFE, .. Encoding.Unicode.GetBytes("name,x\nZoë,1")] },
        { "UTF-16", Encoding.Unicode.GetBytes("name,x\nZoë,1") },
        { "UTF-16, big-endian", [0xFE, 0xFF, .. Encoding.BigEndianUnicode.GetBytes("name,x\nZoë,1")] },
        { "Windows-1252", Encoding.Latin1.GetBytes("name,x\nZoë,1") },
    };

    [Theory]
    [MemberData(nameof(Encodings))]
    public void Finds_the_encoding(string name, byte[] file)
    {
        var table = TableReader.Read(file);

        Assert.Equal($"CSV, {name}, separated by commas", table.Form);
        Assert.Equal("name", table.Headers[0]);
        Assert.Equal("Zoë", table.Rows[0].Cell(0).Text);
    }

    [Fact]
    public void Quoted_values_hold_separators_quotes_and_line_breaks_and_lines_are_counted_on()
    {
        var table = TableReader.Read("a,b\r\n\"1,\"\"x\"\"\r\ny\",2\r\n\r\n3,4"u8.ToArray());

        Assert.Equal("1,\"x\"\r\ny", table.Rows[0].Cell(0).Text);
        Assert.Equal(new SourceCell("2", 3, 4), table.Rows[0].Cell(1));
        Assert.Equal([2, 5], table.Rows.Select(r => r.Line));
        Assert.Equal(new SourceCell("4", 5, 3), table.Rows[1].Cell(1));
    }

    [Theory]
    [InlineData("a,b\n1,x\"y\n", 2, 4, "A quote stands within")]
    [InlineData("a,b\n\"1\"z,2\n", 2, 4, "text after its closing quote")]
    [InlineData("a,b\n1,\"2\n3,4", 2, 3, "line 2 is never closed")]
    [InlineData("a,b\n1,2,,3\n", 2, 6, "more values than the 2 columns")]
    public void Says_where_a_row_is_broken(string text, int line, int column, string why)
    {
        var row = TableReader.Read(Encoding.UTF8.GetBytes(text)).Rows[0];

        Assert.Equal((line, column), (row.Line, row.Fault!.Value.Column));
        Assert.Contains(why, row.Fault.Value.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_broken_row_leaves_the_next_one_whole() =>
        Assert.Equal([false, true, false], TableReader.Read("a,b\n1,2\n3,x\"y\n5,6"u8.ToArray()).Rows.Select(r => r.Fault is not null));

    [Fact]
    public void Lines_with_nothing_on_them_and_values_without_end_take_no_memory()
    {
        Assert.Empty(CsvReader.Records(new string('\n', 100_000), ',', int.MaxValue));
        var wide = CsvReader.Records(new string(',', 100_000) + "\n1,2", ',', int.MaxValue);
        Assert.InRange(wide[0].Cells.Count, TableLimits.MostColumns, (TableLimits.MostColumns * 2) + 1);
        Assert.Contains("too many values", wide[0].Fault!.Value.Text, StringComparison.Ordinal);
        Assert.Equal(["1", "2"], wide[1].Cells.Select(c => c.Text));
    }

    [Fact]
    public void A_file_that_is_too_large_is_known_to_be_before_it_is_read()
    {
        Assert.Contains($"more than {TableLimits.MostRows} rows", Refusal(() => CsvReader.Records(string.Concat(Enumerable.Repeat("1\n", TableLimits.MostRows + 2)), ',', int.MaxValue)), StringComparison.Ordinal);
        Assert.Contains($"more than {TableLimits.MostCells} values", Refusal(() => TableReader.Count(1, TableLimits.MostCells + 1)), StringComparison.Ordinal);
        TableReader.Count(TableLimits.MostRows, TableLimits.MostCells);

        static string Refusal(Action read) => Assert.Throws<SourceTableException>(read).Message;
    }

    [Theory]
    [InlineData("", "empty")]
    [InlineData("\n , \n", "no row with anything")]
    [InlineData("a\0b", "no CSV file")]
    [InlineData("\"a,b", "never closed")]
    public void Refuses_what_is_no_table(string text, string why) =>
        Assert.Contains(why, Assert.Throws<SourceTableException>(() => TableReader.Read(Encoding.UTF8.GetBytes(text))).Message, StringComparison.Ordinal);
}
