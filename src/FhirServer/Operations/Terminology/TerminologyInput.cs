using System.Globalization;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Rest;
using FhirEmr.Terminology.Operations;

namespace FhirEmr.FhirServer.Operations.Terminology;

/// <summary>Parameters of a terminology operation, from the address or from a Parameters body: repeated ones, codings, parts and whole resources.</summary>
/// <remarks>Parameters an operation does not know are ignored, and named in the answer: clients send what some other server takes.</remarks>
internal sealed class TerminologyInput
{
    private readonly List<(string Name, FhirNode Parameter, string? Text)> given = [];
    private readonly FhirRequest request;

    private TerminologyInput(FhirRequest request) => this.request = request;

    /// <summary>What was not understood, a sentence each.</summary>
    public List<string> Warnings { get; } = [];

    /// <summary>First value of a parameter as text; null when it was not given.</summary>
    public string? this[string name]
    {
        get
        {
            foreach (var parameter in given)
                if (parameter.Name == name && parameter.Text is not null)
                    return parameter.Text;
            return null;
        }
    }

    public static (TerminologyInput Input, FhirFault? Fault) Read(FhirRequest request, params ReadOnlySpan<string> known)
    {
        var input = new TerminologyInput(request);
        foreach (var (name, value) in request.Query)
            if (name is not ("_format" or "_pretty" or "_summary" or "_elements"))
                input.given.Add((name, default, value));

        if (request.Body.Exists)
        {
            if (request.Body.Type.Name != "Parameters")
                return (input, FhirFault.Of(FaultKind.Invalid, $"${request.Target.Operation} takes a Parameters resource, not a {request.Body.Type.Name}."));
            foreach (var parameter in request.Body.Children)
                if (FhirNames.Name(parameter.NameId) == "parameter" && parameter.TextOf("name") is { } name)
                    input.given.Add((name, parameter, parameter.Child("value") is { Exists: true } value && value.Type.IsPrimitive ? value.Text : null));
        }

        foreach (var (name, _, _) in input.given)
            if (!known.Contains(name))
                input.Warnings.Add($"${request.Target.Operation} has no parameter '{name}', and it was ignored.{(NearestName.Of(name, known.ToArray()) is { } near ? $" Did you mean '{near}'?" : "")}");
        return (input, null);
    }

    /// <summary>All values of a parameter as text.</summary>
    public IEnumerable<string> All(string name) => given.Where(g => g.Name == name && g.Text is not null).Select(g => g.Text!);

    /// <summary>Parameters of that name that were sent in a body.</summary>
    public IEnumerable<FhirNode> Nodes(string name) => given.Where(g => g.Name == name && g.Parameter.Exists).Select(g => g.Parameter);

    /// <summary>The JSON of a resource that came as a parameter; null when it did not.</summary>
    public ReadOnlyMemory<byte>? Resource(string name)
    {
        foreach (var parameter in Nodes(name))
            if (parameter.Child("resource") is { Exists: true } resource)
                return Json(resource);
        return null;
    }

    public (DateOnly Date, FhirFault? Fault) Date(TimeProvider clock)
    {
        if (this["date"] is not { } text)
            return (DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime), null);
        return FhirDate.TryParse(System.Text.Encoding.UTF8.GetBytes(text), out var date) && date.Precision >= DatePrecision.Day
            ? (DateOnly.FromDateTime(date.Local), null)
            : (default, FhirFault.Of(FaultKind.Invalid, $"date={text} is no date: write YYYY-MM-DD.", code: "value"));
    }

    public (bool Value, FhirFault? Fault) Flag(string name, bool otherwise = false) => this[name] switch
    {
        null => (otherwise, null),
        "true" => (true, null),
        "false" => (false, null),
        var text => (otherwise, FhirFault.Of(FaultKind.Invalid, $"{name}={text} must be true or false.", code: "value")),
    };

    public (int? Value, FhirFault? Fault) Number(string name) => this[name] is not { } text ? (null, null)
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? (number, null)
        : (null, FhirFault.Of(FaultKind.Invalid, $"{name}={text} must be a number from 0 on.", code: "value"));

    /// <summary>The code asked about: in its own parameter, as a coding, or several as a CodeableConcept.</summary>
    /// <param name="system">The parameter that names the system of <paramref name="code"/>.</param>
    /// <param name="version">The parameter that names its version.</param>
    public List<GivenCoding> Codings(string system, string? version, string code = "code", string coding = "coding")
    {
        var found = new List<GivenCoding>();
        if (this[code] is { } text)
            found.Add(new(this[system], version is null ? null : this[version], text.Trim(), this["display"]));
        foreach (var parameter in Nodes(coding).Concat(coding == "coding" ? Nodes("codeableConcept") : []))
            if (parameter.Child("value") is { Exists: true } value)
                found.AddRange(Codings(value));
        return found;
    }

    /// <summary>Codings of a value that is a Coding or a CodeableConcept.</summary>
    public static IEnumerable<GivenCoding> Codings(FhirNode value)
    {
        var found = new List<GivenCoding>();
        if (value.Type.Name == "Coding")
            Add(value);
        else if (value.Type.Name == "CodeableConcept")
            foreach (var coding in value.Children)
                if (coding.HasValue && FhirNames.Name(coding.NameId) == "coding")
                    Add(coding);
        return found;

        void Add(FhirNode coding)
        {
            if (coding.TextOf("code") is { } code)
                found.Add(new(coding.TextOf("system"), coding.TextOf("version"), code, coding.TextOf("display")));
        }
    }

    /// <summary>The parts of a parameter: name and value.</summary>
    public static IEnumerable<(string Name, FhirNode Value)> Parts(FhirNode parameter)
    {
        var parts = new List<(string, FhirNode)>();
        foreach (var part in parameter.Children)
            if (part.HasValue && FhirNames.Name(part.NameId) == "part" && part.TextOf("name") is { } name && part.Child("value") is { Exists: true } value)
                parts.Add((name, value));
        return parts;
    }

    private ReadOnlyMemory<byte> Json(FhirNode resource) => request.Body.Tree.Source[resource.Start..resource.End];
}
