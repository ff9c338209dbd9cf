using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Security.Accounts.Schema;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace FhirEmr.FhirServer.Security.Accounts.Emergency;

/// <summary>Emergency access: one user, one patient, an hour, read only, with a reason that somebody reviews (security.md S-47).</summary>
internal sealed class BreakGlassBook(IDbContextFactory<AccountsContext> accounts, ISecurityEvents events, IOptions<AuthOptions> auth, TimeProvider clock)
{
    public const string Right = "breakglass";
    public const int ShortestReason = 10;
    private static readonly TimeSpan Lasts = TimeSpan.FromMinutes(60);
    private static readonly TimeSpan FreshFactor = TimeSpan.FromMinutes(5);

    /// <summary>Whether the second factor was proved lately enough.</summary>
    public bool IsFresh(Principal principal) => !auth.Value.NeedsSecondFactor || (principal.StepUpAt is { } proved && proved >= clock.GetUtcNow() - FreshFactor);

    /// <summary>Patients that the user has emergency access to now.</summary>
    public async ValueTask<IReadOnlyList<string>> PatientsOfAsync(string userId, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        await using var db = await accounts.CreateDbContextAsync(ct);
        return await db.BreakGlassGrants.AsNoTracking().Where(g => g.UserId == userId && g.Until > now && g.From <= now).Select(g => g.PatientId).Distinct().ToListAsync(ct);
    }

    /// <summary>Gives the access; it is audited before it holds.</summary>
    public async Task<BreakGlassGrant> GrantAsync(Principal user, string patient, string reason, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var grant = new BreakGlassGrant { UserId = user.UserId!, PatientId = patient, Reason = reason, Purpose = "BTG", From = now, Until = now + Lasts };
        await events.RaiseAsync(new(SecurityEventKind.BreakGlass, user.UserId, user.UserName, user.UserName ?? user.UserId!) { Detail = $"Patient/{patient} until {grant.Until:O}: {reason}" }, ct);
        await using var db = await accounts.CreateDbContextAsync(ct);
        db.BreakGlassGrants.Add(grant);
        await db.SaveChangesAsync(ct);
        return grant;
    }

    /// <summary>Those nobody has looked at yet, oldest first.</summary>
    public async Task<IReadOnlyList<BreakGlassGrant>> ToReviewAsync(CancellationToken ct)
    {
        await using var db = await accounts.CreateDbContextAsync(ct);
        return await db.BreakGlassGrants.AsNoTracking().Where(g => g.ReviewedAt == null).OrderBy(g => g.Id).Take(1000).ToListAsync(ct);
    }

    /// <summary>False when there is none such, or it was the reviewer's own.</summary>
    public async Task<bool> ReviewAsync(long id, Principal by, CancellationToken ct)
    {
        await using var db = await accounts.CreateDbContextAsync(ct);
        if (await db.BreakGlassGrants.FirstOrDefaultAsync(g => g.Id == id && g.ReviewedAt == null && g.UserId != by.UserId, ct) is not { } grant)
            return false;
        grant.ReviewedAt = clock.GetUtcNow();
        grant.ReviewedBy = by.UserName ?? by.UserId;
        await events.RaiseAsync(new(SecurityEventKind.BreakGlassReviewed, by.UserId, by.UserName, grant.ReviewedBy!) { Detail = $"grant {id} on Patient/{grant.PatientId}" }, ct);
        await db.SaveChangesAsync(ct);
        return true;
    }
}
