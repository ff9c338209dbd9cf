using System.Collections.Frozen;
using System.Text.Json.Nodes;
using CsCheck;
using FhirEmr.FhirServer.Search.Query;
using FhirEmr.FhirServer.Security.Access;

namespace FhirEmr.Conformance.Tests.Access;

/// <summary>A condition on resources of a type, as a search that the server reads and as what it means.</summary>
internal sealed record Limit(string Search, Func<JsonObject, Clinic, bool> Holds)
{
    /// <summary>Every kind of limit there is for a type.</summary>
    public static Gen<Limit> Of(string type, Clinic clinic)
    {
        var patient = Gen.OneOf(clinic.IdsOf("Patient").ToArray());
        var practitioner = Gen.OneOf(clinic.IdsOf("Practitioner").ToArray());
        var unlabelled = Gen.Const(new Limit($"_security:not={Clinic.Security}|R,{Clinic.Security}|V", (r, _) => r["meta"]!["security"] is null));
        var status = Gen.Const(type switch
        {
            "Patient" => new Limit("gender=female", (r, _) => Text(r, "gender") == "female"),
            "Practitioner" => new Limit("active=true", (r, _) => (bool?)r["active"] == true),
            "Condition" => new Limit("clinical-status=active", (r, _) => Text(r["clinicalStatus"]!["coding"]![0]!, "code") == "active"),
            "Encounter" => new Limit("status=finished", (r, _) => Text(r, "status") == "finished"),
            "Observation" => new Limit("status=final", (r, _) => Text(r, "status") == "final"),
            _ => new Limit("status=current", (r, _) => Text(r, "status") == "current"),
        });
        if (type == "Practitioner")
            return Gen.OneOf<Limit>(unlabelled, status);
        var own = patient.Select(p => type == "Patient"
            ? new Limit($"_id={p}", (r, _) => Text(r, "id") == p)
            : new Limit($"subject=Patient/{p}", (r, _) => Subject(r) == $"Patient/{p}"));
        var panel = practitioner.Select(d => type == "Patient"
            ? new Limit($"general-practitioner=Practitioner/{d}", (r, _) => IsPatientOf(r, d))
            : new Limit($"subject:Patient.general-practitioner=Practitioner/{d}", (r, c) => c.Charts.Find(x => $"{x.Type}/{x.Id}" == Subject(r))?.Now is { } them && IsPatientOf(them, d)));
        return Gen.OneOf<Limit>(own, unlabelled, status, panel);
    }

    private static bool IsPatientOf(JsonObject patient, string practitioner) => patient["generalPractitioner"]?[0]?["reference"]?.GetValue<string>() == $"Practitioner/{practitioner}";

    private static string? Subject(JsonObject r) => r["subject"]?["reference"]?.GetValue<string>();

    private static string? Text(JsonNode r, string name) => r[name]?.GetValue<string>();
}

/// <summary>What one type is opened by: ways in, each a set of limits that must all hold; nothing is open when there are none.</summary>
internal sealed record Opening(string Type, IReadOnlyList<IReadOnlyList<Limit>> Ways, Interaction Interactions, string? Masked)
{
    public bool Allows(Interaction interaction) => Ways.Count > 0 && Interactions.HasFlag(interaction);

    public bool Shows(JsonObject resource, Clinic clinic) => Ways.Any(w => w.All(l => l.Holds(resource, clinic)));
}

/// <summary>The rights of a caller: what the server is told, and the model it is held against.</summary>
internal sealed class Rights(IReadOnlyList<Opening> openings, Clinic clinic)
{
    public static readonly string[] Types = ["Practitioner", "Patient", "Encounter", "Condition", "Observation", "List"];

    public static Gen<Rights> Of(Clinic clinic) => Gen.Select(
        OpeningOf(Types[0], clinic), OpeningOf(Types[1], clinic), OpeningOf(Types[2], clinic), OpeningOf(Types[3], clinic), OpeningOf(Types[4], clinic), OpeningOf(Types[5], clinic),
        (a, b, c, d, e, f) => new Rights([a, b, c, d, e, f], clinic));

    public Opening To(string type) => openings.First(o => o.Type == type);

    public bool CanSearch(string type) => openings.Any(o => o.Type == type && o.Allows(Interaction.Search));

    public bool Hides(string type, string element) => openings.Any(o => o.Type == type && o.Allows(Interaction.Search) && o.Masked == element);

    /// <summary>Whether the resource stands within reach, as it is or was last.</summary>
    public bool Reaches(Chart chart, Interaction interaction) => To(chart.Type).Allows(interaction) && To(chart.Type).Shows(chart.Last, clinic);

    /// <summary>Whether the version itself is one that its type is opened for.</summary>
    public bool Shows(JsonObject version) => To(version["resourceType"]!.GetValue<string>()).Shows(version, clinic);

    /// <summary>Whether nothing is withheld from what is seen.</summary>
    public bool IsWhole => openings.All(o => o.Ways.Count == 0 || o.Masked is null);

    /// <summary>Versions within reach, newest first: their own content, or that before a deletion, must be too.</summary>
    public IEnumerable<int> VersionsOf(Chart chart, Interaction interaction) => !Reaches(chart, interaction) ? []
        : Enumerable.Range(1, chart.Versions.Count).Reverse().Where(v => To(chart.Type).Shows(chart.Versions[v - 1] ?? chart.Versions[v - 2]!, clinic));

    /// <summary>The resource as the caller may see it.</summary>
    public JsonObject Shown(JsonObject resource)
    {
        var shown = (JsonObject)resource.DeepClone();
        if (To(resource["resourceType"]!.GetValue<string>()).Masked is { } masked)
            foreach (var name in shown.Select(p => p.Key).Where(k => k == masked || (k.StartsWith(masked, StringComparison.Ordinal) && char.IsAsciiLetterUpper(k[masked.Length]))).ToList())
                shown.Remove(name);
        return shown;
    }

    internal async Task<AccessPlan> PlanAsync(AccessServer server)
    {
        var types = new Dictionary<string, TypeAccess>();
        foreach (var opening in openings.Where(o => o.Ways.Count > 0))
        {
            var grants = new List<Grant>();
            foreach (var way in opening.Ways)
            {
                var terms = new List<SearchExpression>();
                foreach (var limit in way)
                    terms.Add(await server.WhereAsync(opening.Type, limit.Search));
                grants.Add(new(opening.Interactions, terms switch { [] => null, [var one] => one, _ => new SearchExpression.And(terms) })
                {
                    Masked = opening.Masked is { } masked ? FrozenSet.Create(masked) : [],
                });
            }

            types[opening.Type] = new(grants);
        }

        return new(ToString(), types, []);
    }

    public override string ToString() => string.Join("; ", openings.Select(o =>
        $"{o.Type} {(o.Ways.Count == 0 ? "-" : string.Join(" or ", o.Ways.Select(w => w.Count == 0 ? "all" : string.Join(" and ", w.Select(l => l.Search)))))}{(o.Interactions == Interaction.Reading ? "" : $" [{o.Interactions}]")}{(o.Masked is null ? "" : $" without {o.Masked}")}"));

    private static Gen<Opening> OpeningOf(string type, Clinic clinic)
    {
        var way = Limit.Of(type, clinic).List[1, 2].Select(l => (IReadOnlyList<Limit>)l);
        var ways = Gen.Frequency<IReadOnlyList<IReadOnlyList<Limit>>>(
            (2, Gen.Const((IReadOnlyList<IReadOnlyList<Limit>>)[])),
            (3, Gen.Const((IReadOnlyList<IReadOnlyList<Limit>>)[[]])),
            (8, way.List[1, 2].Select(w => (IReadOnlyList<IReadOnlyList<Limit>>)w)));
        // Reading by id does not open searches. Not where GraphQL follows a reference by id: the copy would not hold its end.
        var interactions = type is "List" or "Condition" or "Practitioner" ? Gen.Frequency<Interaction>((7, Gen.Const(Interaction.Reading)), (1, Gen.Const(Interaction.Read | Interaction.Vread))) : Gen.Const(Interaction.Reading);
        var masked = Gen.Frequency<string?>((6, Gen.Const((string?)null)), (1, Gen.OneOf<string?>(type switch
        {
            "Patient" => ["telecom", "gender", "generalPractitioner"],
            "Practitioner" => ["telecom", "name"],
            "Observation" => ["value", "performer", "hasMember"],
            "Condition" => ["code", "encounter"],
            "Encounter" => ["participant"],
            _ => new string?[] { "entry" },
        })));
        return Gen.Select(ways, interactions, masked, (w, i, m) => new Opening(type, w, i, m));
    }
}
