using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Xml;
using FhirEmr.FhirServer.Resources;

namespace FhirEmr.FhirServer.Imports.Tables;

/// <summary>The first visible sheet of an Excel workbook (ECMA-376), its shown values as text: days and times as ISO 8601 writes them.</summary>
/// <remarks>
/// Security.md S-75, S-70: entries are read into memory by the names that the workbook's own parts give, nothing is extracted, macros, links and formulas are not followed
/// (a formula's last value counts), no DTD, and sizes are counted as they unpack since an archive may lie about them.
/// </remarks>
internal static class WorkbookReader
{
    private const int MaxDepth = 64;
    private const string Relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

    /// <exception cref="SourceTableException">It is no workbook, or not a harmless one.</exception>
    public static SourceTable Read(byte[] file)
    {
        try
        {
            using var zip = new ZipArchive(new MemoryStream(file, writable: false), ZipArchiveMode.Read);
            var parts = new Parts(zip, file.Length);
            var (sheet, name, from1904) = FirstSheet(parts);
            var (texts, dateStyles) = (SharedTexts(parts), DateStyles(parts));
            return TableReader.Of($"workbook, sheet {name}", Rows(parts.Open(sheet) ?? throw Broken($"it has no part {sheet}"), texts, dateStyles, from1904));
        }
        catch (Exception e) when (e is InvalidDataException or XmlException or FormatException or OverflowException or NotSupportedException)
        {
            throw Broken(e.Message.TrimEnd('.'));
        }
    }

    private static SourceTableException Broken(string why) => new($"The workbook cannot be read: {why}. Save it anew, or save it as CSV.");

    private static (string Part, string Name, bool From1904) FirstSheet(Parts parts)
    {
        var targets = new Dictionary<string, string>();
        using (var xml = parts.Open("xl/_rels/workbook.xml.rels") ?? throw Broken("it is an archive of something else"))
            while (xml.Read())
                if (xml is { NodeType: XmlNodeType.Element, LocalName: "Relationship" } && xml.GetAttribute("TargetMode") != "External" && xml.GetAttribute("Id") is { } id)
                    targets[id] = xml.GetAttribute("Target") ?? "";
        var from1904 = false;
        using var book = parts.Open("xl/workbook.xml") ?? throw Broken("it has no part xl/workbook.xml");
        while (book.Read())
        {
            if (book is { NodeType: XmlNodeType.Element, LocalName: "workbookPr" })
                from1904 = book.GetAttribute("date1904") is "1" or "true";
            if (book is { NodeType: XmlNodeType.Element, LocalName: "sheet" } && book.GetAttribute("state") is null or "visible"
                && book.GetAttribute("id", Relations) is { } id && targets.TryGetValue(id, out var target))
                return (target.StartsWith('/') ? target[1..] : "xl/" + target, book.GetAttribute("name") ?? "1", from1904);
        }

        throw Broken("it has no visible sheet");
    }

    private static List<string> SharedTexts(Parts parts)
    {
        var texts = new List<string>();
        using var xml = parts.Open("xl/sharedStrings.xml");
        while (xml?.Read() == true)
            if (xml is { NodeType: XmlNodeType.Element, LocalName: "si" })
            {
                TableReader.Count(0, texts.Count);
                texts.Add(TextOf(xml).Trim()); // once: any number of cells may name it
            }

        return texts;
    }

    /// <summary>Text of the runs in an element, without phonetic hints.</summary>
    private static string TextOf(XmlReader xml)
    {
        if (xml.IsEmptyElement)
            return "";
        var text = new StringBuilder();
        var depth = xml.Depth;
        var isRun = false;
        var hint = int.MaxValue;
        while (xml.Read() && xml.Depth > depth)
        {
            if (xml.NodeType == XmlNodeType.Element)
            {
                if (xml.LocalName == "rPh")
                    hint = Math.Min(hint, xml.Depth);
                isRun = xml.LocalName == "t" && hint == int.MaxValue;
            }
            else if (xml.NodeType == XmlNodeType.EndElement)
            {
                isRun = false;
                if (xml.LocalName == "rPh" && xml.Depth == hint)
                    hint = int.MaxValue;
            }
            else if (isRun && xml.NodeType is XmlNodeType.Text or XmlNodeType.CDATA or XmlNodeType.SignificantWhitespace or XmlNodeType.Whitespace && text.Length <= TableLimits.LongestValue)
            {
                text.Append(xml.Value);
            }
        }

        return text.ToString();
    }

    /// <summary>By position of a cell's style, whether it shows a number as a day or time.</summary>
    private static List<bool> DateStyles(Parts parts)
    {
        var (formats, styles, isCell) = (new HashSet<string>(), new List<bool>(), false);
        using var xml = parts.Open("xl/styles.xml");
        while (xml?.Read() == true)
        {
            if (xml is { NodeType: XmlNodeType.Element, LocalName: "numFmt" } && IsDate(xml.GetAttribute("formatCode") ?? "") && xml.GetAttribute("numFmtId") is { } custom)
                formats.Add(custom);
            if (xml.LocalName == "cellXfs")
                isCell = xml.NodeType == XmlNodeType.Element && !xml.IsEmptyElement;
            if (isCell && xml is { NodeType: XmlNodeType.Element, LocalName: "xf" })
                styles.Add(xml.GetAttribute("numFmtId") is { } id && (formats.Contains(id) || (int.TryParse(id, out var number) && number is >= 14 and <= 22 or >= 45 and <= 47)));
        }

        return styles;
    }

    /// <summary>Outside quotes and brackets a format of days and times has their letters.</summary>
    private static bool IsDate(string format)
    {
        var (isQuoted, isBracketed) = (false, false);
        foreach (var c in format)
        {
            if (c == '"')
                isQuoted = !isQuoted;
            else if (c is '[' or ']')
                isBracketed = c == '[';
            else if (!isQuoted && !isBracketed && c is 'y' or 'Y' or 'd' or 'D' or 'h' or 'H')
                return true;
        }

        return false;
    }

    private static List<SourceRow> Rows(XmlReader sheet, List<string> texts, List<bool> dateStyles, bool from1904)
    {
        using var xml = sheet;
        var (rows, cells, line, count) = (new List<SourceRow>(), new List<SourceCell>(), 0, 0);
        (int, string)? fault = null;
        while (xml.Read())
        {
            if (xml is { NodeType: XmlNodeType.Element, LocalName: "row" })
            {
                line = int.TryParse(xml.GetAttribute("r"), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > line ? number : line + 1;
                cells = [];
                fault = null;
            }
            else if (xml is { NodeType: XmlNodeType.EndElement, LocalName: "row" })
            {
                Close();
            }
            else if (xml is { NodeType: XmlNodeType.Element, LocalName: "c" })
            {
                var column = ColumnOf(xml.GetAttribute("r")) ?? cells.Count + 1;
                if (column > TableLimits.MostColumns * 2)
                    throw new SourceTableException($"Row {line} has a value in column {column}; at most {TableLimits.MostColumns} columns are read.");
                if (column <= cells.Count)
                    throw Broken($"row {line} has its cells in no order");
                count += column - cells.Count;
                TableReader.Count(rows.Count, count);
                while (cells.Count < column - 1)
                    cells.Add(new("", line, cells.Count + 1));
                var (text, wrong) = Value(xml, texts, dateStyles, from1904);
                if (wrong is not null)
                    fault ??= (column, wrong);
                cells.Add(new(text.Trim(), line, column));
            }
        }

        return rows;

        void Close()
        {
            if (fault is null && cells.TrueForAll(c => c.Text.Length == 0))
                return; // formatted and empty
            TableReader.Count(rows.Count, count);
            rows.Add(new(line, cells) { Fault = fault });
        }
    }

    private static int? ColumnOf(string? reference)
    {
        var column = 0;
        foreach (var c in reference ?? "")
        {
            if (c is < 'A' or > 'Z' || column > 20_000)
                break;
            column = (column * 26) + c - 'A' + 1;
        }

        return column == 0 ? null : column;
    }

    private static (string Text, string? Fault) Value(XmlReader xml, List<string> texts, List<bool> dateStyles, bool from1904)
    {
        var (type, style) = (xml.GetAttribute("t"), xml.GetAttribute("s"));
        if (xml.IsEmptyElement)
            return ("", null);
        var (depth, value, isValue) = (xml.Depth, "", false);
        while (xml.Read() && xml.Depth > depth)
        {
            if (xml.NodeType == XmlNodeType.Element && xml.LocalName == "is")
                value = TextOf(xml);
            else if (xml.NodeType is XmlNodeType.Element or XmlNodeType.EndElement)
                isValue = xml is { NodeType: XmlNodeType.Element, LocalName: "v" };
            else if (isValue && value.Length <= TableLimits.LongestValue && xml.NodeType is XmlNodeType.Text or XmlNodeType.CDATA or XmlNodeType.SignificantWhitespace)
                value += xml.Value;
        }

        return type switch
        {
            "s" => int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var at) && at < texts.Count ? (texts[at], null) : ("", "The cell names a text that the workbook does not have."),
            "e" => ("", $"The cell shows the error {value}."),
            "b" => (value == "1" ? "true" : "false", null),
            "str" or "inlineStr" or "d" => (value, null),
            _ when value.Length == 0 => ("", null),
            _ => double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? Number(number, IsDateStyle(style, dateStyles), from1904) : ("", "The cell holds what is no number."),
        };
    }

    private static bool IsDateStyle(string? style, List<bool> dateStyles) => int.TryParse(style, NumberStyles.None, CultureInfo.InvariantCulture, out var at) && at < dateStyles.Count && dateStyles[at];

    private static (string Text, string? Fault) Number(double number, bool isDate, bool from1904)
    {
        if (!isDate)
            return (Math.Abs(number) < 1e15 ? ((decimal)number).ToString("0.##########", CultureInfo.InvariantCulture) : number.ToString("R", CultureInfo.InvariantCulture), null);
        if (number is < 0 or > 2_958_465)
            return ("", "The cell's number is no day.");

        // Excel counts a 29 February 1900 that never was, so its first two months are a day off.
        var start = from1904 ? new DateTime(1904, 1, 1) : number < 60 ? new DateTime(1899, 12, 31) : new DateTime(1899, 12, 30);
        var time = start.AddSeconds(Math.Round(number * 86_400));
        return (number < 1 ? time.ToString("HH:mm", CultureInfo.InvariantCulture) : time.ToString(time.TimeOfDay == TimeSpan.Zero ? "yyyy-MM-dd" : "yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture), null);
    }

    /// <summary>The archive's entries under what S-75 allows.</summary>
    private sealed class Parts
    {
        private readonly Dictionary<string, ZipArchiveEntry> entries = new(StringComparer.OrdinalIgnoreCase);
        private readonly long most;
        private long unpacked;

        public Parts(ZipArchive zip, int size)
        {
            if (zip.Entries.Count > TableLimits.MostEntries)
                throw new SourceTableException($"The workbook is an archive of {zip.Entries.Count} entries; {TableLimits.MostEntries} are the most.");
            foreach (var entry in zip.Entries)
            {
                var name = entry.FullName;
                var mode = (entry.ExternalAttributes >> 16) & 0xF000;
                if (name.StartsWith('/') || name.Contains('\\', StringComparison.Ordinal) || name.Contains(':', StringComparison.Ordinal) || name.Split('/').Contains("..") || mode is not (0 or 0x8000 or 0x4000))
                    throw new SourceTableException("The workbook is an archive with a link, a device or a name that leads out of it: no spreadsheet program writes such a file.");
                entries.TryAdd(name, entry);
            }

            most = Math.Min(TableLimits.MostUnpacked, Math.Max(1024 * 1024, (long)size * TableLimits.MostRatio));
            if (zip.Entries.Sum(e => e.Length) > most)
                throw TooMuch();
        }

        public XmlReader? Open(string name)
        {
            if (!entries.TryGetValue(name, out var entry))
                return null;
            using var content = entry.Open();
            using var bytes = new MemoryStream();
            var buffer = new byte[64 * 1024];
            while (content.Read(buffer) is > 0 and var read)
            {
                if ((unpacked += read) > most)
                    throw TooMuch();
                bytes.Write(buffer, 0, read);
            }

            return SafeXml.Read(bytes.GetBuffer().AsMemory(0, (int)bytes.Length), MaxDepth);
        }

        private SourceTableException TooMuch() => new($"The workbook unpacks to more than {most / (1024 * 1024)} MiB, which is the most that one of its size may. Save it as CSV.");
    }
}
