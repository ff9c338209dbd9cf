using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.X12.Segments;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Interchange;

/// <summary>CLM06 to CLM10, CLM12 and CLM20, which R4 has no elements for ⇄ one extension, written only when they are not what we always send.</summary>
internal static class ClaimIndicators
{
    private static readonly (string Name, Func<Clm, string?> Get, string? Usual)[] All =
    [
        ("signature-on-file", c => c.SignatureOnFile, "Y"), ("assignment", c => c.Assignment, "A"), ("benefits-assigned", c => c.BenefitsAssigned, "Y"),
        ("release", c => c.Release, "Y"), ("signature-source", c => c.SignatureSource, null), ("special-program", c => c.SpecialProgram, null),
        ("delay-reason", c => c.DelayReason, null),
    ];

    /// <summary>A CLM with the indicators of a claim.</summary>
    public static Clm Write(Claim claim, Clm clm)
    {
        var extension = claim.GetExtension(BillingUrls.ClaimIndicatorsExtension);
        string? Get(string name, string? usual) => extension?.GetExtensionValue<Code>(name)?.Value is { } value ? (value == "-" ? null : value) : usual;
        return clm with
        {
            SignatureOnFile = Get("signature-on-file", "Y"),
            Assignment = Get("assignment", "A"),
            BenefitsAssigned = Get("benefits-assigned", "Y"),
            Release = Get("release", "Y"),
            SignatureSource = Get("signature-source", null),
            SpecialProgram = Get("special-program", null),
            DelayReason = Get("delay-reason", null),
        };
    }

    public static void Read(Clm clm, Claim claim)
    {
        var unusual = All.Where(i => i.Get(clm) != i.Usual).ToList();
        if (unusual.Count == 0)
            return;
        var extension = new Extension { Url = BillingUrls.ClaimIndicatorsExtension };
        foreach (var (name, get, _) in unusual)
            extension.AddExtension(name, new Code(get(clm) ?? "-")); // a dash: expressly not sent
        claim.Extension.Add(extension);
    }
}
