using FhirEmr.Bench.Load;
using FhirEmr.Bench.Report;
using FhirEmr.Bench.Searches;
using FhirEmr.Bench.Spawn;

namespace FhirEmr.Bench.Auditing;

/// <summary><c>bench audit</c>: the same work with the audit on and off, turn by turn in one run, and what a request costs more with it (security S-54).</summary>
internal static class AuditCommand
{
    private const int Rounds = 3;
    private const double MostLatency = 1.15, MostCpuMs = 1;

    public static async Task<int> RunAsync(BenchOptions options, CancellationToken ct)
    {
        var program = options.Required("server");
        if (!File.Exists(program))
            throw new BenchException($"--server {program}: no such file.");
        var output = options.Find("out");
        var template = RunSettings.Read(options, new Uri("http://127.0.0.1/fhir"));
        options.RefuseUnknown();

        var text = new Markdown().Heading($"Audit on and off, {template.Engine}");
        text.Table("work", "p50 off, ms", "p50 on", "p95 off", "p95 on", "p95 ratio (≤ 1.15)", "requests/s off", "on", "CPU more, ms/request (≤ 1)");
        await using var plain = await Stage.SetAsync(program, template.Engine, [.. options.Rest, "--Audit:Enabled=false"], ct);
        await using var audited = await Stage.SetAsync(program, template.Engine, options.Rest, ct);
        var (off, on) = (new Side(plain, template), new Side(audited, template));
        Say.Line($"audit: loading the same bundles into both");
        text.Row(Row("transaction bundles, a resource", [await off.LoadAsync(ct)], [await on.LoadAsync(ct)]));
        foreach (var (name, concurrency, targets) in ((string, int, Func<Side, string[]>)[])
            [("read by id, 16 at once", 16, s => s.Reads), ("read by id, 1 at once", 1, s => s.Reads), ("search of a patient, 4 at once", 4, s => s.PatientSearches)])
        {
            Say.Line($"audit: {name}");
            var (without, with) = (new List<Turn>(), new List<Turn>());
            for (var round = -1; round < Rounds; round++)
                foreach (var (side, turns) in new[] { (off, without), (on, with) })
                    if (await side.ReadAsync(targets(side), concurrency, round < 0 ? TimeSpan.FromSeconds(2) : template.PhaseDuration, ct) is var turn && round >= 0)
                        turns.Add(turn);
            text.Row(Row(name, without, with));
        }

        text.End();
        Console.WriteLine(text);
        if (output is not null)
            await File.WriteAllTextAsync(output, text.ToString(), ct);
        return 0;
    }

    private static string[] Row(string name, IReadOnlyList<Turn> off, IReadOnlyList<Turn> on)
    {
        double Middle(IReadOnlyList<Turn> turns, Func<Turn, double> value) => turns.Select(value).Order().ElementAt(turns.Count / 2);
        var (p95Off, p95On) = (Middle(off, t => t.P95), Middle(on, t => t.P95));
        var cpu = Middle(on, t => t.CpuMs) - Middle(off, t => t.CpuMs);
        return
        [
            name, Number(Middle(off, t => t.P50)), Number(Middle(on, t => t.P50)), Number(p95Off), Number(p95On),
            Number(p95On / p95Off) + (p95On / p95Off > MostLatency ? " **over**" : ""),
            Markdown.Number(Middle(off, t => t.PerSecond)), Markdown.Number(Middle(on, t => t.PerSecond)), Number(cpu) + (cpu > MostCpuMs ? " **over**" : ""),
        ];
    }

    private static string Number(double value) => Markdown.Number(value, "0.00#");

    /// <param name="CpuMs">Of the server and its database together, per request.</param>
    private sealed record Turn(double P50, double P95, double PerSecond, double CpuMs);

    private sealed class Side(Stage stage, RunSettings settings)
    {
        private readonly Corpus _corpus = new();

        public string[] Reads { get; private set; } = [];

        public string[] PatientSearches { get; private set; } = [];

        public async Task<Turn> LoadAsync(CancellationToken ct)
        {
            using var client = new FhirClient(stage.Server.FhirBase, settings.Bearer, 16);
            var bundles = settings.Source.Bundles(settings.Copies, settings.MostBundles);
            var figures = await new IngestPhase(client, settings.IngestConcurrency, stage.Server.Pid, stage.Cluster?.Pid).RunAsync(bundles, ct);
            if (figures.Errors.Count > 0)
                throw new BenchException(figures.Errors[0]);
            Aim(bundles);
            return new(figures.Bundle.P50, figures.Bundle.P95, figures.PerSecond, figures.EngineCpuMs ?? 0);
        }

        public async Task<Turn> ReadAsync(string[] targets, int concurrency, TimeSpan duration, CancellationToken ct)
        {
            if (targets.Length == 0)
                throw new BenchException("There is nothing to read: load more bundles.");
            var before = Cpu();
            var figures = await new ReadPhase(stage.Server.FhirBase, settings.Bearer).RunAsync(targets, concurrency, duration, serverPid: null, ct);
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
