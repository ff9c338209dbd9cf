namespace FhirEmr.Terminology.Index;

/// <summary>How the concepts of a table stand below each other.</summary>
internal enum Hierarchy
{
    /// <summary>They do not.</summary>
    None,

    /// <summary>By their codes: the parent is the longest code another begins with (ICD-10-CM). Descendants are neighbours.</summary>
    Prefix,

    /// <summary>As the release lists it; a concept may stand below several (SNOMED CT).</summary>
    Listed,
}
