using System.Diagnostics;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Search.Indexing;
using FhirEmr.FhirServer.Search.Parameters;

namespace FhirEmr.FhirServer.Tests.Search.Indexing;

/// <summary>Time and memory of index extraction over Synthea records, printed, not judged: run it by name when you change the indexer.</summary>
public class ExtractionSpeed
{
    [Fact(Explicit = true)]
    public void Microseconds_a_resource()
    {
        if (SearchSamples.Synthea() is not { } files)
        {
            Assert.Skip("The Synthea records are not beside the repository.");
            return;
        }

        var roots = files.Take(20).SelectMany(f => SearchSamples.Entries(File.ReadAllBytes(f))).Select(json => FhirJsonReader.Read(json, out _)!.Root).ToArray();
        var indexer = new ResourceIndexer(SearchSamples.Parameters(), TimeZoneInfo.Utc);
        var context = new CountingContext();
        for (var i = 0; i < 15; i++)
            Run(roots, indexer, context);

        var report = new List<string> { Measure("all", roots, indexer, context) };
        report.AddRange(roots.GroupBy(r => r.Type.Name).OrderByDescending(g => g.Count()).Take(12).Select(g => Measure(g.Key, [.. g], indexer, context)));
        TestContext.Current.TestOutputHelper!.WriteLine(string.Join('\n', report));
        Assert.True(roots.Length > 1000);
    }

    [Fact(Explicit = true)]
    public void Milliseconds_to_compile_the_plans()
    {
        FhirSchema.WarmUp();
        var clock = Stopwatch.StartNew();
        var indexer = new ResourceIndexer(SearchSamples.Parameters(), TimeZoneInfo.Utc);
        indexer.PlanFor("Patient");
        var first = clock.Elapsed.TotalMilliseconds;
        indexer.PlanFor("Observation");
        var second = clock.Elapsed.TotalMilliseconds - first;
        Assert.All(ResourceTypes.All, type => Assert.NotEmpty(indexer.PlanFor(type).Params));
        TestContext.Current.TestOutputHelper!.WriteLine($"first plan {first:0.0} ms, second {second:0.0} ms, all {ResourceTypes.All.Count} plans {clock.Elapsed.TotalMilliseconds:0.0} ms");
    }

    private static string Measure(string name, FhirNode[] roots, ResourceIndexer indexer, CountingContext context)
    {
        var bytes = GC.GetAllocatedBytesForCurrentThread();
        var rows = Run(roots, indexer, context);
        bytes = GC.GetAllocatedBytesForCurrentThread() - bytes;

        // Processor time, not the clock: other work may share the machine.
        var rounds = Math.Max(1, 30_000 / roots.Length);
        var before = Environment.CpuUsage.TotalTime;
        for (var i = 0; i < rounds; i++)
            Run(roots, indexer, context);
        var microseconds = (Environment.CpuUsage.TotalTime - before).TotalMicroseconds / rounds / roots.Length;
        return $"{name,-28} {roots.Length,6} resources {microseconds,7:0.00} us CPU {(double)rows / roots.Length,6:0.0} rows {bytes / roots.Length,6} B each";
    }

    private static int Run(FhirNode[] roots, ResourceIndexer indexer, CountingContext context)
    {
        var rows = 0;
        foreach (var root in roots)
            rows += indexer.Index(root, context, 1).Count;
        return rows;
    }

    /// <summary>As cheap as a real dictionary hit: a hash and a look-up.</summary>
    private sealed class CountingContext : IIndexContext
    {
        private readonly Utf8Table<object> known = new();

        public long Target(string reference) => string.GetHashCode(reference, StringComparison.Ordinal) | 1;

        public int Symbol(ReadOnlySpan<byte> text)
        {
            if (known.Find(text) is int number)
                return number;
            known.Add(System.Text.Encoding.UTF8.GetString(text), text.Length);
            return text.Length;
        }

        public long Token(ReadOnlySpan<byte> text)
        {
            var hash = default(HashCode);
            hash.AddBytes(text);
            return hash.ToHashCode();
        }

        public long Hash(ReadOnlySpan<byte> text) => Token(text);

        public void Display(SearchParam[] parameters, ReadOnlySpan<byte> text, long hash, int system) => known.Find(text);

        public long Shape(int typeNumber, ReadOnlySpan<int> sortedParams)
        {
            var hash = default(HashCode);
            foreach (var param in sortedParams)
                hash.Add(param);
            return hash.ToHashCode();
        }
    }
}
