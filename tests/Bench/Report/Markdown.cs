using System.Globalization;
using System.Text;

namespace FhirEmr.Bench.Report;

/// <summary>Tables as they go into docs/performance.md.</summary>
internal sealed class Markdown
{
    private readonly StringBuilder _text = new();

    public static string Number(double value, string format = "#,0") => value.ToString(format, CultureInfo.InvariantCulture);

    public static string Number(double? value, string format = "#,0") => value is { } known ? Number(known, format) : "–";

    public Markdown Heading(string text)
    {
        _text.Append("### ").AppendLine(text).AppendLine();
        return this;
    }

    public Markdown Line(string text)
    {
        _text.AppendLine(text).AppendLine();
        return this;
    }

    public Markdown Table(params IReadOnlyList<string> columns)
    {
        Row(columns);
        return Row([.. columns.Select((_, i) => i == 0 ? "---" : "---:")]);
    }

    public Markdown Row(params IReadOnlyList<string> cells)
    {
        _text.Append("| ").AppendJoin(" | ", cells.Select(c => c.Replace("|", "\\|", StringComparison.Ordinal))).AppendLine(" |");
        return this;
    }

    public Markdown End()
    {
        _text.AppendLine();
        return this;
    }

    public override string ToString() => _text.ToString();
}
