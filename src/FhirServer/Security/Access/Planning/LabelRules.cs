using FhirEmr.FhirServer.Search.Query;
using Microsoft.Extensions.Options;

namespace FhirEmr.FhirServer.Security.Access.Planning;

/// <summary>Resources with a security label that the caller may not read are as absent (security.md S-45).</summary>
internal sealed class LabelRules(Constraints constraints, IOptions<AccessOptions> options)
{
    public const string Confidentiality = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality";
    public const string ActCode = "http://terminology.hl7.org/CodeSystem/v3-ActCode";

    private readonly (string System, string Code)[] withheld =
        [.. options.Value.WithheldConfidentiality.Select(c => (Confidentiality, c)), .. options.Value.WithheldSensitivity.Select(c => (ActCode, c))];

    /// <summary>What a resource of the type must satisfy; null when the caller may read every label.</summary>
    public async ValueTask<SearchExpression?> ForAsync(string type, IReadOnlySet<string> rights, CancellationToken ct)
    {
        var hidden = withheld.Where(l => !rights.Contains($"label.read:{l.Code}")).Select(l => $"{l.System}|{l.Code}").ToList();
        if (hidden.Count == 0)
            return null;
        var labelled = await constraints.ReadAsync(type, [new("_security", string.Join(',', hidden))], ct);
        return labelled is null ? new SearchExpression.Or([]) : new SearchExpression.Not(labelled);
    }
}
