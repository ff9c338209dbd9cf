using FhirEmr.FhirServer.Resources;

namespace FhirEmr.FhirServer.Rest;

/// <summary>Which part of each resource to give: named elements, or one of the summary modes (search.html#summary, #elements).</summary>
internal sealed record SubsetChoice(string? Summary, IReadOnlyList<string> Elements)
{
    /// <summary>Null when resources are to be given whole.</summary>
    public static SubsetChoice? Of(string? summary, IReadOnlyList<string> elements) =>
        elements.Count > 0 || summary is "true" or "text" or "data" ? new(summary, elements) : null;

    /// <summary>From the query of an interaction that shows resources one by one: read, vread, history.</summary>
    public static (SubsetChoice? Choice, FhirFault? Fault) Read(FhirRequest request)
    {
        string? summary = null;
        var elements = new List<string>();
        foreach (var (name, value) in request.Query)
        {
            if (name == "_elements")
            {
                elements.AddRange(value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));
            }
            else if (name == "_summary")
            {
                if (value is not ("true" or "text" or "data" or "false"))
                    return (null, FhirFault.Of(FaultKind.Invalid, $"'_summary' takes true, text, data or false here, not '{value}'.", code: "value"));
                summary = value;
            }
        }

        IReadOnlyList<string> types = request.Target.Type is { } type ? [type] : [];
        return elements.Select(e => TopElements.Fault(e, types)).FirstOrDefault(f => f is not null) is { } unknown
            ? (null, FhirFault.Of(FaultKind.Invalid, unknown, code: "value"))
            : (Of(summary, elements), null);
    }
}
