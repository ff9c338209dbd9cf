using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace FhirEmr.FhirServer.Security.Accounts.Schema;

/// <summary>Keys, lengths and indexes of the accounts' tables, once for all engines.</summary>
internal static class AccountsModel
{
    /// <summary>SHA-256 in base64url.</summary>
    private const int Hash = 43;
    private const int Key = 64;
    private const int ClientKey = 100; // as OpenIddict's own column
    private const int Name = 200;
    private const int Reference = 130; // longest type, slash, 64 characters of id

    public static void Describe(ModelBuilder builder)
    {
        builder.Entity<Account>(e =>
        {
            e.ToTable("Account");
            e.Property(a => a.Id).HasMaxLength(Key);
            e.Property(a => a.DisplayName).HasMaxLength(Name);
            e.Property(a => a.FhirUser).HasMaxLength(Reference);
            e.HasIndex(a => a.FhirUser);
        });
        DescribeIdentity(builder);
        builder.Entity<AccountSession>(e =>
        {
            e.ToTable("AccountSession");
            e.Property(s => s.Id).HasMaxLength(Hash);
            e.Property(s => s.UserId).HasMaxLength(Key);
            e.Property(s => s.SecurityStamp).HasMaxLength(Name);
            e.Property(s => s.Address).HasMaxLength(Key);
            e.Property(s => s.UserAgent).HasMaxLength(Name);
            e.HasOne<Account>().WithMany().HasForeignKey(s => s.UserId);
            e.HasIndex(s => s.Expires);
        });
        builder.Entity<SessionAuthorization>(e =>
        {
            e.ToTable("SessionAuthorization");
            e.HasKey(s => new { s.SessionId, s.AuthorizationId });
            e.Property(s => s.SessionId).HasMaxLength(Hash);
            e.HasOne<AccountSession>().WithMany().HasForeignKey(s => s.SessionId);
        });
        builder.Entity<SignInThrottle>(e =>
        {
            e.ToTable("SignInThrottle");
            e.Property(t => t.Id).HasMaxLength(Hash);
            e.HasIndex(t => t.LastFailure);
        });
        builder.Entity<RecoveryCode>(e =>
        {
            e.ToTable("RecoveryCode");
            e.HasKey(c => new { c.UserId, c.Hash });
            e.Property(c => c.UserId).HasMaxLength(Key);
            e.Property(c => c.Hash).HasMaxLength(Hash);
            e.HasOne<Account>().WithMany().HasForeignKey(c => c.UserId);
        });
        builder.Entity<SetUpLink>(e =>
        {
            e.ToTable("SetUpLink");
            e.Property(l => l.Id).HasMaxLength(Hash);
            e.Property(l => l.UserId).HasMaxLength(Key);
            e.HasOne<Account>().WithMany().HasForeignKey(l => l.UserId);
        });
        builder.Entity<Role>(e =>
        {
            e.ToTable("Role");
            e.HasKey(r => r.Name);
            e.Property(r => r.Name).HasMaxLength(Key);
            e.Property(r => r.Version).IsConcurrencyToken();
            e.Property(r => r.ChangedBy).HasMaxLength(Name);
        });
        builder.Entity<RoleVersion>(e =>
        {
            e.ToTable("RoleVersion");
            e.HasKey(r => new { r.Name, r.Version });
            e.Property(r => r.Name).HasMaxLength(Key);
            e.Property(r => r.ChangedBy).HasMaxLength(Name);
        });
        builder.Entity<RoleAssignment>(e =>
        {
            e.ToTable("RoleAssignment");
            e.Property(a => a.Subject).HasMaxLength(ClientKey);
            e.Property(a => a.RoleName).HasMaxLength(Key);
            e.Property(a => a.Organization).HasMaxLength(Reference);
            e.Property(a => a.MoneyLimitUsd).HasPrecision(12, 2);
            e.Property(a => a.AssignedBy).HasMaxLength(Name);
            e.Property(a => a.RevokedBy).HasMaxLength(Name);
            e.HasIndex(a => new { a.Subject, a.SubjectKind });
            e.HasIndex(a => a.RoleName);
        });
        builder.Entity<BreakGlassGrant>(e =>
        {
            e.ToTable("BreakGlassGrant");
            e.Property(g => g.UserId).HasMaxLength(Key);
            e.Property(g => g.PatientId).HasMaxLength(Key);
            e.Property(g => g.Reason).HasMaxLength(2000);
            e.Property(g => g.Purpose).HasMaxLength(Key);
            e.Property(g => g.ReviewedBy).HasMaxLength(Name);
            e.HasIndex(g => new { g.UserId, g.Until });
            e.HasIndex(g => new { g.PatientId, g.From });
        });
        builder.Entity<LaunchContext>(e =>
        {
            e.ToTable("LaunchContext");
            e.Property(l => l.Id).HasMaxLength(Hash);
            e.Property(l => l.UserId).HasMaxLength(Key);
            e.Property(l => l.ClientId).HasMaxLength(ClientKey);
            e.Property(l => l.Patient).HasMaxLength(Key);
            e.Property(l => l.Encounter).HasMaxLength(Key);
            e.Property(l => l.Intent).HasMaxLength(Name);
            e.HasIndex(l => l.Expires);
        });
        builder.Entity<UsedAssertion>(e =>
        {
            e.ToTable("UsedAssertion");
            e.HasKey(a => new { a.ClientId, a.JtiHash });
            e.Property(a => a.ClientId).HasMaxLength(ClientKey);
            e.Property(a => a.JtiHash).HasMaxLength(Hash);
            e.HasIndex(a => a.Expires);
        });
        builder.Entity<StoreKey>(e =>
        {
            e.ToTable("StoreKey");
            e.Property(k => k.Id).HasMaxLength(Key);
            e.Property(k => k.Name).HasMaxLength(Key);
            e.HasIndex(k => new { k.Name, k.Created });
        });
        builder.Entity<ClientProfile>(e =>
        {
            e.ToTable("ClientProfile");
            e.HasKey(c => c.ClientId);
            e.Property(c => c.ClientId).HasMaxLength(ClientKey);
            e.Property(c => c.FhirUser).HasMaxLength(Reference);
            e.Property(c => c.Owner).HasMaxLength(Name);
            e.Property(c => c.JwksUri).HasMaxLength(2000);
            e.Property(c => c.ChangedBy).HasMaxLength(Name);
        });
    }

    private static void DescribeIdentity(ModelBuilder builder)
    {
        builder.Entity<IdentityUserClaim<string>>(e =>
        {
            e.ToTable("AccountClaim");
            e.Property(c => c.UserId).HasMaxLength(Key);
        });
        builder.Entity<IdentityUserLogin<string>>(e =>
        {
            e.ToTable("AccountLogin");
            e.Property(l => l.LoginProvider).HasMaxLength(Name);
            e.Property(l => l.ProviderKey).HasMaxLength(Name);
            e.Property(l => l.UserId).HasMaxLength(Key);
        });
        builder.Entity<IdentityUserToken<string>>(e =>
        {
            e.ToTable("AccountToken");
            e.Property(t => t.UserId).HasMaxLength(Key);
            e.Property(t => t.LoginProvider).HasMaxLength(Key);
            e.Property(t => t.Name).HasMaxLength(Name);
        });

        // The table that Identity itself would describe, were it asked for its newest schema by a setting that design-time tools cannot see.
        builder.Ignore<IdentityUserPasskey<string>>();
        builder.Ignore<IdentityPasskeyData>();
        builder.Entity<AccountPasskey>(e =>
        {
            e.ToTable("AccountPasskey");
            e.HasKey(p => p.CredentialId);
            e.Property(p => p.CredentialId).HasMaxLength(1024);
            e.Property(p => p.UserId).HasMaxLength(Key);
            e.Ignore(p => p.Key);
            e.OwnsOne(p => p.Data).ToJson();
            e.HasOne<Account>().WithMany().HasForeignKey(p => p.UserId).IsRequired();
        });
    }
}
