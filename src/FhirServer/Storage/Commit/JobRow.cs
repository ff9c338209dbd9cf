namespace FhirEmr.FhirServer.Storage.Commit;

/// <summary>Work that outlives its request, as table Job holds it.</summary>
/// <param name="Created">Milliseconds since 1970 UTC, as are the other times.</param>
/// <param name="Progress">JSON of the job's own.</param>
internal sealed record JobRow(string Id, string Kind, string State, long Created, long Updated, string Client, string Progress)
{
    public const string Running = "running";
    public const string Done = "done";

    /// <summary>Until when the owner alone works on it.</summary>
    public long LeaseUntil { get; init; }

    public string LeaseOwner { get; init; } = "";
}
