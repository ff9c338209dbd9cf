using System.Buffers;
using System.Text;

namespace FhirEmr.FhirServer.Resources;

/// <summary>A piece of string content in the source that is written differently: references that got their ids.</summary>
internal readonly record struct TextRewrite(int Start, int End, byte[] Replacement);

/// <summary>
/// Makes the stored form of a resource from the request's bytes: id and meta put in place, insignificant white space dropped, everything
/// else byte for byte as sent (decimals, property order, unknown extensions).
/// </summary>
internal ref struct JsonSplicer
{
    private static readonly SearchValues<byte> Stops = SearchValues.Create("\"{}[] \t\r\n"u8);
    private readonly ReadOnlySpan<byte> source;
    private readonly IReadOnlyList<TextRewrite> rewrites;
    private readonly ArrayBufferWriter<byte> output;
    private int nextRewrite;
    private int at;

    private JsonSplicer(ReadOnlySpan<byte> source, IReadOnlyList<TextRewrite> rewrites, ArrayBufferWriter<byte> output)
    {
        this.source = source;
        this.rewrites = rewrites;
        this.output = output;
    }

    /// <param name="resource">The resource's object in its tree.</param>
    /// <param name="rewrites">Replacements in ascending order; those outside the resource are passed over.</param>
    /// <param name="labels">A JSON list to put in as <c>meta.security</c>, which the resource does not have; empty for none.</param>
    public static byte[] Splice(FhirNode resource, string id, int version, DateTimeOffset lastUpdated, IReadOnlyList<TextRewrite> rewrites, ReadOnlySpan<byte> labels = default)
    {
        var output = new ArrayBufferWriter<byte>(resource.End - resource.Start + 160);
        var splicer = new JsonSplicer(resource.Tree.Source.Span, rewrites, output) { at = resource.Start };
        while (splicer.nextRewrite < rewrites.Count && rewrites[splicer.nextRewrite].Start < resource.Start)
            splicer.nextRewrite++;

        var meta = resource.Child("meta");
        output.Write("{\"resourceType\":\""u8);
        splicer.WriteAscii(resource.Type.Name);
        output.Write("\",\"id\":\""u8);
        splicer.WriteAscii(id);
        output.Write("\",\"meta\":{\"versionId\":\""u8);
        splicer.WriteAscii(version.ToString(System.Globalization.CultureInfo.InvariantCulture));
        output.Write("\",\"lastUpdated\":\""u8);
        splicer.WriteAscii(FhirInstant.Format(lastUpdated));
        output.Write("\""u8);
        if (!labels.IsEmpty)
        {
            output.Write(",\"security\":"u8);
            output.Write(labels);
        }

        if (meta.Exists)
        {
            var inner = new JsonSplicer(splicer.source, rewrites, output) { at = meta.Start };
            while (inner.nextRewrite < rewrites.Count && rewrites[inner.nextRewrite].Start < meta.Start)
                inner.nextRewrite++;
            inner.CopyMembers("versionId"u8, "lastUpdated"u8, default);
        }

        output.Write("}"u8);
        splicer.CopyMembers("resourceType"u8, "id"u8, "meta"u8);
        output.Write("}"u8);
        return output.WrittenSpan.ToArray();
    }

    /// <summary>Copies the members of the object at <see cref="at"/>, each led by a comma, but for those named.</summary>
    private void CopyMembers(ReadOnlySpan<byte> but1, ReadOnlySpan<byte> but2, ReadOnlySpan<byte> but3)
    {
        at++; // the opening brace
        while (true)
        {
            SkipBlanks();
            if (source[at] == '}')
            {
                at++;
                return;
            }

            if (source[at] == ',')
            {
                at++;
                continue;
            }

            var nameStart = at;
            var nameEnd = StringEnd(at);
            var name = source[(nameStart + 1)..nameEnd];
            at = nameEnd + 1;
            SkipBlanks();
            at++; // the colon
            SkipBlanks();
            if (name.Contains((byte)'\\'))
                name = Encoding.UTF8.GetBytes(FhirNode.Unescaped(name)); // "\u0069d" is "id", too
            var drop = name.SequenceEqual(but1) || name.SequenceEqual(but2) || (!but3.IsEmpty && name.SequenceEqual(but3));
            if (!drop)
            {
                output.Write(","u8);
                output.Write(source[nameStart..(nameEnd + 1)]);
                output.Write(":"u8);
            }

            Value(copy: !drop);
        }
    }

    private void Value(bool copy)
    {
        var depth = 0;
        do
        {
            var stop = source[at..].IndexOfAny(Stops);
            var end = stop < 0 ? source.Length : at + stop;
            if (depth == 0 && end > at)
            {
                // A bare number or literal: it ends at the next comma, too.
                var comma = source[at..end].IndexOf((byte)',');
                if (comma >= 0)
                    end = at + comma;
                if (copy)
                    output.Write(source[at..end]);
                at = end;
                return;
            }

            if (copy && end > at)
                output.Write(source[at..end]);
            at = end;
            switch (source[at])
            {
                case (byte)'"':
                    String(copy);
                    break;
                case (byte)'{' or (byte)'[':
                    depth++;
                    if (copy)
                        output.Write(source.Slice(at, 1));
                    at++;
                    break;
                case (byte)'}' or (byte)']':
                    depth--;
                    if (copy)
                        output.Write(source.Slice(at, 1));
                    at++;
                    break;
                default:
                    at++;
                    break;
            }
        }
        while (depth > 0);
    }

    private void String(bool copy)
    {
        var end = StringEnd(at);
        if (nextRewrite < rewrites.Count && rewrites[nextRewrite].Start <= at + 1)
        {
            while (nextRewrite < rewrites.Count && rewrites[nextRewrite].Start < at + 1)
                nextRewrite++;
            if (nextRewrite < rewrites.Count && rewrites[nextRewrite] is var rewrite && rewrite.Start == at + 1)
            {
                nextRewrite++;
                if (copy)
                {
                    output.Write("\""u8);
                    output.Write(rewrite.Replacement);
                    output.Write("\""u8);
                }

                at = end + 1;
                return;
            }
        }

        if (copy)
            output.Write(source[at..(end + 1)]);
        at = end + 1;
    }

    /// <summary>Index of the quote that closes the string opened at <paramref name="open"/>.</summary>
    private readonly int StringEnd(int open)
    {
        var i = open + 1;
        while (true)
        {
            i += source[i..].IndexOfAny((byte)'"', (byte)'\\');
            if (source[i] == '"')
                return i;
            i += 2;
        }
    }

    private void SkipBlanks()
    {
        while (source[at] is (byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t')
            at++;
    }

    private readonly void WriteAscii(string text)
    {
        var span = output.GetSpan(text.Length);
        output.Advance(Encoding.ASCII.GetBytes(text, span));
    }
}
