using System.Globalization;
using PdfSharp.Drawing;
using PdfSharp.Pdf;
using PdfSharp.UniversalAccessibility;

namespace FhirEmr.BillingBridge.Documents;

/// <summary>CMS-1500 values as a readable paper, and as print for the bought form.</summary>
internal static class Cms1500Papers
{
    /// <summary>Every box with its value, as a table for people.</summary>
    public static Paper Readable(IReadOnlyList<Cms1500> forms, string number)
    {
        var blocks = new List<PaperBlock>();
        foreach (var (i, form) in forms.Index())
        {
            if (i > 0)
                blocks.Add(new PaperBlock.PageBreak());
            if (forms.Count > 1)
                blocks.Add(new PaperBlock.Heading(2, $"Form {i + 1} of {forms.Count}"));
            blocks.Add(new PaperBlock.Table(
                "Boxes with their values", [new("Box", 1), new("What it asks for", 4), new("Value", 5)],
                [.. form.Boxes.Where(b => b.Value.Length > 0).Select(b => (IReadOnlyList<string>)[b.Number, b.Title, b.Value])]));
            blocks.Add(new PaperBlock.Table(
                "Box 24: services",
                [new("Dates", 2.1), new("Place", 1.3), new("Code", 1.4), new("Mods", 1.4), new("Pointers", 1.7), new("Charge", 1.6, IsNumber: true), new("Units", 1.2, IsNumber: true), new("Rendering NPI", 2.2), new("Supplement", 2.2)],
                [
                    .. form.Lines.Select(l => (IReadOnlyList<string>)
                    [
                        l.To is null || l.To == l.From ? PaperWords.Day(l.From) : $"{PaperWords.Day(l.From)} to {PaperWords.Day(l.To)}", l.Place, l.Code, string.Join(' ', l.Modifiers), l.Pointers, PaperWords.Usd(l.ChargeUsd),
                        l.Units.ToString("0.###", CultureInfo.InvariantCulture), l.RenderingNpi, l.Supplement,
                    ]),
                ]));
            blocks.Add(new PaperBlock.Paragraph($"Boxes without a value: {string.Join(", ", form.Boxes.Where(b => b.Value.Length == 0).Select(b => b.Number))}."));
        }

        return new Paper($"CMS-1500 (02/12) values of claim {number}", blocks) { Footer = $"Claim {number}" };
    }

    /// <summary>The characters alone, ten to the inch and six rows to the inch, for a printer that holds the bought form. Print without scaling.</summary>
    /// <remarks>Each row is a paragraph to who reads by ear, blanks included, so that boxes do not run together; what box they are in only the readable paper says.</remarks>
    public static byte[] Form(IReadOnlyList<Cms1500> forms, string number)
    {
        const double Cell = 7.2;
        const double Row = 12;
        lock (PaperPdf.Writing)
        {
            PaperFont.Register();
            using var document = new PdfDocument();
            document.Info.Title = $"CMS-1500 (02/12) print of claim {number}";
            document.Info.Creator = "FhirEmr";
            document.Language = "en-US";
            document.ViewerPreferences.DisplayDocTitle = true;
            var tags = UAManager.ForDocument(document).StructureBuilder;
            var font = PaperFont.Of(9.5);
            foreach (var form in forms)
            {
                var page = document.AddPage();
                page.Size = PdfSharp.PageSize.Letter;
                page.Elements.SetName("/Tabs", "/S");
                using var graphics = XGraphics.FromPdfPage(page);
                foreach (var (row, text) in Cms1500Grid.Write(form).Index())
                {
                    if (text.Length == 0)
                        continue;
                    tags.BeginElement(PdfBlockLevelElementTag.Paragraph);
                    for (var column = 0; column < text.Length; column++)
                    {
                        // One character in the middle of its cell, whatever its width: that is what the form's boxes are spaced for.
                        var letter = PaperFont.Shows(text[column]) ? text[column].ToString() : "?";
                        var left = 22 + (column * Cell) + ((Cell - graphics.MeasureString(letter, font).Width) / 2);
                        graphics.DrawString(letter, font, XBrushes.Black, new XPoint(left, ((row + 1) * Row) - 3));
                    }

                    tags.End();
                }
            }

            return PaperFile.Save(document);
        }
    }
}
