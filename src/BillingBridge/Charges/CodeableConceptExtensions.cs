using FhirEmr.Terminology;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Charges;

internal static class CodeableConceptExtensions
{
    /// <summary>The codings that name both a system and a code, with the system's canonical URL.</summary>
    public static IEnumerable<CodedValue> Codes(this CodeableConcept? concept)
    {
        foreach (var coding in concept?.Coding ?? [])
        {
            if (coding is { System: { Length: > 0 } system, Code: { Length: > 0 } code })
                yield return new CodedValue(CodeSystemUrls.Canonical(system), code.Trim(), coding.Display ?? concept?.Text);
        }
    }

    /// <summary>Whether any coding has one of the codes, whatever its system.</summary>
    public static bool HasAny(this CodeableConcept? concept, params ReadOnlySpan<string> codes)
    {
        foreach (var coding in concept?.Coding ?? [])
        {
            foreach (var code in codes)
            {
                if (coding.Code == code)
                    return true;
            }
        }

        return false;
    }
}
