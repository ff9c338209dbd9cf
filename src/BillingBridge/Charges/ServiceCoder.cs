using FhirEmr.BillingBridge.Ports;
using FhirEmr.Terminology;
using FhirEmr.Terminology.ConceptMaps;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Charges;

/// <summary>Visit, procedures, vaccines and laboratory reports of one encounter → uncounted, unpriced lines in CPT or HCPCS.</summary>
/// <remarks>A code that is CPT or HCPCS already is used as it is; others go through the concept maps; what has no target becomes a gap.</remarks>
internal sealed class ServiceCoder(ITerminology terminology, ICodeChooser chooser)
{
    private readonly List<CodingGap> gaps = [];

    public IReadOnlyList<CodingGap> Gaps => gaps;

    public IReadOnlyList<ChargeLine> Code(EncounterChart chart, PatientFacts facts, DateOnly day, bool isMedicare, TimeZoneInfo? zone)
    {
        var lines = new List<ChargeLine>();
        var encounter = chart.Encounter;
        var reference = $"Encounter/{encounter.Id}";

        if (encounter.Type.Count > 0)
            AddLine(encounter.Type, reference, day, CodingGapKind.Visit);

        foreach (var procedure in chart.OfType<Procedure>().Where(p => p.Encounter?.Reference == reference && p.Status == EventStatus.Completed))
            AddLine([procedure.Code], $"Procedure/{procedure.Id}", DayOf(procedure.Performed) ?? day, CodingGapKind.Service);

        foreach (var report in chart.OfType<DiagnosticReport>().Where(r => r.Encounter?.Reference == reference && IsResulted(r) && IsLaboratory(r)))
            AddLine([report.Code], $"DiagnosticReport/{report.Id}", DayOf(report.Effective) ?? day, CodingGapKind.Service);

        foreach (var vaccine in chart.OfType<Immunization>().Where(i => i.Encounter?.Reference == reference && i.Status == Immunization.ImmunizationStatusCodes.Completed))
            AddLine([vaccine.VaccineCode], $"Immunization/{vaccine.Id}", DayOf(vaccine.Occurrence) ?? day, CodingGapKind.Service);

        // Administration depends on all vaccines of the day together, so what single map rows say about it is set aside.
        var products = lines.Where(l => CodeFacts.IsVaccineProduct(l.Code)).ToList();
        lines.RemoveAll(l => CodeFacts.IsVaccineAdministration(l.Code) && products.Exists(p => p.Source == l.Source));
        lines.AddRange(VaccineAdministration.For(products, isMedicare));

        foreach (var drug in chart.OfType<MedicationAdministration>().Where(m => m.Context?.Reference == reference))
            NoteDrug(drug);

        return Merge(lines);

        void AddLine(IEnumerable<CodeableConcept?> concepts, string source, DateOnly on, CodingGapKind kind) =>
            lines.AddRange(Lines(concepts, source, on, kind));

        IEnumerable<ChargeLine> Lines(IEnumerable<CodeableConcept?> concepts, string source, DateOnly on, CodingGapKind kind)
        {
            foreach (var target in Targets(concepts, facts, source, kind))
            {
                yield return new ChargeLine
                {
                    Source = source,
                    System = BillingSystem(target.System, target.Code),
                    Code = target.Code,
                    Display = target.Display,
                    Modifiers = target.Modifier is { } modifier ? [modifier] : [],
                    ServiceDate = on,
                };
            }
        }

        DateOnly? DayOf(DataType? performed) => performed switch
        {
            FhirDateTime moment => DateOfService.From(moment.Value, zone),
            Period period => DateOfService.From(period.Start, zone),
            _ => null,
        };
    }

    private IReadOnlyList<ConceptMapping> Targets(IEnumerable<CodeableConcept?> concepts, PatientFacts facts, string source, CodingGapKind kind)
    {
        var codings = concepts.SelectMany(c => c.Codes()).ToList();
        foreach (var coding in codings)
        {
            if (coding.System is CodeSystemUrls.Cpt or CodeSystemUrls.Hcpcs or CodeSystemUrls.DemoProcedures)
                return [new ConceptMapping(coding.System, coding.Code.ToUpperInvariant(), coding.Display, "equal", false, null)];
        }

        var knownAsNotBilled = false;
        foreach (var coding in codings)
        {
            var cpt = terminology.Translate(coding.System, coding.Code, CodeSystemUrls.Cpt, facts.Mapping);
            var hcpcs = terminology.Translate(coding.System, coding.Code, CodeSystemUrls.Hcpcs, facts.Mapping);
            var targets = chooser.Procedures([.. cpt, .. hcpcs], facts);
            if (targets.Count > 0)
                return targets;
            knownAsNotBilled |= CodeChooser.SaysNotReported(cpt) || CodeChooser.SaysNotReported(hcpcs)
                || ConceptMapLibrary.For(coding.System, coding.Code).Any(r => r.IsUnmatched);
        }

        if (!knownAsNotBilled && codings.Count > 0)
        {
            gaps.Add(new CodingGap(
                kind, source, codings[0].System, codings[0].Code, codings[0].Display,
                kind == CodingGapKind.Visit
                    ? "The visit has no billing code; add a CPT coding to Encounter.type or a row to the concept map."
                    : "No CPT or HCPCS code is mapped to it; add one to the resource or a row to the concept map, or mark it not billed."));
        }

        return [];
    }

    /// <summary>Our demo wording stands for CPT codes; the claim names the system the code belongs to.</summary>
    private static string BillingSystem(string system, string code) =>
        system == CodeSystemUrls.DemoProcedures ? char.IsAsciiLetter(code[0]) ? CodeSystemUrls.Hcpcs : CodeSystemUrls.Cpt : system;

    /// <summary>A drug's units depend on its dose and package (rule DRG-005): we say it is there and leave the count to a person.</summary>
    private void NoteDrug(MedicationAdministration drug)
    {
        if (drug.Status != MedicationAdministration.MedicationAdministrationStatusCodes.Completed || drug.Medication is not CodeableConcept concept)
            return;
        if (concept.Codes().FirstOrDefault(c => c.System == CodeSystemUrls.Hcpcs) is { } coded)
        {
            gaps.Add(new CodingGap(
                CodingGapKind.Service, $"MedicationAdministration/{drug.Id}", CodeSystemUrls.Hcpcs, coded.Code, coded.Display,
                "Enter the drug charge with its units and NDC; the dose alone does not give them."));
        }
    }

    /// <summary>The same code from two resources on one day is one line with more units, as MUE and payers count it; measures stay apart.</summary>
    private static List<ChargeLine> Merge(IEnumerable<ChargeLine> lines)
    {
        var merged = new List<ChargeLine>();
        foreach (var line in lines)
        {
            var same = merged.FindIndex(m => m.Code == line.Code && m.ServiceDate == line.ServiceDate && !CodeFacts.IsEvaluationAndManagement(m.Code));
            if (same < 0)
                merged.Add(line);
            else
                merged[same] = merged[same] with { Quantity = merged[same].Quantity + line.Quantity };
        }

        return merged;
    }

    private static bool IsResulted(DiagnosticReport report) => report.Status
        is DiagnosticReport.DiagnosticReportStatus.Final or DiagnosticReport.DiagnosticReportStatus.Amended
        or DiagnosticReport.DiagnosticReportStatus.Corrected or DiagnosticReport.DiagnosticReportStatus.Appended;

    private static bool IsLaboratory(DiagnosticReport report) => report.Category.Exists(c => c.HasAny("LAB", "laboratory"));
}
