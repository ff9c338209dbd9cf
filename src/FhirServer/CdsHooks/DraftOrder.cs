using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.CdsHooks;

/// <summary>What is looked at of an order, whatever kind of request it is.</summary>
/// <param name="Resource">As the client sent it.</param>
/// <param name="Code">What is ordered.</param>
/// <param name="ReasonCodes">The list of the resource itself: a change of it changes the order.</param>
internal sealed record DraftOrder(Resource Resource, CodeableConcept? Code, ResourceReference? Subject, List<CodeableConcept> ReasonCodes, IReadOnlyList<ResourceReference> ReasonReferences)
{
    /// <summary>How cards name it; an order without id has no name a suggestion could use.</summary>
    public string? Reference => Resource.Id is { Length: > 0 } id ? $"{Resource.TypeName}/{id}" : null;

    /// <summary>What is ordered, in words.</summary>
    public string Words => Code?.Text ?? Code?.Coding.Select(c => c.Display ?? c.Code).FirstOrDefault(t => t is not null) ?? Resource.TypeName;

    /// <summary>Null for kinds of orders that nothing here looks at.</summary>
    public static DraftOrder? Of(Resource resource) => resource switch
    {
        ServiceRequest r => new(r, r.Code, r.Subject, r.ReasonCode, r.ReasonReference),
        DeviceRequest r => new(r, r.Code as CodeableConcept, r.Subject, r.ReasonCode, r.ReasonReference),
        MedicationRequest r => new(r, r.Medication as CodeableConcept, r.Subject, r.ReasonCode, r.ReasonReference),
        _ => null,
    };
}
