using System.Text.Json;

namespace FhirEmr.Bench.Limits;

/// <summary>The least a server can do with JSON: walk every token of it once, or build a document of it. One core.</summary>
internal static class ParseLimit
{
    private static readonly TimeSpan Least = TimeSpan.FromSeconds(2);

    public static ParseFigure Scan(LimitInput input) => Measure(input, body =>
    {
        var reader = new Utf8JsonReader(body);
        while (reader.Read())
        {
        }
    });

    public static ParseFigure Document(LimitInput input) => Measure(input, body => JsonDocument.Parse(body).Dispose());

    private static ParseFigure Measure(LimitInput input, Action<byte[]> look)
    {
        foreach (var body in input.Bodies.Take(3000)) // let the JIT settle
            look(body);

        long bytes = 0, resources = 0;
        var start = Environment.CpuUsage.TotalTime;
        TimeSpan spent;
        do
        {
            foreach (var body in input.Bodies)
            {
                look(body);
                bytes += body.Length;
            }

            resources += input.Bodies.Length;
            spent = Environment.CpuUsage.TotalTime - start;
        }
        while (spent < Least);

        return new ParseFigure(spent.TotalMicroseconds / resources, bytes / 1e6 / spent.TotalSeconds);
    }
}
