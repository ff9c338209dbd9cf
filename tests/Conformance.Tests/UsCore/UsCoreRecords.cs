namespace FhirEmr.Conformance.Tests.UsCore;

/// <summary>Made-up records of every type that US Core 6.1 searches: one that answers every search on its patient, one with nothing but the patient and what the type cannot be without, and one of another patient.</summary>
internal static class UsCoreRecords
{
    public const string Patient = "uscore-a", Other = "uscore-b";

    /// <summary>The day of all that is dated.</summary>
    public const string Day = "2026-02-03";

    /// <summary>Elements of the record that answers everything; <c>PATIENT</c> stands for its patient's id.</summary>
    public static IReadOnlyDictionary<string, string> Full { get; } = new Dictionary<string, string>
    {
        ["AllergyIntolerance"] = """ "patient":{"reference":"Patient/PATIENT"},"clinicalStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical","code":"active"}]} """,
        ["CarePlan"] = """ "subject":{"reference":"Patient/PATIENT"},"status":"active","intent":"plan","category":[{"coding":[{"system":"http://hl7.org/fhir/us/core/CodeSystem/careplan-category","code":"assess-plan"}]}],"period":{"start":"2026-02-03","end":"2026-02-03"} """,
        ["CareTeam"] = """ "subject":{"reference":"Patient/PATIENT"},"status":"active","participant":[{"role":[{"coding":[{"system":"urn:role","code":"nurse"}]}],"member":{"reference":"Practitioner/uscore-a"}},{"member":{"reference":"PractitionerRole/uscore-a"}},{"member":{"reference":"Patient/PATIENT"}},{"member":{"reference":"RelatedPerson/uscore-a"}}] """,
        ["Condition"] = """
            "subject":{"reference":"Patient/PATIENT"},"encounter":{"reference":"Encounter/uscore-a"},"clinicalStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-clinical","code":"active"}]},
            "category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-category","code":"problem-list-item"}]}],"code":{"coding":[{"system":"http://hl7.org/fhir/sid/icd-10-cm","code":"I10"}]},
            "onsetDateTime":"2026-02-03","abatementDateTime":"2026-02-03","recordedDate":"2026-02-03","extension":[{"url":"http://hl7.org/fhir/StructureDefinition/condition-assertedDate","valueDateTime":"2026-02-03"}]
            """,
        ["Coverage"] = """ "beneficiary":{"reference":"Patient/PATIENT"},"status":"active","payor":[{"display":"Payer"}] """,
        ["Device"] = """ "patient":{"reference":"Patient/PATIENT"},"status":"active","type":{"coding":[{"system":"http://snomed.info/sct","code":"14106009"}]} """,
        ["DiagnosticReport"] = """ "subject":{"reference":"Patient/PATIENT"},"status":"final","category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v2-0074","code":"LAB"}]}],"code":{"coding":[{"system":"http://loinc.org","code":"24323-8"}]},"effectiveDateTime":"2026-02-03" """,
        ["DocumentReference"] = """
            "subject":{"reference":"Patient/PATIENT"},"status":"current","type":{"coding":[{"system":"http://loinc.org","code":"34133-9"}]},"category":[{"coding":[{"system":"http://hl7.org/fhir/us/core/CodeSystem/us-core-documentreference-category","code":"clinical-note"}]}],
            "content":[{"attachment":{"title":"Note"}}],"date":"2026-02-03T12:00:00Z","context":{"period":{"start":"2026-02-03","end":"2026-02-03"}}
            """,
        ["Encounter"] = """
            "subject":{"reference":"Patient/PATIENT"},"status":"finished","class":{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"AMB"},"type":[{"coding":[{"system":"http://www.ama-assn.org/go/cpt","code":"99213"}]}],
            "identifier":[{"system":"urn:visit","value":"PATIENT"}],"period":{"start":"2026-02-03","end":"2026-02-03"},"location":[{"location":{"reference":"Location/uscore-a"}}],
            "hospitalization":{"dischargeDisposition":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/discharge-disposition","code":"home"}]}}
            """,
        ["Goal"] = """ "subject":{"reference":"Patient/PATIENT"},"lifecycleStatus":"active","description":{"coding":[{"system":"http://loinc.org","code":"59408-5"}],"text":"Saturation"},"target":[{"dueDate":"2026-02-03"}] """,
        ["Immunization"] = """ "patient":{"reference":"Patient/PATIENT"},"status":"completed","vaccineCode":{"text":"a vaccine"},"occurrenceDateTime":"2026-02-03" """,
        ["MedicationDispense"] = """ "subject":{"reference":"Patient/PATIENT"},"status":"completed","type":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"FF"}]},"medicationReference":{"reference":"Medication/uscore-a"} """,
        ["MedicationRequest"] = """ "subject":{"reference":"Patient/PATIENT"},"status":"active","intent":"order","encounter":{"reference":"Encounter/uscore-a"},"authoredOn":"2026-02-03","medicationReference":{"reference":"Medication/uscore-a"} """,
        ["Observation"] = """ "subject":{"reference":"Patient/PATIENT"},"status":"final","category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"laboratory"}]}],"code":{"coding":[{"system":"http://loinc.org","code":"2339-0"}]},"effectiveDateTime":"2026-02-03" """,
        ["Procedure"] = """ "subject":{"reference":"Patient/PATIENT"},"status":"completed","code":{"coding":[{"system":"http://www.ama-assn.org/go/cpt","code":"45378"}]},"performedDateTime":"2026-02-03" """,
        ["QuestionnaireResponse"] = """ "subject":{"reference":"Patient/PATIENT"},"status":"completed","authored":"2026-02-03T12:00:00Z","questionnaire":"http://example.org/Questionnaire/uscore" """,
        ["RelatedPerson"] = """ "patient":{"reference":"Patient/PATIENT"},"name":[{"family":"Uscorerelative"}] """,
        ["ServiceRequest"] = """ "subject":{"reference":"Patient/PATIENT"},"status":"active","intent":"order","category":[{"coding":[{"system":"http://snomed.info/sct","code":"108252007"}]}],"code":{"coding":[{"system":"http://www.ama-assn.org/go/cpt","code":"80053"}]},"authoredOn":"2026-02-03" """,
        ["Specimen"] = """ "subject":{"reference":"Patient/PATIENT"} """,
    };

    /// <summary>Elements that a record of the type cannot be without beside its patient, with other values than are asked for.</summary>
    public static IReadOnlyDictionary<string, string> Bare { get; } = new Dictionary<string, string>
    {
        ["CarePlan"] = """ "status":"draft","intent":"plan" """,
        ["Coverage"] = """ "status":"cancelled","payor":[{"display":"Payer"}] """,
        ["DiagnosticReport"] = """ "status":"registered","code":{"text":"a report"} """,
        ["DocumentReference"] = """ "status":"superseded","content":[{"attachment":{"title":"Note"}}] """,
        ["Encounter"] = """ "status":"planned","class":{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"IMP"} """,
        ["Goal"] = """ "lifecycleStatus":"proposed","description":{"text":"a goal"} """,
        ["Immunization"] = """ "status":"not-done","vaccineCode":{"text":"a vaccine"},"occurrenceDateTime":"2020-01-01" """,
        ["MedicationDispense"] = """ "status":"preparation","medicationCodeableConcept":{"text":"a drug"} """,
        ["MedicationRequest"] = """ "status":"draft","intent":"plan","medicationCodeableConcept":{"text":"a drug"} """,
        ["Observation"] = """ "status":"registered","code":{"text":"an observation"} """,
        ["Procedure"] = """ "status":"preparation" """,
        ["QuestionnaireResponse"] = """ "status":"in-progress" """,
        ["ServiceRequest"] = """ "status":"draft","intent":"plan" """,
    };

    /// <summary>Records of nobody's compartment, and the patients themselves; the second of each is found by none of the searches.</summary>
    public static IReadOnlyList<(string Type, string Id, string Elements)> Plain { get; } =
    [
        ("Patient", Patient, """ "identifier":[{"system":"urn:mrn","value":"uscore-1"}],"name":[{"family":"Uscorefamily","given":["Uscoregiven"]}],"gender":"female","birthDate":"2026-02-03","deceasedDateTime":"2026-02-03" """),
        ("Patient", Other, """ "name":[{"family":"Elsewhere"}],"gender":"male","birthDate":"1950-01-01" """),
        ("Practitioner", "uscore-a", """ "identifier":[{"system":"http://hl7.org/fhir/sid/us-npi","value":"1234567893"}],"name":[{"family":"Uscoredoctor"}] """),
        ("Practitioner", "uscore-b", """ "name":[{"family":"Elsewhere"}] """),
        ("Organization", "uscore-a", """ "name":"Uscoreclinic","address":[{"line":["1 Uscore Street"],"city":"Uscorecity"}] """),
        ("Organization", "uscore-b", """ "name":"Elsewhere" """),
        ("Location", "uscore-a", """ "name":"Uscoreroom","address":{"line":["1 Uscore Street"],"city":"Uscorecity","state":"UC","postalCode":"00001"} """),
        ("Location", "uscore-b", """ "name":"Elsewhere" """),
        ("Endpoint", "uscore-a", """ "status":"active","connectionType":{"code":"hl7-fhir-rest"},"payloadType":[{"text":"any"}],"address":"https://endpoint.example.org" """),
        ("PractitionerRole", "uscore-a", """ "practitioner":{"reference":"Practitioner/uscore-a"},"specialty":[{"coding":[{"system":"http://nucc.org/provider-taxonomy","code":"207Q00000X"}]}],"endpoint":[{"reference":"Endpoint/uscore-a"}] """),
        ("PractitionerRole", "uscore-b", """ "practitioner":{"reference":"Practitioner/uscore-b"} """),
        ("Medication", "uscore-a", """ "code":{"text":"a drug"} """),
    ];

    /// <summary>What each parameter is asked for; days are asked for with each comparator besides.</summary>
    public static string? Value(string type, string parameter) => (type, parameter) switch
    {
        (_, "_id") => type is "Patient" ? Patient : "uscore-a",
        ("Patient", "identifier") => "urn:mrn|uscore-1",
        ("Patient", "name" or "family") => "uscorefamily",
        ("Patient", "given") => "uscoregiven",
        ("Patient", "gender") => "female",
        ("Practitioner", "identifier") => "http://hl7.org/fhir/sid/us-npi|1234567893",
        ("Practitioner", "name") => "uscoredoctor",
        ("Organization", "name") => "uscoreclinic",
        ("Location", "name") => "uscoreroom",
        ("RelatedPerson", "name") => "uscorerelative",
        ("Organization" or "Location", "address") => "uscorecity",
        ("Location", "address-city") => "uscorecity",
        ("Location", "address-state") => "UC",
        ("Location", "address-postalcode") => "00001",
        ("PractitionerRole", "practitioner") => "Practitioner/uscore-a",
        ("PractitionerRole", "specialty") => "http://nucc.org/provider-taxonomy|207Q00000X",
        (_, "patient") => $"Patient/{Patient}",
        ("AllergyIntolerance", "clinical-status") => "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical|active",
        ("Condition", "clinical-status") => "http://terminology.hl7.org/CodeSystem/condition-clinical|active",
        ("CarePlan", "category") => "http://hl7.org/fhir/us/core/CodeSystem/careplan-category|assess-plan",
        ("CareTeam", "role") => "urn:role|nurse",
        ("Condition", "category") => "http://terminology.hl7.org/CodeSystem/condition-category|problem-list-item",
        ("Condition", "code") => "http://hl7.org/fhir/sid/icd-10-cm|I10",
        (_, "encounter") => "Encounter/uscore-a",
        ("Device", "type") => "http://snomed.info/sct|14106009",
        ("DiagnosticReport", "category") => "http://terminology.hl7.org/CodeSystem/v2-0074|LAB",
        ("DiagnosticReport", "code") => "http://loinc.org|24323-8",
        ("DocumentReference", "type") => "http://loinc.org|34133-9",
        ("DocumentReference", "category") => "http://hl7.org/fhir/us/core/CodeSystem/us-core-documentreference-category|clinical-note",
        ("Encounter", "class") => "AMB",
        ("Encounter", "type") => "99213",
        ("Encounter", "identifier") => $"urn:visit|{Patient}",
        ("Encounter", "location") => "Location/uscore-a",
        ("Encounter", "discharge-disposition") => "http://terminology.hl7.org/CodeSystem/discharge-disposition|home",
        ("Goal", "description") => "http://loinc.org|59408-5",
        ("MedicationDispense", "type") => "FF",
        ("MedicationRequest", "intent") => "order",
        ("Observation", "category") => "laboratory",
        ("Observation", "code") => "http://loinc.org|2339-0",
        ("Procedure", "code") => "http://www.ama-assn.org/go/cpt|45378",
        ("QuestionnaireResponse", "questionnaire") => "http://example.org/Questionnaire/uscore",
        ("ServiceRequest", "category") => "http://snomed.info/sct|108252007",
        ("ServiceRequest", "code") => "80053",
        (_, "lifecycle-status") => "active",
        (_, "status") => type switch
        {
            "DiagnosticReport" or "Observation" => "final",
            "DocumentReference" => "current",
            "Encounter" => "finished",
            "Immunization" or "MedicationDispense" or "Procedure" or "QuestionnaireResponse" => "completed",
            _ => "active",
        },
        (_, "birthdate" or "death-date" or "date" or "period" or "onset-date" or "abatement-date" or "recorded-date" or "asserted-date" or "target-date" or "authoredon" or "authored") => Day,
        _ => null,
    };

    /// <summary>The searches that a US Core 6.1 server has to answer (SHALL) or should: parameters of each, by type.</summary>
    public static IReadOnlyList<(string Type, string[] Parameters)> Searches { get; } =
    [
        .. Of("AllergyIntolerance", "patient", "patient clinical-status"),
        .. Of("CarePlan", "patient category", "patient category status", "patient category status date", "patient category date"),
        .. Of("CareTeam", "patient status", "patient role"),
        .. Of("Condition", "patient", "patient category", "patient category clinical-status", "patient category encounter", "patient clinical-status", "patient code", "patient onset-date", "patient abatement-date", "patient recorded-date", "patient asserted-date"),
        .. Of("Coverage", "patient"),
        .. Of("Device", "patient", "patient type", "patient status"),
        .. Of("DiagnosticReport", "patient", "patient category", "patient category date", "patient code", "patient code date", "patient status"),
        .. Of("DocumentReference", "_id", "patient", "patient type", "patient category", "patient category date", "patient status", "patient type period"),
        .. Of("Encounter", "_id", "identifier", "patient", "date patient", "patient type", "class patient", "patient status", "patient location", "patient discharge-disposition"),
        .. Of("Goal", "patient", "patient target-date", "patient description", "patient lifecycle-status"),
        .. Of("Immunization", "patient", "patient date", "patient status"),
        .. Of("Location", "name", "address", "address-city", "address-state", "address-postalcode"),
        .. Of("MedicationDispense", "patient", "patient status", "patient status type"),
        .. Of("MedicationRequest", "patient intent", "patient intent status", "patient intent encounter", "patient intent authoredon"),
        .. Of("Observation", "patient category", "patient category date", "patient category status", "patient code", "patient code date"),
        .. Of("Organization", "name", "address"),
        .. Of("Patient", "_id", "identifier", "name", "birthdate name", "gender name", "birthdate family", "family gender", "death-date family"),
        .. Of("Practitioner", "_id", "name", "identifier"),
        .. Of("PractitionerRole", "specialty", "practitioner"),
        .. Of("Procedure", "patient", "patient date", "patient code date", "patient status"),
        .. Of("QuestionnaireResponse", "_id", "patient", "patient questionnaire", "patient authored", "patient status"),
        .. Of("RelatedPerson", "_id", "patient", "patient name"),
        .. Of("ServiceRequest", "_id", "patient", "patient category", "patient category authored", "patient code", "patient code authored", "patient status"),
        .. Of("Specimen", "_id", "patient"),
    ];

    private static IEnumerable<(string, string[])> Of(string type, params string[] searches) => searches.Select(s => (type, s.Split(' ')));
}
