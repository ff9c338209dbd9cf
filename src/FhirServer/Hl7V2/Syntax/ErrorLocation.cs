using System.Globalization;

namespace FhirEmr.FhirServer.Hl7V2.Syntax;

/// <summary>A place in a message as ERR-2 writes it (data type ERL): segment, which of its name, field, repetition, component, subcomponent, each from 1.</summary>
internal sealed record ErrorLocation(string Segment, int Sequence, int? Field = null, int? Repetition = null, int? Component = null, int? Subcomponent = null)
{
    /// <summary>The parts of ERL in order; those at the end that say nothing are left out.</summary>
    public IReadOnlyList<string> Parts
    {
        get
        {
            List<string> parts = [Segment, Text(Sequence), Text(Field), Text(Repetition), Text(Component), Text(Subcomponent)];
            while (parts[^1].Length == 0)
                parts.RemoveAt(parts.Count - 1);
            return parts;
        }
    }

    public override string ToString() => string.Join('^', Parts);

    private static string Text(int? number) => number?.ToString(CultureInfo.InvariantCulture) ?? "";
}
