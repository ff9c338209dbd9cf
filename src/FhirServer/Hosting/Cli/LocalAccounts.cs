using FhirEmr.FhirServer.Security.Accounts;

namespace FhirEmr.FhirServer.Hosting.Cli;

/// <summary>This installation's accounts and keys without its records: commands on them run beside a running server.</summary>
internal sealed class LocalAccounts : IAsyncDisposable
{
    private readonly ServiceProvider provider;

    private LocalAccounts(ServiceProvider provider) => this.provider = provider;

    public IServiceProvider Services => provider;

    public static async Task<LocalAccounts> OpenAsync(string[] settings, CancellationToken ct)
    {
        var configuration = LocalStore.Configuration(settings);
        var services = new ServiceCollection();
        services.AddLogging(log => log.AddSimpleConsole(c => c.SingleLine = true).SetMinimumLevel(LogLevel.Warning));
        services.AddSingleton<IConfiguration>(configuration);
        services.AddFhirEmr(configuration);
        var accounts = new LocalAccounts(services.BuildServiceProvider());
        await accounts.Services.GetRequiredService<AccountsDatabase>().StartAsync(ct);
        return accounts;
    }

    public ValueTask DisposeAsync() => provider.DisposeAsync();
}
