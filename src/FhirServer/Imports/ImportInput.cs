using FhirEmr.FhirServer.Imports.Kinds;
using FhirEmr.FhirServer.Imports.Mapping;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Rest;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Imports;

/// <summary>Parameters of an import's operations, from the address and from a Parameters body.</summary>
internal sealed class ImportInput
{
    private readonly List<Parameters.ParameterComponent> parameters = [];
    private readonly List<FaultIssue> faults = [];

    private ImportInput()
    {
    }

    /// <summary>Everything wrong so far; null when nothing is.</summary>
    public FhirFault? Fault => faults.Count == 0 ? null : new FhirFault(FaultKind.Invalid, faults);

    public static ImportInput Read(FhirRequest request, params string[] known)
    {
        var input = new ImportInput();
        foreach (var (name, value) in request.Query)
            if (name is not ("_format" or "_pretty"))
                input.parameters.Add(new() { Name = name, Value = new FhirString(value) });
        if (request.Body.Exists && request.Body.Type.Name != "Parameters")
            input.Refuse($"${request.Target.Operation} takes a Parameters resource, not a {request.Body.Type.Name}.");
        else if (request.Body.Exists)
            input.parameters.AddRange(FhirFormats.Parse<Parameters>(request.Body.Tree.Source[request.Body.Start..request.Body.End].Span).Parameter);
        foreach (var name in input.parameters.Select(p => p.Name ?? "").Distinct().Where(n => !known.Contains(n)))
            input.Refuse($"${request.Target.Operation} has no parameter '{name}'; it takes {(known.Length == 0 ? "none" : string.Join(", ", known))}.{(NearestName.Of(name, known) is { } near ? $" Did you mean '{near}'?" : "")}");
        return input;
    }

    public void Refuse(string text, string code = "value") => faults.Add(new(code, text));

    public string? Text(string name) => Only(name)?.Value switch
    {
        null => null,
        ResourceReference reference => reference.Reference,
        PrimitiveType primitive => primitive.ToString()?.Trim() is { Length: > 0 } text ? text : null,
        _ => null,
    };

    /// <summary>The id in a reference to a type.</summary>
    public string? Id(string name, string type)
    {
        if (Text(name) is not { } text)
            return null;
        if (text.StartsWith(type + "/", StringComparison.Ordinal) && ResourceKey.IsId(text.AsSpan(type.Length + 1)))
            return text[(type.Length + 1)..];
        Refuse($"{name} has to be a reference to a {type}, as in {type}/12.");
        return null;
    }

    public byte[]? Bytes(string name)
    {
        switch (Only(name)?.Value)
        {
            case null:
                return null;
            case Base64Binary { Value: { } bytes }:
                return bytes;
            case FhirString { Value: { } text }:
                return System.Text.Encoding.UTF8.GetBytes(text);
            default:
                Refuse($"{name} has to be a valueBase64Binary, or a valueString.");
                return null;
        }
    }

    public int? Number(string name, int most)
    {
        if (Text(name) is not { } text)
            return null;
        if (int.TryParse(text, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var number) && number <= most)
            return number;
        Refuse($"{name} has to be a number from 0 to {most}.");
        return null;
    }

    public T? Word<T>(string name)
        where T : struct, Enum
    {
        if (Text(name) is not { } text)
            return null;
        var words = Enum.GetValues<T>().ToDictionary(v => System.Text.Json.JsonNamingPolicy.KebabCaseLower.ConvertName(v.ToString()));
        if (words.TryGetValue(text, out var word))
            return word;
        Refuse($"{name} is '{(text.Length > 40 ? text[..40] : text)}'; it is one of {string.Join(", ", words.Keys)}.");
        return null;
    }

    /// <summary>Repeated <c>column</c> with parts <c>header</c> and <c>field</c>; a column without a field is not imported.</summary>
    public IReadOnlyList<MappedColumn> Columns()
    {
        var columns = new List<MappedColumn>();
        foreach (var column in parameters.Where(p => p.Name == "column"))
        {
            if ((column.Part.Find(p => p.Name == "header")?.Value as PrimitiveType)?.ToString() is { } header)
                columns.Add(new(header, (column.Part.Find(p => p.Name == "field")?.Value as PrimitiveType)?.ToString()));
            else
                Refuse("Each column has the part header, and field when it is imported.");
        }

        return columns;
    }

    private Parameters.ParameterComponent? Only(string name)
    {
        var all = parameters.FindAll(p => p.Name == name);
        if (all.Count > 1 && faults.All(f => !f.Text.StartsWith($"{name} is given", StringComparison.Ordinal)))
            Refuse($"{name} is given {all.Count} times.");
        return all.FirstOrDefault();
    }
}
