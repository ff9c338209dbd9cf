using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Xml;

namespace FhirEmr.BillingBridge.Kpis.Reports;

/// <summary>Figures as an Excel workbook (ECMA-376): numbers are numbers, days are dates, rates are per cents. A second sheet says how each is computed; a third has the records.</summary>
/// <remarks>Written by hand: a workbook of three plain sheets is six small XML parts in a zip, and no library has to be trusted with it.</remarks>
public static class KpiWorkbook
{
    private const string Main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    private const string Relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    private const string PackageRelations = "http://schemas.openxmlformats.org/package/2006/relationships";
    private const string ContentTypes = "http://schemas.openxmlformats.org/package/2006/content-types";

    // Positions in cellXfs below.
    private const int General = 0, Bold = 1, DateFormat = 2, Money = 3, Percent = 4;

    /// <summary>Excel takes no larger sheet.</summary>
    private const int MostRows = 1_048_575;

    public static byte[] Of(KpiQuery query, IReadOnlyList<KpiFigure> figures)
    {
        ArgumentNullException.ThrowIfNull(query);
        ArgumentNullException.ThrowIfNull(figures);
        List<(string Name, Action<XmlWriter> Rows)> sheets =
        [
            ("KPIs", xml => Figures(xml, query, figures)),
            ("How it is computed", xml => Words(xml, figures)),
        ];
        if (query.Drill != KpiDrill.None)
            sheets.Add(("Records", xml => Records(xml, figures)));

        using var bytes = new MemoryStream();
        using (var zip = new ZipArchive(bytes, ZipArchiveMode.Create, leaveOpen: true))
        {
            Part(zip, "[Content_Types].xml", xml =>
            {
                xml.WriteStartElement("Types", ContentTypes);
                Default(xml, "rels", "application/vnd.openxmlformats-package.relationships+xml");
                Default(xml, "xml", "application/xml");
                Override(xml, "/xl/workbook.xml", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml");
                Override(xml, "/xl/styles.xml", "application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml");
                for (var i = 1; i <= sheets.Count; i++)
                    Override(xml, $"/xl/worksheets/sheet{i}.xml", "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml");
            });
            Part(zip, "_rels/.rels", xml =>
            {
                xml.WriteStartElement("Relationships", PackageRelations);
                Relation(xml, "rId1", "officeDocument", "xl/workbook.xml");
            });
            Part(zip, "xl/_rels/workbook.xml.rels", xml =>
            {
                xml.WriteStartElement("Relationships", PackageRelations);
                Relation(xml, "rId0", "styles", "styles.xml");
                for (var i = 1; i <= sheets.Count; i++)
                    Relation(xml, $"rId{i}", "worksheet", $"worksheets/sheet{i}.xml");
            });
            Part(zip, "xl/workbook.xml", xml =>
            {
                xml.WriteStartElement("workbook", Main);
                xml.WriteStartElement("sheets", Main);
                foreach (var (i, sheet) in sheets.Index())
                {
                    xml.WriteStartElement("sheet", Main);
                    xml.WriteAttributeString("name", sheet.Name);
                    xml.WriteAttributeString("sheetId", Number(i + 1));
                    xml.WriteAttributeString("id", Relations, $"rId{i + 1}");
                    xml.WriteEndElement();
                }

                xml.WriteEndElement();
            });
            using (var styles = zip.CreateEntry("xl/styles.xml", CompressionLevel.Optimal).Open())
                styles.Write(Encoding.UTF8.GetBytes(Styles));
            foreach (var (i, sheet) in sheets.Index())
                Part(zip, $"xl/worksheets/sheet{i + 1}.xml", xml =>
                {
                    xml.WriteStartElement("worksheet", Main);
                    xml.WriteStartElement("sheetData", Main);
                    sheet.Rows(xml);
                    xml.WriteEndElement();
                });
        }

        return bytes.ToArray();
    }

    private const string Styles = $"""
        <styleSheet xmlns="{Main}"><numFmts count="1"><numFmt numFmtId="164" formatCode="yyyy\-mm\-dd"/></numFmts>
        <fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font></fonts>
        <fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>
        <borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>
        <cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>
        <cellXfs count="5"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/><xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/>
        <xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/><xf numFmtId="4" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>
        <xf numFmtId="10" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/></cellXfs>
        <cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>
        """;

    private static void Figures(XmlWriter xml, KpiQuery query, IReadOnlyList<KpiFigure> figures)
    {
        Row(xml, 1, [.. KpiTable.Columns], _ => Bold);
        foreach (var (i, row) in KpiTable.Rows(query, figures).Index())
            Row(xml, i + 2, row, column => row[column] switch
            {
                DateOnly => DateFormat,
                decimal when column is 7 or 8 or 10 && row[4] is "rate" => Percent,
                decimal when column == 7 && row[4] is "USD" or "USD/RVU" => Money,
                _ => General,
            });
    }

    private static void Words(XmlWriter xml, IReadOnlyList<KpiFigure> figures)
    {
        Row(xml, 1, ["id", "title", "how it is computed"], _ => Bold);
        foreach (var (i, kpi) in figures.Select(f => f.Kpi).Distinct().Index())
            Row(xml, i + 2, [kpi.Id, kpi.Title, kpi.HowComputed], _ => General);
    }

    private static void Records(XmlWriter xml, IReadOnlyList<KpiFigure> figures)
    {
        Row(xml, 1, ["id", "record"], _ => Bold);
        foreach (var (i, row) in KpiTable.Records(figures).Take(MostRows).Index())
            Row(xml, i + 2, row, _ => General);
    }

    private static void Row(XmlWriter xml, int number, object?[] cells, Func<int, int> style)
    {
        xml.WriteStartElement("row", Main);
        xml.WriteAttributeString("r", Number(number));
        for (var column = 0; column < cells.Length; column++)
        {
            if (cells[column] is not { } value)
                continue;
            xml.WriteStartElement("c", Main);
            xml.WriteAttributeString("r", $"{(char)('A' + column)}{Number(number)}");
            xml.WriteAttributeString("s", Number(style(column)));
            if (value is string text)
            {
                xml.WriteAttributeString("t", "inlineStr");
                xml.WriteStartElement("is", Main);
                xml.WriteElementString("t", Main, text);
                xml.WriteEndElement();
            }
            else
            {
                // Day 1 of Excel is 1900-01-01, and it believes in a 29 February 1900.
                xml.WriteElementString("v", Main, value is DateOnly day
                    ? Number(day.DayNumber - new DateOnly(1899, 12, 30).DayNumber)
                    : ((decimal)value).ToString(CultureInfo.InvariantCulture));
            }

            xml.WriteEndElement();
        }

        xml.WriteEndElement();
    }

    private static void Part(ZipArchive zip, string name, Action<XmlWriter> write)
    {
        using var stream = zip.CreateEntry(name, CompressionLevel.Optimal).Open();
        using var xml = XmlWriter.Create(stream, new XmlWriterSettings { Encoding = new UTF8Encoding(false), CheckCharacters = true });
        write(xml);
    }

    private static void Default(XmlWriter xml, string extension, string type)
    {
        xml.WriteStartElement("Default", ContentTypes);
        xml.WriteAttributeString("Extension", extension);
        xml.WriteAttributeString("ContentType", type);
        xml.WriteEndElement();
    }

    private static void Override(XmlWriter xml, string part, string type)
    {
        xml.WriteStartElement("Override", ContentTypes);
        xml.WriteAttributeString("PartName", part);
        xml.WriteAttributeString("ContentType", type);
        xml.WriteEndElement();
    }

    private static void Relation(XmlWriter xml, string id, string kind, string target)
    {
        xml.WriteStartElement("Relationship", PackageRelations);
        xml.WriteAttributeString("Id", id);
        xml.WriteAttributeString("Type", $"{Relations}/{kind}");
        xml.WriteAttributeString("Target", target);
        xml.WriteEndElement();
    }

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);
}
