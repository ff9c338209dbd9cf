namespace FhirEmr.Terminology.ValueSets;

/// <summary>Whether codes are in value sets: what bindings, searches and operations ask.</summary>
public interface IValueSets
{
    /// <summary>Whether the code is in the value set on a date. Never throws for what a value set contains: what cannot be decided is <see cref="Membership.Unknown"/>.</summary>
    /// <param name="valueSet">Canonical URL, with or without |version.</param>
    /// <param name="system">Null for an element of type code: then any system the value set takes codes from.</param>
    MembershipAnswer Check(string valueSet, string? system, string code, string? systemVersion, DateOnly asOf);
}

/// <summary>What is known of a code and a value set.</summary>
public enum Membership
{
    /// <summary>The value set or the content of a code system is not here, or it cannot be evaluated.</summary>
    Unknown,

    /// <summary>It is in it.</summary>
    In,

    /// <summary>It is not in it.</summary>
    NotIn,
}

/// <summary>An answer and what led to it.</summary>
/// <param name="Display">The system's own display of the code, when it is known.</param>
/// <param name="System">The system the code was found in, when it is in the value set.</param>
/// <param name="Why">Why it is unknown or not in it, as a sentence without the code itself.</param>
/// <param name="TakesSystem">Whether the value set has codes of the system that was asked for at all: an extensible binding asks.</param>
public readonly record struct MembershipAnswer(Membership Membership, string? Display, string? System, string? Why, bool TakesSystem);
