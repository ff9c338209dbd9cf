using System.Collections.Concurrent;
using System.Net;
using FhirEmr.FhirServer.Rest;
using Microsoft.Extensions.Options;

namespace FhirEmr.FhirServer.Hosting.Edge;

/// <summary>How much a request asks of the server.</summary>
internal enum Load
{
    Read,
    Write,

    /// <summary>Large Bundles, and questions about everything.</summary>
    Heavy,

    /// <summary>Raw content, as slow as its sender.</summary>
    Upload,
}

/// <summary>Lets requests in as the server can bear them: beyond that 503, or 429 for the one client that is the cause (reliability R-40).</summary>
internal sealed class Admission : IDisposable
{
    /// <summary>A Bundle above this many bytes is heavy.</summary>
    public const int HeavyBodyBytes = 1024 * 1024;

    private readonly Lane[] lanes;
    private readonly ConcurrentDictionary<IPAddress, int> clients = new();

    public Admission(IOptions<EdgeOptions> options)
    {
        var limits = options.Value;
        lanes =
        [
            new("read", limits.Reads, limits.Queue, limits.QueueTime),
            new("write", limits.Writes, limits.Queue, limits.QueueTime),
            new("heavy", limits.Heavy > 0 ? limits.Heavy : 2 * Environment.ProcessorCount, limits.HeavyQueue, limits.HeavyQueueTime),
            new("upload", limits.Uploads, limits.HeavyQueue, limits.HeavyQueueTime),
        ];
    }

    public IReadOnlyList<Lane> Lanes => lanes;

    /// <summary>Reads, writes and large work keep apart, so that none starves the other.</summary>
    public static Load LoadOf(FhirRequest request, long bodyBytes)
    {
        var target = request.Target;
        if (bodyBytes > HeavyBodyBytes && target.Type is null or "Bundle")
            return Load.Heavy;
        if (target.IsOfJob)
            return Load.Read;
        if (target.Operation is "export" or "everything" or "graphql" or "import" or DocumentFormat.Import or "reindex" or "purge" or "verify")
            return Load.Heavy;
        if (request.Method is "GET" or "HEAD" || target.IsSearch || target.Operation is not null)
            return target.IsMetadata || target.Id is not null ? Load.Read
                : target.Type is null || IsCostly(request) ? Load.Heavy : Load.Read;
        return Load.Write;
    }

    /// <summary>A place in the lane, or null with the fault.</summary>
    public async ValueTask<(Place? Place, FhirFault? Fault)> EnterAsync(Load load, IPAddress? client, CancellationToken ct)
    {
        var lane = lanes[(int)load];
        if (client is not null && IPAddress.IsLoopback(client))
            client = null; // this machine has many users, or is a proxy: the address says nothing
        if (client is not null)
            clients.AddOrUpdate(client, 1, (_, n) => n + 1);
        if (await lane.EnterAsync(ct))
            return (new(this, lane, client), null);

        var own = client is null ? 0 : clients.GetValueOrDefault(client);
        Forget(client);
        return (null, own > (lane.Running + lane.Waiting) / 2
            ? FhirFault.Of(FaultKind.TooManyRequests, $"{own} requests of this client are being worked on: wait for their answers before sending more.")
            : FhirFault.Of(FaultKind.Overloaded, "The server has more to do than it can just now. Send the request again in a moment."));
    }

    public void Dispose()
    {
        foreach (var lane in lanes)
            lane.Dispose();
    }

    /// <summary>A question about everybody that no index narrows well.</summary>
    private static bool IsCostly(FhirRequest request)
    {
        var costly = false;
        foreach (var (name, _) in request.Query)
        {
            if (name is "_id" or "patient" or "subject" or "identifier" or "encounter" or "beneficiary" || name.StartsWith("patient:", StringComparison.Ordinal) || name.StartsWith("subject:", StringComparison.Ordinal))
                return false;
            costly |= name.StartsWith("_has", StringComparison.Ordinal) || name is "_content" or "_text" or "_filter"
                || name.Contains('.', StringComparison.Ordinal) || name.EndsWith(":contains", StringComparison.Ordinal) || name.EndsWith(":not", StringComparison.Ordinal);
        }

        return costly;
    }

    private void Forget(IPAddress? client)
    {
        if (client is not null && clients.AddOrUpdate(client, 0, (_, n) => n - 1) <= 0)
            clients.TryRemove(new KeyValuePair<IPAddress, int>(client, 0));
    }

    /// <summary>Held while a request is worked on.</summary>
    internal sealed class Place(Admission admission, Lane lane, IPAddress? client) : IDisposable
    {
        public void Dispose()
        {
            lane.Leave();
            admission.Forget(client);
        }
    }
}
