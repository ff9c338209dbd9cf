using System.Text.Json;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Rest;

namespace FhirEmr.FhirServer.Operations.Validation;

/// <summary>What a call of $validate asks for.</summary>
/// <param name="Resource">JSON of the resource as sent; null when the stored one is meant.</param>
internal sealed record ValidateInput(ReadOnlyMemory<byte>? Resource, string? Mode, IReadOnlyList<string> Profiles)
{
    private static readonly string[] Modes = ["create", "update", "delete", "profile"];
    private static readonly string[] Known = ["mode", "profile", "resource"];

    public static (ValidateInput Input, FhirFault? Fault) Read(FhirRequest request)
    {
        var input = new ValidateInput(null, null, []);
        string? unknown = null;
        foreach (var (name, value) in request.Query)
            if (name is not ("_format" or "_pretty"))
                input = input.With(name, value, ref unknown);

        if (request.Content is { } content)
            input = Wrapped(content, request.Target.Type!) is { } parameters ? input.With(parameters, ref unknown) : input with { Resource = content };

        if (unknown is not null)
            return (input, FhirFault.Of(FaultKind.Invalid, $"$validate has no parameter '{unknown}'; it takes {string.Join(", ", Known)}."));
        if (input.Mode is { } mode && !Modes.Contains(mode))
            return (input, FhirFault.Of(FaultKind.Invalid, $"mode={mode} is not known: {string.Join(", ", Modes)} are.", code: "value"));
        return (input, input is { Mode: "profile", Profiles.Count: 0 } ? FhirFault.Of(FaultKind.Invalid, "mode=profile needs the parameter 'profile'.", code: "required") : null);
    }

    /// <summary>The type a body says it is of; null when it says none.</summary>
    public static string? TypeOf(ReadOnlyMemory<byte> json)
    {
        try
        {
            var reader = new Utf8JsonReader(json.Span);
            while (reader.Read())
            {
                if (reader.TokenType != JsonTokenType.PropertyName)
                    continue;
                var isType = reader.ValueTextEquals("resourceType"u8);
                reader.Read();
                if (isType)
                    return reader.TokenType == JsonTokenType.String ? reader.GetString() : null;
                reader.Skip();
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // Not JSON: the validator says where.
        }

        return null;
    }

    /// <summary>The Parameters around a resource; null when the body is the resource. Parameters can be validated themselves, too.</summary>
    private static FhirNode? Wrapped(ReadOnlyMemory<byte> content, string type)
    {
        if (TypeOf(content) != "Parameters" || FhirJsonReader.Read(content, out _) is not { } tree)
            return null;
        return type != "Parameters" || Parameters(tree.Root).Exists(p => Known.Contains(p.TextOf("name"))) ? tree.Root : null;
    }

    private static List<FhirNode> Parameters(FhirNode body)
    {
        var found = new List<FhirNode>();
        foreach (var child in body.Children)
            if (child.HasValue && FhirNames.Name(child.NameId) == "parameter")
                found.Add(child);
        return found;
    }

    private ValidateInput With(FhirNode parameters, ref string? unknown)
    {
        var input = this;
        foreach (var parameter in Parameters(parameters))
            if (parameter.TextOf("name") == "resource" && parameter.Child("resource") is { Exists: true } resource)
                input = input with { Resource = parameters.Tree.Source[resource.Start..resource.End] };
            else
                input = input.With(parameter.TextOf("name") ?? "", parameter.Child("value") is { Exists: true } value ? value.Text : "", ref unknown);
        return input;
    }

    private ValidateInput With(string name, string value, ref string? unknown)
    {
        switch (name)
        {
            case "mode":
                return this with { Mode = value };
            case "profile":
                return this with { Profiles = [.. Profiles, value] };
            default:
                unknown ??= name;
                return this;
        }
    }
}
