using System.Text;

namespace FhirEmr.FhirServer.Hl7V2.Syntax;

/// <summary>One segment: its fields as they stand, taken apart when they are asked for.</summary>
/// <param name="sequence">Which of its name in the message, from 1.</param>
/// <param name="fields">The name, and the fields from 1; in MSH the first field is the separator itself.</param>
internal sealed class Segment(int sequence, string[] fields, Separators separators, Encoding encoding)
{
    public string Id => fields[0];

    public int Sequence => sequence;

    public Separators Separators => separators;

    public Encoding Encoding => encoding;

    /// <summary>The number of the last field there is.</summary>
    public int Last => fields.Length - 1;

    /// <summary>A field by its number; one that is not there is empty.</summary>
    public Field this[int number] => new(this, number, number < fields.Length ? fields[number] : "");

    public ErrorLocation At(int? field = null, int? repetition = null, int? component = null) => new(Id, sequence, field, repetition, component);

    public override string ToString() => Id == "MSH"
        ? string.Join(separators.Field, fields.Skip(2).Prepend("MSH"))
        : string.Join(separators.Field, fields);
}
