using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using FhirEmr.Bench.Report;
using FhirEmr.Bench.Spawn;
using FhirEmr.BillingBridge;
using FhirEmr.BillingBridge.FhirRest;
using FhirEmr.BillingBridge.Interchange;
using FhirEmr.BillingBridge.Interchange.Receiving;
using FhirEmr.BillingBridge.X12.Envelope;
using FhirEmr.BillingBridge.X12.Syntax;
using FhirEmr.BillingBridge.X12.Transactions;
using Hl7.Fhir.Model;
using Hl7.Fhir.Serialization;

namespace FhirEmr.Bench.X12;

/// <summary><c>bench x12</c>: claims a second written as 837P, read from 835 and 837P files of any size with the memory that takes, and posted from an 835.</summary>
internal static class X12Command
{
    private const int ClaimsInBatch = 500;

    public static async Task<int> RunAsync(BenchOptions options, CancellationToken ct)
    {
        var seconds = options.Number("seconds", 10);
        var megabytes = options.Number("megabytes", 200);
        var claims = options.Number("claims", 5_000);
        var server = options.Find("server");
        options.RefuseUnknown();

        Write(TimeSpan.FromSeconds(seconds), ct);
        foreach (var kind in (string[])["835", "837P"])
        {
            var path = Path.Combine(Path.GetTempPath(), $"bench-{Guid.NewGuid():N}.x12");
            try
            {
                var made = InventedFiles.Write(path, kind, megabytes * 1_000_000L);
                await ReadAsync(path, kind, made, ct);
            }
            finally
            {
                File.Delete(path);
            }
        }

        await PostAsync("without a store", new CountingRecords(), claims, ct);
        if (server is not null)
        {
            await using var stage = await Stage.SetAsync(server, Engine.Sqlite, [], ct);
            using var http = new HttpClient { Timeout = TimeSpan.FromMinutes(10) };
            var records = new FhirRestRecords(http, new FhirRestOptions(stage.Server.FhirBase) { Token = _ => new(stage.Bearer) }, TimeProvider.System);
            var upload = Stopwatch.StartNew();
            await InventedClaims.UploadAsync(records, claims, ct);
            Tell($"(claims put into the store at {claims / upload.Elapsed.TotalSeconds:F0}/s)");
            await PostToServerAsync(http, stage, claims, ct);
        }

        return 0;
    }

    /// <summary>As a batch is made: every claim mapped, written on trial and read back, its key computed; then mapped and written in batches of five hundred.</summary>
    private static void Write(TimeSpan time, CancellationToken ct)
    {
        var sources = Enumerable.Range(0, ClaimsInBatch).Select(InventedClaims.Sources).ToList();
        var renderer = new BatchRenderer(InventedClaims.Options);
        var bytes = 0L;
        Measure("837P mapped and written", () =>
        {
            bytes += renderer.Render(
                new FileNumbers(1, 1, 1), "T", DateTimeOffset.UnixEpoch, sources.Select((s, i) => ClaimMapping.Map(s, null, $"T1-{i}").Claim!), new X12Findings()).Length;
        });
        var mapping = new ClaimMapping(renderer);
        Measure("837P prepared as well (trial, key)", () =>
        {
            foreach (var source in sources)
            {
                var claim = ClaimMapping.Map(source, null, null).Claim!;
                if (mapping.CheckAsync(claim, ct).GetAwaiter().GetResult().Count > 0)
                    throw new BenchException("An invented claim cannot be written.");
                SubmitKey.Of(claim.Body);
            }

            renderer.Render(new FileNumbers(1, 1, 1), "T", DateTimeOffset.UnixEpoch, sources.Select((s, i) => ClaimMapping.Map(s, null, $"T1-{i}").Claim!), new X12Findings());
        });

        void Measure(string what, Action batch)
        {
            for (var warm = Stopwatch.StartNew(); warm.Elapsed < TimeSpan.FromSeconds(2);)
                batch();
            var batches = 0;
            var (clock, cpu) = (Stopwatch.StartNew(), Environment.CpuUsage.TotalTime);
            for (; clock.Elapsed < time; batches++)
            {
                ct.ThrowIfCancellationRequested();
                batch();
            }

            Tell(what, batches * (long)ClaimsInBatch, clock.Elapsed, Environment.CpuUsage.TotalTime - cpu, "");
        }
    }

    private static async Task ReadAsync(string path, string kind, int made, CancellationToken ct)
    {
        var size = new FileInfo(path).Length / 1e6;
        var (read, baseline, highest) = (0, 0L, 0L);
        await using (var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 64 * 1024, FileOptions.Asynchronous))
        {
            var envelope = new EnvelopeReader(file, new X12Findings());
            var (clock, cpu) = (Stopwatch.StartNew(), Environment.CpuUsage.TotalTime);
            if (kind == "835")
            {
                await foreach (var item in Remittance835Reader.ReadAsync(envelope, ct))
                    Count(item is Remittance835Item.Claim);
            }
            else
            {
                await foreach (var item in Claim837PReader.ReadAsync(envelope, null, ct))
                    Count(item is Claim837PItem.Claim);
            }

            var (wall, taken) = (clock.Elapsed, Environment.CpuUsage.TotalTime - cpu);
            if (envelope.Findings.Count > 0 || read != made)
                throw new BenchException($"{read} of {made} claims were read: {(envelope.Findings.Items is [var first, ..] ? first : "no finding")}");
            Tell($"{kind} read and checked", read, wall, taken, $"{size:F0} MB at {size / wall.TotalSeconds:F0} MB/s, live memory {baseline / 1e6:F1} to {highest / 1e6:F1} MB");
        }

        await using (var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 64 * 1024, FileOptions.Asynchronous))
        {
            var (clock, cpu) = (Stopwatch.StartNew(), Environment.CpuUsage.TotalTime);
            var received = await ReceivedFile.ReadAsync(file, ct);
            Tell($"{kind} envelopes, hashed", made, clock.Elapsed, Environment.CpuUsage.TotalTime - cpu, $"{received.Interchanges.Count} interchange");
        }

        Tell($"(highest working set of the process so far {Process.GetCurrentProcess().PeakWorkingSet64 / 1e6:F0} MB)");

        void Count(bool isClaim)
        {
            if (!isClaim || ++read % Math.Max(1, made / 20) != 0)
                return;
            var live = GC.GetTotalMemory(forceFullCollection: true);
            baseline = baseline == 0 ? live : Math.Min(baseline, live);
            highest = Math.Max(highest, live);
        }
    }

    private static async Task PostAsync(string how, BillingBridge.Ports.IFhirRecords records, int claims, CancellationToken ct)
    {
        var path = Path.Combine(Path.GetTempPath(), $"bench-{Guid.NewGuid():N}.x12");
        try
        {
            InventedFiles.WriteRemittance(path, claims);
            await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 64 * 1024, FileOptions.Asynchronous);
            var (clock, cpu) = (Stopwatch.StartNew(), Environment.CpuUsage.TotalTime);
            var result = await new RemittancePipeline(records, TimeProvider.System).PostAsync(file, ct);
            if (result.Payments is not [BillingBridge.Remittance.PaymentOutcome.Posted { Claims: var posted }] || posted.Count(c => c.ClaimId is not null) != claims)
                throw new BenchException($"Not every claim was posted: {(result.Findings is [var first, ..] ? first : "no finding")}");
            Tell($"835 posted {how}", claims, clock.Elapsed, Environment.CpuUsage.TotalTime - cpu, "");
        }
        finally
        {
            File.Delete(path);
        }
    }

    /// <summary>As a biller does it: the file is given to the server, whose answer comes when all is stored.</summary>
    private static async Task PostToServerAsync(HttpClient http, Stage stage, int claims, CancellationToken ct)
    {
        var path = Path.Combine(Path.GetTempPath(), $"bench-{Guid.NewGuid():N}.x12");
        try
        {
            InventedFiles.WriteRemittance(path, claims);
            var parameters = new Parameters().Add("x12", new Base64Binary(await File.ReadAllBytesAsync(path, ct)));
            var cpu = ProcessUsage.CpuSeconds(stage.Server.Pid);
            var clock = Stopwatch.StartNew();
            var answer = await AskAsync(HttpMethod.Post, "$post-remittance", parameters.ToJson());
            var wall = clock.Elapsed;
            var posted = JsonNode.Parse(await AskAsync(HttpMethod.Get, "ClaimResponse?_summary=count", null))!["total"]!.GetValue<int>();
            if (posted != claims)
                throw new BenchException($"{posted} of {claims} claims were posted: {answer[..Math.Min(400, answer.Length)]}");
            Tell("835 posted durably, SQLite", claims, wall, TimeSpan.FromSeconds((ProcessUsage.CpuSeconds(stage.Server.Pid) - cpu) ?? double.NaN), "");
        }
        finally
        {
            File.Delete(path);
        }

        async Task<string> AskAsync(HttpMethod method, string what, string? body)
        {
            using var request = new HttpRequestMessage(method, new Uri($"{stage.Server.FhirBase}/{what}")) { Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/fhir+json") };
            request.Headers.Authorization = new("Bearer", stage.Bearer);
            using var response = await http.SendAsync(request, ct);
            var text = await response.Content.ReadAsStringAsync(ct);
            return response.IsSuccessStatusCode ? text : throw new BenchException($"{what}: {(int)response.StatusCode} {text[..Math.Min(400, text.Length)]}");
        }
    }

    private static void Tell(string what, long claims, TimeSpan wall, TimeSpan cpu, string more) => Tell(string.Create(
        CultureInfo.InvariantCulture, $"{what,-38} {claims / wall.TotalSeconds,8:F0} claims/s  {claims / cpu.TotalSeconds,8:F0} /s of CPU  {more}"));

    private static void Tell(string line) => Console.WriteLine(line);
}
