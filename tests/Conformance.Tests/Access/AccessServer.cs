using System.Text;
using System.Text.Json.Nodes;
using FhirEmr.Conformance.Tests.Hosting;
using FhirEmr.FhirServer.Interactions;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Search.Query;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Tests.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace FhirEmr.Conformance.Tests.Access;

/// <summary>The server, asked through its one door by callers whose plans are made by hand.</summary>
public abstract class AccessServer(PostgresCluster? cluster) : ServerFixture(cluster)
{
    public const string Base = "http://test/fhir";

    protected override IReadOnlyDictionary<string, string?> Settings => new Dictionary<string, string?>
    {
        ["Records:RequireReferenceTargets"] = "false",
        ["Records:OnDeleteReferenced"] = "Ignore",
        ["Storage:ReadCacheMiB"] = "4",
    };

    internal FhirInteractions Interactions => Services.GetRequiredService<FhirInteractions>();

    internal static Caller With(AccessPlan plan, string name = "tester") => new(name, plan) { Principal = new("app", "token", "") { UserId = name } };

    internal async Task<FhirReply> SendAsync(Caller caller, string method, string address, string? body = null, ConditionalHeaders? headers = null, string? key = null, string? prefer = null)
    {
        var mark = address.IndexOf('?', StringComparison.Ordinal);
        var target = FhirTarget.Parse(mark < 0 ? address : address[..mark], out var fault) ?? throw new ArgumentException($"{address}: {fault!.Issues[0].Text}");
        FhirNode node = default;
        if (body is not null)
            node = (FhirJsonReader.Read(Encoding.UTF8.GetBytes(body), out var issues) is { } tree && issues.Count == 0 ? tree : throw new ArgumentException(body)).Root;
        var request = new FhirRequest(method, target, caller)
        {
            BaseUrl = Base,
            Query = FhirEmr.FhirServer.Search.Query.QueryString.Parse(mark < 0 ? null : address[(mark + 1)..]),
            Body = node,
            Headers = headers ?? ConditionalHeaders.None,
            Prefer = new(prefer == "respond-async" ? null : prefer, false) { Async = prefer == "respond-async" },
            Idempotency = key is null ? null : new(key, $"{method} {address} {body}"),
        };
        return await (await Interactions.HandleAsync(request, TestContext.Current.CancellationToken)).WholeAsync();
    }

    internal async Task<(int Status, JsonNode? Json)> AskAsync(Caller caller, string method, string address, string? body = null)
    {
        var reply = await SendAsync(caller, method, address, body);
        return (reply.Status, reply.Json.IsEmpty ? null : JsonNode.Parse(reply.Json.Span));
    }

    /// <summary>Writes as the system.</summary>
    internal async Task PutAsync(string type, string id, JsonObject resource)
    {
        var reply = await SendAsync(Caller.System, "PUT", $"{type}/{id}", resource.ToJsonString());
        Assert.True(reply.IsSuccess, Encoding.UTF8.GetString(reply.Json.Span));
    }

    internal async Task<SearchExpression> WhereAsync(string type, string query)
    {
        var parse = await Services.GetRequiredService<SearchParser>().ParseAsync(
            type, FhirEmr.FhirServer.Search.Query.QueryString.Parse(query), SearchHandling.Strict, Base, TestContext.Current.CancellationToken);
        return Assert.IsType<SearchParse.Parsed>(parse).Query.Where;
    }
}

public sealed class AccessSqlite() : AccessServer(null);

public sealed class AccessPostgres(PostgresCluster cluster) : AccessServer(cluster);
