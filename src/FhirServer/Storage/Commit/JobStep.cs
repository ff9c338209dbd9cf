namespace FhirEmr.FhirServer.Storage.Commit;

/// <summary>How a step of a job leaves its row in table Job; it comes with what the step did or not at all.</summary>
/// <param name="Created">Milliseconds since 1970 UTC, as are the other times.</param>
/// <param name="Progress">JSON of the job's own.</param>
internal sealed record JobStep(string Id, string Kind, string State, long Created, long Updated, string Client, string Progress)
{
    /// <summary>Until when the owner alone works on it.</summary>
    public long LeaseUntil { get; init; }

    public string LeaseOwner { get; init; } = "";
}
