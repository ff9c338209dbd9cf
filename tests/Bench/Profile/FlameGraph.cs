using System.Globalization;
using System.Net;
using System.Text;

namespace FhirEmr.Bench.Profile;

/// <summary>Samples as a flame graph: each box is as wide as the share of CPU spent in it and in what it called. Plain SVG; hovering names a box.</summary>
internal sealed class FlameGraph(string title, IReadOnlyList<Sample> samples)
{
    private const int Width = 1200, Row = 17, Top = 34, MostRows = 60;

    /// <summary>Narrower boxes are left out, with all that stands on them.</summary>
    private const double LeastWidth = 0.7;

    /// <summary>Frames that only pass on: they would double the height and say nothing.</summary>
    private static readonly string[] PassOn =
    [
        "System.Runtime.CompilerServices.Async", "System.Threading.ExecutionContext", "System.Threading.Tasks.Task", "System.Threading.Tasks.AwaitTask", "System.Threading.Tasks.UnwrapPromise",
        "System.Threading.ThreadPoolWorkQueue", "System.Threading.PortableThreadPool", "System.Threading.Thread.", "System.Runtime.CompilerServices.TaskAwaiter", "System.Runtime.CompilerServices.ValueTask",
    ];

    public string ToSvg()
    {
        var root = new Box("all", "");
        foreach (var sample in samples)
            Add(root, sample);
        root.Count = samples.Count;

        var boxes = new StringBuilder();
        var height = Draw(boxes, root, 0, 0) + 1;
        var svg = new StringBuilder();
        var total = Top + (height * Row) + 10;
        svg.AppendLine(Text($"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {Width} {total}\" font-family=\"ui-monospace, monospace\" font-size=\"11\" role=\"img\">"));
        svg.AppendLine(Text($"<title>{WebUtility.HtmlEncode(title)}</title>"));
        svg.AppendLine(Text($"<rect width=\"{Width}\" height=\"{total}\" fill=\"#ffffff\"/>"));
        svg.AppendLine(Text($"<text x=\"8\" y=\"20\" font-size=\"14\" font-weight=\"600\" fill=\"#24292f\">{WebUtility.HtmlEncode(title)}; {samples.Count:#,0} samples of CPU, callers above</text>"));
        return svg.Append(boxes).AppendLine("</svg>").ToString();
    }

    private static void Add(Box root, Sample sample)
    {
        var box = root.Child(sample.Thread, "thread");
        box.Count++;
        string? last = null;
        for (var i = sample.Frames.Count - 1; i >= 0; i--)
        {
            var frame = sample.Frames[i];
            var name = frame.Name.Length == 0 ? $"[{frame.Module}]" : frame.Name;
            if (name == last || (frame.IsManaged && Array.Exists(PassOn, p => name.StartsWith(p, StringComparison.Ordinal))))
                continue;
            last = name;
            box = box.Child(name, frame.Module);
            box.Count++;
        }
    }

    /// <summary>Draws a box and what it called; answers the deepest row.</summary>
    private int Draw(StringBuilder svg, Box box, double x, int row)
    {
        var width = Width * box.Count / (double)samples.Count;
        var y = Top + (row * Row);
        var label = Label(box.Name);
        svg.Append(Text($"<g><title>{WebUtility.HtmlEncode(box.Name)}: {100.0 * box.Count / samples.Count:0.0} %</title>"));
        svg.Append(Text($"<rect x=\"{x:0.0}\" y=\"{y}\" width=\"{width:0.0}\" height=\"{Row - 1}\" fill=\"{Colour(box)}\" stroke=\"#ffffff\" stroke-width=\"0.5\"/>"));
        if ((int)(width / 6.7) is var fits and > 3)
            svg.Append(Text($"<text x=\"{x + 3:0.0}\" y=\"{y + 12}\" fill=\"#24292f\">{WebUtility.HtmlEncode(label.Length <= fits ? label : label[..(fits - 1)] + "…")}</text>"));
        svg.AppendLine("</g>");

        var deepest = row;
        if (row + 1 >= MostRows)
            return deepest;
        foreach (var child in box.Children.OrderByDescending(c => c.Count))
        {
            var wide = Width * child.Count / (double)samples.Count;
            if (wide >= LeastWidth)
                deepest = Math.Max(deepest, Draw(svg, child, x, row + 1));
            x += wide;
        }

        return deepest;
    }

    private static string Colour(Box box) => box.Module switch
    {
        "" when box.Name.StartsWith("FhirEmr.", StringComparison.Ordinal) => "#7fc8a9",
        "" when box.Name.StartsWith("Microsoft.AspNetCore", StringComparison.Ordinal) => "#a9c7ee",
        "" => "#d3dbe4",
        "thread" => "#eeeeee",
        Frame.Kernel => "#f0b9a0",
        var m when m.StartsWith("libe_sqlite3", StringComparison.Ordinal) => "#f2d98d",
        var m when m.StartsWith("libclrjit", StringComparison.Ordinal) || m.StartsWith("libcoreclr", StringComparison.Ordinal) => "#d9b8e8",
        _ => "#e3d5c8",
    };

    /// <summary>Type and method, without the namespace.</summary>
    private static string Label(string name)
    {
        var method = name.LastIndexOf('.');
        var type = method <= 0 ? -1 : name.LastIndexOf('.', method - 1);
        return type < 0 ? name : name[(type + 1)..];
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private sealed class Box(string name, string module)
    {
        private readonly Dictionary<(string, string), Box> _children = [];

        public string Name => name;

        public string Module => module;

        public int Count { get; set; }

        public IEnumerable<Box> Children => _children.Values;

        public Box Child(string name, string module)
        {
            if (!_children.TryGetValue((name, module), out var child))
                _children[(name, module)] = child = new(name, module);
            return child;
        }
    }
}
