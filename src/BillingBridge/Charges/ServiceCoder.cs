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

        foreach (var screener in chart.OfType<Observation>().Where(o => o.Encounter?.Reference == reference && IsScored(o)))
            lines.AddRange(Screening(screener, facts, DayOf(screener.Effective) ?? day).Where(s => !lines.Exists(l => l.ServiceDate == s.ServiceDate && IsScreening(l.Code) && !l.Source.StartsWith("Observation/", StringComparison.Ordinal))));

        // Administration depends on all vaccines of the day together, so what single map rows say about it is set aside.
        var products = lines.Where(l => CodeFacts.IsVaccineProduct(l.Code)).ToList();
        lines.RemoveAll(l => CodeFacts.IsVaccineAdministration(l.Code) && products.Exists(p => p.Source == l.Source));
        lines.AddRange(VaccineAdministration.For(products, isMedicare));

        lines.AddRange(Supplies(chart, reference, day, facts, DayOf));
        lines.AddRange(Drugs(chart, reference, drug => DayOf(drug.Effective) ?? day));

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

    /// <summary>Supplies, orthotics and devices that were used up on the patient or handed out: HCPCS A, E and L codes of Devices.</summary>
    /// <remarks>
    /// A DeviceUseStatement that derives from something of the encounter, or a Procedure's <c>usedReference</c> and <c>usedCode</c>; a device named twice is
    /// one. How many units it is, a SupplyDelivery of the day says, else the order that the use is based on; else it is one piece. What has no such code, and none in the concept map, is the practice's equipment: nothing is charged and nothing is missed.
    /// </remarks>
    private IEnumerable<ChargeLine> Supplies(EncounterChart chart, string encounter, DateOnly day, PatientFacts facts, Func<DataType?, DateOnly?> dayOf)
    {
        var procedures = chart.OfType<Procedure>().Where(p => p.Encounter?.Reference == encounter && p.Status == EventStatus.Completed).ToList();
        var own = procedures.Select(p => $"Procedure/{p.Id}")
            .Concat(chart.OfType<ServiceRequest>().Where(r => r.Encounter?.Reference == encounter).Select(r => $"ServiceRequest/{r.Id}")).Append(encounter).ToHashSet(StringComparer.Ordinal);
        var charged = new HashSet<string>(StringComparer.Ordinal);
        foreach (var use in chart.OfType<DeviceUseStatement>().Where(u => u.Status is DeviceUseStatement.DeviceUseStatementStatus.Active or DeviceUseStatement.DeviceUseStatementStatus.Completed))
        {
            if (use.DerivedFrom.Exists(d => d.Reference is { } from && own.Contains(from)) && use.Device?.Reference is { } device && charged.Add(device)
                && Supply(chart.Find<Device>(use.Device)?.Type) is { } code && Line($"DeviceUseStatement/{use.Id}", code, Delivered(device) ?? Ordered(use)) is { } line)
                yield return line;
        }

        foreach (var procedure in procedures)
        {
            foreach (var used in procedure.UsedReference)
            {
                if (used.Reference is { } device && charged.Add(device) && Supply(chart.Find<Device>(used)?.Type) is { } code && Line($"Procedure/{procedure.Id}", code, Delivered(device)) is { } line)
                    yield return line;
            }

            foreach (var concept in procedure.UsedCode)
            {
                if (Supply(concept) is { } code && Line($"Procedure/{procedure.Id}", code, null) is { } line)
                    yield return line;
            }
        }

        ConceptMapping? Supply(CodeableConcept? type)
        {
            var codings = type.Codes().ToList();
            var own = codings.Where(c => c.System == CodeSystemUrls.Hcpcs).Select(c => new ConceptMapping(c.System, c.Code.ToUpperInvariant(), c.Display, "equal", false, null));
            return own.Concat(codings.SelectMany(c => terminology.Translate(c.System, c.Code, CodeSystemUrls.Hcpcs, facts.Mapping)))
                .FirstOrDefault(m => m.Code is ['A' or 'E' or 'L', _, _, _, _]);
        }

        IReadOnlyList<Quantity>? Delivered(string device) => chart.OfType<SupplyDelivery>()
            .Where(d => d.Status == SupplyDelivery.SupplyDeliveryStatus.Completed && (d.SuppliedItem?.Item as ResourceReference)?.Reference == device && dayOf(d.Occurrence) == day)
            .Select(d => d.SuppliedItem!.Quantity).OfType<Quantity>().ToList() is { Count: > 0 } quantities ? quantities : null;

        IReadOnlyList<Quantity>? Ordered(DeviceUseStatement use) => use.BasedOn
            .Select(o => chart.Find<ServiceRequest>(o)?.Quantity).OfType<Quantity>().ToList() is { Count: > 0 } quantities ? quantities : null;

        ChargeLine? Line(string source, ConceptMapping supply, IReadOnlyList<Quantity>? documented)
        {
            var title = terminology.Find(CodeSystemUrls.Hcpcs, supply.Code, day)?.Display;
            var units = documented?.Select(q => SupplyUnits.Of(q, title)).ToList() ?? [1m];
            if (units.Exists(u => u is null))
            {
                gaps.Add(new CodingGap(
                    CodingGapKind.Service, source, CodeSystemUrls.Hcpcs, supply.Code, supply.Display ?? title,
                    $"Enter the supply charge with its units: {string.Join(", ", documented!.Select(Words))} cannot be counted in what {supply.Code} is for ({title ?? "its description is not loaded"})."));
                return null;
            }

            return new()
            {
                Source = source,
                System = CodeSystemUrls.Hcpcs,
                Code = supply.Code,
                Display = supply.Display,
                ServiceDate = day,
                Quantity = units.Sum(u => u!.Value),
                Reasons = documented is null ? [] : [string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{units.Sum():0.###} units: {string.Join(", ", documented.Select(Words))} documented.")],
            };
        }

        static string Words(Quantity quantity) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{quantity.Value:0.###} {quantity.Unit ?? quantity.Code ?? "pieces"}");
    }

    /// <summary>Drugs given, in the units of their HCPCS code: the doses of a day together, rounded up (rule DRG-005).</summary>
    /// <remarks>Where the dose cannot be counted in the code's amount, it is said to be there and left to a person.</remarks>
    private IEnumerable<ChargeLine> Drugs(EncounterChart chart, string encounter, Func<MedicationAdministration, DateOnly> dayOf)
    {
        var given = chart.OfType<MedicationAdministration>()
            .Where(m => m.Context?.Reference == encounter && m.Status == MedicationAdministration.MedicationAdministrationStatusCodes.Completed)
            .SelectMany(m => (m.Medication as CodeableConcept).Codes().Where(c => c.System == CodeSystemUrls.Hcpcs).Take(1).Select(c => (Drug: m, Code: c with { Code = c.Code.ToUpperInvariant() }, Day: dayOf(m))));
        foreach (var drug in given.GroupBy(g => (g.Code.Code, g.Day)))
        {
            var first = drug.First();
            var source = $"MedicationAdministration/{first.Drug.Id}";
            var title = terminology.Find(CodeSystemUrls.Hcpcs, drug.Key.Code, drug.Key.Day)?.Display;
            var doses = drug.Select(g => title is not null && DrugAmount.In(title) is { } per && g.Drug.Dosage?.Dose is { Value: not null } dose ? DrugAmount.Convert(dose, per.Unit) / per.Value : null).ToList();
            if (doses.Exists(d => d is null or <= 0))
            {
                gaps.Add(new CodingGap(
                    CodingGapKind.Service, source, CodeSystemUrls.Hcpcs, drug.Key.Code, first.Code.Display,
                    "Enter the drug charge with its units and NDC; the dose alone does not give them."));
                continue;
            }

            var units = Math.Ceiling(doses.Sum(d => d!.Value));
            yield return new ChargeLine
            {
                Source = source,
                System = CodeSystemUrls.Hcpcs,
                Code = drug.Key.Code,
                Display = first.Code.Display,
                ServiceDate = drug.Key.Day,
                Quantity = units,
                NationalDrugCode = (first.Drug.Medication as CodeableConcept).Codes().Where(c => c.System == CodeSystemUrls.Ndc).Select(c => c.Code).FirstOrDefault(),
                Reasons = [string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{units:0.###} units: what was given, in the amount that {drug.Key.Code} is for, rounded up.")],
            };
        }
    }

    /// <summary>A scored questionnaire, where the concept map says what it is billed as; others are measurements.</summary>
    private IEnumerable<ChargeLine> Screening(Observation screener, PatientFacts facts, DateOnly day) => screener.Code.Codes()
        .SelectMany(c => terminology.Translate(c.System, c.Code, CodeSystemUrls.Cpt, facts.Mapping)).Where(t => IsScreening(t.Code)).Take(1)
        .Select(t => new ChargeLine { Source = $"Observation/{screener.Id}", System = BillingSystem(t.System, t.Code), Code = t.Code, Display = t.Display, ServiceDate = day });

    private static bool IsScored(Observation observation) =>
        observation.Status is ObservationStatus.Final or ObservationStatus.Amended or ObservationStatus.Corrected && observation.Category.Exists(c => c.HasAny("survey")) && observation.Value is not null;

    private static bool IsScreening(string code) => code is "96127" or "96110" or "96160" or "96161" or "G0444" or "G0442";

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
