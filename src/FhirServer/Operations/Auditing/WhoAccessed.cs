using System.Globalization;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Security.Audit;
using FhirEmr.FhirServer.Storage;
using FhirEmr.FhirServer.Storage.Query;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Operations.Auditing;

/// <summary><c>Patient/{id}/$who-accessed</c>: who opened or changed this record, when, and what of it, in words (security.md S-55).</summary>
/// <remarks>
/// For the patient, and for who holds <c>audit.read</c>; to all others it answers as if there were none. Parameters <c>from</c>, <c>to</c> (days or instants),
/// <c>_count</c> (100 unless told), <c>_page</c> from the answer before. What failed disclosed nothing and is left out.
/// </remarks>
internal sealed class WhoAccessed(AuditLog log, AuditArchive archive, IResourceStore store, PageTokens tokens)
{
    private const int DefaultCount = 100, MaxCount = 1000;

    public static IEnumerable<Operation> List(IServiceProvider services) =>
        [new("who-accessed", "urn:fhiremr:OperationDefinition:who-accessed", ["Patient"], false, true, false, services.GetRequiredService<WhoAccessed>().HandleAsync)];

    public async Task<FhirReply> HandleAsync(FhirRequest request, CancellationToken ct)
    {
        var key = request.Target.Key;
        var caller = request.Caller;
        if (!log.IsEnabled || !(caller.Access.Holds("audit.read") || caller.Principal?.FhirUser == key.ToString()))
            return FhirReply.Refuse(FhirFault.NotFound(key));
        var (input, fault) = OperationInput.Read(request, "from", "to", "_count", "_page");
        if (fault is not null)
            return FhirReply.Refuse(fault);
        var count = DefaultCount;
        if (input["_count"] is { } asked && (!int.TryParse(asked, NumberStyles.None, CultureInfo.InvariantCulture, out count) || count is < 1 or > MaxCount))
            return Invalid($"_count={asked} is no number from 1 to {MaxCount}.");
        if (!Instant(input["from"], out var from) || !Instant(input["to"], out var until))
            return Invalid("from and to are days or instants, such as 2026-01-31 or 2026-01-31T08:00:00Z.");
        var scope = $"{caller.Name}\nwho-accessed\n{key}";
        var last = until is { } end ? AuditNumbers.From(end) : long.MaxValue;
        if (input["_page"] is { } page)
        {
            if (tokens.Read(page, scope).Content is not { } content || !long.TryParse(content, CultureInfo.InvariantCulture, out last))
                return Invalid("The page token does not belong to this record, or has expired: start again without _page.");
        }

        var found = await archive.SearchAsync(new(from is { } start ? AuditNumbers.From(start) : 0, last,
            [new(AuditTerms.Entity, [log.HashOf(key.ToString())]), new(AuditTerms.Outcome, [0])]), count + 1);
        var names = await NamesAsync(found.Select(f => f.Record.Agent.FhirUser).OfType<string>().Distinct(), ct);
        var answer = new Parameters();
        foreach (var access in found.Take(count))
            answer.Parameter.Add(Access(access, key, names));
        if (found.Count > count)
            answer.Parameter.Add(new() { Name = "next", Value = new FhirString(tokens.Write(found[count - 1].Number.ToString(CultureInfo.InvariantCulture), scope)) });
        return FhirReply.Of(answer);
    }

    private static Parameters.ParameterComponent Access(AuditFound found, ResourceKey patient, Dictionary<string, string> names)
    {
        var record = found.Record;
        var agent = record.Agent;
        var who = agent.FhirUser is { } user ? names.GetValueOrDefault(user, user) : agent.UserId ?? agent.ClientId ?? agent.Name ?? "unknown";
        var access = new Parameters.ParameterComponent { Name = "access" };
        Add("when", new Instant(AuditNumbers.TimeOf(found.Number)));
        Add("who", new FhirString(who));
        if (agent.FhirUser is not null)
            Add("agent", new ResourceReference(agent.FhirUser));
        if (agent.UserId is not null && agent.ClientId is { } client)
            Add("with", new FhirString(client));
        Add("what", new FhirString(Words(record, patient)));
        if (record.Purpose is { } purpose)
            Add("purpose", new FhirString(purpose));
        Add("event", new ResourceReference($"AuditEvent/{AuditNumbers.IdOf(found.Number)}"));
        return access;

        void Add(string name, DataType value) => access.Part.Add(new() { Name = name, Value = value });
    }

    private static string Words(AuditRecord record, ResourceKey patient)
    {
        var type = record.Entity?.Split('/')[0];
        var what = record.Entity == patient.ToString() ? "the patient's own entry" : type is null ? "records" : $"{(type[0] is 'A' or 'E' or 'I' or 'O' ? "an" : "a")} {type}";
        return record.Subtype switch
        {
            "read" => $"read {what}",
            "vread" => $"read an earlier version of {what}",
            "create" => $"wrote {what}",
            "update" or "patch" => $"changed {what}",
            "delete" => $"deleted {what}",
            "search-type" or "search-system" => type is null ? "saw records in a search" : $"saw {type} records in a search",
            "history-instance" or "history-type" or "history-system" => $"read the history of {what}",
            ['$', .. var operation] => $"saw records through {operation}",
            _ => "saw or changed records in a bundle",
        };
    }

    /// <summary>Names as they are today: none is kept in the audit.</summary>
    private async Task<Dictionary<string, string>> NamesAsync(IEnumerable<string> users, CancellationToken ct)
    {
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var user in users)
            if (ResourceKey.TryParseRelative(user, out var key, out _) && await store.ReadAsync(key, SystemPlans.Audit, ct) is { IsDeleted: false } found
                && FhirFormats.Parse(found.Json.Span) is var resource && NameOf(resource) is { Length: > 0 } name)
                names[user] = name;
        return names;
    }

    private static string? NameOf(Resource resource) => (resource switch
    {
        Practitioner practitioner => practitioner.Name,
        Patient patient => patient.Name,
        RelatedPerson related => related.Name,
        Person person => person.Name,
        _ => [],
    }).FirstOrDefault() is { } name ? name.Text ?? string.Join(' ', [.. name.Given, name.Family]) : null;

    private static bool Instant(string? text, out DateTimeOffset? instant)
    {
        instant = null;
        if (text is null)
            return true;
        if (!DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var read))
            return false;
        instant = read;
        return true;
    }

    private static FhirReply Invalid(string text) => FhirReply.Refuse(FhirFault.Of(FaultKind.Invalid, text, code: "value"));
}
