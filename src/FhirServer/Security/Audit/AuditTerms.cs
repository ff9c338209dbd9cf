namespace FhirEmr.FhirServer.Security.Audit;

/// <summary>What a record is searched by, as rows of table AuditKey.</summary>
internal static class AuditTerms
{
    /// <summary>What it was done to: resources and patients, and the user when that is a patient (search parameters entity, patient).</summary>
    public const short Entity = 1;

    /// <summary>Who did it: user, client, name (search parameter agent).</summary>
    public const short Agent = 2;

    public const short Action = 3;
    public const short Outcome = 4;

    /// <summary>Type and subtype.</summary>
    public const short Type = 5;

    public static IEnumerable<(short Kind, long Value)> Of(AuditRecord record, Func<string, long> hash)
    {
        var agent = record.Agent;
        yield return (Action, record.Action);
        yield return (Outcome, record.Outcome);
        yield return (Type, hash(record.Type));
        if (record.Subtype != record.Type)
            yield return (Type, hash(record.Subtype));
        foreach (var name in ((string?[])[agent.FhirUser, agent.ClientId, agent.UserId, agent.Name]).OfType<string>().Distinct())
            yield return (Agent, hash(name));

        var own = record.Entity is { } entity && entity.Contains('/', StringComparison.Ordinal) ? entity : null;
        if (own is not null)
            yield return (Entity, hash(own));
        if (agent.FhirUser is { } user && user != own && user.StartsWith("Patient/", StringComparison.Ordinal) && !record.Patients.Contains(user["Patient/".Length..]))
            yield return (Entity, hash(user));
        foreach (var patient in record.Patients)
            if (own is null || own.Length != patient.Length + 8 || !own.EndsWith(patient, StringComparison.Ordinal) || !own.StartsWith("Patient/", StringComparison.Ordinal))
                yield return (Entity, hash("Patient/" + patient));
    }
}
