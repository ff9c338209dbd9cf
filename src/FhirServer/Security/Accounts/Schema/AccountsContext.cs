using Microsoft.AspNetCore.Identity.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace FhirEmr.FhirServer.Security.Accounts.Schema;

/// <summary>Users, sessions, roles, clients and tokens. Plain EF Core: nothing here is asked for per resource.</summary>
/// <remarks>
/// On SQLite a file of its own, so that nobody who signs in waits for the writer of records; on the other engines the schema <c>accounts</c> of
/// the same database.
/// </remarks>
internal abstract class AccountsContext(DbContextOptions options) : IdentityUserContext<Account>(options)
{
    /// <summary>Schema on engines that have schemas.</summary>
    public const string Schema = "accounts";

    public DbSet<AccountSession> Sessions => Set<AccountSession>();

    public DbSet<SessionAuthorization> SessionAuthorizations => Set<SessionAuthorization>();

    public DbSet<SignInThrottle> Throttles => Set<SignInThrottle>();

    public DbSet<AccountPasskey> Passkeys => Set<AccountPasskey>();

    public DbSet<RecoveryCode> RecoveryCodes => Set<RecoveryCode>();

    public DbSet<SetUpLink> SetUpLinks => Set<SetUpLink>();

    public DbSet<Role> Roles => Set<Role>();

    public DbSet<RoleVersion> RoleVersions => Set<RoleVersion>();

    public DbSet<RoleAssignment> RoleAssignments => Set<RoleAssignment>();

    public DbSet<BreakGlassGrant> BreakGlassGrants => Set<BreakGlassGrant>();

    public DbSet<LaunchContext> LaunchContexts => Set<LaunchContext>();

    public DbSet<UsedAssertion> UsedAssertions => Set<UsedAssertion>();

    public DbSet<StoreKey> StoreKeys => Set<StoreKey>();

    public DbSet<ClientProfile> ClientProfiles => Set<ClientProfile>();

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder)
    {
        base.ConfigureConventions(configurationBuilder);

        // SQLite cannot compare a DateTimeOffset: milliseconds mean the same on every engine.
        configurationBuilder.Properties<DateTimeOffset>().HaveConversion<UnixMilliseconds>();
    }

    protected override void OnModelCreating(ModelBuilder builder)
    {
        base.OnModelCreating(builder);
        builder.UseOpenIddict<long>();
        AccountsModel.Describe(builder);
    }

    private sealed class UnixMilliseconds() : ValueConverter<DateTimeOffset, long>(t => t.ToUnixTimeMilliseconds(), ms => DateTimeOffset.FromUnixTimeMilliseconds(ms));
}
