namespace FhirEmr.FhirServer.Tests.Search.Indexing.Extraction;

/// <summary>Small resources of our own that touch every construct search parameter expressions use.</summary>
internal static class ExtractionFixtures
{
    public static IReadOnlyList<(string Name, string Json)> All { get; } =
    [
        ("patient", """
            {"resourceType":"Patient","id":"p1","meta":{"tag":[{"system":"urn:t","code":"a"}],"profile":["http://x/p|1.0"]},
             "active":true,"name":[{"family":"Lindqvist","given":["Åsa","Maria"],"_given":[{"extension":[{"url":"urn:n","valueString":"x"}]},null]},{"text":"Åsa L."}],
             "telecom":[{"system":"phone","value":"555-0100"},{"system":"email","value":"Asa@Example.org"},{"value":"bare"}],
             "gender":"female","birthDate":"1980-02","address":[{"line":["1 Oak St"],"city":"Lund","state":"MA","postalCode":"01001","country":"US","use":"home"}],
             "communication":[{"language":{"coding":[{"system":"urn:ietf:bcp:47","code":"sv"}]}}],
             "generalPractitioner":[{"reference":"Practitioner/d1"},{"reference":"Organization/o1"}],"link":[{"other":{"reference":"Patient/p2"},"type":"seealso"}]}
            """),
        ("deceased patient", """{"resourceType":"Patient","deceasedDateTime":"2020-01-01T10:00:00Z"}"""),
        ("living patient", """{"resourceType":"Patient","deceasedBoolean":false}"""),
        ("patient of unknown fate", """{"resourceType":"Patient","_deceasedBoolean":{"extension":[{"url":"urn:x","valueCode":"unknown"}]}}"""),
        ("patient whose fate has a note", """{"resourceType":"Patient","_deceasedBoolean":{"extension":[{"url":"urn:x","valueCode":"n"}]},"deceasedBoolean":true}"""),
        ("observation", """
            {"resourceType":"Observation","status":"final","category":[{"coding":[{"system":"urn:c","code":"vital-signs"}]}],
             "code":{"coding":[{"system":"http://loinc.org","code":"85354-9"}],"text":"Blood pressure"},"subject":{"reference":"Patient/p1"},
             "encounter":{"reference":"Encounter/e1"},"effectiveDateTime":"2024-03-01T09:30:00+01:00","performer":[{"reference":"Practitioner/d1"}],
             "component":[{"code":{"coding":[{"system":"http://loinc.org","code":"8480-6"}]},"valueQuantity":{"value":120,"unit":"mmHg","system":"http://unitsofmeasure.org","code":"mm[Hg]"}},
                          {"code":{"text":"note"},"valueString":"seated"},
                          {"code":{"text":"kind"},"valueCodeableConcept":{"coding":[{"code":"k"}],"text":"kind text"}}]}
            """),
        ("observation of a group", """
            {"resourceType":"Observation","status":"final","code":{"text":"x"},"subject":{"reference":"Group/g1"},
             "effectivePeriod":{"start":"2024-01-01"},"valueCodeableConcept":{"coding":[{"code":"pos"}],"text":"Positive"}}
            """),
        ("observation of a contained patient", """
            {"resourceType":"Observation","contained":[{"resourceType":"Patient","id":"in"}],"status":"final","code":{"text":"x"},
             "subject":{"reference":"#in"},"valueSampledData":{"origin":{"value":0,"unit":"mV"},"period":10,"dimensions":1,"data":"1 E 3 -2"}}
            """),
        ("condition", """
            {"resourceType":"Condition","subject":{"reference":"http://example.org/fhir/Patient/p1/_history/3"},"code":{"coding":[{"code":"c"}]},
             "onsetAge":{"value":52,"unit":"years","system":"http://unitsofmeasure.org","code":"a"},"abatementPeriod":{"start":"2020","end":"2021-05"}}
            """),
        ("condition in words", """{"resourceType":"Condition","subject":{"display":"someone"},"onsetString":"childhood","abatementString":"later"}"""),
        ("plan definition", """
            {"resourceType":"PlanDefinition","status":"draft","useContext":[{"code":{"code":"age"},"valueRange":{"low":{"value":12},"high":{"value":18}}},
              {"code":{"code":"focus"},"valueCodeableConcept":{"text":"x"}}],
             "relatedArtifact":[{"type":"depends-on","resource":"http://x/a|2"},{"type":"successor","resource":"http://x/b"},{"type":"citation","citation":"c"}]}
            """),
        ("claim with a stage", """
            {"resourceType":"Claim","extension":[{"url":"urn:other","valueCode":"no"},{"url":"urn:fhiremr:claim-stage","valueCode":"ready"}],"status":"active",
             "type":{"coding":[{"code":"professional"}]},"use":"claim","patient":{"reference":"Patient/p1"},"created":"2024-05-05","provider":{"reference":"Organization/o"},
             "priority":{"coding":[{"code":"normal"}]},"insurance":[{"sequence":1,"focal":true,"coverage":{"reference":"Coverage/c"}}]}
            """),
        ("document bundle", """
            {"resourceType":"Bundle","type":"document","identifier":{"system":"urn:i","value":"1"},"timestamp":"2024-01-01T00:00:00Z",
             "entry":[{"resource":{"resourceType":"Composition","id":"c","status":"final","type":{"text":"t"},"date":"2024","author":[{"display":"a"}],"title":"T"}},
                      {"resource":{"resourceType":"Patient","id":"p"}}]}
            """),
        ("medication request", """
            {"resourceType":"MedicationRequest","status":"active","intent":"order","medicationReference":{"reference":"Medication/m"},"subject":{"reference":"Patient/p1"},
             "authoredOn":"2024-02-29","dosageInstruction":[{"timing":{"event":["2024-03-01","2024-03-08T08:00:00Z"]}}]}
            """),
        ("insurance plan", """{"resourceType":"InsurancePlan","name":"Gold","alias":["Au","Yellow"]}"""),
        ("group", """
            {"resourceType":"Group","type":"person","actual":true,"characteristic":[{"code":{"text":"a"},"valueBoolean":true,"exclude":false},
             {"code":{"text":"b"},"valueCodeableConcept":{"coding":[{"code":"z"}]},"exclude":true}],"member":[{"entity":{"reference":"Patient/p1"}}]}
            """),
        ("molecular sequence", """
            {"resourceType":"MolecularSequence","coordinateSystem":0,"referenceSeq":{"chromosome":{"coding":[{"code":"1"}]},"windowStart":10,"windowEnd":90},
             "variant":[{"start":10,"end":20},{"start":30,"end":40},{"start":50}]}
            """),
        ("document reference", """
            {"resourceType":"DocumentReference","status":"current","content":[{"attachment":{"url":"http://x/y"}}],
             "relatesTo":[{"code":"replaces","target":{"reference":"DocumentReference/a"}},{"code":"appends","target":{"reference":"DocumentReference/b"}}]}
            """),
        ("location", """{"resourceType":"Location","position":{"longitude":-83.6945691,"latitude":42.25475478}}"""),
        ("concept map", """{"resourceType":"ConceptMap","status":"active","sourceUri":"http://x/source","targetCanonical":"http://x/target|3"}"""),
    ];
}
