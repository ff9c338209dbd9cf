using System.Diagnostics;
using System.Globalization;
using System.Text;
using FhirEmr.Bench.Load;
using FhirEmr.Bench.Spawn;
using FhirEmr.Terminology;
using FhirEmr.Terminology.Import;
using FhirEmr.Terminology.ValueSets;

namespace FhirEmr.Bench.Terminology;

/// <summary>
/// <c>bench terminology</c>: loading a release, searching it with typos, validating codes, checking value sets; in process, on one thread, warm. With <c>--server</c> also
/// <c>$validate-code</c> over HTTP, as a signed-in user.
/// </summary>
internal static class TerminologyCommand
{
    private const string Icd = CodeSystemUrls.Icd10Cm;

    // Seventeen things people type, five of them with slips of the finger.
    private static readonly string[] Queries =
    [
        "diabetes", "type 2 diabetes", "hypertension", "htn", "copd", "asthma exac", "low back pain", "chest pain", "fracture radius", "e11", "m54.5", "pneumonia",
        "pnuemonia", "diabetis melitus", "hypertesnion", "astma", "fracure femur",
    ];

    public static async Task<int> RunAsync(BenchOptions options, CancellationToken ct)
    {
        var folder = Directory.CreateTempSubdirectory("fhiremr-bench-terms-");
        try
        {
            var file = options.Find("icd10cm") ?? Invent(folder.FullName);
            var service = new TerminologyService(Path.Combine(folder.FullName, "terminology"), TimeProvider.System, new Sets());
            var watch = Stopwatch.StartNew();
            var report = service.Import(ReleaseKind.Icd10Cm, file, options.Find("icd10cm") is null ? new() : new(options.Find("edition")), ct);
            Say($"load ICD-10-CM            {report.RowCount} rows in {watch.Elapsed.TotalSeconds:F2} s");
            if (report.Edition is not { } edition)
                throw new BenchException(report.Message);

            if (options.Find("also") is { } newer)
                Say($"and                       {service.Import(ReleaseKind.Icd10Cm, newer, new(), ct).Message}");
            watch.Restart();
            service.Search(Icd, "warm", edition.EffectiveFrom, 1);
            Say($"build of the word index   {watch.ElapsedMilliseconds} ms");
            Search(service, edition.EffectiveFrom, options.Number("rounds", 200));
            Validate(service, edition.EffectiveFrom);
            Check(service.ValueSets, edition.EffectiveFrom);
            if (options.Find("show") is { } codes)
                Show(service, edition.EffectiveFrom, codes);
            if (options.Find("server") is { } program)
                await OverHttpAsync(program, Path.Combine(folder.FullName, "terminology"), Codes(service, edition.EffectiveFrom), options.Number("seconds", 5), ct);
            return 0;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static void Search(TerminologyService service, DateOnly day, int rounds)
    {
        var times = new List<double>();
        for (var round = -5; round < rounds; round++)
        {
            foreach (var query in Queries)
            {
                var start = Stopwatch.GetTimestamp();
                service.Search(Icd, query, day, 20);
                if (round >= 0)
                    times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            }
        }

        times.Sort();
        Say($"search, 17 queries        p50 {times[times.Count / 2]:F2} ms, p95 {times[times.Count * 95 / 100]:F2} ms, max {times[^1]:F2} ms");
    }

    /// <summary>What the searches find, and codes on three dates of service: the middle of the first edition, two years on, and four.</summary>
    private static void Show(TerminologyService service, DateOnly day, string codes)
    {
        foreach (var query in Queries)
            Console.WriteLine($"  {query,-18} {string.Join("; ", service.Search(Icd, query, day, 3).Select(h => $"{h.Concept.Code} {h.Concept.Display}"))}");
        foreach (var code in codes.Split(','))
            foreach (var on in (DateOnly[])[day.AddMonths(3), day.AddMonths(32), day.AddMonths(56)])
            {
                var verdict = service.CodeSystems.Validate(Icd, null, code, null, on);
                Console.WriteLine($"  {code} on {on:yyyy-MM-dd}: {(verdict.Result is { } result ? result ? "valid" : "not valid" : "cannot be told")}. {verdict.Version}. {verdict.Message ?? verdict.Display}");
            }
    }

    private static string[] Codes(TerminologyService service, DateOnly day) =>
        [.. service.ValueSetOperations.Expand(Icd + "?fhir_vs", new(day) { Count = 10_000 }).Expansion!.Contains.Select(c => c.Code)];

    private static async Task OverHttpAsync(string program, string releases, string[] codes, int seconds, CancellationToken ct)
    {
        await using var stage = await Stage.SetAsync(program, Engine.Sqlite, [], ct);
        var folder = Directory.CreateDirectory(Path.Combine(stage.Database, "terminology")).FullName;
        foreach (var file in Directory.EnumerateFiles(releases))
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)), overwrite: true);
        await stage.RestartAsync(ct);
        var path = stage.Server.FhirBase.AbsolutePath;
        string[] targets = [.. codes.Select(c => $"{path}/CodeSystem/$validate-code?url={Uri.EscapeDataString(Icd)}&code={c}")];
        var phase = new ReadPhase(stage.Server.FhirBase, stage.Bearer);
        await phase.RunAsync(targets, 4, TimeSpan.FromSeconds(3), null, ct);
        foreach (var concurrency in (int[])[1, 4, 16])
        {
            var figures = await phase.RunAsync(targets, concurrency, TimeSpan.FromSeconds(seconds), stage.Server.Pid, ct);
            if (figures.Errors > 0)
                throw new BenchException($"{figures.Errors} of {figures.Requests} answers were not 200.");
            Say($"over HTTP, {concurrency,2} at once     {figures.PerSecond:F0}/s, p50 {figures.Latency.P50:F2} ms, p95 {figures.Latency.P95:F2} ms, CPU of the server {figures.ServerCpuMicroseconds:F0} us each");
        }
    }

    private static void Validate(TerminologyService service, DateOnly day)
    {
        var codes = Codes(service, day);
        Rate("$validate-code            ", i => service.CodeSystems.Validate(Icd, null, codes[i % codes.Length], null, day).Result == true);
        Rate("$lookup                   ", i => service.CodeSystems.Lookup(Icd, null, codes[i % codes.Length], day).Answer is not null);
    }

    private static void Check(IValueSets sets, DateOnly day)
    {
        Rate("value set, listed codes   ", i => sets.Check("urn:bench:listed", "urn:bench:codes", (i & 1) == 0 ? "c7" : "c90", null, day).Membership != Membership.Unknown);
        Rate("value set, no system      ", i => sets.Check("urn:bench:listed", null, (i & 1) == 0 ? "c7" : "c90", null, day).Membership != Membership.Unknown);
        Rate("value set, is-a in ICD-10 ", i => sets.Check("urn:bench:isa", Icd, (i & 1) == 0 ? "E11.9" : "I10", null, day).Membership != Membership.Unknown);
    }

    private static void Rate(string name, Func<int, bool> run)
    {
        for (var i = 0; i < 20_000; i++)
            run(i);
        var (count, watch) = (0, Stopwatch.StartNew());
        while (watch.ElapsedMilliseconds < 1500)
        {
            for (var i = 0; i < 1000; i++)
                run(count++);
        }

        Say($"{name}{count / watch.Elapsed.TotalSeconds:F0}/s, {watch.Elapsed.TotalMilliseconds * 1_000_000 / count:F0} ns each");
    }

    /// <summary>95,000 rows in the layout of the order file, with words like those of the real one, when that is not at hand.</summary>
    private static string Invent(string folder)
    {
        string[] words = ["diabetes", "mellitus", "type", "hypertension", "fracture", "femur", "radius", "left", "right", "pneumonia", "asthma", "exacerbation", "pain", "back", "chest", "acute", "chronic", "unspecified", "encounter", "initial"];
        var random = new Random(7);
        var text = new StringBuilder();
        var number = 0;
        for (var letter = 'A'; letter <= 'Z'; letter++)
        {
            for (var category = 0; category < 100; category++)
            {
                Add($"{letter}{category:00}", false);
                for (var i = 0; i < 36; i++)
                    Add($"{letter}{category:00}{"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"[i]}", true);
            }
        }

        var path = Path.Combine(folder, "icd10cm-order-2026.txt");
        File.WriteAllText(path, text.ToString());
        return path;

        void Add(string code, bool isBillable)
        {
            var title = string.Join(' ', Enumerable.Range(0, 6).Select(_ => words[random.Next(words.Length)])) + " " + code;
            text.Append(CultureInfo.InvariantCulture, $"{++number % 100000:00000} {code,-7} {(isBillable ? 1 : 0)} {title,-60} {title}\n");
        }
    }

    private static void Say(FormattableString line) => Console.WriteLine(line.ToString(CultureInfo.InvariantCulture));

    /// <summary>Two value sets and a code system of a hundred codes.</summary>
    private sealed class Sets : ICanonicalSource
    {
        private readonly Dictionary<string, byte[]> all = new()
        {
            ["urn:bench:codes"] = Encoding.UTF8.GetBytes($$"""{"resourceType":"CodeSystem","url":"urn:bench:codes","content":"complete","concept":[{{string.Join(',', Enumerable.Range(0, 100).Select(i => $$"""{"code":"c{{i}}","display":"Code {{i}}"}"""))}}]}"""),
            ["urn:bench:listed"] = Encoding.UTF8.GetBytes($$$"""{"resourceType":"ValueSet","url":"urn:bench:listed","compose":{"include":[{"system":"urn:bench:codes","concept":[{{{string.Join(',', Enumerable.Range(0, 50).Select(i => $$"""{"code":"c{{i}}"}"""))}}}]}]}}"""),
            ["urn:bench:isa"] = Encoding.UTF8.GetBytes($$$"""{"resourceType":"ValueSet","url":"urn:bench:isa","compose":{"include":[{"system":"{{{Icd}}}","filter":[{"property":"concept","op":"is-a","value":"E11"}]}]}}"""),
        };

        public long Generation => 0;

        public ReadOnlyMemory<byte>? Find(string resourceType, string url, string? version) => all.TryGetValue(url, out var json) ? (ReadOnlyMemory<byte>?)json : null;
    }
}
