using System.Globalization;
using System.Text.Json.Nodes;
using CsCheck;
using FhirEmr.FhirServer.Security.Access;

namespace FhirEmr.Conformance.Tests.Access;

/// <summary>
/// For random records, rights and questions the answer is the one that a server would give whose store holds only what the caller may see: entries,
/// their order, includes, pages and totals alike (security.md S-31, S-34).
/// </summary>
/// <remarks>
/// That server is this one, asked by the system about a copy of just those resources, without what is withheld. So nothing has to be said twice about
/// what searches mean; what the caller may see is said by the model in <see cref="Rights"/>.
/// </remarks>
[Trait("Requirement", "S-31")]
[Trait("Requirement", "S-33")]
[Trait("Requirement", "S-34")]
[Trait("Requirement", "S-37")]
public abstract class AccessPropertyTests(AccessServer server) : Hosting.OnServer(server)
{
    private const int Questions = 20;
    private static int copies;

    private new AccessServer Server => (AccessServer)base.Server;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task An_answer_is_that_of_a_store_with_nothing_but_what_the_caller_may_see(int graph)
    {
        var prefix = string.Create(CultureInfo.InvariantCulture, $"g{graph}{Interlocked.Increment(ref copies)}-");
        var clinic = new Clinic(graph * 7919, prefix);
        var feed = await FeedAsync();
        await WriteAsync(clinic);
        await Gen.Select(Rights.Of(clinic), Question.Any.Array[Questions]).SampleAsync(async (rights, questions) =>
        {
            var caller = AccessServer.With(await rights.PlanAsync(Server));
            var copy = string.Create(CultureInfo.InvariantCulture, $"s{Interlocked.Increment(ref copies)}-");
            foreach (var chart in clinic.Charts.Where(c => c.Now is not null && rights.Reaches(c, Interaction.Search)))
                await Server.PutAsync(chart.Type, chart.Id.Replace(prefix, copy, StringComparison.Ordinal), (JsonObject)JsonNode.Parse(rights.Shown(chart.Now!).ToJsonString().Replace(prefix, copy, StringComparison.Ordinal))!);

            foreach (var question in questions.DistinctBy(q => q.Address))
            {
                var answer = await AnswerAsync(caller, question.Address, prefix);
                var expected = question.IsRefusedTo(rights) ? "403" : await AnswerAsync(Caller.System, question.Address, copy);
                if (question.IsThenRefusedTo(rights) && expected is not ("403" or """{"PatientList":[]}"""))
                    expected = "403";
                Assert.True(expected != "400", $"{question.Address} is no question");
                Assert.True(Equivalent(expected, answer, question), $"{rights}\n{question.Address}\nexpected {expected}\ngot      {answer}");
            }

            await ReadsAsync(clinic, rights, caller);
            await HistoriesAsync(clinic, rights, caller);
            await FollowAsync(clinic, rights, caller, feed);
        }, iter: 12, threads: 1, print: p => $"{p.Item1}\n{string.Join('\n', p.Item2.Select(q => q.Address))}");
    }

    /// <summary>
    /// With <c>_asOf</c>: that store holds the versions of then which the caller may see and whose resource is, or was last, within reach (ADR 0037).
    /// </summary>
    [Fact]
    public async Task An_answer_of_the_past_is_that_of_a_store_with_the_versions_that_stood_and_may_be_seen()
    {
        var prefix = string.Create(CultureInfo.InvariantCulture, $"h{Interlocked.Increment(ref copies)}-");
        var clinic = new Clinic(5 * 7919, prefix);
        var end = (clinic.Charts.Max(c => c.Written[0]) + clinic.Charts.Max(c => c.Written[^1])) / 2;
        await WriteAsync(clinic, w => w <= end);
        await Task.Delay(5, TestContext.Current.CancellationToken);
        var then = TimeProvider.System.GetUtcNow().ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture);
        await Task.Delay(5, TestContext.Current.CancellationToken);
        await WriteAsync(clinic, w => w > end);
        for (var patience = 200; patience > 0 && !await IsSettledAsync(then); patience--)
            await Task.Delay(50, TestContext.Current.CancellationToken); // transactions of the tests beside this one hold the horizon of a whole PostgreSQL back

        var stood = clinic.Charts.Select(c => (Chart: c, Version: c.Versions[c.Written.FindLastIndex(w => w <= end)])).ToList();
        Assert.Contains(stood, s => s.Version != s.Chart.Now);
        await Gen.Select(Rights.Of(clinic), Question.Any.Array[Questions]).SampleAsync(async (rights, questions) =>
        {
            var caller = AccessServer.With(await rights.PlanAsync(Server));
            var copy = string.Create(CultureInfo.InvariantCulture, $"s{Interlocked.Increment(ref copies)}-");
            foreach (var (chart, version) in stood.Where(s => s.Version is not null && rights.Reaches(s.Chart, Interaction.Search) && rights.Shows(s.Version)))
                await Server.PutAsync(chart.Type, chart.Id.Replace(prefix, copy, StringComparison.Ordinal), (JsonObject)JsonNode.Parse(rights.Shown(version!).ToJsonString().Replace(prefix, copy, StringComparison.Ordinal))!);

            foreach (var question in questions.DistinctBy(q => q.Address).Where(q => !q.Address.StartsWith('$')))
            {
                var answer = await AnswerAsync(caller, $"{question.Address}{(question.Address.Contains('?', StringComparison.Ordinal) ? '&' : '?')}_asOf={then}", prefix);
                var expected = question.IsRefusedTo(rights) ? "403" : await AnswerAsync(Caller.System, question.Address, copy);
                Assert.True(Equivalent(expected, answer, question), $"{rights}\n{question.Address}\nexpected {expected}\ngot      {answer}");
            }

            if (!rights.CanSearch("Patient"))
                return;
            var everything = await EverythingAsync(caller, $"Patient/$everything?_count=150&_asOf={then}", prefix);
            var all = rights.IsWhole ? await EverythingAsync(Caller.System, "Patient/$everything?_count=1000", copy) : "403";
            Assert.True(all == everything, $"{rights}\nexpected {all}\ngot      {everything}");
        }, iter: 8, threads: 1, print: p => $"{p.Item1}\n{string.Join('\n', p.Item2.Select(q => q.Address))}");
    }

    /// <summary>Whether an answer as of the instant is of that very instant, and of none before it.</summary>
    private async Task<bool> IsSettledAsync(string then) => (await Server.AskAsync(Caller.System, "GET", $"Patient?_count=0&_asOf={then}")).Json!["link"]!.AsArray()
        .Any(l => Uri.UnescapeDataString(l!["url"]!.GetValue<string>()).Contains(then, StringComparison.Ordinal));

    /// <summary>What of all patients' records belongs to this graph.</summary>
    private async Task<string> EverythingAsync(Caller caller, string address, string prefix)
    {
        var pages = await PagesAsync(caller, address);
        return pages is [var only] && only["status"]?.GetValue<int>() is { } refused ? refused.ToString(CultureInfo.InvariantCulture)
            : string.Join(", ", pages.SelectMany(p => p["entry"]?.AsArray() ?? []).Where(e => e!["resource"]!["id"]!.GetValue<string>().StartsWith(prefix, StringComparison.Ordinal))
                .Select(e => $"{e!["search"]!["mode"]} {Plain((JsonObject)e["resource"]!).Replace(prefix, "", StringComparison.Ordinal)}"));
    }

    /// <summary>A search that names no type is refused, not empty, where none of those it might go to is open.</summary>
    private static bool Equivalent(string expected, string answer, Question question) => expected == answer || (answer == "403" && expected == "0: " && question.Needs.Count == 0);

    private async Task WriteAsync(Clinic clinic, Func<int, bool>? which = null)
    {
        foreach (var (chart, version) in clinic.Writes.Where((_, at) => which is null || which(at)))
            if (version is null)
                Assert.Equal(204, (await Server.SendAsync(Caller.System, "DELETE", $"{chart.Type}/{chart.Id}")).Status);
            else
                await Server.PutAsync(chart.Type, chart.Id, version);
    }

    private async Task ReadsAsync(Clinic clinic, Rights rights, Caller caller)
    {
        foreach (var chart in clinic.Charts)
        {
            var expected = !rights.To(chart.Type).Allows(Interaction.Read) ? 403 : !rights.Reaches(chart, Interaction.Read) ? 404 : chart.Now is null ? 410 : 200;
            var (status, json) = await Server.AskAsync(caller, "GET", $"{chart.Type}/{chart.Id}");
            Assert.True(expected == status, $"{rights}\n{chart.Type}/{chart.Id}: {expected}, got {status}");
            if (status == 200)
                Assert.Equal(Plain(rights.Shown(chart.Now!)), Plain((JsonObject)json!));
            foreach (var version in Enumerable.Range(1, chart.Versions.Count))
            {
                var seen = rights.VersionsOf(chart, Interaction.Vread).Contains(version);
                expected = !rights.To(chart.Type).Allows(Interaction.Vread) ? 403 : !seen ? 404 : chart.Versions[version - 1] is null ? 410 : 200;
                (status, _) = await Server.AskAsync(caller, "GET", $"{chart.Type}/{chart.Id}/_history/{version}");
                Assert.True(expected == status, $"{rights}\n{chart.Type}/{chart.Id}/_history/{version}: {expected}, got {status}");
            }
        }
    }

    private async Task HistoriesAsync(Clinic clinic, Rights rights, Caller caller)
    {
        foreach (var type in Rights.Types)
        {
            var charts = clinic.Charts.Where(c => c.Type == type).ToList();
            if (!rights.To(type).Allows(Interaction.History))
            {
                Assert.Equal(403, (await Server.AskAsync(caller, "GET", $"{type}/_history")).Status);
                continue;
            }

            var expected = charts.SelectMany(c => rights.VersionsOf(c, Interaction.History).Select(v => (Key: $"{type}/{c.Id} {v}", At: c.Written[v - 1]))).OrderByDescending(v => v.At).Select(v => v.Key);
            var ids = charts.Select(c => c.Id).ToHashSet();
            var found = (await PagesAsync(caller, $"{type}/_history?_count=25")).SelectMany(p => p["entry"]?.AsArray() ?? []).Select(VersionOf).Where(v => ids.Contains(v.Split('/', ' ')[1]));
            Assert.True(expected.SequenceEqual(found), $"{rights}\n{type}/_history\nexpected {string.Join(", ", expected)}\ngot      {string.Join(", ", found)}");

            foreach (var chart in charts)
            {
                var versions = rights.VersionsOf(chart, Interaction.History).ToList();
                var (status, json) = await Server.AskAsync(caller, "GET", $"{type}/{chart.Id}/_history");
                Assert.True(versions.Count == 0 ? status == 404 : status == 200 && json!["total"]!.GetValue<int>() == versions.Count
                    && versions.Select(v => $"{type}/{chart.Id} {v}").SequenceEqual(json["entry"]!.AsArray().Select(VersionOf)), $"{rights}\n{type}/{chart.Id}/_history: expected {string.Join(", ", versions)}, got {status} {json?.ToJsonString()}");
            }
        }
    }

    /// <summary>The place in the feed before what is written next. It is the name's, whatever their rights are then.</summary>
    private async Task<string> FeedAsync()
    {
        var (_, json) = await Server.AskAsync(AccessServer.With(AccessPlan.Everything), "GET", "_history?_count=0");
        return json!["link"]!.AsArray().Single(l => l!["relation"]!.GetValue<string>() == "feed")!["url"]!.GetValue<string>()[AccessServer.Base.Length..].TrimStart('/');
    }

    /// <summary>As many pages as hold what is written by now: the last one may be followed for ever.</summary>
    private async Task FollowAsync(Clinic clinic, Rights rights, Caller caller, string feed)
    {
        var expected = clinic.Charts.Where(c => rights.To(c.Type).Allows(Interaction.History)).SelectMany(c => rights.VersionsOf(c, Interaction.History).Select(v => (Key: $"{c.Type}/{c.Id} {v}", At: c.Written[v - 1])))
            .OrderBy(v => v.At).Select(v => v.Key).ToList();
        var (ids, found) = (clinic.Charts.Select(c => c.Id).ToHashSet(), new List<string>());
        var next = feed + "&_count=40";
        for (var patience = 200; patience > 0;)
        {
            var (status, json) = await Server.AskAsync(caller, "GET", next);
            Assert.Equal(200, status);
            var entries = json!["entry"]?.AsArray() ?? [];
            found.AddRange(entries.Select(VersionOf).Where(v => ids.Contains(v.Split('/', ' ')[1])));
            next = json["link"]!.AsArray().Single(l => l!["relation"]!.GetValue<string>() == "next")!["url"]!.GetValue<string>()[AccessServer.Base.Length..].TrimStart('/');
            if (entries.Count > 0)
                continue;
            if (found.Count >= expected.Count)
                break;
            patience--;
            await Task.Delay(50, TestContext.Current.CancellationToken); // transactions of the tests beside this one hold the horizon of a whole PostgreSQL back
        }

        Assert.True(expected.SequenceEqual(found), $"{rights}\n_history?_after=\nexpected {string.Join(", ", expected)}\ngot      {string.Join(", ", found)}");
        Assert.Equal(400, (await Server.AskAsync(caller with { Name = "another" }, "GET", feed)).Status);
    }

    private static string VersionOf(JsonNode? entry) =>
        $"{entry!["fullUrl"]!.GetValue<string>()[(AccessServer.Base.Length + 1)..]} {entry["response"]!["etag"]!.GetValue<string>().Trim('W', '/', '"')}";

    /// <summary>The whole answer, page by page, in words that do not tell the graph from its copy.</summary>
    private async Task<string> AnswerAsync(Caller caller, string address, string prefix)
    {
        var pages = await PagesAsync(caller, address.Replace("~", prefix, StringComparison.Ordinal));
        if (pages is [var only] && only["status"]?.GetValue<int>() is { } refused)
            return refused.ToString(CultureInfo.InvariantCulture);
        if (pages[0]["data"] is { } data)
            return data.ToJsonString().Replace(prefix, "", StringComparison.Ordinal);
        return string.Join(" | ", pages.Select(page => $"{page["total"]?.ToJsonString()}: {string.Join(", ", (page["entry"]?.AsArray() ?? []).Where(e => e!["search"]?["mode"]?.GetValue<string>() != "outcome").Select(e =>
            $"{e!["search"]?["mode"]} {Plain((JsonObject)e["resource"]!).Replace(prefix, "", StringComparison.Ordinal)}"))}"));
    }

    private async Task<List<JsonNode>> PagesAsync(Caller caller, string address)
    {
        var pages = new List<JsonNode>();
        for (string? next = address; next is not null;)
        {
            var (status, json) = await Server.AskAsync(caller, "GET", next);
            if (status is not 200)
                return [new JsonObject { ["status"] = status, ["of"] = json?.DeepClone() }];
            pages.Add(json!);
            Assert.True(pages.Count < 200, address);
            next = json!["link"]?.AsArray().FirstOrDefault(l => l!["relation"]!.GetValue<string>() == "next")?["url"]?.GetValue<string>()[AccessServer.Base.Length..].TrimStart('/');
        }

        return pages;
    }

    private static string Plain(JsonObject resource)
    {
        var plain = (JsonObject)resource.DeepClone();
        plain.Remove("meta");
        return plain.ToJsonString();
    }
}

public sealed class SqliteAccessPropertyTests(AccessSqlite server) : AccessPropertyTests(server), IClassFixture<AccessSqlite>;

public sealed class PostgresAccessPropertyTests(AccessPostgres server) : AccessPropertyTests(server), IClassFixture<AccessPostgres>;
