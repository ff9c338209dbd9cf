using System.Text;
using System.Text.Json.Nodes;
using FhirEmr.Conformance.Tests.Access;
using FhirEmr.Conformance.Tests.Hosting;
using FhirEmr.Conformance.Tests.Security.Smart;
using FhirEmr.FhirServer.Interactions.Binaries;
using FhirEmr.FhirServer.Interactions.Past;
using FhirEmr.FhirServer.Operations.Export;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Security.Encryption;
using FhirEmr.FhirServer.Storage;
using FhirEmr.FhirServer.Storage.Bodies;
using FhirEmr.FhirServer.Storage.Commit;
using FhirEmr.FhirServer.Tests.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace FhirEmr.Conformance.Tests.Exports;

/// <summary>A server whose clock can be put forward, and exports of it: over HTTP, and step by step in the process.</summary>
public abstract class ExportServer(PostgresCluster? cluster) : AccessServer(cluster)
{
    internal ShiftedClock Clock { get; } = new();

    protected override void Configure(WebApplicationBuilder builder) => builder.Services.AddSingleton<TimeProvider>(Clock);

    internal static readonly (string, string)[] Async = [("Prefer", "respond-async"), ("Accept", "application/fhir+json")];

    /// <summary>Asks, waits, and gives the address of the status and the manifest.</summary>
    internal async Task<(string Status, JsonNode Manifest)> DoneAsync(string address, string? parameters = null)
    {
        var accepted = parameters is null ? await GetAsync(address, Async) : await PostAsync(address, parameters, Async);
        Assert.True(accepted.Status == 202, accepted.Body);
        Assert.StartsWith(BaseUrl + "/$export/", accepted.Location, StringComparison.Ordinal);
        return (accepted.Location!, (await FinishedAsync(accepted.Location!)).Json);
    }

    internal async Task<Reply> FinishedAsync(string status)
    {
        while (true)
        {
            var reply = await GetAsync(status);
            if (reply.Status != 202)
            {
                Assert.True(reply.Status == 200, reply.Body);
                return reply;
            }

            Assert.True(reply.Headers.ContainsKey("X-Progress") && reply.Headers.ContainsKey("Retry-After"));
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>The lines of all files of a kind.</summary>
    internal async Task<List<JsonNode>> LinesAsync(JsonNode manifest, string kind = "output", string? type = null)
    {
        var lines = new List<JsonNode>();
        foreach (var file in manifest[kind]!.AsArray().Where(f => type is null || f!["type"]!.GetValue<string>() == type))
        {
            var reply = await GetAsync(file!["url"]!.GetValue<string>(), ("Accept", "application/fhir+ndjson"));
            Assert.Equal((200, "application/fhir+ndjson"), (reply.Status, reply.MediaType));
            Assert.EndsWith("\n", reply.Body, StringComparison.Ordinal);
            var some = reply.Body.Split('\n', StringSplitOptions.RemoveEmptyEntries);
            Assert.Equal(file["count"]!.GetValue<int>(), some.Length);
            lines.AddRange(some.Select(l => JsonNode.Parse(l)!));
        }

        return lines;
    }

    internal async Task<string[]> KeysAsync(string address, string? parameters = null, string kind = "output") =>
        [.. (await LinesAsync((await DoneAsync(address, parameters)).Manifest, kind)).Select(Key).Order(StringComparer.Ordinal)];

    internal static string Key(JsonNode resource) => $"{resource["resourceType"]}/{resource["id"]}";

    /// <summary>What an export at an instant says of itself, before anything of it was written.</summary>
    internal async Task<(ExportProgress Progress, ExportSelection? Selection, FhirFault? Fault)> BeginAsync(Caller caller, string address, DateTimeOffset? at = null)
    {
        var mark = address.IndexOf('?', StringComparison.Ordinal);
        var request = new FhirRequest("GET", FhirTarget.Parse(mark < 0 ? address : address[..mark], out _)!, caller)
        {
            BaseUrl = Base,
            Query = FhirEmr.FhirServer.Search.Query.QueryString.Parse(mark < 0 ? null : address[(mark + 1)..]),
        };
        var instant = at ?? await Services.GetRequiredService<IPast>().SettleAsync(Clock.GetUtcNow(), TestContext.Current.CancellationToken);
        var (selection, fault) = await Services.GetRequiredService<ExportSelector>().ReadAsync(request, instant, TestContext.Current.CancellationToken);
        var progress = new ExportProgress(instant.ToUnixTimeMilliseconds(), address, caller.Access.Key, selection?.Types ?? []) { Since = selection?.Input.Since };
        var start = ExportRun.StartOf(progress, isDeleting: false);
        return (progress with { Updated = start.Updated, Sid = start.Sid }, selection, fault);
    }

    /// <summary>Writes the rest of it, chunk by chunk; each time it is known only as its row knows it.</summary>
    internal async Task<ExportProgress> RunAsync(ExportProgress progress, ExportSelection selection, int chunk, Func<Task>? between = null)
    {
        var run = new ExportRun(
            Services.GetRequiredService<IResourceStore>(), Services.GetRequiredService<IPast>(), Services.GetRequiredService<ContentStore>(), Services.GetRequiredService<EncryptionKeys>(),
            BodyCodec.Shipped, Clock)
        { ChunkResources = chunk };
        while (!progress.IsWhole)
        {
            progress = ExportProgress.Read(progress.Write());
            await run.NextAsync(progress, selection, TestContext.Current.CancellationToken); // killed before it was committed
            var (next, plan) = await run.NextAsync(progress, selection, TestContext.Current.CancellationToken);
            Assert.IsType<CommitResult.Committed>(await Services.GetRequiredService<IResourceStore>().CommitAsync(plan, TestContext.Current.CancellationToken));
            progress = next;
            if (between is not null)
                await between();
        }

        return progress;
    }

    internal async Task<List<JsonNode>> ReadAsync(ExportProgress progress, string kind = ExportFile.Output)
    {
        var lines = new List<JsonNode>();
        foreach (var file in progress.Files.Where(f => f.Kind == kind))
        {
            var text = new StringBuilder();
            await foreach (var part in Services.GetRequiredService<ExportFileReader>().ReadAsync(file, SystemPlans.Work, TestContext.Current.CancellationToken))
                text.Append(Encoding.UTF8.GetString(part.Join().Span));
            var some = text.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
            Assert.Equal((file.Count, file.Bytes), (some.Length, Encoding.UTF8.GetByteCount(text.ToString())));
            lines.AddRange(some.Select(l => JsonNode.Parse(l)!));
        }

        return lines;
    }
}

public sealed class ExportSqlite() : ExportServer(null);

public sealed class ExportPostgres(PostgresCluster cluster) : ExportServer(cluster);
