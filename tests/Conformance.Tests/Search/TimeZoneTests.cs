using System.Globalization;
using FhirEmr.Conformance.Tests.Hosting;
using FhirEmr.FhirServer.Hosting;
using FhirEmr.FhirServer.Hosting.Cli;
using FhirEmr.FhirServer.Tests.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace FhirEmr.Conformance.Tests.Search;

/// <summary>A practice in New York: a date without a time is a day there.</summary>
public abstract class TimeZoneTests(ServerFixture fixture) : OnServer(fixture)
{
    [Theory]
    [InlineData("2024-03-10", "2024-03-10T04:59:59Z", false)] // the day clocks go forward begins at -05:00
    [InlineData("2024-03-10", "2024-03-10T05:00:00Z", true)]
    [InlineData("2024-03-10", "2024-03-11T03:59:59Z", true)] // and ends at -04:00
    [InlineData("2024-03-10", "2024-03-11T04:00:00Z", false)]
    [InlineData("2024-11-03", "2024-11-03T03:59:59Z", false)] // the day they go back begins at -04:00
    [InlineData("2024-11-03", "2024-11-03T04:00:00Z", true)]
    [InlineData("2024-11-03", "2024-11-04T04:59:59Z", true)] // and has 25 hours
    [InlineData("2024-11-03", "2024-11-04T05:00:00Z", false)]
    [InlineData("2024-02", "2024-03-01T04:59:59Z", true)]
    [InlineData("2024-02", "2024-02-01T04:59:59Z", false)]
    [InlineData("2023", "2024-01-01T04:59:59Z", true)]
    [InlineData("2023", "2024-01-01T05:00:00Z", false)]
    public async Task A_day_month_or_year_holds_the_instants_it_has_in_New_York(string recorded, string instant, bool holds)
    {
        var mark = await ObserveAsync(recorded);

        var isAfter = (await Server.GetAsync($"Observation?_tag={mark}&date=sa{instant}")).Ids.Count;
        var isBefore = (await Server.GetAsync($"Observation?_tag={mark}&date=eb{instant}")).Ids.Count;

        Assert.Equal(holds ? 0 : 1, isAfter + isBefore);
    }

    [Theory]
    [InlineData("2024-03-10T23:30:00-04:00", "2024-03-10", true)] // 03:30 of the next day in UTC
    [InlineData("2024-03-10T23:30:00-04:00", "2024-03-11", false)]
    [InlineData("2024-02-29T23:59:59-05:00", "2024-02", true)]
    [InlineData("2023-12-31T23:59:59-05:00", "2023", true)]
    [InlineData("2023-12-31T23:59:59-05:00", "2024", false)]
    [InlineData("2024-05-01T01:00:00+09:00", "2024-05-01", true)] // the day it was where it took place
    public async Task A_date_without_a_time_finds_the_local_day_as_written(string recorded, string asked, bool found)
    {
        var mark = await ObserveAsync(recorded);

        Assert.Equal(found ? 1 : 0, (await Server.GetAsync($"Observation?_tag={mark}&date={asked}")).Ids.Count);
    }

    [Fact]
    public async Task A_history_reads_days_and_times_without_an_offset_as_those_of_New_York()
    {
        var made = await Server.PostAsync("Patient", """{"resourceType":"Patient"}""");
        var updated = DateTimeOffset.Parse(made.Json["meta"]!["lastUpdated"]!.GetValue<string>(), CultureInfo.InvariantCulture);
        var there = TimeZoneInfo.ConvertTime(updated, TimeZoneInfo.FindSystemTimeZoneById("America/New_York"));
        async Task<int> CountAsync(string query) => (await Server.GetAsync($"Patient/{made.Id}/_history?{query}")).Entries.Count;

        Assert.Equal(1, await CountAsync($"_since={there.AddMinutes(-1):yyyy-MM-ddTHH:mm:ss}"));
        Assert.Equal(0, await CountAsync($"_since={there.AddMinutes(1):yyyy-MM-ddTHH:mm:ss}"));
        Assert.Equal(0, await CountAsync($"_at={there.AddMinutes(-1):yyyy-MM-ddTHH:mm:ss}"));
        Assert.Equal(1, await CountAsync($"_at={there:yyyy-MM-dd}"));
        Assert.Equal(0, await CountAsync($"_at={there.AddDays(-1):yyyy-MM-dd}"));
    }

    private async Task<string> ObserveAsync(string effective)
    {
        var mark = "z" + Guid.NewGuid().ToString("N");
        var reply = await Server.PostAsync("Observation", $$"""{"resourceType":"Observation","meta":{"tag":[{"code":"{{mark}}"}]},"status":"final","code":{"text":"x"},"effectiveDateTime":"{{effective}}"}""");
        Assert.True(reply.Status == 201, reply.Body);
        return mark;
    }
}

public sealed class SqliteTimeZoneTests(NewYorkSqlite server) : TimeZoneTests(server), IClassFixture<NewYorkSqlite>;

public sealed class PostgresTimeZoneTests(NewYorkPostgres server) : TimeZoneTests(server), IClassFixture<NewYorkPostgres>;

public sealed class NewYorkSqlite() : NewYorkServer(null);

public sealed class NewYorkPostgres(PostgresCluster cluster) : NewYorkServer(cluster);

public abstract class NewYorkServer(PostgresCluster? cluster) : ServerFixture(cluster)
{
    protected override IReadOnlyDictionary<string, string?> Settings => new Dictionary<string, string?> { ["Server:TimeZone"] = "America/New_York" };
}

public sealed class TimeZoneSettingTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("fhir-emr-test-");

    [Theory]
    [InlineData("America/New_Yorck", "Did you mean 'America/New_York'?")]
    [InlineData("Eastern Standard Time", "IANA id")]
    public void A_zone_that_is_none_is_refused_at_start_with_the_fix(string id, string fix) =>
        Assert.Contains(fix, Assert.Throws<CliException>(() => WebHost.CreateBuilder([], Settings(id))).Message, StringComparison.Ordinal);

    [Fact]
    public async Task A_changed_zone_is_noticed_at_start()
    {
        Assert.Empty(await StartAsync("America/New_York"));
        Assert.Empty(await StartAsync("America/New_York"));
        Assert.Contains("written in America/New_York", Assert.Single(await StartAsync("Europe/Berlin")), StringComparison.Ordinal);
    }

    public void Dispose() => folder.Delete(recursive: true);

    private async Task<IReadOnlyList<string>> StartAsync(string zone)
    {
        var builder = WebHost.CreateBuilder([], Settings(zone));
        var heard = new Warnings();
        builder.Services.AddSingleton<ILoggerProvider>(heard);
        await using var app = await WebHost.BuildAsync(builder, TestContext.Current.CancellationToken);
        return heard.Lines;
    }

    private Dictionary<string, string?> Settings(string zone) => new()
    {
        ["urls"] = "http://127.0.0.1:0",
        ["Storage:Provider"] = "sqlite",
        ["Storage:DataFolder"] = folder.FullName,
        ["Server:TimeZone"] = zone,
    };

    private sealed class Warnings : ILoggerProvider, ILogger
    {
        public List<string> Lines { get; } = [];

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel) && formatter(state, exception) is var line && line.StartsWith("Server:TimeZone", StringComparison.Ordinal))
                Lines.Add(line);
        }

        public void Dispose()
        {
        }
    }
}
