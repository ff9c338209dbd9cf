using System.Text.Json.Serialization;

namespace FhirEmr.FhirServer.Security.Access.Roles;

/// <summary>One thing a role may do (security.md S-25), as it is stored and edited.</summary>
/// <param name="Type">Resource type; <c>*</c> for every type, and for rights that are about none.</param>
/// <param name="Interactions">
/// <c>create read vread update patch delete history search export</c>, and rights that are not on resources: <c>operation:purge</c>,
/// <c>admin.users</c>, <c>audit.read</c>, <c>label.read:R</c>, <c>writeoff</c>, …
/// </param>
internal sealed record Permission(string Type, IReadOnlyList<string> Interactions)
{
    /// <summary>Search on the type that resources must match, e.g. <c>category=vital-signs</c>: no chain, no <c>_has</c>, no modifier but <c>:in</c>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Where { get; init; }

    /// <summary><c>self</c>, <c>own-panel</c> or <c>organization</c>; null for all.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Compartment { get; init; }

    /// <summary>The only elements shown, beside those every resource has.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Include { get; init; }

    /// <summary>Elements not shown.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Mask { get; init; }

    /// <summary>Most that one posting, write-off or refund by this right may come to, in US dollars; null for no limit.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public decimal? LimitUsd { get; init; }
}
