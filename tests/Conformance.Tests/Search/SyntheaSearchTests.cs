using FhirEmr.Conformance.Tests.Hosting;

namespace FhirEmr.Conformance.Tests.Search;

/// <summary>Searches over real records whose totals equal a count over the input files.</summary>
public abstract class SyntheaSearchTests(SyntheaServer server) : OnServer(server)
{
    private IReadOnlyList<SyntheaRecord> Records => server.Records;

    /// <summary>Some patients, the same each time.</summary>
    private IEnumerable<SyntheaRecord> SomePatients => Records.Where(r => r.Type == "Patient").OrderBy(r => r.Id, StringComparer.Ordinal).Where((_, i) => i % 9 == 0);

    [Fact]
    public void The_records_load_without_an_error()
    {
        Assert.Empty(server.FirstLoad!.Faults);
        Assert.Equal(SharedData.Synthea.Count, server.FirstLoad.Files);
        Assert.True(server.FirstLoad.Resources >= Records.Count);
    }

    [Fact]
    public async Task Loading_them_twice_changes_no_count()
    {
        var before = await CountsAsync();
        var versions = await TotalAsync("Observation/_history?_count=1");
        Assert.Equal(Records.CountBy(r => r.Type).OrderBy(c => c.Key, StringComparer.Ordinal).Select(c => $"{c.Key} {c.Value}"), before);

        var again = await server.LoadAsync();

        Assert.Empty(again.Faults);
        Assert.Equal(before, await CountsAsync());
        Assert.Equal(versions, await TotalAsync("Observation/_history?_count=1"));
    }

    [Fact]
    public async Task Observations_of_a_patient_by_code_newest_first()
    {
        foreach (var patient in SomePatients)
        {
            var own = Records.Where(r => r.Type == "Observation" && r.Patient == patient.Id).ToArray();
            foreach (var code in own.SelectMany(o => o.Codes).CountBy(c => c).OrderByDescending(c => c.Value).ThenBy(c => c.Key, StringComparer.Ordinal).Take(2).Select(c => c.Key))
            {
                var expected = own.Where(o => o.Codes.Contains(code)).ToDictionary(o => o.Id);
                var found = await AllAsync($"Observation?patient={patient.Id}&code={Uri.EscapeDataString(code)}&_sort=-date", expected.Count);

                Assert.Equal(expected.Keys.Order(StringComparer.Ordinal), found.Order(StringComparer.Ordinal));
                var times = found.Select(id => expected[id].At!.Value).ToArray();
                Assert.Equal(times.OrderDescending(), times);
            }
        }
    }

    [Fact]
    public async Task Patients_by_the_beginning_of_a_name()
    {
        foreach (var start in SomePatients.SelectMany(p => p.Names).Select(n => n[..Math.Min(3, n.Length)]).Where(s => s.All(char.IsAsciiLetter)).Distinct())
        {
            var expected = Records.Where(r => r.Type == "Patient" && r.Names.Any(n => n.StartsWith(start, StringComparison.Ordinal))).Select(r => r.Id);
            await FindsAsync($"Patient?name={start}", expected);
        }
    }

    [Theory]
    [InlineData("1990-01-01")]
    [InlineData("2010-06-15")]
    [InlineData("2017-03-01")]
    [InlineData("2099-01-01")]
    public Task Finished_encounters_from_a_day_on(string day) => FindsAsync(
        $"Encounter?date=ge{day}&status=finished",
        Records.Where(r => r.Type == "Encounter" && r.Status == "finished" && r.Days is var (first, last)
            && (string.CompareOrdinal(first, day) >= 0 || string.CompareOrdinal(last, day) > 0)).Select(r => r.Id));

    [Fact]
    public async Task Claims_of_a_patient()
    {
        foreach (var patient in SomePatients)
            await FindsAsync($"Claim?patient={patient.Id}", Records.Where(r => r.Type == "Claim" && r.Patient == patient.Id).Select(r => r.Id));
    }

    [Fact]
    public async Task Benefits_of_a_patient_with_all_they_refer_to()
    {
        foreach (var patient in SomePatients.Take(5))
        {
            var expected = Records.Where(r => r.Type == "ExplanationOfBenefit" && r.Patient == patient.Id).ToDictionary(r => r.Id);
            var reply = await Server.GetAsync($"ExplanationOfBenefit?patient={patient.Id}&_include=*&_count=25&_total=accurate");

            Assert.Equal(expected.Count, reply.Json["total"]!.GetValue<int>());
            var shown = reply.Ids.Select(id => expected[id]).ToArray();
            Assert.Equal(Math.Min(25, expected.Count), shown.Length);
            var included = reply.Entries.Where(e => e["search"]!["mode"]!.GetValue<string>() == "include").Select(e => $"{e["resource"]!["resourceType"]}/{e["resource"]!["id"]}");
            Assert.Equal(shown.SelectMany(e => e.References).Distinct().Order(StringComparer.Ordinal), included.Order(StringComparer.Ordinal));
        }
    }

    [Fact]
    public async Task Observations_through_the_name_of_their_patient()
    {
        foreach (var name in SomePatients.Take(4).Select(p => p.Names[^1]))
        {
            var patients = Records.Where(r => r.Type == "Patient" && r.Names.Any(n => n.StartsWith(name, StringComparison.Ordinal))).Select(r => r.Id).ToHashSet();
            var expected = Records.Count(r => r.Type == "Observation" && r.Patient is { } of && patients.Contains(of));
            Assert.Equal(expected, await TotalAsync($"Observation?patient.name={Uri.EscapeDataString(name)}&_summary=count"));
        }
    }

    private async Task FindsAsync(string query, IEnumerable<string> expected)
    {
        var ids = expected.Order(StringComparer.Ordinal).ToArray();
        Assert.Equal(ids, (await AllAsync(query, ids.Length)).Order(StringComparer.Ordinal));
    }

    /// <summary>All pages; the total on each is right.</summary>
    private async Task<List<string>> AllAsync(string query, int expected)
    {
        var ids = new List<string>();
        for (var next = query + "&_count=500&_total=accurate"; next is not null;)
        {
            var page = await Server.GetAsync(next);
            Assert.True(page.Status == 200, page.Body);
            Assert.Equal(expected, page.Json["total"]!.GetValue<int>());
            ids.AddRange(page.Ids);
            next = page.Next;
        }

        return ids;
    }

    private async Task<IReadOnlyList<string>> CountsAsync()
    {
        var counts = new List<string>();
        foreach (var type in Records.Select(r => r.Type).Distinct().Order(StringComparer.Ordinal))
            counts.Add($"{type} {await TotalAsync($"{type}?_summary=count")}");
        return counts;
    }

    private async Task<int> TotalAsync(string query) => (await Server.GetAsync(query)).Json["total"]!.GetValue<int>();
}

public sealed class SqliteSyntheaSearchTests(SqliteSynthea server) : SyntheaSearchTests(server), IClassFixture<SqliteSynthea>;

public sealed class PostgresSyntheaSearchTests(PostgresSynthea server) : SyntheaSearchTests(server), IClassFixture<PostgresSynthea>;
