namespace FhirEmr.Terminology.CodeSystems;

/// <summary>One code system in one version, as questions are put to it: a table, a CodeSystem resource or a grammar.</summary>
internal abstract class KnownSystem(string url, string? version)
{
    public string Url { get; } = url;

    public string? Version { get; } = version;

    /// <summary>Whether the code is one of this system on a day; null when that cannot be told, as of a fragment that lacks it.</summary>
    public abstract CodeStanding Judge(string code, DateOnly asOf);

    /// <summary>The form in which codes of this system are compared.</summary>
    public virtual string Key(string code) => code;
}

/// <summary>What a system says of a code.</summary>
/// <param name="Code">As the system writes it.</param>
internal readonly record struct CodeStanding(bool? IsValid, string Code, string? Display);
