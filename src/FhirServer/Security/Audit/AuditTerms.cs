namespace FhirEmr.FhirServer.Security.Audit;

/// <summary>What a record is searched by: numbers that its kind and its value give.</summary>
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

    /// <summary>The number that a value of a kind is filed under.</summary>
    public static long Term(short kind, long value) => unchecked(value + (kind * 0x1E3779B97F4A7C15));

    /// <summary>Numbers a record is filed under, each once.</summary>
    public static long[] Of(AuditRecord record, Func<string, long> hash)
    {
        var terms = new List<long>(10 + record.Patients.Count);
        var agent = record.Agent;
        Add(Action, record.Action);
        Add(Outcome, record.Outcome);
        Add(Type, hash(record.Type));
        Add(Type, hash(record.Subtype));
        Name(agent.FhirUser);
        Name(agent.ClientId);
        Name(agent.UserId);
        Name(agent.Name);
        if (record.Entity is { } entity && entity.Contains('/', StringComparison.Ordinal))
            Add(Entity, hash(entity));
        if (agent.FhirUser is { } user && user.StartsWith("Patient/", StringComparison.Ordinal))
            Add(Entity, hash(user));
        if (record.Patients.Count > 8)
            terms.AddRange(record.Patients.Select(p => Term(Entity, hash("Patient/" + p))).Except(terms).ToList());
        else
            foreach (var patient in record.Patients)
                Add(Entity, hash("Patient/" + patient));
        return [.. terms];

        void Name(string? name)
        {
            if (name is not null)
                Add(Agent, hash(name));
        }

        void Add(short kind, long value)
        {
            var term = Term(kind, value);
            if (!terms.Contains(term))
                terms.Add(term);
        }
    }
}
