using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;
using FhirEmr.Bench.Load;
using FhirEmr.Bench.Report;
using FhirEmr.Bench.Spawn;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace FhirEmr.Bench.Subscriptions;

/// <summary><c>bench subscriptions</c>: resources are written at a steady rate, and it is measured how long after each write was sent its subscribers were told.</summary>
internal static class SubscriptionCommand
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public static async Task<int> RunAsync(BenchOptions options, CancellationToken ct)
    {
        var program = options.Required("server");
        if (!File.Exists(program))
            throw new BenchException($"--server {program}: no such file.");
        var rate = options.Number("rate", 200);
        var seconds = options.Number("seconds", 10);
        var output = options.Find("out");
        var settings = RunSettings.Read(options, new Uri("http://127.0.0.1/fhir"));
        options.RefuseUnknown();

        var machine = Machine.Measure(Path.GetTempPath());
        await using var receiver = await BenchReceiver.StartAsync();
        await using var stage = await Stage.SetAsync(program, settings.Engine, options.Rest, ct);
        using var client = new FhirClient(stage.Server.FhirBase, stage.Bearer, 16);
        var table = new Markdown().Table("subscribers", "writes/s", "events", "told in ms, p50", "p95", "most", "write alone in ms, p95");
        foreach (var subscribers in (int[])[1, 10])
        {
            await SubscribeAsync(client, receiver, subscribers, ct);
            await WriteAsync(client, receiver, rate, 2, ct); // warm
            receiver.Clear();
            var (writes, perSecond) = await WriteAsync(client, receiver, rate, seconds, ct);
            var expected = rate * seconds * subscribers;
            for (var since = Stopwatch.GetTimestamp(); receiver.Count < expected; await Task.Delay(20, ct))
                if (Stopwatch.GetElapsedTime(since) > Patience)
                    throw new BenchException($"{receiver.Count} of {expected} events were told.");
            var told = receiver.Latencies;
            table.Row(Markdown.Number(subscribers), Markdown.Number(perSecond), Markdown.Number(told.Length), Markdown.Number(At(told, 0.5), "0.0"), Markdown.Number(At(told, 0.95), "0.0"), Markdown.Number(told[^1], "0.0"),
                Markdown.Number(At(writes, 0.95), "0.0"));
        }

        var text = $"{MachineTable.Markdown(machine)}Patients are created at a fixed rate; each is an event of every subscription (search as criteria, REST hook with the resource). Engine: {settings.Engine}.{Environment.NewLine}{Environment.NewLine}{table.End()}";
        Console.Out.WriteLine(text);
        if (output is not null)
            await File.WriteAllTextAsync(output, text, ct);
        return 0;
    }

    private static async Task SubscribeAsync(FhirClient client, BenchReceiver receiver, int count, CancellationToken ct)
    {
        for (var i = 0; i < count; i++)
        {
            var id = $"bench-{i}";
            var body = $$"""{"resourceType":"Subscription","id":"{{id}}","status":"requested","reason":"bench","criteria":"Patient?family=Told","channel":{"type":"rest-hook","endpoint":"{{receiver.Url}}/{{id}}","payload":"application/fhir+json"} }""";
            var answer = await client.PutAsync($"Subscription/{id}", Encoding.UTF8.GetBytes(body), ct);
            if (!answer.IsSuccess)
                throw new BenchException($"Subscription/{id}: {answer}");
            while ((string?)JsonNode.Parse((await client.GetAsync($"Subscription/{id}", ct)).Body)!["status"] != "active")
                await Task.Delay(20, ct);
        }
    }

    /// <summary>Open loop: a write begins when its time has come, whether those before it are through or not.</summary>
    private static async Task<(double[] Milliseconds, double PerSecond)> WriteAsync(FhirClient client, BenchReceiver receiver, int rate, int seconds, CancellationToken ct)
    {
        var (writes, taken, begun) = (new List<Task>(), new ConcurrentBag<double>(), Stopwatch.GetTimestamp());
        for (var i = 0; i < rate * seconds; i++)
        {
            var wait = TimeSpan.FromSeconds((double)i / rate) - Stopwatch.GetElapsedTime(begun);
            if (wait > TimeSpan.FromMilliseconds(1))
                await Task.Delay(wait, ct);
            var id = $"told-{Guid.NewGuid():N}";
            receiver.Sent(id);
            writes.Add(Task.Run(async () =>
            {
                var answer = await client.PutAsync($"Patient/{id}", Encoding.UTF8.GetBytes($$"""{"resourceType":"Patient","id":"{{id}}","name":[{"family":"Told"}],"birthDate":"1980-01-01"}"""), ct);
                if (!answer.IsSuccess)
                    throw new BenchException($"Patient/{id}: {answer}");
                taken.Add(answer.Elapsed.TotalMilliseconds);
            }, ct));
        }

        await Task.WhenAll(writes);
        return ([.. taken.Order()], writes.Count / Stopwatch.GetElapsedTime(begun).TotalSeconds);
    }

    private static double At(double[] sorted, double share) => sorted[Math.Min(sorted.Length - 1, (int)(sorted.Length * share))];

    /// <summary>Takes notifications, and knows when what they are about was sent.</summary>
    private sealed class BenchReceiver : IAsyncDisposable
    {
        private readonly WebApplication app;
        private readonly ConcurrentDictionary<string, long> sent = new();
        private readonly ConcurrentQueue<double> told = new();

        private BenchReceiver(WebApplication app) => this.app = app;

        public string Url { get; private set; } = "";

        public int Count => told.Count;

        public double[] Latencies => [.. told.Order()];

        public static async Task<BenchReceiver> StartAsync()
        {
            var builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            var app = builder.Build();
            app.Urls.Add("http://127.0.0.1:0");
            var receiver = new BenchReceiver(app);
            app.Run(receiver.TakeAsync);
            await app.StartAsync();
            receiver.Url = app.Urls.First();
            return receiver;
        }

        public void Sent(string id) => sent[id] = Stopwatch.GetTimestamp();

        public void Clear()
        {
            sent.Clear();
            told.Clear();
        }

        public async ValueTask DisposeAsync()
        {
            await app.StopAsync();
            await app.DisposeAsync();
        }

        private async Task TakeAsync(HttpContext http)
        {
            var at = Stopwatch.GetTimestamp();
            await http.Request.Body.CopyToAsync(Stream.Null);
            var path = http.Request.Path.Value!;
            if (sent.TryGetValue(path[(path.LastIndexOf('/') + 1)..], out var begun))
                told.Enqueue(Stopwatch.GetElapsedTime(begun, at).TotalMilliseconds);
        }
    }
}
