namespace FhirEmr.FhirServer.Security.Access.Planning;

/// <summary>What a practice decides about access. Bound from <c>Access</c>.</summary>
internal sealed class AccessOptions
{
    /// <summary>Codes of http://terminology.hl7.org/CodeSystem/v3-Confidentiality that are withheld from whoever lacks <c>label.read:[code]</c>.</summary>
    public IReadOnlyList<string> WithheldConfidentiality { get; set; } = ["R", "V"];

    /// <summary>The same of http://terminology.hl7.org/CodeSystem/v3-ActCode (<c>PSY</c>, <c>ETH</c>, <c>SEX</c>, <c>HIV</c>, …); the practice switches them on.</summary>
    public IReadOnlyList<string> WithheldSensitivity { get; set; } = [];
}
