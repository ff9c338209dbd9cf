namespace FhirEmr.Terminology.CodeSystems;

/// <summary>How much of a code system is here (codesystem-content-mode).</summary>
public enum ContentMode
{
    /// <summary>Absence proves that a code does not exist.</summary>
    Complete,

    /// <summary>Presence proves, absence does not: fragments and examples.</summary>
    Fragment,

    /// <summary>The system is known by its name only.</summary>
    NotPresent,
}
