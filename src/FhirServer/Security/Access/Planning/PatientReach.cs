using System.Collections.Frozen;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Search.Parameters;
using FhirEmr.FhirServer.Search.Query;

namespace FhirEmr.FhirServer.Security.Access.Planning;

/// <summary>Which resources of a type belong to certain patients (security.md S-32): the compartment as R4 defines it, and nothing that merely mentions them.</summary>
internal sealed class PatientReach(SearchParameters parameters, IReferenceLookup references)
{
    private readonly Lazy<FrozenSet<string>> compartment = new(() => Compartments.TypesIn(parameters, "Patient").ToFrozenSet());

    /// <summary>Types that tell about the practice and are shown to whoever may see anything, save for their people's private elements.</summary>
    public static FrozenSet<string> Shared { get; } = FrozenSet.Create(
        "Practitioner", "PractitionerRole", "Organization", "OrganizationAffiliation", "Location", "HealthcareService", "Endpoint", "Medication", "MedicationKnowledge", "Substance", "InsurancePlan",
        "Questionnaire", "PlanDefinition", "ActivityDefinition", "Library", "Measure", "CodeSystem", "ValueSet", "ConceptMap", "NamingSystem", "StructureDefinition", "StructureMap",
        "SearchParameter", "OperationDefinition", "CapabilityStatement", "CompartmentDefinition", "ImplementationGuide", "GraphDefinition", "MessageDefinition", "TerminologyCapabilities");

    private static readonly FrozenDictionary<string, FrozenSet<string>> PrivateElements = new Dictionary<string, FrozenSet<string>>
    {
        ["Practitioner"] = FrozenSet.Create("birthDate", "address", "photo"),
    }.ToFrozenDictionary();

    /// <summary>What nobody but the practice itself needs to know of those who work there.</summary>
    public static FrozenSet<string> PrivateOf(string type) => PrivateElements.GetValueOrDefault(type, []);

    /// <summary>Types that belong to patients as R4's compartment says.</summary>
    public FrozenSet<string> Types => compartment.Value;

    /// <summary>Resources of the type that belong to one of the patients; null when the type belongs to no patient at all.</summary>
    public async ValueTask<SearchExpression?> OfAsync(string type, IReadOnlyCollection<string> patients, CancellationToken ct)
    {
        if (!compartment.Value.Contains(type) && type != "Device")
            return null;

        // A device belongs to whom it is assigned to, although R4's compartment leaves it out.
        if (type == "Device")
            return new SearchExpression.Reference(parameters.Find("Device", "patient")!, await TargetsAsync(patients, ct));
        if (patients.Count == 1)
            return await new CompartmentCriterion(parameters, references).ForAsync(new ResourceKey("Patient", patients.First()), [type], ct);

        var targets = await TargetsAsync(patients, ct);
        var terms = Compartments.Admitting(parameters, "Patient", type).Select(p => (SearchExpression)new SearchExpression.Reference(p, targets)).ToList();
        if (type == "Patient")
            terms.Add(new SearchExpression.Sids(targets));
        return new SearchExpression.Or(terms);
    }

    private async ValueTask<IReadOnlyList<long>> TargetsAsync(IReadOnlyCollection<string> patients, CancellationToken ct)
    {
        var targets = new List<long>();
        foreach (var patient in patients)
            targets.AddRange(await references.TargetsAsync("Patient", patient, ct));
        return targets;
    }

    /// <summary>Resources of the type that belong to a patient who matches; null when the type belongs to no patient at all.</summary>
    /// <param name="whichPatients">A condition on Patient.</param>
    public SearchExpression? OfThoseWho(string type, SearchExpression whichPatients)
    {
        if (type == "Patient")
            return whichPatients;

        SearchParam[] through = type == "Device" ? [parameters.Find("Device", "patient")!] : [.. Compartments.Admitting(parameters, "Patient", type)];
        return through.Length == 0 ? null : new SearchExpression.Or([.. through.Select(p => new SearchExpression.Chain(p, "Patient", whichPatients))]);
    }
}
