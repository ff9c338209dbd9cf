using System.Collections.Concurrent;
using FhirEmr.Conformance.Tests.Hosting;

namespace FhirEmr.Conformance.Tests.Integrity;

/// <summary>Whatever was asked at an instant gets the same answer with <c>_asOf</c> later, entry by entry and version by version.</summary>
public abstract class PastTests(PastServer server) : OnServer(server)
{
    [Fact]
    public async Task Every_search_gets_the_answer_it_got_then()
    {
        var differences = new ConcurrentBag<string>();
        await Parallel.ForEachAsync(server.Answers.Where((_, i) => i % 2 == 0), new ParallelOptions { MaxDegreeOfParallelism = 4, CancellationToken = TestContext.Current.CancellationToken }, async (asked, _) =>
        {
            var query = $"{asked.Query}{(asked.Query.Contains('?', StringComparison.Ordinal) ? '&' : '?')}_asOf={server.Then}";
            var answer = await server.AskAsync(query);
            if (answer is null)
                differences.Add($"{query}: {(await server.GetAsync(query)).Body}");
            else if (answer.Total != asked.Answer.Total || !answer.Entries.SequenceEqual(asked.Answer.Entries))
                differences.Add($"{query}: {answer.Total} [{string.Join(", ", answer.Entries)}], and then it was {asked.Answer.Total} [{string.Join(", ", asked.Answer.Entries)}]");
        });

        Assert.True(differences.IsEmpty, $"{differences.Count} of {server.Answers.Count}:\n{string.Join('\n', differences.Select(d => d.Length > 900 ? d[..900] : d).Take(15))}");
        Assert.True(server.Answers.Count > 1000 && server.Answers.Count(a => a.Answer.Entries.Count > 0) > 500, $"Only {server.Answers.Count} searches were compared.");
    }

    [Fact]
    public async Task What_changed_since_then_is_found_differently_now()
    {
        var differ = 0;
        foreach (var (query, then) in server.Answers.Take(300))
            if (await server.AskAsync(query) is not { } now || now.Total != then.Total || !now.Entries.SequenceEqual(then.Entries))
                differ++;

        Assert.True(differ > 100, $"Only {differ} of 300 answers are other ones now: the record did not go on.");
    }
}

public sealed class SqlitePastTests(PastSqlite server) : PastTests(server), IClassFixture<PastSqlite>;

public sealed class PostgresPastTests(PastPostgres server) : PastTests(server), IClassFixture<PastPostgres>;
