namespace FhirEmr.FhirServer.Hl7V2.Syntax;

/// <summary>What divides a message, as its own MSH-1 and MSH-2 say (HL7 v2 chapter 2.5.4).</summary>
internal readonly record struct Separators(char Field, char Component, char Repetition, char Escape, char Subcomponent)
{
    public static Separators Recommended { get; } = new('|', '^', '~', '\\', '&');

    /// <summary>MSH-2.</summary>
    public string EncodingCharacters => string.Create(4, this, (text, s) => (text[0], text[1], text[2], text[3]) = (s.Component, s.Repetition, s.Escape, s.Subcomponent));

    /// <summary>Whether they can be told from each other and from what they divide.</summary>
    public bool AreUsable
    {
        get
        {
            ReadOnlySpan<char> all = [Field, Component, Repetition, Escape, Subcomponent];
            for (var i = 0; i < all.Length; i++)
                if (all[i] is <= ' ' or > '~' || char.IsAsciiLetterOrDigit(all[i]) || all[(i + 1)..].Contains(all[i]))
                    return false;
            return true;
        }
    }
}
