using FhirEmr.FhirServer.Hosting.Smart;
using FhirEmr.FhirServer.Security.Accounts;
using FhirEmr.FhirServer.Storage;

namespace FhirEmr.FhirServer.Hosting.Cli;

/// <summary>This installation's accounts without its records, for commands: they work beside a running server.</summary>
internal sealed class LocalAccounts : IAsyncDisposable
{
    /// <summary>Who did it, where a user would be named.</summary>
    public const string By = "cli";

    private readonly ServiceProvider provider;

    private LocalAccounts(ServiceProvider provider, IConfiguration configuration) => (this.provider, Configuration) = (provider, configuration);

    public IServiceProvider Services => provider;

    public IConfiguration Configuration { get; }

    /// <exception cref="CliException">People sign in elsewhere.</exception>
    public static async Task<LocalAccounts> OpenAsync(string[] settings, CancellationToken ct)
    {
        var configuration = LocalStore.Configuration(settings);
        if (AuthOptions.Fault(configuration) is { } fault)
            throw new CliException(fault);
        if (configuration["Auth:Mode"] == AuthOptions.External)
            throw new CliException("Auth:Mode is external: users are kept by the issuer that Auth:Authority names.");

        var services = new ServiceCollection();
        services.AddLogging(log => log.AddSimpleConsole(c => c.SingleLine = true).SetMinimumLevel(LogLevel.Warning));
        services.AddSingleton<IConfiguration>(configuration);
        services.AddSingleton(TimeProvider.System);
        services.AddOptions<StorageOptions>().Bind(configuration.GetSection("Storage"));
        services.AddOptions<ServerOptions>().Bind(configuration.GetSection("Server"));
        services.AddSingleton<ISecurityEvents>(new CommandEvents(AccountsServices.KeysFolder(configuration), TimeProvider.System));
        services.AddAccounts(configuration);
        services.AddSmartHosting(configuration);
        var accounts = new LocalAccounts(services.BuildServiceProvider(), configuration);
        try
        {
            await accounts.Services.GetRequiredService<AccountsDatabase>().StartAsync(ct);
        }
        catch
        {
            await accounts.DisposeAsync();
            throw;
        }

        return accounts;
    }

    public T Get<T>() where T : notnull => provider.GetRequiredService<T>();

    /// <summary>The address of a set-up link, as people outside see the server.</summary>
    public string SetUpUrl(string token)
    {
        var address = Configuration["Server:BaseUrl"] is { Length: > 0 } configured
            ? configured.TrimEnd('/') is var url && url.EndsWith(FhirEndpoint.BasePath, StringComparison.Ordinal) ? url[..^FhirEndpoint.BasePath.Length] : url
            : (Configuration["urls"] ?? WebHost.DefaultUrl).Split(';')[0].TrimEnd('/');
        return $"{address}/account/set-up?token={token}";
    }

    public ValueTask DisposeAsync() => provider.DisposeAsync();
}
