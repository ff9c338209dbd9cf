using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Search.Parameters;
using FhirEmr.FhirServer.Security.Access;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Operations.Everything;

/// <summary>Compartments and clinical dates as the numbers the index knows; made on first use, since it asks for the parameters of every type.</summary>
internal sealed class CompartmentParameters(SearchParameters parameters)
{
    private readonly Lazy<SearchParam[]> patient = new(() =>
        [.. ResourceTypes.All.SelectMany(parameters.Of).Where(p => IsIndexed(p) && PatientCompartment.Admits(p) && (p.Targets.Count == 0 || p.Targets.Contains("Patient")))]);

    private readonly Lazy<SearchParam[]> encounter = new(() => [.. EncounterCompartment.All.Select(m => parameters.Find(m.Type, m.Code)!)]);

    private readonly Lazy<int[]> references = new(() => [.. ResourceTypes.All.SelectMany(parameters.Of).Where(IsIndexed).Select(p => p.Number)]);

    /// <summary>What puts a resource into the compartment of a Patient or an Encounter; only from these types when any are given.</summary>
    /// <param name="access">An element that is withheld shows nobody what belongs where.</param>
    public IReadOnlyList<int> Members(string compartment, IReadOnlyList<string> types, AccessPlan access) =>
        [.. (compartment == "Encounter" ? encounter : patient).Value.Where(p => (types.Count == 0 || types.Contains(p.Type)) && !(access.HasMasks && WithheldParameters.Touches(p, access))).Select(p => p.Number)];

    /// <summary>Of which types there can be resources in the compartment.</summary>
    public IReadOnlyList<string> TypesIn(string compartment) => [.. (compartment == "Encounter" ? encounter : patient).Value.Select(p => p.Type).Distinct()];

    /// <summary>Every reference parameter.</summary>
    public IReadOnlyList<int> References => references.Value;

    public IReadOnlyList<int> Numbers(IEnumerable<(string Type, string Code)> names) => [.. names.Select(n => parameters.Find(n.Type, n.Code)!.Number)];

    private static bool IsIndexed(SearchParam p) => p is { Kind: SearchParamType.Reference, IsSupported: true, Number: > 0 };
}
