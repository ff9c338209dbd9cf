namespace FhirEmr.Terminology.ValueSets;

/// <summary>Versions of code systems that a question asks for: by default where the value set names none, or whatever it names.</summary>
internal sealed class VersionPins(IReadOnlyDictionary<string, string> defaults, IReadOnlyDictionary<string, string> forced)
{
    public string? Choose(string system, string? named) => forced.GetValueOrDefault(system) ?? named ?? defaults.GetValueOrDefault(system);
}
