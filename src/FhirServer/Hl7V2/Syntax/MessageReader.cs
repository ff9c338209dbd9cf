using System.Text;

namespace FhirEmr.FhirServer.Hl7V2.Syntax;

/// <summary>Bytes → a message, or the one fault that keeps it from being read, with its place.</summary>
/// <remarks>
/// Segments end with CR; CR LF and, where there is no CR at all, LF are taken too. What no version of HL7 v2 defines is kept: unknown segments, fields and
/// escapes are no faults.
/// </remarks>
internal static class MessageReader
{
    private const int Msh18 = 17; // MSH-1 is the separator itself, so a split is one behind

    /// <param name="bytes">One message, without a frame.</param>
    /// <param name="limits">How large it may be.</param>
    /// <param name="fallback">Character set of a message whose MSH-18 names none.</param>
    public static (Message? Message, MessageFault? Fault) Read(ReadOnlySpan<byte> bytes, MessageLimits limits, Encoding fallback)
    {
        if (bytes.Length > limits.Bytes)
            return (null, new(ErrorCodes.ValueTooLong, $"A message may have {limits.Bytes} bytes."));
        bytes = bytes.StartsWith(Encoding.UTF8.Preamble) ? bytes[3..] : bytes;
        bytes = bytes.TrimStart("\r\n"u8);
        if (bytes.Length < 8 || !bytes.StartsWith("MSH"u8))
            return (null, new(ErrorCodes.SegmentSequence, "A message begins with MSH and its separators.", new("MSH", 1)));
        var separators = new Separators((char)bytes[3], (char)bytes[4], (char)bytes[5], (char)bytes[6], (char)bytes[7]);
        if (bytes[7] == bytes[3])
            separators = separators with { Subcomponent = '&' }; // three encoding characters, as the oldest versions wrote them
        if (!separators.AreUsable)
            return (null, new(ErrorCodes.DataType, "MSH-1 and MSH-2 must be five different characters, none of them a letter or a digit.", new("MSH", 1, 2)));

        var (encoding, fault) = EncodingOf(bytes, separators, fallback);
        if (encoding is null)
            return (null, fault);
        string text;
        try
        {
            text = encoding.GetString(bytes);
        }
        catch (DecoderFallbackException e)
        {
            return (null, new(ErrorCodes.DataType, $"The bytes are not in the character set of the message ({encoding.WebName}).", PlaceOf(bytes[..Math.Max(0, e.Index)])));
        }

        return Split(text, separators, encoding, limits);
    }

    private static (Message? Message, MessageFault? Fault) Split(string text, Separators separators, Encoding encoding, MessageLimits limits)
    {
        var end = text.Contains('\r', StringComparison.Ordinal) ? '\r' : '\n';
        var segments = new List<Segment>();
        var counts = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var range in text.AsSpan().Split(end))
        {
            var raw = text.AsSpan(range).Trim('\n');
            if (raw.IsWhiteSpace())
                continue;
            if (segments.Count == limits.Segments)
                return (null, new(ErrorCodes.ValueTooLong, $"A message may have {limits.Segments} segments."));
            var id = raw.Length < 3 ? "" : raw[..3].ToString();
            if (!IsId(id) || (raw.Length > 3 && raw[3] != separators.Field))
                return (null, new(ErrorCodes.SegmentSequence, $"Line {segments.Count + 1} is no segment: it must begin with a name of three letters or digits and the separator of fields.", segments.Count == 0 ? new("MSH", 1) : segments[^1].At()));
            if (id == "MSH" && segments.Count > 0)
                return (null, new(ErrorCodes.SegmentSequence, "A second MSH stands in the message: it was cut, or two were sent as one.", new("MSH", 2)));
            var sequence = counts[id] = counts.GetValueOrDefault(id) + 1;
            if (raw.Length > limits.SegmentCharacters && id != "OBX")
                return (null, new(ErrorCodes.ValueTooLong, $"A segment may have {limits.SegmentCharacters} characters.", new(id, sequence)));
            if (raw.IndexOf('\0') >= 0)
                return (null, new(ErrorCodes.DataType, "A NUL stands in the segment.", new(id, sequence)));
            if (raw.Count(separators.Field) > limits.Fields)
                return (null, new(ErrorCodes.ValueTooLong, $"A segment may have {limits.Fields} fields.", new(id, sequence)));
            segments.Add(new(sequence, Fields(raw.ToString(), separators), separators, encoding));
        }

        return (new(separators, encoding, segments), null);
    }

    private static string[] Fields(string raw, Separators separators)
    {
        var fields = raw.Split(separators.Field);
        return fields[0] == "MSH" ? ["MSH", separators.Field.ToString(), .. fields.AsSpan(1)] : fields;
    }

    /// <summary>Read before anything is decoded: MSH itself is ASCII up to there in all sets this program knows.</summary>
    private static (Encoding? Encoding, MessageFault? Fault) EncodingOf(ReadOnlySpan<byte> bytes, Separators separators, Encoding fallback)
    {
        var end = bytes.IndexOfAny((byte)'\r', (byte)'\n');
        var fields = Encoding.Latin1.GetString(end < 0 ? bytes : bytes[..end]).Split(separators.Field);
        var name = fields.Length <= Msh18 ? "" : fields[Msh18].Split(separators.Repetition)[0].Trim();
        if (name.Length == 0)
            return (fallback, null);
        return Charsets.Find(name) is { } encoding ? (encoding, null)
            : (null, new(ErrorCodes.TableValueNotFound, "MSH-18 names a character set that is not read here; UNICODE UTF-8, ASCII, 8859/1 to 8859/9, 8859/15 and windows-1252 are.", new("MSH", 1, 18)));
    }

    /// <summary>The segment in which the bytes end.</summary>
    private static ErrorLocation PlaceOf(ReadOnlySpan<byte> before)
    {
        var text = Encoding.Latin1.GetString(before);
        var ids = text.Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries).Where(s => s.Length >= 3).Select(s => s[..3]).ToList();
        var id = ids.LastOrDefault("MSH");
        return new(IsId(id) ? id : "MSH", Math.Max(1, ids.Count(i => i == id)));
    }

    private static bool IsId(string id) => id.Length == 3 && char.IsAsciiLetterUpper(id[0]) && id.All(c => char.IsAsciiLetterUpper(c) || char.IsAsciiDigit(c));
}
