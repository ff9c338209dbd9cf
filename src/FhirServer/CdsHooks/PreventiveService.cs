using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.CdsHooks;

/// <summary>A service that is due by age, sex or disease, and how the record shows that it was done.</summary>
/// <param name="Name">As a card says it.</param>
/// <param name="FromAge">Years, included.</param>
/// <param name="ToAge">Years, included; null for no end.</param>
/// <param name="Ways">Each way of having done it; one that is young enough closes the gap.</param>
/// <param name="Order">What a suggestion orders.</param>
/// <param name="Source">Who recommends it, as the card says.</param>
internal sealed record PreventiveService(string Name, int FromAge, int? ToAge, IReadOnlyList<DoneBy> Ways, Coding Order, string Source)
{
    /// <summary>Null for everybody.</summary>
    public AdministrativeGender? Sex { get; init; }

    /// <summary>Due only with a diagnosis that begins so (ICD-10-CM without dots); empty for everybody.</summary>
    public IReadOnlyList<string> OnlyWith { get; init; } = [];

    /// <summary>Not due with a diagnosis that begins so.</summary>
    public IReadOnlyList<string> NotWith { get; init; } = [];
}

/// <summary>One way of having done a service.</summary>
/// <param name="Months">For how long it counts; null for ever.</param>
/// <param name="Codes">Those of CVX in that system, all others in whatever system: the shapes of CPT, HCPCS and LOINC codes do not meet.</param>
internal sealed record DoneBy(int? Months, params string[] Codes)
{
    /// <summary>How often it must have been done, for vaccines of several doses.</summary>
    public int Times { get; init; } = 1;
}
