using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Storage;
using Microsoft.Extensions.Options;

namespace FhirEmr.FhirServer.Hosting.Edge;

/// <summary>Counts and times every FHIR request, and names the slow ones; values are hashed, so neither says anything about a patient (security S-89).</summary>
internal sealed class RequestLog : IDisposable
{
    public const string MeterName = "FhirEmr.Rest";

    private readonly IResourceStore store;
    private readonly ILogger<RequestLog> log;
    private readonly TimeSpan slow;
    private readonly Meter meter;
    private readonly Histogram<double> duration;
    private readonly UpDownCounter<int> active;

    public RequestLog(IMeterFactory meters, Admission admission, IResourceStore store, IOptions<EdgeOptions> options, ILogger<RequestLog> log)
    {
        (this.store, this.log, slow) = (store, log, options.Value.SlowRequest);
        meter = meters.Create(MeterName);
        duration = meter.CreateHistogram<double>("fhir.server.request.duration", "s", "Time from the request's head to the last byte of its answer.");
        active = meter.CreateUpDownCounter<int>("fhir.server.active_requests", "{request}", "Requests being worked on or waiting.");
        meter.CreateObservableGauge("fhir.server.lane.running", () => Measure(admission, l => l.Running), "{request}", "Requests being worked on, by lane.");
        meter.CreateObservableGauge("fhir.server.lane.waiting", () => Measure(admission, l => l.Waiting), "{request}", "Requests waiting for their turn, by lane.");
    }

    /// <summary>Starts the clock of a request.</summary>
    public long Begin()
    {
        active.Add(1);
        return Stopwatch.GetTimestamp();
    }

    public void End(long begun, string method, FhirTarget? target, IReadOnlyList<KeyValuePair<string, string>> query, int status)
    {
        active.Add(-1);
        var took = Stopwatch.GetElapsedTime(begun);
        if (duration.Enabled)
            duration.Record(took.TotalSeconds, new("interaction", InteractionOf(method, target)), new("type", target?.Type ?? "-"), new("status", status));
        if (took >= slow)
            log.LogWarning("Slow request: {Interaction} of {Type} took {Milliseconds} ms, status {Status}, parameters {Shape}",
                InteractionOf(method, target), target?.Type ?? "-", (long)took.TotalMilliseconds, status, Shape(query));
    }

    public void Dispose() => meter.Dispose();

    /// <summary>The interaction's own name (valueset-system-restful-interaction, -type-restful-interaction), or <c>$operation</c>.</summary>
    internal static string InteractionOf(string method, FhirTarget? target) => (method, target) switch
    {
        (_, null) => "none",
        (_, { Operation: not null }) => "operation",
        (_, { IsMetadata: true }) => "capabilities",
        ("GET", { Version: not null }) => "vread",
        ("GET", { IsHistory: true, Id: not null }) => "history-instance",
        ("GET", { IsHistory: true, Type: not null }) => "history-type",
        ("GET", { IsHistory: true }) => "history-system",
        ("GET", { Id: not null }) => "read",
        ("GET", { Type: not null }) or ("POST", { IsSearch: true, Type: not null }) => "search-type",
        ("GET", _) or ("POST", { IsSearch: true }) => "search-system",
        ("POST", { Type: not null }) => "create",
        ("POST", _) => "bundle",
        ("PUT", _) => "update",
        ("PATCH", _) => "patch",
        ("DELETE", _) => "delete",
        _ => "none",
    };

    /// <summary>Names as they are, values by their hash under the store's key: equal ones can be told, none can be read.</summary>
    internal string Shape(IReadOnlyList<KeyValuePair<string, string>> query)
    {
        var shape = new StringBuilder();
        foreach (var (name, value) in query.Take(30))
        {
            if (shape.Length > 0)
                shape.Append('&');
            foreach (var c in name.AsSpan(0, Math.Min(name.Length, 80)))
                shape.Append(char.IsAsciiLetterOrDigit(c) || c is '_' or ':' or '.' or '-' ? c : '?');
            shape.Append("=#").Append((store.Symbols.Hash(Encoding.UTF8.GetBytes("log\n" + value)) & 0xFFFFFFFF).ToString("x8", CultureInfo.InvariantCulture));
        }

        return shape.ToString();
    }

    private static IEnumerable<Measurement<int>> Measure(Admission admission, Func<Lane, int> value) =>
        admission.Lanes.Select(lane => new Measurement<int>(value(lane), new KeyValuePair<string, object?>("lane", lane.Name)));
}
