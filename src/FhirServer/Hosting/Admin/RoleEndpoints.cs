using System.Text.Json;
using FhirEmr.FhirServer.Hosting.Edge;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Security.Access.Roles;
using FhirEmr.FhirServer.Security.Accounts;
using FhirEmr.FhirServer.Security.Accounts.Roles;
using FhirEmr.FhirServer.Security.Accounts.Schema;
using Microsoft.EntityFrameworkCore;

namespace FhirEmr.FhirServer.Hosting.Admin;

/// <summary><c>/admin/roles</c> and <c>/admin/role-assignments</c>: roles as data, for the web app and for scripts. Refusals are OperationOutcomes.</summary>
internal static class RoleEndpoints
{
    private const int MostBytes = 256 * 1024;

    public static void Map(WebApplication app)
    {
        app.MapGet("/admin/roles", ListAsync).ExcludeFromDescription();
        app.MapGet("/admin/roles/{name}", ReadAsync).ExcludeFromDescription();
        app.MapPost("/admin/roles", CreateAsync).ExcludeFromDescription();
        app.MapPut("/admin/roles/{name}", UpdateAsync).ExcludeFromDescription();
        app.MapDelete("/admin/roles/{name}", DeleteAsync).ExcludeFromDescription();
        app.MapGet("/admin/role-assignments", AssignmentsAsync).ExcludeFromDescription();
        app.MapPost("/admin/role-assignments", AssignAsync).ExcludeFromDescription();
        app.MapDelete("/admin/role-assignments/{id:long}", RevokeAsync).ExcludeFromDescription();
    }

    private static Task<IResult> ListAsync(HttpContext http, CountedCallers callers, StoredRoles roles, CancellationToken ct) =>
        AsReaderAsync(http, callers, async () => Json(await roles.ListAsync(ct)), ct);

    private static Task<IResult> ReadAsync(string name, HttpContext http, CountedCallers callers, StoredRoles roles, CancellationToken ct) =>
        AsReaderAsync(http, callers, async () => await roles.FindAsync(name, ct) is { } role ? Json(role, role.Version) : Refuse(FaultKind.NotFound, $"There is no role '{name}'."), ct);

    private static Task<IResult> CreateAsync(HttpContext http, CountedCallers callers, RoleAdministration administration, CancellationToken ct) =>
        AsUserAsync(http, callers, async by => await BodyAsync<RoleBody>(http, ct) switch
        {
            (null, var fault) => Refuse(FaultKind.Invalid, fault!),
            ({ Name: null }, _) => Refuse(FaultKind.Invalid, "name is missing."),
            (var role, _) => Answer(await administration.CreateAsync(by, new(role.Name, role.Name, role.Permissions), ct), created: true),
        }, ct);

    private static Task<IResult> UpdateAsync(string name, HttpContext http, CountedCallers callers, RoleAdministration administration, CancellationToken ct) =>
        AsUserAsync(http, callers, async by =>
        {
            if (!ConditionalHeaders.TryVersion(http.Request.Headers.IfMatch.Count == 0 ? null : http.Request.Headers.IfMatch.ToString(), out var version))
                return Refuse(FaultKind.Invalid, "If-Match is written W/\"[version]\".");
            var (role, fault) = await BodyAsync<RoleBody>(http, ct);
            return role is null ? Refuse(FaultKind.Invalid, fault!)
                : role.Name is not null && role.Name != name ? Refuse(FaultKind.Invalid, $"name is '{role.Name}', the address says '{name}': a role keeps its name.")
                : Answer(await administration.UpdateAsync(by, new(name, name, role.Permissions), version, ct));
        }, ct);

    private static Task<IResult> DeleteAsync(string name, HttpContext http, CountedCallers callers, RoleAdministration administration, CancellationToken ct) =>
        AsUserAsync(http, callers, async by => Answer(await administration.DeleteAsync(by, name, ct)), ct);

    private static Task<IResult> AssignmentsAsync(string? subject, HttpContext http, CountedCallers callers, AccountsDatabase accounts, CancellationToken ct) =>
        AsReaderAsync(http, callers, async () =>
        {
            await using var db = accounts.CreateDbContext();
            return Json(await db.RoleAssignments.AsNoTracking().Where(a => subject == null || a.Subject == subject).OrderBy(a => a.Id).Take(1000)
                .Select(a => new { a.Id, kind = a.SubjectKind == SubjectKind.User ? "user" : "client", a.Subject, role = a.RoleName, a.Organization, limitUsd = a.MoneyLimitUsd, a.From, a.Until, a.AssignedBy, a.RevokedBy })
                .ToListAsync(ct));
        }, ct);

    private static Task<IResult> AssignAsync(HttpContext http, CountedCallers callers, RoleAdministration administration, CancellationToken ct) =>
        AsUserAsync(http, callers, async by =>
        {
            var (asked, fault) = await BodyAsync<AssignmentBody>(http, ct);
            if (asked is null)
                return Refuse(FaultKind.Invalid, fault!);
            return (asked.User is null) == (asked.Client is null)
                ? Refuse(FaultKind.Invalid, "Name a user or a client, and not both.")
                : Answer(await administration.AssignAsync(by, asked.User is null ? SubjectKind.Client : SubjectKind.User, asked.User ?? asked.Client!, asked.Role, asked.Organization, asked.LimitUsd, asked.Until, ct), created: true);
        }, ct);

    private static Task<IResult> RevokeAsync(long id, HttpContext http, CountedCallers callers, RoleAdministration administration, CancellationToken ct) =>
        AsUserAsync(http, callers, async by => Answer(await administration.RevokeAsync(by, id, ct)), ct);

    /// <summary>Roles and who holds them are read by administrators and auditors (security.md §3).</summary>
    private static async Task<IResult> AsReaderAsync(HttpContext http, CountedCallers callers, Func<Task<IResult>> answer, CancellationToken ct)
    {
        var (caller, fault) = await callers.OfAsync(http, ct);
        return fault is not null ? Refuse(fault)
            : caller.Access.Holds("admin.roles") || caller.Access.Holds("admin.users") || caller.Access.Holds("audit.read") ? await answer()
            : Refuse(caller.Principal is null && !caller.Access.IsEverything ? FaultKind.Unauthorized : FaultKind.Forbidden, "Reading roles needs the right admin.roles, admin.users or audit.read.");
    }

    private static async Task<IResult> AsUserAsync(HttpContext http, CountedCallers callers, Func<Principal, Task<IResult>> answer, CancellationToken ct)
    {
        var (caller, fault) = await callers.OfAsync(http, ct);
        return fault is not null ? Refuse(fault) : caller.Principal is { } by ? await answer(by) : Refuse(FaultKind.Unauthorized, "Sign in to change roles: send a bearer token.");
    }

    private static async Task<(T? Body, string? Fault)> BodyAsync<T>(HttpContext http, CancellationToken ct)
        where T : class
    {
        if (http.Request.ContentLength > MostBytes)
            return (null, "The body is larger than 256 KiB.");
        try
        {
            return await JsonSerializer.DeserializeAsync<T>(http.Request.Body, RoleJson.Options, ct) is { } body ? (body, null) : (null, "The body is empty; it has to be a JSON object.");
        }
        catch (JsonException e)
        {
            return (null, $"The body cannot be read at {e.Path ?? "$"} (line {e.LineNumber + 1}): it must be JSON with known members only.");
        }
    }

    private static IResult Answer(RoleChange change, bool created = false) => change switch
    {
        RoleChange.Done { Role: var role } => Json(role, role.Version, created ? 201 : 200),
        RoleChange.Assigned { Id: var id } => Results.Json(new { id }, RoleJson.Options, statusCode: 201),
        RoleChange.Removed => Results.NoContent(),
        RoleChange.Refused { Why: var why, Text: var text } => Refuse(why switch
        {
            RoleRefusal.Invalid => FaultKind.Unprocessable,
            RoleRefusal.Forbidden or RoleRefusal.StepUp => FaultKind.Forbidden,
            RoleRefusal.NotFound => FaultKind.NotFound,
            _ => FaultKind.Conflict,
        }, text),
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    private static Tagged Json<T>(T value, int? version = null, int status = 200) => new(Results.Json(value, RoleJson.Options, statusCode: status), version);

    private static Refusal Refuse(FaultKind kind, string text) => Refuse(FhirFault.Of(kind, text));

    private static Refusal Refuse(FhirFault fault) => new(fault);

    private sealed record RoleBody(IReadOnlyList<Permission> Permissions)
    {
        public string? Name { get; init; }
    }

    private sealed record AssignmentBody(string Role)
    {
        public string? User { get; init; }

        public string? Client { get; init; }

        public string? Organization { get; init; }

        public decimal? LimitUsd { get; init; }

        public DateTimeOffset? Until { get; init; }
    }

    private sealed class Tagged(IResult inner, int? version) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Response.Headers.CacheControl = "no-store";
            if (version is { } number)
                httpContext.Response.Headers.ETag = $"W/\"{number}\"";
            return inner.ExecuteAsync(httpContext);
        }
    }

    private sealed class Refusal(FhirFault fault) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Response.StatusCode = fault.Status;
            httpContext.Response.Headers.CacheControl = "no-store";
            if (fault.Kind == FaultKind.Unauthorized)
                httpContext.Response.Headers.WWWAuthenticate = "Bearer";
            httpContext.Response.ContentType = "application/fhir+json; charset=utf-8";
            return httpContext.Response.Body.WriteAsync(FhirFormats.ToJson(fault.ToOutcome())).AsTask();
        }
    }
}
