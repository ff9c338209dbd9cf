using FhirEmr.FhirServer.Interactions.Past;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Rest;

namespace FhirEmr.FhirServer.Operations.Export;

/// <summary>The parameters of <c>$export</c>, from the address or a Parameters body, read.</summary>
/// <param name="Types">Named by <c>_type</c>, each once; none named: all there are.</param>
/// <param name="Filters">Searches of <c>_typeFilter</c>: type, and what stands behind the question mark.</param>
/// <param name="Since">Milliseconds since 1970 UTC.</param>
/// <param name="Elements">Of <c>_elements</c>: type (null for every type) and element.</param>
/// <param name="Patients">Ids of <c>patient</c>; null when none was named.</param>
internal sealed record ExportInput(
    IReadOnlyList<string> Types, IReadOnlyList<(string Type, string Query)> Filters, long? Since, IReadOnlyList<(string? Type, string Element)> Elements, IReadOnlyList<string>? Patients)
{
    private static readonly string[] Known = ["_outputFormat", "_type", "_typeFilter", "_since", "_elements", "patient", "includeAssociatedData"];

    private static readonly string[] Formats = ["application/fhir+ndjson", "application/ndjson", "ndjson", ParquetFile.MediaType, "parquet"];

    /// <summary>What was left out, as lenient handling wants it.</summary>
    public IReadOnlyList<FaultIssue> Ignored { get; init; } = [];

    /// <summary>Files are fetched as Parquet, not as lines.</summary>
    public bool IsParquet { get; init; }

    /// <summary>The Provenance of what is exported comes with it.</summary>
    public bool HasAssociated { get; init; }

    public bool IsNamed => Types.Count > 0;

    /// <summary>Elements of a type to give; empty for the whole resource.</summary>
    public IReadOnlyList<string> ElementsOf(string type) => [.. Elements.Where(e => e.Type is null || e.Type == type).Select(e => e.Element).Distinct()];

    public static (ExportInput? Input, FhirFault? Fault) Read(FhirRequest request, bool isOfSystem)
    {
        var reader = new Reader(isOfSystem);
        if (request.Body.Exists && request.Body.Type.Name != "Parameters")
            return (null, FhirFault.Of(FaultKind.Invalid, $"$export takes a Parameters resource, not a {request.Body.Type.Name}."));
        foreach (var (name, value) in Given(request))
            reader.Take(name, value);
        if (reader.Types.Count > 0)
            foreach (var type in reader.Filters.Select(f => f.Type).Except(reader.Types).ToArray())
                reader.Fail("value", $"_typeFilter asks for {type}, which _type does not name.");
        if (reader.Faults.Count > 0 && (!request.Prefer.Lenient || reader.IsSevere))
            return (null, new(FaultKind.Invalid, reader.Faults));
        return (new(reader.Types, [.. reader.Filters.Where(f => reader.Types.Count == 0 || reader.Types.Contains(f.Type))], reader.Since, reader.Elements, reader.Patients) { Ignored = reader.Faults, IsParquet = reader.IsParquet, HasAssociated = reader.HasAssociated }, null);
    }

    private static IEnumerable<(string Name, string Value)> Given(FhirRequest request)
    {
        foreach (var (name, value) in request.Query)
            if (name is not ("_format" or "_pretty"))
                yield return (name, value);
        if (!request.Body.Exists)
            yield break;
        foreach (var parameter in request.Body.Children)
            if (FhirNames.Name(parameter.NameId) == "parameter" && parameter.TextOf("name") is { } name && parameter.Child("value") is { Exists: true } value)
                yield return (name, value.Type.Name == "Reference" ? value.TextOf("reference") ?? "" : value.Text);
    }

    private sealed class Reader(bool isOfSystem)
    {
        private bool isTypeNamed;

        public List<string> Types { get; } = [];

        public List<(string Type, string Query)> Filters { get; } = [];

        public long? Since { get; private set; }

        public List<(string? Type, string Element)> Elements { get; } = [];

        public List<string>? Patients { get; private set; }

        public List<FaultIssue> Faults { get; } = [];

        public bool IsParquet { get; private set; }

        public bool HasAssociated { get; private set; }

        /// <summary>Leaving it out would give more, or other things, than was asked for.</summary>
        public bool IsSevere => isSevere || (isTypeNamed && Types.Count == 0);

        private bool isSevere;

        public void Fail(string code, string text) => Faults.Add(new(code, text));

        public void Take(string name, string value)
        {
            switch (name)
            {
                case "_outputFormat":
                    if (!Formats.Contains(value.Replace(' ', '+'), StringComparer.Ordinal))
                        Refuse("not-supported", $"_outputFormat={value} is not written here: ask for {string.Join(", ", Formats)}.");
                    IsParquet = value is ParquetFile.MediaType or "parquet";
                    break;
                case "_type":
                    isTypeNamed = true;
                    foreach (var type in Split(value))
                        TakeType(type);
                    break;
                case "_typeFilter":
                    foreach (var filter in Searches(value))
                        TakeFilter(filter);
                    break;
                case "_since" when AsOf.Parse(value) is { } instant && Since is null:
                    Since = instant.ToUnixTimeMilliseconds();
                    break;
                case "_since":
                    Refuse("value", $"_since={value} cannot be read: give one instant such as 2026-01-31T08:00:00Z.");
                    break;
                case "_elements":
                    foreach (var element in Split(value))
                        TakeElement(element);
                    break;
                case "patient" when isOfSystem:
                    Refuse("not-supported", "patient goes with Patient/$export and Group/[id]/$export.");
                    break;
                case "patient":
                    foreach (var reference in Split(value))
                        TakePatient(reference);
                    break;
                case "includeAssociatedData":
                    foreach (var data in Split(value))
                        if (data is "LatestProvenanceResources" or "RelevantProvenanceResources")
                            HasAssociated = true; // an export holds current versions, so both are the same
                        else
                            Fail("not-supported", $"includeAssociatedData={data} is not known here: it takes LatestProvenanceResources and RelevantProvenanceResources. Name what else you need with _type.");
                    break;
                default:
                    Fail("not-supported", $"$export has no parameter '{name}'; it takes {string.Join(", ", Known)}.{(NearestName.Of(name, Known) is { } near ? $" Did you mean '{near}'?" : "")}");
                    break;
            }
        }

        private void Refuse(string code, string text)
        {
            isSevere = true;
            Fail(code, text);
        }

        private void TakeType(string type)
        {
            if (!ResourceTypes.Exists(type))
                Fail("value", $"_type={type}: '{type}' is not a resource type of FHIR R4.{(NearestName.Of(type, ResourceTypes.All) is { } near ? $" Did you mean '{near}'?" : "")}");
            else if (!Types.Contains(type))
                Types.Add(type);
        }

        private void TakeFilter(string filter)
        {
            var mark = filter.IndexOf('?', StringComparison.Ordinal);
            var type = mark < 0 ? filter : filter[..mark];
            if (mark < 0 || !ResourceTypes.Exists(type))
                Refuse("value", $"_typeFilter={filter} cannot be read: write a search on one type, such as Observation?category=laboratory.");
            else
                Filters.Add((type, filter[(mark + 1)..]));
        }

        private void TakeElement(string element)
        {
            var dot = element.IndexOf('.', StringComparison.Ordinal);
            var (type, name) = dot < 0 ? (null, element) : (element[..dot], element[(dot + 1)..]);
            var isKnown = type is null
                ? ResourceTypes.All.Any(t => FhirSchema.Resource(t)!.Elements.Contains(name))
                : ResourceTypes.Exists(type) && FhirSchema.Resource(type)!.Elements.Contains(name);
            if (isKnown)
                Elements.Add((type, name));
            else
                Refuse("value", $"_elements={element}: there is no such element at the top of {type ?? "any resource"}. Write name, or Type.name.");
        }

        private void TakePatient(string reference)
        {
            if (ResourceKey.TryParseRelative(reference, out var key, out _) && key.Type == "Patient")
                (Patients ??= []).Add(key.Id);
            else
                Refuse("value", $"patient={reference} is no reference to a patient: write Patient/[id].");
        }

        private static string[] Split(string value) => value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

        /// <summary>A comma parts two searches when another search begins behind it: values have commas of their own.</summary>
        private static IEnumerable<string> Searches(string value)
        {
            var start = 0;
            for (var comma = value.IndexOf(','); comma >= 0; comma = value.IndexOf(',', comma + 1))
            {
                var rest = value.AsSpan(comma + 1);
                var mark = rest.IndexOf('?');
                if (mark <= 0 || !ResourceTypes.Exists(rest[..mark].Trim().ToString()))
                    continue;
                yield return value[start..comma].Trim();
                start = comma + 1;
            }

            yield return value[start..].Trim();
        }
    }
}
