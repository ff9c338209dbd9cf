using System.Collections.Frozen;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Validation.Schemas;

/// <summary>R4's own enumerations: value sets that the SDK's model has as enum types, which the reader holds codes against.</summary>
internal static class Enumerations
{
    private static readonly Lazy<FrozenSet<string>> ValueSets = new(() => ModelInfo.ModelInspector.EnumMappings
        .Select(m => m.Canonical).OfType<string>().ToFrozenSet(StringComparer.Ordinal));

    public static bool Has(string valueSet) =>
        ValueSets.Value.Contains(valueSet.IndexOf('|', StringComparison.Ordinal) is >= 0 and var bar ? valueSet[..bar] : valueSet);
}
