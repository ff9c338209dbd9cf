using System.Globalization;
using FhirEmr.BillingBridge.Charges;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Rest;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Billing;

/// <summary>Parameters of a money operation, parts within parts; what is wrong with them is collected, so that the caller hears all of it at once.</summary>
internal sealed class MoneyInput
{
    private readonly List<Parameters.ParameterComponent> parameters;
    private readonly string path;
    private readonly List<string> faults;

    private MoneyInput(List<Parameters.ParameterComponent> parameters, string path, List<string> faults, ReadOnlySpan<string> known)
    {
        (this.parameters, this.path, this.faults) = (parameters, path, faults);
        foreach (var name in parameters.Select(p => p.Name ?? "").Distinct())
        {
            if (!known.Contains(name))
                faults.Add($"There is no parameter '{path}{name}'; there are {string.Join(", ", known.ToArray())}.{(NearestName.Of(name, known.ToArray()) is { } near ? $" Did you mean '{near}'?" : "")}");
        }
    }

    /// <summary>Everything wrong so far, as one refusal; null when nothing is.</summary>
    public FhirFault? Fault => faults.Count == 0 ? null : new FhirFault(FaultKind.Invalid, [.. faults.Select(f => new FaultIssue("value", f))]);

    /// <summary>Reads the address and a Parameters body.</summary>
    public static MoneyInput Read(FhirRequest request, params ReadOnlySpan<string> known)
    {
        var (all, faults) = (new List<Parameters.ParameterComponent>(), new List<string>());
        foreach (var (name, value) in request.Query)
        {
            if (name is not ("_format" or "_pretty"))
                all.Add(new() { Name = name, Value = new FhirString(value) });
        }

        if (request.Body.Exists && request.Body.Type.Name != "Parameters")
            faults.Add($"${request.Target.Operation} takes a Parameters resource, not a {request.Body.Type.Name}.");
        else if (request.Body.Exists)
            all.AddRange(FhirFormats.Parse<Parameters>(request.Body.Tree.Source[request.Body.Start..request.Body.End].Span).Parameter);
        return new MoneyInput(all, "", faults, known);
    }

    public string? Text(string name) => Only(name)?.Value switch
    {
        null => null,
        ResourceReference reference => reference.Reference,
        PrimitiveType primitive => primitive.ToString(),
        _ => Wrong<string>(name, "a text"),
    };

    /// <summary>A text that has to be there.</summary>
    public string Needed(string name)
    {
        if (Text(name) is { Length: > 0 } text)
            return text;
        faults.Add($"The parameter {path}{name} is needed.");
        return "";
    }

    public decimal? Usd(string name) => Only(name)?.Value switch
    {
        null => null,
        Money { Value: { } value, Currency: null or Money.Currencies.USD } => value,
        FhirDecimal { Value: { } value } => value,
        Integer { Value: { } value } => value,
        FhirString { Value: { } text } when decimal.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value) => value,
        _ => Wrong<decimal?>(name, "an amount in US dollars: a valueDecimal, or a valueMoney in USD"),
    };

    public decimal NeededUsd(string name)
    {
        if (Only(name) is null)
            faults.Add($"The parameter {path}{name} is needed: an amount in US dollars.");
        return Usd(name) ?? 0m;
    }

    public DateOnly? Day(string name) => Text(name) is not { } text ? null
        : text.Length == 10 && DateOfService.From(text) is { } day ? day
        : Wrong<DateOnly?>(name, "a date: YYYY-MM-DD");

    public DateOnly NeededDay(string name)
    {
        if (Only(name) is null)
            faults.Add($"The parameter {path}{name} is needed: a date.");
        return Day(name) ?? default;
    }

    public int NeededNumber(string name) => int.TryParse(Needed(name), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : Wrong<int>(name, "a whole number");

    public bool Flag(string name) => Text(name) switch
    {
        null => false,
        var text when string.Equals(text, "true", StringComparison.OrdinalIgnoreCase) => true,
        var text when string.Equals(text, "false", StringComparison.OrdinalIgnoreCase) => false,
        _ => Wrong<bool>(name, "true or false"),
    };

    /// <summary>The id in <c>Type/id</c>; null when it is not given.</summary>
    public string? Id(string name, string type) => Text(name) is { } text ? IdOf(text, name, type) : null;

    /// <summary>References that may repeat, each on its own or as part <paramref name="name"/> of a repeated parameter of that name.</summary>
    public IReadOnlyList<(string Id, decimal? Usd)> Claims(string name)
    {
        var found = new List<(string, decimal?)>();
        foreach (var parameter in parameters.Where(p => p.Name == name))
        {
            var one = new MoneyInput(parameter.Part.Count > 0 ? parameter.Part : [new() { Name = "claim", Value = parameter.Value }], $"{path}{name}.", faults, ["claim", "amount"]);
            if (one.Id("claim", "Claim") is { Length: > 0 } id)
                found.Add((id, one.Usd("amount")));
        }

        return found;
    }

    public IEnumerable<MoneyInput> Parts(string name, params string[] known) =>
        parameters.Where(p => p.Name == name).Select(p => new MoneyInput(p.Part, $"{path}{name}.", faults, known));

    /// <summary>Bytes, as base64Binary or as text.</summary>
    public byte[]? Bytes(string name) => Only(name)?.Value is Base64Binary { Value: { } bytes } ? bytes : Text(name) is { } text ? System.Text.Encoding.UTF8.GetBytes(text) : null;

    private string? IdOf(string text, string name, string type)
    {
        var parts = text.Split('/');
        return parts is [_] && ResourceKey.IsId(text) ? text
            : parts is [var given, var id] && given == type && ResourceKey.IsId(id) ? id
            : Wrong<string>(name, $"a {type}: {type}/id");
    }

    private Parameters.ParameterComponent? Only(string name)
    {
        var found = parameters.Where(p => p.Name == name).ToList();
        if (found.Count > 1 && !faults.Contains($"The parameter {path}{name} may be given once."))
            faults.Add($"The parameter {path}{name} may be given once.");
        return found.FirstOrDefault();
    }

    private T? Wrong<T>(string name, string what)
    {
        faults.Add($"The parameter {path}{name} is not {what}.");
        return default;
    }
}
