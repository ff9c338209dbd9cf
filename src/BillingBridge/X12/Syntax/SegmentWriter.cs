using System.Buffers;
using System.Text;

namespace FhirEmr.BillingBridge.X12.Syntax;

/// <summary>Segments → bytes. Never writes an empty tail, never lets data become structure; what it cannot represent is a finding.</summary>
internal sealed class SegmentWriter(IBufferWriter<byte> output, X12Findings findings, Separators? separators = null, string lineEnding = "\n")
{
    private readonly Separators _separators = separators ?? Separators.Usual;
    private readonly StringBuilder _line = new(256);
    private long _offset;
    private string? _setControlNumber;
    private long _setStart;

    /// <summary>Segments written so far.</summary>
    public long Segments { get; private set; }

    public Separators Separators => _separators;

    /// <summary>The next segment is the ST of this set: findings then name positions in the set. Null ends the set.</summary>
    public void EnterSet(string? controlNumber)
    {
        _setControlNumber = controlNumber;
        _setStart = Segments;
    }

    /// <summary>Writes one segment, its data folded to the character set.</summary>
    public void Write(string id, params ReadOnlySpan<Element> elements)
    {
        _line.Clear().Append(id);
        var written = _line.Length;
        var pending = 0;
        for (var n = 0; n < elements.Length; n++)
        {
            pending++;
            var before = _line.Length;
            _line.Append(_separators.Element, pending);
            var empty = _line.Length;
            Append(elements[n], id, n + 1);
            if (_line.Length == empty)
            {
                _line.Length = before;
                continue;
            }

            pending = 0;
            written = _line.Length;
        }

        _line.Length = written;
        if (written == id.Length)
            findings.Refuse("IK3-8", $"{id} would be empty.", Place(id, 1, null));
        End();
    }

    /// <summary>Copies a segment as it was read, character for character.</summary>
    public void WriteVerbatim(Segment segment)
    {
        _line.Clear().Append(segment);
        End();
    }

    /// <summary>Writes ISA: fixed widths, blanks kept.</summary>
    public void WriteIsa(IReadOnlyList<string> elements)
    {
        var folded = new string[16];
        for (var n = 0; n < 16; n++)
        {
            // ISA11 and ISA16 are the separators themselves.
            folded[n] = n is 10 or 15 ? elements[n] : Fold(elements[n], "ISA", n + 1, null);
            if (folded[n].Length > IsaSyntax.Widths[n])
                findings.Refuse("IK4-5", $"ISA{n + 1:00} takes {IsaSyntax.Widths[n]} characters.", Place("ISA", n + 1, null));
        }

        _line.Clear().Append(IsaSyntax.Write(folded, _separators));
        End();
    }

    private void Append(Element element, string id, int n)
    {
        if (element.Text is { } text)
        {
            _line.Append(Fold(text, id, n, null));
            return;
        }

        if (element.Components is { } components)
        {
            AppendComponents(components, id, n);
            return;
        }

        if (element.Repetitions is not { } repetitions)
            return;
        if (_separators.Repetition is not { } separator)
        {
            findings.Refuse("IK4-12", "This interchange has no repetition separator.", Place(id, n, null));
            return;
        }

        for (var r = 0; r < repetitions.Length; r++)
        {
            if (r > 0)
                _line.Append(separator);
            Append(repetitions[r], id, n);
        }
    }

    private void AppendComponents(string?[] components, string id, int n)
    {
        var kept = _line.Length;
        for (var c = 0; c < components.Length; c++)
        {
            if (c > 0)
                _line.Append(_separators.Component);
            if (components[c] is not { Length: > 0 } component)
                continue;
            var before = _line.Length;
            _line.Append(Fold(component, id, n, c + 1));
            if (_line.Length > before)
                kept = _line.Length;
        }

        _line.Length = kept;
    }

    private string Fold(string text, string id, int element, int? component)
    {
        var folded = CharacterSet.Fold(text, _separators, out var lost);
        if (lost is { } rune)
            findings.Refuse("IK4-6", $"U+{rune.Value:X4} cannot be written in X12; spell it in Latin letters.", Place(id, element, component));
        return folded;
    }

    private X12Place Place(string id, int element, int? component) => new(id, Segments + 1, _offset)
    {
        SetPosition = _setControlNumber is null ? null : (int)(Segments - _setStart + 1),
        SetControlNumber = _setControlNumber,
        Element = element,
        Component = component,
    };

    private void End()
    {
        _line.Append(_separators.Terminator).Append(lineEnding);
        var start = _offset;
        foreach (var chunk in _line.GetChunks())
        {
            // Verbatim copies may hold Latin-1 or UTF-8 text; our own segments are ASCII, where both agree.
            var length = Encoding.UTF8.GetByteCount(chunk.Span);
            Encoding.UTF8.GetBytes(chunk.Span, output.GetSpan(length));
            output.Advance(length);
            _offset = start += length;
        }

        Segments++;
    }
}
