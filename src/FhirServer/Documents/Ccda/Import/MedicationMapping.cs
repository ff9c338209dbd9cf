using System.Xml.Linq;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Documents.Ccda.Import;

/// <summary>Medication Activity → MedicationStatement; what is ordered or planned (<c>moodCode</c> INT, RQO) → MedicationRequest.</summary>
internal static class MedicationMapping
{
    public static void Activity(Conversion c, XElement activity)
    {
        if (Code(c.Values, activity) is not { } medication)
        {
            c.Skip(activity.IsNegated() ? "It says that no medications are taken." : "The medication has no code and no name.");
            return;
        }

        if (activity.Attr("moodCode") is "EVN" or null)
            Statement(c, activity, medication);
        else
            Request(c, activity, medication, activity.Attr("moodCode") switch
            {
                "PRP" => MedicationRequest.MedicationRequestIntent.Proposal,
                // An activity in intent is a prescription, a planned one is not yet.
                "INT" when activity.Is(Template.PlannedMedication) => MedicationRequest.MedicationRequestIntent.Plan,
                _ => MedicationRequest.MedicationRequestIntent.Order,
            });
    }

    /// <summary>Name of a drug or vaccine in <c>consumable</c>.</summary>
    public static CodeableConcept? Code(CdaValues values, XElement activity)
    {
        var material = activity.At("consumable", "manufacturedProduct", "manufacturedMaterial");
        return values.Concept(material.One("code")) ?? (material.One("name").Words() is { } name ? new() { Text = name } : null);
    }

    private static void Statement(Conversion c, XElement activity, CodeableConcept medication)
    {
        var values = c.Values;
        var statement = new MedicationStatement
        {
            Identifier = CdaValues.Identifiers(activity),
            Subject = c.Patient,
            Medication = medication,
            Effective = activity.Many("effectiveTime").Where(IsSpan).Select(values.PointOrPeriod).OfType<DataType>().FirstOrDefault(),
            DateAssertedElement = values.DateTime(activity.At("author", "time")),
            InformationSource = c.Author(activity),
            Context = c.EncounterOf(activity),
            ReasonCode = Reasons(c, activity),
            Note = c.Notes(activity),
            Dosage = Dosages(c, activity),
        };
        statement.Status = activity.IsNegated() ? MedicationStatement.MedicationStatusCodes.NotTaken : activity.One("statusCode").Attr("code") switch
        {
            "completed" => MedicationStatement.MedicationStatusCodes.Completed,
            "aborted" => MedicationStatement.MedicationStatusCodes.Stopped,
            "suspended" or "held" => MedicationStatement.MedicationStatusCodes.OnHold,
            "nullified" => MedicationStatement.MedicationStatusCodes.EnteredInError,
            "new" => MedicationStatement.MedicationStatusCodes.Intended,
            _ => MedicationStatement.MedicationStatusCodes.Active,
        };
        c.Add(statement, activity);
    }

    private static void Request(Conversion c, XElement activity, CodeableConcept medication, MedicationRequest.MedicationRequestIntent intent)
    {
        var values = c.Values;
        var request = new MedicationRequest
        {
            Identifier = CdaValues.Identifiers(activity),
            Subject = c.Patient,
            Intent = intent,
            DoNotPerform = activity.IsNegated() ? true : null,
            Medication = medication,
            AuthoredOnElement = values.DateTime(activity.At("author", "time")) ?? activity.Many("effectiveTime").Where(IsSpan).Select(values.Start).OfType<FhirDateTime>().FirstOrDefault(),
            Requester = c.Author(activity),
            Encounter = c.EncounterOf(activity),
            ReasonCode = Reasons(c, activity),
            Note = c.Notes(activity),
            DosageInstruction = Dosages(c, activity),
            Status = activity.One("statusCode").Attr("code") switch
            {
                "completed" => MedicationRequest.MedicationrequestStatus.Completed,
                "aborted" => MedicationRequest.MedicationrequestStatus.Stopped,
                "suspended" or "held" => MedicationRequest.MedicationrequestStatus.OnHold,
                "cancelled" => MedicationRequest.MedicationrequestStatus.Cancelled,
                "nullified" => MedicationRequest.MedicationrequestStatus.EnteredInError,
                _ => MedicationRequest.MedicationrequestStatus.Active,
            },
        };
        if (activity.RelatedAs(Template.SupplyOrder) is { } supply)
        {
            var dispense = new MedicationRequest.DispenseRequestComponent { Quantity = CdaValues.Quantity(supply.One("quantity")) };
            // repeatNumber counts all fills, FHIR those after the first.
            if (int.TryParse(supply.One("repeatNumber").Attr("value"), out var fills) && fills > 0)
                dispense.NumberOfRepeatsAllowed = fills - 1;
            if (dispense.Quantity is not null || dispense.NumberOfRepeatsAllowed is not null)
                request.DispenseRequest = dispense;
        }

        c.Add(request, activity);
    }

    private static List<CodeableConcept> Reasons(Conversion c, XElement activity) =>
        [.. activity.Related().Where(r => r.Statement.Is(Template.Indication)).Select(r => c.Values.Concept(r.Statement.One("value"))).OfType<CodeableConcept>()];

    private static bool IsSpan(XElement time) => time.DataType() is null or "IVL_TS" or "TS";

    private static List<Dosage> Dosages(Conversion c, XElement activity)
    {
        var values = c.Values;
        var dosage = new Dosage
        {
            Text = activity.Related().Select(r => r.Statement).Where(s => s.Is("2.16.840.1.113883.10.20.22.4.147")).Select(s => c.Document.TextOf(s.One("text"))).OfType<string>().FirstOrDefault()
                ?? (activity.One("text").One("reference") is null ? null : c.Document.TextOf(activity.One("text"))),
            PatientInstruction = activity.Related().Select(r => r.Statement).Where(s => s.Is(Template.Instruction)).Select(s => c.Document.TextOf(s.One("text"))).OfType<string>().FirstOrDefault(),
            Route = values.Concept(activity.One("routeCode")),
            Site = values.Concept(activity.One("approachSiteCode")),
            Timing = Timing(activity),
        };
        foreach (var precondition in activity.Many("precondition"))
            if (values.Concept(precondition.At("criterion", "value")) is { } when)
                dosage.AsNeeded ??= when;
            else if (c.Document.TextOf(precondition.At("criterion", "text")) is { } words)
                dosage.AsNeeded ??= new CodeableConcept { Text = words };
            else
                dosage.AsNeeded ??= new FhirBoolean(true); // when, it does not say
        var (dose, rate) = (CdaValues.QuantityOrLow(activity.One("doseQuantity")), CdaValues.QuantityOrLow(activity.One("rateQuantity")));
        if (dose is not null || rate is not null)
            dosage.DoseAndRate.Add(new() { Dose = dose, Rate = rate });
        if (activity.One("maxDoseQuantity") is { } most && CdaValues.Quantity(most.One("numerator")) is { } numerator && CdaValues.Quantity(most.One("denominator")) is { } denominator)
            dosage.MaxDosePerPeriod = new() { Numerator = numerator, Denominator = denominator };
        return dosage.EnumerateElements().Any() ? [dosage] : [];
    }

    /// <summary>How often: <c>PIVL_TS</c> with its period, <c>EIVL_TS</c> with its event.</summary>
    private static Timing? Timing(XElement activity)
    {
        foreach (var time in activity.Many("effectiveTime"))
        {
            if (time.DataType() == "PIVL_TS" && (CdaValues.Quantity(time.One("period")) ?? CdaValues.Quantity(time.At("period", "low"))) is { Value: > 0 } period && UnitOf(period.Code) is { } unit)
            {
                var repeat = new Timing.RepeatComponent { Frequency = 1, Period = period.Value, PeriodUnit = unit };
                if (CdaValues.Quantity(time.At("period", "high")) is { } most && UnitOf(most.Code) == unit)
                    repeat.PeriodMax = most.Value;
                return new() { Repeat = repeat };
            }

            if (time.DataType() == "EIVL_TS" && time.One("event").Attr("code") is { } code
                && Hl7.Fhir.Utility.EnumUtility.ParseLiteral<Timing.EventTiming>(code) is { } when)
                return new() { Repeat = new() { WhenElement = [new Code<Timing.EventTiming>(when)] } };
        }

        return null;
    }

    private static Hl7.Fhir.Model.Timing.UnitsOfTime? UnitOf(string? ucum) => ucum switch
    {
        "s" => Hl7.Fhir.Model.Timing.UnitsOfTime.S,
        "min" => Hl7.Fhir.Model.Timing.UnitsOfTime.Min,
        "h" => Hl7.Fhir.Model.Timing.UnitsOfTime.H,
        "d" => Hl7.Fhir.Model.Timing.UnitsOfTime.D,
        "wk" => Hl7.Fhir.Model.Timing.UnitsOfTime.Wk,
        "mo" => Hl7.Fhir.Model.Timing.UnitsOfTime.Mo,
        "a" => Hl7.Fhir.Model.Timing.UnitsOfTime.A,
        _ => null,
    };
}
