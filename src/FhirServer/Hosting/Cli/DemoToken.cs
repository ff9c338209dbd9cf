using FhirEmr.FhirServer.Security.Access.Roles;
using FhirEmr.FhirServer.Security.Access.Scopes;
using FhirEmr.FhirServer.Security.Accounts.Schema;
using FhirEmr.FhirServer.Security.Smart.Clients;
using FhirEmr.FhirServer.Security.Smart.Tokens;
using FhirEmr.FhirServer.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace FhirEmr.FhirServer.Hosting.Cli;

/// <summary>The one ready-made token of <c>serve --demo</c>: a back-end client that may do everything, for a day, told to whoever started the server.</summary>
internal static class DemoToken
{
    public const string FileName = "demo-token";
    public const string ClientId = "demo-administrator";

    /// <summary>A demo is over in a day; an empty one for measurements too.</summary>
    private static readonly TimeSpan Life = TimeSpan.FromDays(1);

    private static readonly string[] Scopes = ["system/*.cruds", SmartScopes.Rights];

    public static string PathOf(string dataFolder) => Path.Combine(dataFolder, FileName);

    public static async Task<string> WriteAsync(IServiceProvider services, CancellationToken ct)
    {
        var registry = services.GetRequiredService<ClientRegistry>();
        if (await registry.FindAsync(ClientId, ct) is null)
            await RegisterAsync(services, ct);
        var token = await services.GetRequiredService<TokenMint>().MakeAsync(ClientId, ClientId, Scopes, Life);
        var file = PathOf(services.GetRequiredService<IOptions<StorageOptions>>().Value.DataFolder);
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        File.Delete(file); // the mode of a file that is there would stay
        await using var writer = new StreamWriter(new FileStream(file, options));
        await writer.WriteAsync(token.AsMemory(), ct);
        return token;
    }

    /// <summary>Without keys: nobody can ask for further tokens in its name.</summary>
    private static async Task RegisterAsync(IServiceProvider services, CancellationToken ct)
    {
        var now = services.GetRequiredService<TimeProvider>().GetUtcNow();
        await using var scope = services.CreateAsyncScope();
        var applications = scope.ServiceProvider.GetRequiredService<OpenIddict.Abstractions.IOpenIddictApplicationManager>();
        if (await applications.FindByClientIdAsync(ClientId, ct) is null)
            await applications.CreateAsync(new OpenIddict.Abstractions.OpenIddictApplicationDescriptor
            {
                ClientId = ClientId,
                DisplayName = "Whoever started the demo",
                ClientType = OpenIddict.Abstractions.OpenIddictConstants.ClientTypes.Confidential,
                JsonWebKeySet = ClientRegistry.NobodysKeys(),
            }, ct);
        await using var accounts = await services.GetRequiredService<IDbContextFactory<AccountsContext>>().CreateDbContextAsync(ct);
        accounts.Add(new ClientProfile { ClientId = ClientId, Kind = ClientKind.System, AllowedScopes = string.Join(' ', Scopes), ChangedAt = now, ChangedBy = "demo" });
        accounts.Add(new RoleAssignment { SubjectKind = SubjectKind.Client, Subject = ClientId, RoleName = BuiltInRoles.Superuser.Name, From = now, AssignedBy = "demo" });
        await accounts.SaveChangesAsync(ct);
    }
}
