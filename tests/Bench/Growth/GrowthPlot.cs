using System.Globalization;
using System.Text;
using FhirEmr.Bench.Spawn;

namespace FhirEmr.Bench.Growth;

/// <summary>Growth as small charts side by side, one line an engine; plain SVG that reads on light and dark pages.</summary>
internal sealed class GrowthPlot(IReadOnlyList<GrowthPoint> points)
{
    private const int Width = 420, Height = 240, Left = 62, Right = 16, Top = 40, Bottom = 40;
    private static readonly string[] Colours = ["#1f6feb", "#d9730d"];

    public string ToSvg()
    {
        (string Title, string Unit, Func<GrowthPoint, double> Value)[] charts =
        [
            ("Ingest", "resources/s", p => p.IngestPerSecond),
            ("Reads by id, 16 at a time", "requests/s", p => p.ReadsPerSecond),
            ("Search within one patient, median", "ms", p => p.PatientP50),
            ("Search over all patients, mean of medians", "ms", p => p.StoreP50),
        ];
        var svg = new StringBuilder();
        var rows = (charts.Length + 1) / 2;
        svg.AppendLine(Text($"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {2 * Width} {(rows * Height) + 30}\" font-family=\"system-ui, sans-serif\" font-size=\"12\" role=\"img\">"));
        svg.AppendLine("<title>How cost grows with the store</title>");
        svg.AppendLine(Text($"<rect width=\"{2 * Width}\" height=\"{(rows * Height) + 30}\" fill=\"#ffffff\"/>"));
        for (var i = 0; i < charts.Length; i++)
            Chart(svg, i % 2 * Width, i / 2 * Height, charts[i].Title, charts[i].Unit, charts[i].Value);
        Legend(svg, rows * Height);
        return svg.AppendLine("</svg>").ToString();
    }

    private IEnumerable<IGrouping<Engine, GrowthPoint>> Lines => points.GroupBy(p => p.Engine).OrderBy(g => g.Key);

    private void Chart(StringBuilder svg, int x, int y, string title, string unit, Func<GrowthPoint, double> value)
    {
        double right = points.Max(p => p.Resources), highest = Ceiling(points.Max(value));
        double X(double resources) => x + Left + (resources / right * (Width - Left - Right));
        double Y(double v) => y + Height - Bottom - (v / highest * (Height - Top - Bottom));

        svg.AppendLine(Text($"<text x=\"{x + Left}\" y=\"{y + 22}\" font-weight=\"600\" fill=\"#24292f\">{title} ({unit})</text>"));
        for (var step = 0; step <= 4; step++)
        {
            var at = highest * step / 4;
            svg.AppendLine(Text($"<line x1=\"{x + Left}\" x2=\"{x + Width - Right}\" y1=\"{Y(at):0.0}\" y2=\"{Y(at):0.0}\" stroke=\"#d0d7de\"/>"));
            svg.AppendLine(Text($"<text x=\"{x + Left - 6}\" y=\"{Y(at) + 4:0.0}\" text-anchor=\"end\" fill=\"#57606a\">{Label(at)}</text>"));
        }

        foreach (var resources in points.Select(p => p.Resources).GroupBy(r => Math.Round(r / right, 2)).Select(g => g.First()))
            svg.AppendLine(Text($"<text x=\"{X(resources):0.0}\" y=\"{y + Height - Bottom + 18}\" text-anchor=\"middle\" fill=\"#57606a\">{resources / 1000:#,0}k</text>"));
        foreach (var (i, line) in Lines.Index())
        {
            var path = string.Join(' ', line.OrderBy(p => p.Resources).Select(p => Text($"{X(p.Resources):0.0},{Y(value(p)):0.0}")));
            svg.AppendLine(Text($"<polyline points=\"{path}\" fill=\"none\" stroke=\"{Colours[i]}\" stroke-width=\"2\"/>"));
            foreach (var point in line)
                svg.AppendLine(Text($"<circle cx=\"{X(point.Resources):0.0}\" cy=\"{Y(value(point)):0.0}\" r=\"3.5\" fill=\"{Colours[i]}\"><title>{Label(value(point))} {unit} at {point.Resources:#,0} resources</title></circle>"));
        }
    }

    private void Legend(StringBuilder svg, int y)
    {
        foreach (var (i, line) in Lines.Index())
        {
            var x = Left + (i * 140);
            svg.AppendLine(Text($"<line x1=\"{x}\" x2=\"{x + 24}\" y1=\"{y + 12}\" y2=\"{y + 12}\" stroke=\"{Colours[i]}\" stroke-width=\"2\"/>"));
            svg.AppendLine(Text($"<text x=\"{x + 30}\" y=\"{y + 16}\" fill=\"#24292f\">{(line.Key == Engine.Sqlite ? "SQLite" : "PostgreSQL")}</text>"));
        }

        svg.AppendLine(Text($"<text x=\"{(2 * Width) - Right}\" y=\"{y + 16}\" text-anchor=\"end\" fill=\"#57606a\">resources in the store</text>"));
    }

    /// <summary>The next round number above, so that the lines of the grid have short labels.</summary>
    private static double Ceiling(double value)
    {
        var power = Math.Pow(10, Math.Floor(Math.Log10(Math.Max(value, 1e-3))));
        return ((double[])[1, 2, 4, 6, 8, 10]).First(m => m * power >= value) * power;
    }

    private static string Label(double value) => value.ToString(value >= 100 ? "#,0" : "0.##", CultureInfo.InvariantCulture);

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
