using FhirEmr.FhirServer.Resources;

namespace FhirEmr.FhirServer.Documents.Ips;

/// <summary>The sections of an IPS in the order of the guide: three are always there, the others when there is something.</summary>
/// <remarks>
/// hl7.org/fhir/uv/ips (1.1 and 2.0), Composition-uv-ips. What was entered in error, refuted or not done belongs to none. Of results, vital
/// signs and social history the newest of each code: it is a summary, and the whole record has other doors.
/// </remarks>
internal static class IpsSections
{
    private static readonly string[] PregnancyCodes =
        ["82810-3", "11636-8", "11637-6", "11638-4", "11639-2", "11640-0", "11612-9", "11613-7", "11614-5", "33065-4", "11778-8", "11779-6", "11780-4"];

    public static IReadOnlyList<IpsSection> All { get; } =
    [
        new("11450-4", "Problem List", new("Condition", "no-problem-info", "No information about problems"),
            r => r.Of("Condition").Where(IsProblem).Where(IsActive).OrderBy(c => c.Root.When("onset", "recordedDate"), StringComparer.Ordinal),
            ["Problem", "Status", "Severity", "Onset", "Notes"], Problem),
        new("48765-2", "Allergies and Intolerances", new("AllergyIntolerance", "no-allergy-info", "No information about allergies"),
            r => r.Of("AllergyIntolerance").Where(a => IsVerified(a) && IsActive(a)),
            ["Allergy", "Criticality", "Reaction", "Severity", "Onset", "Notes"], Allergy),
        new("10160-0", "Medication Summary", new("MedicationStatement", "no-medication-info", "No information about medications"),
            r => r.Of("MedicationStatement").Where(m => m.Root.TextOf("status") is "active" or "intended" or "on-hold" or "unknown")
                .Concat(r.Of("MedicationRequest").Where(m => m.Root.TextOf("status") is "active" or "on-hold" or "unknown" && m.Root.TextOf("doNotPerform") != "true" && m.Root.TextOf("intent") is not "option")),
            ["Medication", "Status", "Dosage", "Route", "Since", "Reason"], Medication),
        new("11369-6", "Immunizations", null,
            r => r.Of("Immunization").Where(i => i.Root.TextOf("status") == "completed").OrderByDescending(i => i.Root.When("occurrence"), StringComparer.Ordinal),
            ["Vaccine", "Date", "Dose", "Lot", "Manufacturer"], Immunization),
        new("30954-2", "Results", null,
            r => Newest(r.Of("Observation").Where(o => IsResult(o) && o.Root.HasCode("category", "laboratory", "LAB", "imaging")))
                .Concat(Newest(r.Of("DiagnosticReport").Where(IsResult))),
            ["Test", "Result", "Reference range", "Interpretation", "Date"], Result),
        new("47519-4", "History of Procedures", null,
            r => r.Of("Procedure").Where(p => p.Root.TextOf("status") is not ("entered-in-error" or "not-done" or "preparation")).OrderByDescending(p => p.Root.When("performed"), StringComparer.Ordinal),
            ["Procedure", "Status", "Date", "Body site"], Procedure),
        new("46264-8", "Medical Devices", null,
            r => r.Of("DeviceUseStatement").Where(d => d.Root.TextOf("status") is not "entered-in-error"),
            ["Device", "Status", "Since"], (r, d) => [r.Named(d.Root.Child("device")), d.Root.TextOf("status"), Facts.Day(d.Root.When("timing", "recordedOn"))]),
        new("42348-3", "Advance Directives", null,
            r => r.Of("Consent").Where(c => c.Root.TextOf("status") == "active" && c.Root.HasCode("scope", "adr")),
            ["Directive", "Decision", "Date"], (_, c) => [c.Root.Child("category").Words(), c.Root.At("provision", "code").Words(), Facts.Day(c.Root.TextOf("dateTime"))]),
        new("8716-3", "Vital Signs", null,
            r => Newest(r.Of("Observation").Where(o => IsResult(o) && o.Root.HasCode("category", "vital-signs"))),
            ["Vital sign", "Result", "Reference range", "Interpretation", "Date"], Result),
        new("11348-0", "History of Past Illness", null,
            r => r.Of("Condition").Where(IsProblem).Where(c => c.Root.HasCode("clinicalStatus", "inactive", "remission", "resolved")).OrderByDescending(c => c.Root.When("abatement", "onset"), StringComparer.Ordinal),
            ["Problem", "Status", "Severity", "Onset", "Notes"], Problem),
        new("10162-6", "History of Pregnancy", null,
            r => Newest(r.Of("Observation").Where(o => IsResult(o) && o.Root.HasCode("code", PregnancyCodes))),
            ["Observation", "Result", "Reference range", "Interpretation", "Date"], Result),
        new("29762-2", "Social History", null,
            r => Newest(r.Of("Observation").Where(o => IsResult(o) && o.Root.HasCode("category", "social-history") && !o.Root.HasCode("code", PregnancyCodes))),
            ["Observation", "Result", "Reference range", "Interpretation", "Date"], Result),
        new("18776-5", "Plan of Care", null,
            r => r.Of("CarePlan").Where(p => p.Root.TextOf("status") is "active" or "on-hold" or "unknown" or "draft"),
            ["Plan", "Status", "Intent", "From", "Until"],
            (_, p) => [p.Root.TextOf("title") ?? p.Root.Child("category").Words() ?? p.Root.TextOf("description"), p.Root.TextOf("status"), p.Root.TextOf("intent"), Facts.Day(p.Root.Say("period", "start")), Facts.Day(p.Root.Say("period", "end"))]),
    ];

    /// <summary>Types of the record that any section looks at.</summary>
    public static IReadOnlyList<string> Types { get; } =
        ["Patient", "Condition", "AllergyIntolerance", "MedicationStatement", "MedicationRequest", "Immunization", "Observation", "DiagnosticReport", "Procedure", "DeviceUseStatement", "Device", "Consent", "CarePlan"];

    private static bool IsVerified(RecordResource r) => !r.Root.HasCode("verificationStatus", "entered-in-error", "refuted");

    private static bool IsActive(RecordResource r) => !r.Root.Child("clinicalStatus").Exists || r.Root.HasCode("clinicalStatus", "active", "recurrence", "relapse");

    /// <summary>A condition that was a visit's diagnosis and nothing more is no problem of the list.</summary>
    private static bool IsProblem(RecordResource c) => IsVerified(c)
        && (!c.Root.HasCode("category", "encounter-diagnosis") || c.Root.HasCode("category", "problem-list-item", "health-concern"));

    private static bool IsResult(RecordResource o) => o.Root.TextOf("status") is "final" or "amended" or "corrected";

    /// <summary>The newest of each code, newest first.</summary>
    private static IEnumerable<RecordResource> Newest(IEnumerable<RecordResource> resources)
    {
        var newest = new Dictionary<string, (RecordResource Resource, string When)>(StringComparer.Ordinal);
        foreach (var resource in resources)
        {
            var code = resource.Root.Child("code");
            var key = $"{code.Say("coding", "system")}|{code.Say("coding", "code") ?? code.TextOf("text")}";
            var when = resource.Root.When("effective", "issued");
            if (!newest.TryGetValue(key, out var known) || string.CompareOrdinal(when, known.When) >= 0)
                newest[key] = (resource, when);
        }

        return newest.Values.OrderByDescending(n => n.When, StringComparer.Ordinal).Select(n => n.Resource);
    }

    private static string?[] Problem(PatientRecord record, RecordResource c) =>
        [c.Root.Child("code").Words(), c.Root.Code("clinicalStatus"), c.Root.Child("severity").Words(), c.Root.Child("onset") is { Exists: true, Kind: NodeKind.Object } onset ? onset.ValueWords() : Facts.Day(c.Root.When("onset")), c.Root.Say("note", "text")];

    private static string?[] Allergy(PatientRecord record, RecordResource a) =>
    [
        a.Root.Child("code").Words(), a.Root.TextOf("criticality"),
        string.Join("; ", a.Root.Each("reaction").SelectMany(r => r.Each("manifestation")).Select(m => m.Words()).OfType<string>()),
        a.Root.Say("reaction", "severity"), Facts.Day(a.Root.When("onset")), a.Root.Say("note", "text"),
    ];

    private static string?[] Medication(PatientRecord record, RecordResource m)
    {
        var name = m.Key.Type == "MedicationStatement" ? "dosage" : "dosageInstruction";
        var dosage = m.Root.Child(name);
        return
        [
            record.Medication(m.Root).Words() ?? record.Named(m.Root.Child("medication")), m.Root.TextOf("status"), DosageWords(m.Root, name), dosage.Exists ? dosage.Child("route").Words() : null,
            Facts.Day(m.Root.When("effective", "authoredOn", "dateAsserted")), m.Root.Child("reasonCode").Words(),
        ];
    }

    /// <summary>How it is taken, each dosage after the other.</summary>
    public static string? DosageWords(FhirNode medication, string name) => string.Join("; ", medication.Each(name).Select(DosageWords).OfType<string>()) is { Length: > 0 } words ? words : null;

    /// <summary>How it is taken: the words of who prescribed it, else what is coded.</summary>
    private static string? DosageWords(FhirNode dosage)
    {
        if (!dosage.Exists)
            return null;
        if (dosage.TextOf("text") is { } text)
            return text;
        var repeat = dosage.At("timing", "repeat");
        var words = $"{dosage.At("doseAndRate", "dose").ValueWords()} {(repeat.Exists && repeat.TextOf("period") is { } period ? $"{repeat.TextOf("frequency") ?? "1"} time(s) every {period} {repeat.TextOf("periodUnit")}" : dosage.At("timing", "code").Words())} {(dosage.Child("asNeeded") is { Exists: true } needed && needed.Text != "false" ? needed.Words() is { } why ? $"as needed for {why}" : "as needed" : "")}".Trim();
        return words.Length == 0 ? null : words;
    }

    private static string?[] Immunization(PatientRecord record, RecordResource i) =>
        [i.Root.Child("vaccineCode").Words(), Facts.Day(i.Root.When("occurrence")), i.Root.At("protocolApplied", "doseNumber").ValueWords(), i.Root.TextOf("lotNumber"), record.Named(i.Root.Child("manufacturer"))];

    private static string?[] Procedure(PatientRecord record, RecordResource p) =>
        [p.Root.Child("code").Words(), p.Root.TextOf("status"), Facts.Day(p.Root.When("performed")), p.Root.Child("bodySite").Words()];

    private static string?[] Result(PatientRecord record, RecordResource o)
    {
        var range = o.Root.Child("referenceRange");
        return
        [
            o.Root.Child("code").Words(),
            o.Key.Type == "DiagnosticReport" ? o.Root.TextOf("conclusion") ?? string.Join("; ", o.Root.Each("result").Select(r => record.Find(r.TextOf("reference"))).OfType<RecordResource>().Take(20).Select(Value)) : Value(o),
            range.Exists ? range.TextOf("text") ?? $"{range.At("low").ValueWords()} - {range.At("high").ValueWords()}" : null,
            o.Root.Child("interpretation").Words(), Facts.Day(o.Root.When("effective", "issued")),
        ];
    }

    /// <summary>What an Observation says: its value, its components, or why there is none.</summary>
    public static string Value(RecordResource observation)
    {
        var root = observation.Root;
        if (root.Child("value") is { Exists: true } value)
            return value.ValueWords() ?? "";
        var parts = root.Each("component").Select(c => $"{c.Child("code").Words()}: {c.Child("value").ValueWords() ?? c.Child("dataAbsentReason").Words()}").ToArray();
        return parts.Length > 0 ? string.Join(", ", parts) : root.Child("dataAbsentReason").Words() is { } absent ? $"({absent})" : "";
    }
}
