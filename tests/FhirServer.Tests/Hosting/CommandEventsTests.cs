using FhirEmr.FhirServer.Hosting;
using FhirEmr.FhirServer.Security.Accounts;

namespace FhirEmr.FhirServer.Tests.Hosting;

/// <summary>What commands did waits in files until a server takes it into the audit.</summary>
[Trait("Requirement", "S-50")]
public sealed class CommandEventsTests : IDisposable
{
    private readonly string keys = Directory.CreateTempSubdirectory("fhir-emr-events-").FullName;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private CommandEvents Events => new(keys, TimeProvider.System);

    [Fact]
    public async Task Each_is_taken_once_the_oldest_first_with_who_sat_there_and_without_a_name()
    {
        await Events.RaiseAsync(new(SecurityEventKind.AccountDisabled, "a", "mina", "cli"), Ct);
        await Events.RaiseAsync(new(SecurityEventKind.RoleAssigned, "b", "jonas", "cli") { Detail = "superuser" }, Ct);
        Assert.All(Files(), file => Assert.DoesNotContain("mina", File.ReadAllText(file), StringComparison.Ordinal));

        var taken = await TakeAsync();

        Assert.Equal([SecurityEventKind.AccountDisabled, SecurityEventKind.RoleAssigned], taken.Select(e => e.Kind));
        Assert.All(taken, e => Assert.Equal(($"{Environment.UserName} at the command line", Environment.MachineName, true), (e.By, e.Address!, e.Succeeded)));
        Assert.StartsWith("superuser, at 2", taken[1].Detail, StringComparison.Ordinal);
        Assert.Empty(await TakeAsync());
    }

    [Fact]
    public async Task Two_servers_take_each_once()
    {
        for (var i = 0; i < 200; i++)
            await Events.RaiseAsync(new(SecurityEventKind.Unlock, $"{i}", null, "cli"), Ct);

        var taken = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(TakeAsync, Ct)));

        Assert.Equal(200, taken.Sum(t => t.Count));
        Assert.Equal(200, taken.SelectMany(t => t).DistinctBy(e => e.UserId).Count());
    }

    [Fact]
    public async Task One_that_the_audit_does_not_take_stays()
    {
        await Events.RaiseAsync(new(SecurityEventKind.Unlock, "a", null, "cli"), Ct);

        await Assert.ThrowsAsync<IOException>(() => Events.TakeAsync(_ => throw new IOException("full"), _ => { }, Ct));

        Assert.Single(await TakeAsync());
    }

    [Fact]
    public async Task One_that_cannot_be_read_is_told()
    {
        await Events.RaiseAsync(new(SecurityEventKind.Unlock, "a", null, "cli"), Ct);
        await File.WriteAllTextAsync(Files().Single(), "{", Ct);

        var told = Assert.Single(await TakeAsync());

        Assert.Equal((SecurityEventKind.CommandUnreadable, false), (told.Kind, told.Succeeded));
        Assert.Empty(Files());
    }

    [Fact]
    public async Task Only_the_servers_own_user_reads_them()
    {
        await Events.RaiseAsync(new(SecurityEventKind.Unlock, "a", null, "cli"), Ct);
        var file = Files().Single();

        if (!OperatingSystem.IsWindows()) // it has no modes
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
    }

    public void Dispose() => Directory.Delete(keys, recursive: true);

    private string[] Files() => Directory.GetFiles(keys, "*", SearchOption.AllDirectories);

    private async Task<List<SecurityEvent>> TakeAsync()
    {
        var taken = new List<SecurityEvent>();
        await Events.TakeAsync(
            happened =>
            {
                taken.Add(happened);
                return Task.CompletedTask;
            },
            _ => { },
            Ct);
        return taken;
    }
}
