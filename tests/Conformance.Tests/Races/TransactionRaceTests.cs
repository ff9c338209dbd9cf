using System.Collections.Concurrent;
using System.Globalization;
using FhirEmr.Conformance.Tests.Hosting;

namespace FhirEmr.Conformance.Tests.Races;

/// <summary>Transactions that want the same resources: no deadlock shows, money is kept, readers see all of a transaction or nothing (reliability ).</summary>
public abstract class TransactionRaceTests(ServerFixture fixture) : OnServer(fixture)
{
    private const int Accounts = 8;
    private const int Sum = Accounts * 100;

    private readonly string mark = Guid.NewGuid().ToString("N")[..12];

    [Fact]
    public async Task Entries_in_any_order_make_no_deadlock()
    {
        await OpenAsync();
        var statuses = await Crowd.RunAsync(async i =>
        {
            var random = new Random(i);
            var all = new List<Reply>();
            for (var round = 0; round < 4; round++)
                all.Add(await PostAsync(Enumerable.Range(0, Accounts).OrderBy(_ => random.Next()).Take(5).Select(a => Put(a, (i * 10) + round, null))));
            return all;
        });

        // Whole units are tried again inside; what still loses says so and may be sent again.
        Assert.All(statuses.SelectMany(s => s), r => Assert.True(r.Status is 200 or 409, r.Body));
        Assert.Contains(statuses.SelectMany(s => s), r => r.Status == 200);
        foreach (var account in Enumerable.Range(0, Accounts))
            await Versions.CheckAsync(Server, Key(account), (await Server.GetAsync($"{Key(account)}/_history?_count=0")).Json["total"]!.GetValue<int>());
    }

    [Fact]
    public async Task Transfers_keep_the_sum_and_no_reader_sees_half_of_one()
    {
        await OpenAsync();
        var done = 0;
        var writers = Crowd.RunAsync(async i =>
        {
            var random = new Random(i);
            for (var transfers = 0; transfers < 3;)
            {
                var (from, to) = (random.Next(Accounts), random.Next(Accounts - 1));
                to = to >= from ? to + 1 : to;
                var (a, b) = (await Server.GetAsync(Key(from)), await Server.GetAsync(Key(to)));
                var amount = random.Next(1, 20);
                var reply = await PostAsync([Put(from, Balance(a) - amount, Versions.Of(a)), Put(to, Balance(b) + amount, Versions.Of(b))]);
                Assert.True(reply.Status is 200 or 412 or 409, reply.Body);
                if (reply.Status == 200)
                    transfers++;
            }

            return Interlocked.Increment(ref done);
        });

        var sums = new ConcurrentBag<int>();
        while (!writers.IsCompleted)
        {
            var read = await Server.GetAsync($"Observation?_tag={mark}&_count={Accounts}");
            Assert.Equal(Accounts, read.Entries.Count);
            sums.Add(read.Entries.Sum(e => e["resource"]!["valueInteger"]!.GetValue<int>()));
        }

        await writers;
        Assert.NotEmpty(sums);
        Assert.All(sums, s => Assert.Equal(Sum, s));
        Assert.Equal(Sum, (await Server.GetAsync($"Observation?_tag={mark}&_count={Accounts}")).Entries.Sum(e => e["resource"]!["valueInteger"]!.GetValue<int>()));
        var versions = 0;
        foreach (var account in Enumerable.Range(0, Accounts))
            versions += (await Server.GetAsync($"{Key(account)}/_history?_count=0")).Json["total"]!.GetValue<int>() - 1;
        Assert.Equal(Crowd.Size * 3 * 2, versions);
    }

    [Fact]
    public async Task Deletes_and_references_to_the_deleted_do_not_both_win()
    {
        var enforced = (await Server.GetAsync("metadata")).Json["rest"]![0]!["resource"]!.AsArray().First(r => r!["type"]!.GetValue<string>() == "Patient")!["referencePolicy"]!.AsArray().Any(p => p!.GetValue<string>() == "enforced");
        foreach (var round in Enumerable.Range(0, 6))
        {
            var patient = $"{mark}-p{round}";
            Assert.Equal(201, (await Server.PutAsync($"Patient/{patient}", $$"""{"resourceType":"Patient","id":"{{patient}}","active":true}""")).Status);
            var replies = await Crowd.RunAsync(i => Crowd.TimedAsync(() => i == 16
                ? Server.DeleteAsync($"Patient/{patient}")
                : Server.PostAsync("Observation", $$$"""{"resourceType":"Observation","status":"final","code":{"text":"x"},"subject":{"reference":"Patient/{{{patient}}}"}}""")));

            var (delete, _, deleted) = replies[16];
            var creates = replies.Where((_, i) => i != 16).ToArray();
            Assert.True(delete.Status is 204 or 200 or 409, delete.Body);
            Assert.All(creates, c => Assert.True(c.Answer.Status is 201 or 422 or 409, c.Answer.Body));
            var isDeleted = delete.Status != 409;
            if (isDeleted)
                Assert.All(creates.Where(c => c.From > deleted), c => Assert.NotEqual(201, c.Answer.Status));
            if (isDeleted && enforced)
                Assert.DoesNotContain(creates, c => c.Answer.Status == 201);
        }
    }

    private async Task OpenAsync()
    {
        foreach (var account in Enumerable.Range(0, Accounts))
            Assert.Equal(200, (await PostAsync([Put(account, 100, null)])).Status);
    }

    private string Key(int account) => $"Observation/{mark}-{account}";

    private static int Balance(Reply account) => account.Json["valueInteger"]!.GetValue<int>();

    private string Put(int account, int balance, int? expected) => $$$"""
        {"resource":{"resourceType":"Observation","id":"{{{mark}}}-{{{account}}}","meta":{"tag":[{"code":"{{{mark}}}"}]},"status":"final","code":{"text":"balance"},"valueInteger":{{{balance}}}},
         "request":{"method":"PUT","url":"{{{Key(account)}}}"{{{(expected is null ? "" : string.Create(CultureInfo.InvariantCulture, $",\"ifMatch\":\"W/\\\"{expected}\\\"\""))}}}}}
        """;

    private Task<Reply> PostAsync(IEnumerable<string> entries) => Server.PostAsync("", $$"""{"resourceType":"Bundle","type":"transaction","entry":[{{string.Join(',', entries)}}]}""");
}

public sealed class SqliteTransactionRaceTests(SqliteServer server) : TransactionRaceTests(server), IClassFixture<SqliteServer>;

public sealed class PostgresTransactionRaceTests(PostgresServer server) : TransactionRaceTests(server), IClassFixture<PostgresServer>;
