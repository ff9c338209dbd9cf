using FhirEmr.Conformance.Tests.Hosting;
using FhirEmr.FhirServer.Security.Accounts.Schema;
using FhirEmr.FhirServer.Security.Accounts.SignIn;
using FhirEmr.FhirServer.Security.Accounts.Users;
using FhirEmr.FhirServer.Tests.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace FhirEmr.Conformance.Tests.Security.Accounts;

/// <summary>A server with two users: a patient, who signs in by password, and an administrator, who has to enrol first.</summary>
public abstract class AccountServer(PostgresCluster? cluster) : ServerFixture(cluster)
{
    internal const string Password = "tundra kettle violin";

    /// <summary>Without the FHIR base.</summary>
    public string Root => BaseUrl[..^"/fhir".Length];

    public Task AddPatientAsync(string name) => AddAsync(name, AccountKind.Patient);

    public async Task AddAdministratorAsync(string name)
    {
        await AddAsync(name, AccountKind.Staff);
        await Services.GetRequiredService<RoleAssignments>().AssignToUserAsync(name, "practice-admin", null, null, null, null, "test", CancellationToken.None);
    }

    /// <summary>Token of a link to set up an account.</summary>
    public Task<string> AddWithLinkAsync(string name) =>
        Services.GetRequiredService<UserDirectory>().AddAsync(new(name, "Dov <Rosen>", AccountKind.Staff, null), "test", CancellationToken.None);

    private async Task AddAsync(string name, AccountKind kind)
    {
        var hash = await Services.GetRequiredService<Passwords>().HashAsync(Password, CancellationToken.None);
        await Services.GetRequiredService<UserDirectory>().AddOrReplaceAsync(new(name, "Alma Abernathy", kind, null), hash, "test", CancellationToken.None);
    }
}

public sealed class SqliteAccountServer() : AccountServer(null);

public sealed class PostgresAccountServer(PostgresCluster cluster) : AccountServer(cluster);
