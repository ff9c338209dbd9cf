using FhirEmr.FhirServer.Security.Accounts.Schema;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace FhirEmr.FhirServer.Security.Accounts.SignIn;

/// <summary>As much of an Identity store as its passkey handler reads. It writes nothing: what comes of a ceremony is ours to keep.</summary>
internal sealed class PasskeyStore(AccountsContext accounts) : IUserPasskeyStore<Account>
{
    public Task<string> GetUserIdAsync(Account user, CancellationToken cancellationToken) => Task.FromResult(user.Id);

    public Task<string?> GetUserNameAsync(Account user, CancellationToken cancellationToken) => Task.FromResult(user.UserName);

    public Task<Account?> FindByIdAsync(string userId, CancellationToken cancellationToken) => accounts.Users.FirstOrDefaultAsync(a => a.Id == userId, cancellationToken);

    public async Task<IList<UserPasskeyInfo>> GetPasskeysAsync(Account user, CancellationToken cancellationToken) =>
        [.. (await accounts.Passkeys.AsNoTracking().Where(p => p.UserId == user.Id).ToListAsync(cancellationToken)).Select(InfoOf)];

    public Task<Account?> FindByPasskeyIdAsync(byte[] credentialId, CancellationToken cancellationToken) =>
        accounts.Passkeys.Where(p => p.CredentialId == credentialId).Join(accounts.Users, p => p.UserId, a => a.Id, (_, a) => a).FirstOrDefaultAsync(cancellationToken);

    public async Task<UserPasskeyInfo?> FindPasskeyAsync(Account user, byte[] credentialId, CancellationToken cancellationToken) =>
        await accounts.Passkeys.AsNoTracking().FirstOrDefaultAsync(p => p.UserId == user.Id && p.CredentialId == credentialId, cancellationToken) is { } passkey ? InfoOf(passkey) : null;

    public Task AddOrUpdatePasskeyAsync(Account user, UserPasskeyInfo passkey, CancellationToken cancellationToken) => throw NotAsked();

    public Task RemovePasskeyAsync(Account user, byte[] credentialId, CancellationToken cancellationToken) => throw NotAsked();

    public Task SetUserNameAsync(Account user, string? userName, CancellationToken cancellationToken) => throw NotAsked();

    public Task<string?> GetNormalizedUserNameAsync(Account user, CancellationToken cancellationToken) => throw NotAsked();

    public Task SetNormalizedUserNameAsync(Account user, string? normalizedName, CancellationToken cancellationToken) => throw NotAsked();

    public Task<IdentityResult> CreateAsync(Account user, CancellationToken cancellationToken) => throw NotAsked();

    public Task<IdentityResult> UpdateAsync(Account user, CancellationToken cancellationToken) => throw NotAsked();

    public Task<IdentityResult> DeleteAsync(Account user, CancellationToken cancellationToken) => throw NotAsked();

    public Task<Account?> FindByNameAsync(string normalizedUserName, CancellationToken cancellationToken) => throw NotAsked();

    public void Dispose()
    {
        // The context is the caller's.
    }

    private static NotSupportedException NotAsked() => new("Accounts are changed by UserDirectory and OwnAccount.");

    private static UserPasskeyInfo InfoOf(AccountPasskey passkey) => new(
        passkey.CredentialId, passkey.Data.PublicKey, passkey.Data.CreatedAt, (uint)passkey.Data.SignCount, passkey.Data.Transports, passkey.Data.IsUserVerified,
        passkey.Data.IsBackupEligible, passkey.Data.IsBackedUp, attestationObject: [], clientDataJson: [])
    { Name = passkey.Data.Name };
}
