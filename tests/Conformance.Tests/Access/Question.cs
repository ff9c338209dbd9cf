using CsCheck;

namespace FhirEmr.Conformance.Tests.Access;

/// <summary>Something to ask of the server.</summary>
/// <param name="Address">With <c>~</c> where the ids of the graph begin, which is also its tag.</param>
/// <param name="Needs">Types that must be open to searches, or it is refused.</param>
/// <param name="Reads">Elements that must not be withheld, or it is refused. R4's <c>family</c> reads the names of patients and practitioners, so behind a chain it is refused for either.</param>
internal sealed record Question(string Address, IReadOnlyList<string> Needs, IReadOnlyList<(string Type, string Element)> Reads)
{
    /// <summary>Types that must be open, too, once something was found: it is searched from there.</summary>
    public IReadOnlyList<string> ThenNeeds { get; private init; } = [];

    private sealed record Part(string Text, string[] Needs, params (string, string)[] Reads);

    public static Gen<Question> Any { get; } = Gen.OneOf<Question>(
        Gen.OneOf("Patient", "Observation", "Observation", "Condition", "Encounter", "List", "Practitioner").SelectMany(type => Search(type)),
        Gen.OneOf("Patient", "Observation", "Observation", "Condition", "Encounter").SelectMany(type => Search(type)),
        Gen.Int[0, 4].SelectMany(i => Gen.OneOf("Observation", "Condition", "Encounter", "List").Select(type => new Question($"Patient/~pa{i}/{type}?_tag=urn:graph|~&_total=accurate", [type], []))),
        Gen.Int[0, 4].Select(i => new Question($"Patient/~pa{i}/*?_tag=urn:graph|~&_total=accurate&_count=3", [], [])),
        Gen.OneOf("_type=Patient,Observation", "_type=Condition,List,Encounter", "_sort=_id", "_count=4").Select(more => new Question($"?_tag=urn:graph|~&_total=accurate&{more}",
            more.StartsWith("_type=", StringComparison.Ordinal) ? more[6..].Split(',') : [], [])),
        Gen.Int[0, 4].SelectMany(i => Gen.OneOf("", "?_count=2", "?_type=Observation,Practitioner", "?_type=Condition&_count=1").Select(more => new Question($"Patient/~pa{i}/$everything{more}", ["Patient"], []))),
        Gen.OneOf(
            new Question("$graphql?query=" + Uri.EscapeDataString("{PatientList(_tag:\"urn:graph|~\",_sort:\"_id\"){id birthDate ObservationList(_reference:subject){id effectiveDateTime subject{resource(optional:true){...on Patient{id birthDate}}}}}}"),
                ["Patient"], [])
            { ThenNeeds = ["Observation"] },
            new Question("$graphql?query=" + Uri.EscapeDataString("{ObservationConnection(_tag:\"urn:graph|~\",_count:\"3\",code:\"c1\"){count edges{resource{id encounter{resource(optional:true){...on Encounter{id subject{reference}}}}}}}}"), ["Observation"], [])));

    public bool IsRefusedTo(Rights rights) => Needs.Any(t => !rights.CanSearch(t)) || Reads.Any(r => rights.Hides(r.Type, r.Element));

    public bool IsThenRefusedTo(Rights rights) => ThenNeeds.Any(t => !rights.CanSearch(t));

    private static Gen<Question> Search(string type) =>
        Gen.Select(Gen.OneOf(Criteria[type]).List[0, 2], Gen.OneOf(Orders[type]), Gen.OneOf(Includes[type]).List[0, 2], Gen.OneOf("", "&_count=1", "&_count=2", "&_count=50", "&_summary=count"), (criteria, order, includes, size) =>
        {
            Part[] parts = [.. criteria, order, .. includes];
            return new Question(
                $"{type}?_tag=urn:graph|~&_total=accurate{string.Concat(parts.Where(p => p.Text.Length > 0).Select(p => p.Text).Distinct().Select(t => "&" + t))}{size}",
                [type, .. parts.SelectMany(p => p.Needs)], [.. parts.SelectMany(p => p.Reads)]);
        });

    private static readonly Dictionary<string, Part[]> Criteria = new()
    {
        ["Patient"] =
        [
            new("gender=female", [], ("Patient", "gender")), new("gender:not=male", [], ("Patient", "gender")), new("family=Adams,Baker", []), new("birthdate=ge1970", []), new("telecom=555-1", [], ("Patient", "telecom")),
            new("general-practitioner=Practitioner/~pr1", [], ("Patient", "generalPractitioner")), new("general-practitioner:missing=true", [], ("Patient", "generalPractitioner")),
            new("general-practitioner:Practitioner.family=Adams", ["Practitioner"], ("Patient", "generalPractitioner"), ("Practitioner", "name")),
            new("general-practitioner:Practitioner.active=true", ["Practitioner"], ("Patient", "generalPractitioner")),
            new("_has:Observation:subject:status=final", ["Observation"]), new("_has:Observation:patient:code=c1", ["Observation"]),
            new("_has:Observation:subject:value-quantity=gt5", ["Observation"], ("Observation", "value")),
            new("_has:Encounter:patient:participant.active=true", ["Encounter", "Practitioner"], ("Encounter", "participant")),
            new("_has:Condition:patient:_has:List:item:status=current", ["Condition", "List"], ("List", "entry")),
            new("_filter=family eq \"Adams\" or general-practitioner:Practitioner.active eq true", ["Practitioner"], ("Patient", "generalPractitioner")),
        ],
        ["Observation"] =
        [
            new("status=final", []), new("status:not=final", []), new("code=c1,c2", []), new("subject=Patient/~pa1,Patient/~pa2", []), new("patient.gender=female", ["Patient"], ("Patient", "gender")),
            new("subject:Patient.general-practitioner.active=true", ["Patient", "Practitioner"], ("Patient", "generalPractitioner")), new("subject:Patient.family=Clark", ["Patient"], ("Practitioner", "name")),
            new("has-member.status=final", ["Observation"], ("Observation", "hasMember")), new("has-member.subject:Patient.birthdate=lt1980", ["Patient"], ("Observation", "hasMember")),
            new("_has:Observation:has-member:code=c2", [], ("Observation", "hasMember")), new("encounter.status=finished", ["Encounter"], ("Encounter", "status")), new("performer=Practitioner/~pr0", [], ("Observation", "performer")),
            new("performer:Practitioner.family=Baker", ["Practitioner"], ("Observation", "performer"), ("Practitioner", "name")), new("date=ge2024-04", []), new("value-quantity=gt5", [], ("Observation", "value")),
            new("code-value-quantity=c1$gt4", [], ("Observation", "value")), new("_list=~li1", ["List"], ("List", "entry")), new("_id=~ob1,~ob2,~ob3", []), new("_security=R", []),
            new("_filter=status eq final and not (subject:Patient.birthdate lt 1975)", ["Patient"]),
        ],
        ["Condition"] =
        [
            new("clinical-status=active", []), new("code=c1", [], ("Condition", "code")), new("patient.family=Adams", ["Patient"], ("Practitioner", "name")), new("encounter.status=finished", ["Encounter"], ("Condition", "encounter"), ("Encounter", "status")),
            new("_has:List:item:status=current", ["List"], ("List", "entry")), new("encounter.participant:Practitioner.active=true", ["Encounter", "Practitioner"], ("Condition", "encounter"), ("Encounter", "participant")),
        ],
        ["Encounter"] =
        [
            new("status=finished", [], ("Encounter", "status")), new("subject:Patient.birthdate=gt1970", ["Patient"]), new("participant:Practitioner.active=true", ["Practitioner"], ("Encounter", "participant")),
            new("_has:Observation:encounter:status=final", ["Observation"]), new("_has:Observation:encounter:performer:Practitioner.active=true", ["Observation", "Practitioner"], ("Observation", "performer")),
        ],
        ["List"] = [new("status=current", []), new("item:Condition.clinical-status=active", ["Condition"], ("List", "entry")), new("subject:Patient.family=Adams", ["Patient"], ("Practitioner", "name"))],
        ["Practitioner"] =
        [
            new("active=true", []), new("family=Adams", [], ("Practitioner", "name")), new("_has:Patient:general-practitioner:birthdate=ge1970", ["Patient"], ("Patient", "generalPractitioner")),
            new("_has:Observation:performer:subject:Patient.family=Adams", ["Observation", "Patient"], ("Observation", "performer"), ("Practitioner", "name")),
        ],
    };

    private static readonly Dictionary<string, Part[]> Orders = new()
    {
        ["Patient"] = [new("", []), new("_sort=family", []), new("_sort=-birthdate", []), new("_sort=gender,-family", [], ("Patient", "gender")), new("_sort=-general-practitioner", [], ("Patient", "generalPractitioner"))],
        ["Observation"] = [new("", []), new("_sort=date", []), new("_sort=-date,code", []), new("_sort=-value-quantity", [], ("Observation", "value")), new("_sort=patient,-_id", [])],
        ["Condition"] = [new("", []), new("_sort=code", [], ("Condition", "code")), new("_sort=-subject", [])],
        ["Encounter"] = [new("", []), new("_sort=status", [], ("Encounter", "status")), new("_sort=-_id", [])],
        ["List"] = [new("", []), new("_sort=status", [])],
        ["Practitioner"] = [new("", []), new("_sort=-family", [], ("Practitioner", "name"))],
    };

    private static readonly Dictionary<string, Part[]> Includes = new()
    {
        ["Patient"] = [new("_revinclude=Observation:subject", []), new("_revinclude=*", []), new("_include=Patient:general-practitioner", [], ("Patient", "generalPractitioner")), new("_revinclude=Encounter:patient", []), new("_include=*", [])],
        ["Observation"] =
        [
            new("_include=Observation:subject", []), new("_include=*", []), new("_include:iterate=Observation:has-member", [], ("Observation", "hasMember")), new("_include=Observation:performer", [], ("Observation", "performer")),
            new("_include:iterate=Patient:general-practitioner", [], ("Patient", "generalPractitioner")), new("_revinclude=List:item", [], ("List", "entry")), new("_revinclude:iterate=Observation:has-member", [], ("Observation", "hasMember")),
        ],
        ["Condition"] = [new("_include=Condition:encounter", [], ("Condition", "encounter")), new("_revinclude=List:*", []), new("_include=Condition:*", [])],
        ["Encounter"] = [new("_revinclude=Observation:encounter", []), new("_include=Encounter:participant", [], ("Encounter", "participant")), new("_revinclude=*", [])],
        ["List"] = [new("_include=List:item", [], ("List", "entry")), new("_include:iterate=Observation:subject", [])],
        ["Practitioner"] = [new("_revinclude=Patient:general-practitioner", [], ("Patient", "generalPractitioner")), new("_revinclude:iterate=Observation:subject", [])],
    };
}
