using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Ports;

/// <summary>One encounter with what surrounds it, as of one moment.</summary>
/// <remarks>
/// <see cref="Related"/> holds: Conditions, Procedures, Immunizations, DiagnosticReports, Observations, MedicationAdministrations,
/// ServiceRequests, Compositions, DocumentReferences, ChargeItems and Claims of this encounter, the DeviceUseStatements that derive from
/// any of these, what they are based on, the Devices used and SupplyDeliveries of these, and the Conditions that its Procedures and its own <c>diagnosis</c> name from earlier ones; the
/// Accounts that it or a ChargeItem names, with their Coverages; the patient's Coverages (all of them, past ones too), their payor Organizations, and the RelatedPersons of the patient; the Practitioners,
/// PractitionerRoles, Organizations and Locations that any of these name.
/// </remarks>
public sealed record EncounterChart(Encounter Encounter, Patient Patient, IReadOnlyList<Resource> Related)
{
    /// <summary>All related resources of one type.</summary>
    public IEnumerable<T> OfType<T>()
        where T : Resource => Related.OfType<T>();

    /// <summary>Follows a relative literal reference (<c>Organization/12</c>) inside the chart; null when it is not here.</summary>
    public T? Find<T>(ResourceReference? reference)
        where T : Resource
    {
        if (reference?.Reference is not { Length: > 0 } target)
            return null;

        return new Resource[] { Encounter, Patient }.Concat(Related).OfType<T>()
            .FirstOrDefault(r => target == $"{r.TypeName}/{r.Id}" || target.StartsWith($"{r.TypeName}/{r.Id}/_history/", StringComparison.Ordinal));
    }
}
