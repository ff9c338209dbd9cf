using System.Globalization;
using System.Xml.Linq;
using FhirEmr.FhirServer.Resources;
using static FhirEmr.FhirServer.Documents.Ccda.Export.CdaXml;

namespace FhirEmr.FhirServer.Documents.Ccda.Export;

/// <summary>MedicationStatement, MedicationRequest and Immunization → substanceAdministration.</summary>
internal static class MedicationEntries
{
    public static IEnumerable<CcdEntry> Medications(CcdContext c)
    {
        foreach (var statement in c.Record.Of("MedicationStatement"))
            if (statement.Root.TextOf("status") != "entered-in-error")
                yield return Entry(c, statement, "dosage", "informationSource", "EVN", Template.Medication, "dateAsserted");
        foreach (var request in c.Record.Of("MedicationRequest"))
            if (request.Root.TextOf("status") is not ("entered-in-error" or "draft") && !IsPlanned(request))
                yield return Entry(c, request, "dosageInstruction", "requester", "INT", Template.Medication, "authoredOn");
    }

    /// <summary>What is planned and not yet ordered belongs to the plan.</summary>
    public static IEnumerable<CcdEntry> Planned(CcdContext c)
    {
        foreach (var request in c.Record.Of("MedicationRequest"))
            if (request.Root.TextOf("status") is not ("entered-in-error" or "draft") && IsPlanned(request))
                yield return Entry(c, request, "dosageInstruction", "requester", request.Root.TextOf("intent") == "proposal" ? "PRP" : "INT", Template.PlannedMedication, "authoredOn");
    }

    public static IEnumerable<CcdEntry> Immunizations(CcdContext c)
    {
        foreach (var immunization in c.Record.Of("Immunization"))
        {
            var root = immunization.Root;
            if (root.TextOf("status") == "entered-in-error" || !c.Covers(root.When("occurrence")))
                continue;
            var isDone = root.TextOf("status") == "completed";
            var when = root.When("occurrence");
            yield return new(E("substanceAdministration", A("classCode", "SBADM"), A("moodCode", "EVN"), A("negationInd", isDone ? "false" : "true"),
                Templates(Template.Immunization, "2015-08-01"), c.Ids(immunization), Status("completed"), TimeOrUnknown("effectiveTime", when),
                root.At("protocolApplied", "doseNumber") is { Exists: true } number && int.TryParse(number.Text, out _) ? E("repeatNumber", A("value", number.Text)) : null,
                root.Child("route") is { Exists: true } route ? Concept("routeCode", route) : null,
                root.Child("site") is { Exists: true } site ? Concept("approachSiteCode", site) : null,
                Quantity("doseQuantity", root.Child("doseQuantity")),
                E("consumable", E("manufacturedProduct", A("classCode", "MANU"), Templates(Template.ImmunizationInformation, "2014-06-09"),
                    E("manufacturedMaterial", Concept("code", root.Child("vaccineCode")), root.TextOf("lotNumber") is { } lot ? E("lotNumberText", lot) : null),
                    c.Record.Named(root.Child("manufacturer")) is { } maker ? E("manufacturerOrganization", E("name", maker)) : null)),
                c.Performer(root.At("performer", "actor")), root.TextOf("recorded") is { } recorded ? E("author", Time("time", recorded), E("assignedAuthor", Null("id"))) : null, c.Place(root.Child("location")),
                root.Child("statusReason") is { Exists: true } reason ? CcdContext.Related("RSON", false, E("observation", A("classCode", "OBS"), A("moodCode", "EVN"), Templates(Template.RefusalReason, null),
                    Null("id"), Concept("code", reason), Status("completed"))) : null,
                c.EncounterOf(immunization), CcdContext.Comments(root)),
                [root.Child("vaccineCode").Words(), Facts.Day(when), isDone ? "Completed" : "Not done", root.TextOf("lotNumber")]);
        }
    }

    private static bool IsPlanned(RecordResource request) => request.Root.TextOf("intent") is "plan" or "proposal";

    private static CcdEntry Entry(CcdContext c, RecordResource resource, string dosageName, string author, string mood, string template, string authored)
    {
        var root = resource.Root;
        var (drug, effective) = (c.Record.Medication(root), root.Child("effective"));
        // A statement has one dosage; several are told in words, so that none is taken for all.
        var isOne = root.Each(dosageName).Take(2).Count() == 1;
        var dosage = isOne ? root.Child(dosageName) : default;
        var span = effective.Exists ? PointOrPeriod(effective) : null;
        span?.Add(effective.Type.Name == "Period" ? Type("IVL_TS") : null);
        var status = root.TextOf("status") switch
        {
            "completed" => "completed",
            "stopped" => "aborted",
            "on-hold" => "suspended",
            "cancelled" => "cancelled",
            "intended" => "new",
            _ => "active",
        };
        var isNegated = root.TextOf("status") == "not-taken" || root.TextOf("doNotPerform") == "true";
        var quantity = root.At("dispenseRequest", "quantity");
        var repeats = root.Say("dispenseRequest", "numberOfRepeatsAllowed");
        var sig = isOne ? dosage.TextOf("text") : Ips.IpsSections.DosageWords(root, dosageName);
        var statement = E("substanceAdministration", A("classCode", "SBADM"), A("moodCode", mood), isNegated ? A("negationInd", "true") : null, Templates(template, "2014-06-09"), c.Ids(resource), Status(status),
            span ?? E("effectiveTime", Type("IVL_TS"), Null("low")), dosage.Exists ? Timing(dosage.Child("timing")) : null,
            dosage.Exists && dosage.Child("route") is { Exists: true } route ? Concept("routeCode", route) : null,
            dosage.Exists && dosage.Child("site") is { Exists: true } site ? Concept("approachSiteCode", site) : null,
            dosage.Exists ? Quantity("doseQuantity", dosage.At("doseAndRate", "dose")) : null, dosage.Exists ? Quantity("rateQuantity", dosage.At("doseAndRate", "rate")) : null,
            dosage.Exists && dosage.Child("maxDosePerPeriod") is { Exists: true } most ? E("maxDoseQuantity", Quantity("numerator", most.Child("numerator")), Quantity("denominator", most.Child("denominator"))) : null,
            E("consumable", E("manufacturedProduct", A("classCode", "MANU"), Templates(Template.MedicationInformation, "2014-06-09"), E("manufacturedMaterial", Concept("code", drug)))),
            c.Author(resource, author, authored),
            quantity.Exists || repeats is not null ? CcdContext.Related("REFR", false, E("supply", A("classCode", "SPLY"), A("moodCode", "INT"), Templates(Template.SupplyOrder, "2014-06-09"), Null("id"), Status("active"),
                repeats is not null && int.TryParse(repeats, out var fills) ? E("repeatNumber", A("value", (fills + 1).ToString(CultureInfo.InvariantCulture))) : null, Quantity("quantity", quantity))) : null,
            CcdContext.Indications(root),
            sig is null ? null : CcdContext.Related("COMP", false, E("substanceAdministration", A("classCode", "SBADM"), A("moodCode", mood), Templates("2.16.840.1.113883.10.20.22.4.147", null),
                Code("code", "76662-6", OidSystems.Loinc, "Instructions Medication"), E("text", sig), E("consumable", E("manufacturedProduct", E("manufacturedLabeledDrug", A("nullFlavor", "NA")))))),
            dosage.Exists && dosage.TextOf("patientInstruction") is { } instruction ? CcdContext.Related("SUBJ", true, E("act", A("classCode", "ACT"), A("moodCode", "INT"), Templates(Template.Instruction, "2014-06-09"),
                Code("code", "311401005", OidSystems.Snomed, "Patient education"), E("text", instruction), Status("completed"))) : null,
            c.EncounterOf(resource), CcdContext.Comments(root),
            dosage.Exists && dosage.Child("asNeeded") is { Exists: true } needed && (needed.Type.Name == "CodeableConcept" || needed.Text == "true")
                ? E("precondition", A("typeCode", "PRCN"), E("criterion", Templates("2.16.840.1.113883.10.20.22.4.25", "2014-06-09"), Code("code", "ASSERTION", OidSystems.ActCode),
                    needed.Type.Name == "CodeableConcept" ? Concept("value", needed, "CD") : E("value", Type("CD"), A("nullFlavor", "NI")))) : null);
        return new(statement, [drug.Words(), Ips.IpsSections.DosageWords(root, dosageName), root.TextOf("status"), Facts.Day(root.When("effective", "authoredOn")), root.Child("reasonCode").Words()]);
    }

    private static XElement? Timing(FhirNode timing)
    {
        if (!timing.Exists || timing.Child("repeat") is not { Exists: true } repeat)
            return null;
        if (repeat.TextOf("when") is { } when)
            return E("effectiveTime", Type("EIVL_TS"), A("operator", "A"), E("event", A("code", when)));
        if (repeat.TextOf("period") is not { } period || repeat.TextOf("periodUnit") is not { } unit || !decimal.TryParse(period, CultureInfo.InvariantCulture, out var length))
            return null;
        // CDA has a period only: twice a day is every half day, said in hours where that comes out even.
        if (repeat.TextOf("frequency") is { } frequency && decimal.TryParse(frequency, CultureInfo.InvariantCulture, out var times) && times > 1)
        {
            if (unit == "d")
                (length, unit) = (length * 24, "h");
            length = Math.Round(length / times, 6);
        }

        var text = length.ToString("0.######", CultureInfo.InvariantCulture);
        return E("effectiveTime", Type("PIVL_TS"), A("institutionSpecified", "true"), A("operator", "A"), repeat.TextOf("periodMax") is { } most
            ? E("period", Type("IVL_PQ"), E("low", A("value", text), A("unit", unit)), E("high", A("value", most), A("unit", unit)))
            : E("period", A("value", text), A("unit", unit)));
    }
}
