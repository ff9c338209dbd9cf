using FhirEmr.FhirServer.Resources;

namespace FhirEmr.FhirServer.Hl7V2.Receiving;

/// <summary>Who a message is about.</summary>
internal abstract record PatientFinding
{
    private PatientFinding()
    {
    }

    /// <summary>A patient of ours.</summary>
    public sealed record Known(StoredResource Patient) : PatientFinding;

    /// <summary>Nobody here is like them.</summary>
    public sealed record Nobody : PatientFinding;

    /// <summary>A person has to say.</summary>
    /// <param name="Why">A sentence without anything of the message.</param>
    /// <param name="Candidates">Who they may be, the likeliest first, with the score of <c>$match</c>.</param>
    public sealed record Uncertain(string Why, IReadOnlyList<(ResourceKey Patient, double Score)> Candidates) : PatientFinding;
}
