using FhirEmr.FhirServer.Hl7V2.Syntax;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Hl7V2.Messages;

/// <summary>A resource that a message makes or changes.</summary>
/// <param name="Resource">With the id that this fact of this sender always has.</param>
/// <param name="Origin">What of the message says so: the place that is at fault when the resource is refused.</param>
/// <param name="AsOf">When it was so; what is stored and newer stays.</param>
internal sealed record MappedResource(Resource Resource, ErrorLocation Origin, DateTimeOffset AsOf)
{
    /// <summary>How final it is: what is final is not replaced by what is preliminary, however late that comes.</summary>
    public int Rank { get; init; }

    /// <summary>What it says of the status is a guess: one that is stored stays.</summary>
    public bool KeepsStatus { get; init; }

    public string Reference => $"{Resource.TypeName}/{Resource.Id}";
}
