using FhirEmr.BillingBridge.Charges;
using FhirEmr.Terminology;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.EvaluationManagement;

/// <summary>What a drug order says about risk. Our own short tables name the drugs; the record's own statement goes before them.</summary>
internal static class Medications
{
    private static readonly Lazy<string[]> OverTheCounter = new(() => [.. OwnTable.Read("over-the-counter.csv").Select(r => r[0])]);
    private static readonly Lazy<string[]> Controlled = new(() => [.. OwnTable.Read("controlled-substances.csv").Select(r => r[0])]);
    private static readonly Lazy<(string Drug, string RxNorm, string[] Monitors)[]> Toxic = new(() =>
        [.. OwnTable.Read("toxicity-monitoring.csv").Select(r => (r[0], r[1], r[2].Split(' ')))]);

    // SNOMED CT routes: intravenous, intramuscular, subcutaneous, epidural, intrathecal.
    private static readonly string[] ParenteralRoutes = ["47625008", "78421000", "34206005", "404820008", "72607000", "IV", "IM", "SC", "SQ"];

    public static bool IsOrder(MedicationRequest request) =>
        request.Status is not (MedicationRequest.MedicationrequestStatus.Draft or MedicationRequest.MedicationrequestStatus.EnteredInError
            or MedicationRequest.MedicationrequestStatus.Cancelled or MedicationRequest.MedicationrequestStatus.Unknown or null)
        && request.Intent is MedicationRequest.MedicationRequestIntent.Order or MedicationRequest.MedicationRequestIntent.OriginalOrder or MedicationRequest.MedicationRequestIntent.InstanceOrder
        && request.DoNotPerform != true && (request.Reported as FhirBoolean)?.Value != true;

    public static string TitleOf(DataType? medication) => medication switch
    {
        CodeableConcept concept => concept.Text ?? concept.Coding.Select(c => c.Display ?? c.Code).FirstOrDefault(t => t is { Length: > 0 }) ?? "a drug without a name",
        ResourceReference reference => reference.Display ?? reference.Reference ?? "a drug without a name",
        _ => "a drug without a name",
    };

    /// <summary>True or false as the order itself says; null when it does not.</summary>
    public static bool? SaysOverTheCounter(MedicationRequest request) => (request.GetExtension(EvaluationUrls.OverTheCounter)?.Value as FhirBoolean)?.Value;

    public static bool MayBeOverTheCounter(DataType? medication) => OverTheCounter.Value.Any(d => Names(medication, d));

    public static bool IsControlled(DataType? medication) => Controlled.Value.Any(d => Names(medication, d));

    public static bool IsParenteral(IEnumerable<Dosage> dosages) => dosages.Any(d => d.Route.HasAny(ParenteralRoutes));

    /// <summary>The tests that watch a drug's toxicity; null for drugs that are not in the table.</summary>
    public static (string Drug, IReadOnlyList<string> Monitors)? MonitoringOf(DataType? medication)
    {
        foreach (var (drug, rxNorm, monitors) in Toxic.Value)
            if (Names(medication, drug) || (medication as CodeableConcept).Codes().Any(c => c.System == CodeSystemUrls.RxNorm && c.Code == rxNorm))
                return (drug, monitors);
        return null;
    }

    private static bool Names(DataType? medication, string ingredient)
    {
        return medication switch
        {
            CodeableConcept concept => Has(concept.Text) || concept.Coding.Exists(c => Has(c.Display)),
            ResourceReference reference => Has(reference.Display),
            _ => false,
        };

        // At the beginning of a word: apomorphine is not morphine.
        bool Has(string? text) => text?.IndexOf(ingredient, StringComparison.OrdinalIgnoreCase) is { } at and >= 0 && (at == 0 || !char.IsLetter(text[at - 1]));
    }
}
