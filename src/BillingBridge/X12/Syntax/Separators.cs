namespace FhirEmr.BillingBridge.X12.Syntax;

/// <summary>The four characters an interchange declares in its ISA; nothing may be assumed about them.</summary>
/// <param name="Element">Character 4 of ISA.</param>
/// <param name="Repetition">ISA11; null in versions before 00402, where ISA11 is the standards identifier.</param>
/// <param name="Component">ISA16, character 105.</param>
/// <param name="Terminator">Character 106.</param>
internal sealed record Separators(char Element, char? Repetition, char Component, char Terminator)
{
    /// <summary>What we write: <c>* ^ : ~</c>.</summary>
    public static Separators Usual { get; } = new('*', '^', ':', '~');

    public bool Contains(char c) => c == Element || c == Component || c == Terminator || c == Repetition;
}
