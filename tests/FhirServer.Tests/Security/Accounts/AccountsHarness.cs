using FhirEmr.FhirServer.Security.Accounts;
using FhirEmr.FhirServer.Security.Accounts.Schema;
using FhirEmr.FhirServer.Security.Accounts.Users;
using FhirEmr.FhirServer.Storage;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace FhirEmr.FhirServer.Tests.Security.Accounts;

/// <summary>Accounts on a fresh database of one engine, with a clock that the test moves and a list of what the audit was told.</summary>
internal sealed class AccountsHarness : IAsyncDisposable, ISecurityEvents
{
    private readonly string folder = Directory.CreateTempSubdirectory("fhir-emr-accounts-").FullName;
    private readonly ServiceProvider services;

    private AccountsHarness(string? connectionString, string mode)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Storage:Provider"] = connectionString is null ? "sqlite" : "postgres",
            ["Storage:ConnectionString"] = connectionString ?? "",
            ["Storage:DataFolder"] = folder,
            ["Auth:Mode"] = mode,
        }).Build();
        var collection = new ServiceCollection();
        collection.AddLogging();
        collection.AddSingleton<IConfiguration>(configuration);
        collection.AddSingleton<TimeProvider>(Clock);
        collection.AddSingleton<ISecurityEvents>(this);
        collection.AddOptions<StorageOptions>().Bind(configuration.GetSection("Storage"));
        collection.AddAccounts(configuration);
        services = collection.BuildServiceProvider();
    }

    public MovableClock Clock { get; } = new();

    public List<SecurityEvent> Events { get; } = [];

    public string Folder => folder;

    public static async Task<AccountsHarness> StartAsync(string? connectionString = null, string mode = AuthOptions.Embedded)
    {
        var harness = new AccountsHarness(connectionString, mode);
        await harness.Get<AccountsDatabase>().StartAsync(CancellationToken.None);
        return harness;
    }

    public T Get<T>() where T : notnull => services.GetRequiredService<T>();

    public AccountsContext Open() => Get<AccountsDatabase>().CreateDbContext();

    /// <summary>A user with a password.</summary>
    public async Task AddAsync(string name, string password, AccountKind kind = AccountKind.Patient, params string[] roles)
    {
        var hash = await Get<FhirServer.Security.Accounts.SignIn.Passwords>().HashAsync(password, CancellationToken.None);
        await Get<UserDirectory>().AddOrReplaceAsync(new(name, "Somebody", kind, null), hash, "test", CancellationToken.None);
        foreach (var role in roles)
            await Get<RoleAssignments>().AssignToUserAsync(name, role, null, null, null, null, "test", CancellationToken.None);
    }

    public ValueTask RaiseAsync(SecurityEvent happened, CancellationToken ct)
    {
        lock (Events)
            Events.Add(happened);
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await services.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }
}
