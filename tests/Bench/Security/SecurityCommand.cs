using FhirEmr.Bench.Load;
using FhirEmr.Bench.Report;
using FhirEmr.Bench.Searches;
using FhirEmr.Bench.Spawn;

namespace FhirEmr.Bench.Security;

/// <summary>
/// <c>bench security</c>: the same work on three servers, turn by turn in one run: open (nobody is asked who they are), with sign-in and rights, and with the audit too, as a practice
/// runs it. What a request costs more with each (security S-54).
/// </summary>
internal static class SecurityCommand
{
    private const int Rounds = 3;
    private const double MostLatency = 1.15, MostCpuMs = 1;

    public static async Task<int> RunAsync(BenchOptions options, CancellationToken ct)
    {
        var program = Existing(options, "server");
        var open = Existing(options, "open");
        var output = options.Find("out");
        var template = RunSettings.Read(options, new Uri("http://127.0.0.1/fhir"));
        options.RefuseUnknown();

        var text = new Markdown().Heading($"Security and audit on and off, {template.Engine}");
        text.Table("work", "server", "p50, ms", "p95, ms", "requests/s", "CPU, ms a request", "p95 to the line before", "CPU more than the line before, ms");
        await using var plain = await Stage.SetOpenAsync(open, template.Engine, options.Rest, ct);
        await using var guarded = await Stage.SetAsync(program, template.Engine, [.. options.Rest, "--Audit:Enabled=false"], ct);
        await using var audited = await Stage.SetAsync(program, template.Engine, options.Rest, ct);
        Side[] sides = [new("open", plain, template), new("sign-in and rights", guarded, template), new("and audit", audited, template)];
        Say.Line($"security: loading the same bundles into all three");
        var loads = new List<IReadOnlyList<Turn>>();
        foreach (var side in sides)
            loads.Add([await side.LoadAsync(ct)]);
        Rows(text, "transaction bundles, a resource", sides, loads);
        foreach (var (name, concurrency, pace, targets) in ((string, int, double?, Func<Side, string[]>)[])
        [
            ("read by id, 200 a second", 8, 200, s => s.Reads), ("search of a patient, 100 a second", 8, 100, s => s.PatientSearches),
            ("read by id, as many as can be, 16 at once", 16, null, s => s.Reads), ("the same, 1 at once", 1, null, s => s.Reads),
            ("search of a patient, as many as can be, 4 at once", 4, null, s => s.PatientSearches),
        ])
        {
            Say.Line($"security: {name}");
            var turns = sides.Select(_ => new List<Turn>()).ToArray();
            for (var round = -1; round < Rounds; round++)
                foreach (var (i, side) in sides.Index())
                    if (await side.ReadAsync(targets(side), concurrency, pace, round < 0 ? TimeSpan.FromSeconds(2) : template.PhaseDuration, ct) is var turn && round >= 0)
                        turns[i].Add(turn);
            Rows(text, name, sides, turns);
        }

        text.End();
        Console.WriteLine(text);
        if (output is not null)
            await File.WriteAllTextAsync(output, text.ToString(), ct);
        return 0;
    }

    private static string Existing(BenchOptions options, string name)
    {
        var program = options.Required(name);
        return File.Exists(program) ? program : throw new BenchException($"--{name} {program}: no such file.");
    }

    private static void Rows(Markdown text, string work, Side[] sides, IReadOnlyList<IReadOnlyList<Turn>> turns)
    {
        double Middle(int side, Func<Turn, double> value) => turns[side].Select(value).Order().ElementAt(turns[side].Count / 2);
        for (var i = 0; i < sides.Length; i++)
        {
            var (p95, cpu) = (Middle(i, t => t.P95), Middle(i, t => t.CpuMs));
            var (ratio, more) = i == 0 ? (double.NaN, double.NaN) : (p95 / Middle(i - 1, t => t.P95), cpu - Middle(i - 1, t => t.CpuMs));
            text.Row(
                i == 0 ? work : "", sides[i].Name, Number(Middle(i, t => t.P50)), Number(p95), Markdown.Number(Middle(i, t => t.PerSecond)), Number(cpu),
                i == 0 ? "" : Number(ratio) + (ratio > MostLatency ? " **over 1.15**" : ""), i == 0 ? "" : Number(more) + (more > MostCpuMs ? " **over 1**" : ""));
        }
    }

    private static string Number(double value) => Markdown.Number(value, "0.00#");

    /// <param name="CpuMs">Of the server and its database together, per request.</param>
    private sealed record Turn(double P50, double P95, double PerSecond, double CpuMs);

    private sealed class Side(string name, Stage stage, RunSettings settings)
    {
        private readonly Corpus _corpus = new();

        public string Name => name;

        public string[] Reads { get; private set; } = [];

        public string[] PatientSearches { get; private set; } = [];

        public async Task<Turn> LoadAsync(CancellationToken ct)
        {
            using var client = new FhirClient(stage.Server.FhirBase, stage.Bearer, 16);
            var bundles = settings.Source.Bundles(settings.Copies, settings.MostBundles);
            var figures = await new IngestPhase(client, settings.IngestConcurrency, stage.Server.Pid, stage.Cluster?.Pid).RunAsync(bundles, ct);
            if (figures.Errors.Count > 0)
                throw new BenchException(figures.Errors[0]);
            Aim(bundles);
            return new(figures.Bundle.P50, figures.Bundle.P95, figures.PerSecond, figures.EngineCpuMs ?? 0);
        }

        public async Task<Turn> ReadAsync(string[] targets, int concurrency, double? pace, TimeSpan duration, CancellationToken ct)
        {
            if (targets.Length == 0)
                throw new BenchException("There is nothing to read: load more bundles.");
            var before = Cpu();
            var figures = await new ReadPhase(stage.Server.FhirBase, stage.Bearer) { Pace = pace }.RunAsync(targets, concurrency, duration, serverPid: null, ct);
            if (figures.Errors > 0)
                throw new BenchException($"{figures.Errors} of {figures.Requests} reads failed.");
            return new(figures.Latency.P50, figures.Latency.P95, figures.PerSecond, (Cpu() - before) * 1000 / Math.Max(1, figures.Requests));
        }

        private double Cpu() => (ProcessUsage.CpuSeconds(stage.Server.Pid) ?? 0) + (ProcessUsage.CpuSeconds(stage.Cluster?.Pid, withChildren: true) ?? 0);

        /// <summary>Addresses of what was loaded.</summary>
        private void Aim(IEnumerable<Input.InputBundle> loaded)
        {
            foreach (var bundle in loaded.Where(b => b.Response is not null))
                _corpus.Add(bundle);
            var path = settings.FhirBase.AbsolutePath.TrimEnd('/');
            var keys = _corpus.Keys.ToArray();
            new Random(5).Shuffle(keys);
            Reads = [.. keys.Take(20_000).Select(key => $"{path}/{key}")];
            PatientSearches = [.. keys.Where(k => k.StartsWith("Patient/", StringComparison.Ordinal)).Select(k => $"{path}/Observation?patient={k}&_count=20")];
        }
    }
}
