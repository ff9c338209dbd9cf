using FhirEmr.FhirServer.Security.Audit;
using FhirEmr.FhirServer.Security.Encryption;
using FhirEmr.FhirServer.Storage;
using FhirEmr.FhirServer.Storage.Reindex;

namespace FhirEmr.FhirServer.Hosting.Cli;

/// <summary>This installation's store and services without the web host, for commands.</summary>
internal sealed class LocalStore : IAsyncDisposable
{
    private readonly ServiceProvider provider;

    private LocalStore(ServiceProvider provider) => this.provider = provider;

    public IServiceProvider Services => provider;

    public static async Task<LocalStore> OpenAsync(string[] settings, CancellationToken ct, Action<IServiceCollection>? more = null)
    {
        var configuration = Configuration(settings);
        var services = new ServiceCollection();
        services.AddLogging(log => log.AddSimpleConsole(c => c.SingleLine = true).SetMinimumLevel(LogLevel.Warning));
        services.AddSingleton<IConfiguration>(configuration);
        services.AddFhirEmr(configuration);
        more?.Invoke(services);
        var store = new LocalStore(services.BuildServiceProvider());
        store.Services.GetRequiredService<EncryptionKeys>().Start();
        await store.Services.GetRequiredService<IResourceStore>().StartAsync(ct);
        var audit = store.Services.GetRequiredService<AuditLog>();
        await audit.ReadyAsync();
        await audit.RecordAsync(CliRecord.Of(CliRecord.Command, isSuccess: true, "The command was started."));
        await store.Services.GetRequiredService<CustomParameterRegistry>().StartAsync(ct);
        await PracticeZone.CompareAsync(store.Services, ct);
        return store;
    }

    /// <summary>The settings of the server, as a command sees them.</summary>
    public static IConfigurationRoot Configuration(string[] settings) => new ConfigurationBuilder()
        .AddJsonFile(Path.Combine(AppContext.BaseDirectory, "appsettings.json"), optional: true)
        .AddEnvironmentVariables("FHIREMR__")
        .AddCommandLine(settings)
        .Build();

    public ValueTask DisposeAsync() => provider.DisposeAsync();
}
