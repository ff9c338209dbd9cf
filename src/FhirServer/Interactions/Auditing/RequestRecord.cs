using System.Text;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Search.Query;
using FhirEmr.FhirServer.Security.Audit;

namespace FhirEmr.FhirServer.Interactions.Auditing;

/// <summary>A request, and what became of it, as a record of the audit.</summary>
internal static class RequestRecord
{
    /// <summary>DICOM "Audit Log Used": who reads the audit is told, and it is no access to the records of those named in it.</summary>
    public const string LogUsed = "110101";

    private const int MostQuery = 8 * 1024;

    /// <summary>Names whose values are credentials, should somebody put one into an address.</summary>
    private static readonly string[] Secrets = ["access_token", "refresh_token", "id_token", "client_secret", "client_assertion", "password", "authorization"];

    public static AuditRecord Of(FhirRequest request, AuditTrail trail)
    {
        var (subtype, action) = InteractionOf(request);
        return new()
        {
            Type = action is 'R' or 'E' && request.Target.Type == "AuditEvent" ? LogUsed : "rest",
            Subtype = subtype,
            Action = action,
            Agent = trail.Agent,
            Address = trail.Address,
            RequestId = trail.RequestId,
            Entry = request.Entry,
            Entity = EntityOf(request.Target),
            Version = request.Target.Version,
            Query = QueryOf(request),
        };
    }

    public static AuditRecord Ended(AuditRecord asked, FhirReply reply) =>
        Ended(asked, reply.Status, reply.Fault, Written(reply)?.ToString(), reply.Fault is null ? reply.Version : null);

    public static AuditRecord Ended(AuditRecord asked, int status, FhirFault? fault) => Ended(asked, status, fault, null, null);

    private static AuditRecord Ended(AuditRecord asked, int status, FhirFault? fault, string? written, int? version) => asked with
    {
        Entity = written ?? asked.Entity,
        Version = asked.Version ?? version,
        Status = status,
        Outcome = status < 400 ? 0 : status < 500 ? 4 : 8,
        Reason = fault is null ? null : ReasonOf(fault.Kind),
    };

    /// <summary><c>NotFound</c> → <c>not-found</c>.</summary>
    public static string ReasonOf(FaultKind kind)
    {
        var reason = new StringBuilder();
        foreach (var c in kind.ToString())
        {
            if (char.IsAsciiLetterUpper(c) && reason.Length > 0)
                reason.Append('-');
            reason.Append(char.ToLowerInvariant(c));
        }

        return reason.ToString();
    }

    /// <summary>Whether it writes one resource: its row is part of the commit.</summary>
    public static bool IsWrite(FhirRequest request) =>
        request is { Method: "POST" or "PUT" or "PATCH" or "DELETE", Target: { Type: not null, Operation: null, IsSearch: false, IsHistory: false } };

    private static ResourceKey? Written(FhirReply reply) =>
        reply is { Fault: null, Location: { } location } && ResourceKey.TryParseRelative(location, out var key, out _) ? key : null;

    private static string? EntityOf(FhirTarget target) => target switch
    {
        { Operation: "job" } => null,
        { Compartment: { } within } => within.Focus.ToString(),
        { Type: not null, Id: not null } => target.Key.ToString(),
        _ => target.Type,
    };

    /// <summary>valueset-type-restful-interaction, -system-restful-interaction; AuditEvent.action as IHE BALP gives it.</summary>
    private static (string Subtype, char Action) InteractionOf(FhirRequest request) => (request.Method, request.Target) switch
    {
        (_, { Operation: { } operation }) => ("$" + (operation.Length > 60 ? operation[..60] : operation), 'E'),
        ("GET" or "HEAD", { Version: not null }) => ("vread", 'R'),
        ("GET" or "HEAD", { IsHistory: true, Id: not null }) => ("history-instance", 'R'),
        ("GET" or "HEAD", { IsHistory: true, Type: not null }) => ("history-type", 'R'),
        ("GET" or "HEAD", { IsHistory: true }) => ("history-system", 'R'),
        ("GET" or "HEAD", { Id: not null }) => ("read", 'R'),
        ("GET" or "HEAD", { Type: not null }) or ("POST", { IsSearch: true, Type: not null }) => ("search-type", 'E'),
        ("GET" or "HEAD", _) or ("POST", { IsSearch: true }) => ("search-system", 'E'),
        ("POST", { Type: not null }) => ("create", 'C'),
        ("POST", _) => (request.Body.Exists && request.Body.TextOf("type") == "batch" ? "batch" : "transaction", 'E'),
        ("PUT", _) => ("update", 'U'),
        ("PATCH", _) => ("patch", 'U'),
        ("DELETE", _) => ("delete", 'D'),
        _ => ("operation", 'E'),
    };

    private static string? QueryOf(FhirRequest request)
    {
        if (request.Target is { Operation: "export" or "import", IsOfJob: true } target)
            return target.ToPath(); // which job, which file of it
        if (request.Query.Count == 0 && request.Headers.IfNoneExist is null)
            return null;
        var query = QueryString.Format([.. request.Query.Select(p => Array.Exists(Secrets, s => s.Equals(p.Key, StringComparison.OrdinalIgnoreCase))
            ? new KeyValuePair<string, string>(p.Key, "withheld") : p)]);
        if (request.Headers.IfNoneExist is { Length: > 0 } condition)
            query = query.Length == 0 ? condition.TrimStart('?') : $"{query}&{condition.TrimStart('?')}";
        return query.Length == 0 ? null : query.Length > MostQuery ? query[..MostQuery] : query;
    }
}
