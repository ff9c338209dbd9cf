using FhirEmr.FhirServer.Resources;

namespace FhirEmr.FhirServer.Hl7V2.Receiving;

/// <summary>What a person says of a message that is taken in again.</summary>
/// <param name="Patient">Who it is about; null for looking again.</param>
/// <param name="CreatesPatient">They are new here.</param>
/// <param name="ReceivedAt">When the message came: what it says is no newer for having waited.</param>
/// <param name="Asked">Why the message was kept when they said so.</param>
internal sealed record ReplayDecision(ResourceKey? Patient, bool CreatesPatient, DateTimeOffset? ReceivedAt, string? Asked)
{
    /// <summary>Whether they have said who it is, and were asked for a reason that begins so: who answers one question has not answered another.</summary>
    public bool Answers(string reason) => (Patient is not null || CreatesPatient) && Asked?.StartsWith(reason, StringComparison.Ordinal) is true;
}
