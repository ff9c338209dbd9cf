using System.Collections.Concurrent;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace FhirEmr.Conformance.Tests.Subscriptions;

/// <summary>A subscriber: takes what is sent to it, or answers as it is told to for each of its paths.</summary>
public sealed class Receiver : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly WebApplication app;
    private readonly ConcurrentDictionary<string, Func<HttpContext, Task<int>>> answers = new();
    private readonly ConcurrentQueue<Received> received = new();

    private Receiver(WebApplication app) => this.app = app;

    public string Url { get; private set; } = "";

    public static async Task<Receiver> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        var receiver = new Receiver(app);
        app.Run(receiver.TakeAsync);
        await app.StartAsync();
        receiver.Url = app.Urls.First();
        return receiver;
    }

    /// <summary>How to answer below a path; 200 unless told.</summary>
    public void Answer(string name, Func<HttpContext, Task<int>> how) => answers[name] = how;

    public void Answer(string name, int status) => Answer(name, _ => Task.FromResult(status));

    /// <summary>What was taken, those answered with success only, in order.</summary>
    public IReadOnlyList<Received> Taken(string name) => [.. received.Where(r => r.Name == name && r.Status is >= 200 and < 300)];

    /// <summary>How often somebody came in vain.</summary>
    public int Refused(string name) => received.Count(r => r.Name == name && r.Status is < 200 or >= 300);

    /// <summary>Waits until somebody came in vain so often.</summary>
    public async Task RefusedAsync(string name, int count)
    {
        for (var until = TimeProvider.System.GetUtcNow() + Patience; Refused(name) < count; await Task.Delay(5, TestContext.Current.CancellationToken))
            if (TimeProvider.System.GetUtcNow() >= until)
                Assert.Fail($"{name} was told {Refused(name)} of {count} times in vain.");
    }

    /// <summary>Waits until so many that fit were taken.</summary>
    public async Task<IReadOnlyList<Received>> WaitAsync(string name, int count, Func<Received, bool>? fits = null)
    {
        var until = TimeProvider.System.GetUtcNow() + Patience;
        while (true)
        {
            var taken = Taken(name).Where(r => fits is null || fits(r)).ToList();
            if (taken.Count >= count)
                return taken;
            if (TimeProvider.System.GetUtcNow() >= until)
                Assert.Fail($"{name} was told {taken.Count} of {count} times: {string.Join('\n', received.Where(r => r.Name == name).TakeLast(5))}");
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await app.StopAsync();
        await app.DisposeAsync();
    }

    private async Task TakeAsync(HttpContext http)
    {
        using var reader = new StreamReader(http.Request.Body, Encoding.UTF8);
        var body = await reader.ReadToEndAsync();
        var path = http.Request.Path.Value!;
        var name = path.Split('/')[1];
        http.Response.StatusCode = answers.TryGetValue(name, out var how) ? await how(http) : 200;
        received.Enqueue(new(name, http.Request.Method, path, body, http.Response.StatusCode, http.Request.Headers.ToDictionary(h => h.Key, h => h.Value.ToString(), StringComparer.OrdinalIgnoreCase)));
    }
}

/// <summary>One request that a subscriber got, and what it answered.</summary>
public sealed record Received(string Name, string Method, string Path, string Body, int Status, IReadOnlyDictionary<string, string> Headers)
{
    public int Number => int.Parse(Headers.GetValueOrDefault("X-Event-Number", "0"), System.Globalization.CultureInfo.InvariantCulture);

    public JsonNode Json => JsonNode.Parse(Body)!;

    public Told Told => new(Json);

    public override string ToString() => $"{Method} {Path} #{Number}: {Status}";
}

/// <summary>A notification Bundle, read.</summary>
public sealed class Told(JsonNode bundle)
{
    private readonly JsonArray parameters = bundle["entry"]![0]!["resource"]!["parameter"]!.AsArray();

    public JsonNode Bundle => bundle;

    public string Type => Value("type", "valueCode")!;

    public string Status => Value("status", "valueCode")!;

    public string Total => Value("events-since-subscription-start", "valueString")!;

    public string? Topic => Value("topic", "valueCanonical");

    public IReadOnlyList<(int Number, string? Focus)> Events =>
    [
        .. parameters.Where(p => (string?)p!["name"] == "notification-event").Select(p => p!["part"]!.AsArray()).Select(part => (
            int.Parse((string)part.First(x => (string?)x!["name"] == "event-number")!["valueString"]!, System.Globalization.CultureInfo.InvariantCulture),
            (string?)part.FirstOrDefault(x => (string?)x!["name"] == "focus")?["valueReference"]?["reference"])),
    ];

    /// <summary>Entries behind the status.</summary>
    public IReadOnlyList<JsonNode> Entries => [.. bundle["entry"]!.AsArray().Skip(1).Select(e => e!)];

    private string? Value(string name, string choice) => (string?)parameters.FirstOrDefault(p => (string?)p!["name"] == name)?[choice];
}
