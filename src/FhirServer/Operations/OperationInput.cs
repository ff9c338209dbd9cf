using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Rest;

namespace FhirEmr.FhirServer.Operations;

/// <summary>Parameters of an operation call, from the address or from a Parameters body (operations.html#request).</summary>
internal sealed class OperationInput
{
    private readonly Dictionary<string, List<string>> values = new(StringComparer.Ordinal);

    private OperationInput()
    {
    }

    /// <summary>Codings by parameter name: system and code.</summary>
    public Dictionary<string, (string? System, string? Code)> Codings { get; } = new(StringComparer.Ordinal);

    public IEnumerable<string> Names => values.Keys.Concat(Codings.Keys);

    /// <summary>The last value given.</summary>
    public string? this[string name] => values.GetValueOrDefault(name)?[^1];

    /// <summary>All values given, where a parameter may come again or be a list with commas.</summary>
    public IEnumerable<string> Each(string name) => values.GetValueOrDefault(name)?.SelectMany(v => v.Split(',', StringSplitOptions.RemoveEmptyEntries)) ?? [];

    /// <summary>Reads the call; the fault names a parameter the operation does not know.</summary>
    public static (OperationInput Input, FhirFault? Fault) Read(FhirRequest request, params ReadOnlySpan<string> known)
    {
        var input = new OperationInput();
        foreach (var (name, value) in request.Query)
            if (name is not ("_format" or "_pretty"))
                input.Add(name, value);

        if (request.Body.Exists)
        {
            if (request.Body.Type.Name != "Parameters")
                return (input, FhirFault.Of(FaultKind.Invalid, $"${request.Target.Operation} takes a Parameters resource, not a {request.Body.Type.Name}."));
            foreach (var parameter in request.Body.Children)
                if (FhirNames.Name(parameter.NameId) == "parameter")
                    input.Add(parameter);
        }

        foreach (var name in input.Names)
            if (!known.Contains(name))
                return (input, FhirFault.Of(FaultKind.Invalid,
                    $"${request.Target.Operation} has no parameter '{name}'; it takes {string.Join(", ", known.ToArray())}.{(NearestName.Of(name, known.ToArray()) is { } near ? $" Did you mean '{near}'?" : "")}"));
        return (input, null);
    }

    /// <summary>A date parameter; the fault says how one is written.</summary>
    public (DateOnly? Date, FhirFault? Fault) Date(string name)
    {
        if (this[name] is not { } text)
            return (null, null);
        return FhirDate.TryParse(System.Text.Encoding.UTF8.GetBytes(text), out var date) && date.Precision >= DatePrecision.Day
            ? (DateOnly.FromDateTime(date.Local), null)
            : (null, FhirFault.Of(FaultKind.Invalid, $"{name}={text} is no date: write YYYY-MM-DD.", code: "value"));
    }

    private void Add(string name, string value)
    {
        if (values.TryGetValue(name, out var given))
            given.Add(value);
        else
            values[name] = [value];
    }

    private void Add(FhirNode parameter)
    {
        if (parameter.TextOf("name") is not { } name)
            return;
        var value = parameter.Child("value");
        if (!value.Exists)
            return;

        if (value.Type.IsPrimitive)
            Add(name, value.Text);
        else if (value.Type.Name == "Reference")
            Add(name, value.TextOf("reference") ?? "");
        else if (value.Type.Name == "Coding")
            Codings[name] = (value.TextOf("system"), value.TextOf("code"));
        else if (value.Type.Name == "CodeableConcept" && value.Child("coding") is { Exists: true } coding)
            Codings[name] = (coding.TextOf("system"), coding.TextOf("code"));
    }
}
