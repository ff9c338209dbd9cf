namespace FhirEmr.FhirServer.Hl7V2.Syntax;

/// <summary>A file of messages one behind the other, with the headers of a batch around them or without.</summary>
internal static class MessageFile
{
    /// <summary>The messages in order, each with the number of its first line. Frames of MLLP around them are taken off.</summary>
    public static IEnumerable<(int Line, ReadOnlyMemory<byte> Message)> Split(ReadOnlyMemory<byte> file)
    {
        var (start, first, line, at) = (-1, 0, 1, 0);
        while (at < file.Length)
        {
            var (kind, next) = Line(file.Span, at);
            if (kind is not LineKind.Other)
            {
                if (start >= 0)
                    yield return (first, Trim(file[start..at]));
                (start, first) = kind is LineKind.Message ? (at, line) : (-1, 0);
            }

            at = next;
            line++;
        }

        if (start >= 0)
            yield return (first, Trim(file[start..]));
    }

    private static (LineKind Kind, int Next) Line(ReadOnlySpan<byte> file, int at)
    {
        var rest = file[at..];
        var end = rest.IndexOfAny((byte)'\r', (byte)'\n');
        var text = (end < 0 ? rest : rest[..end]).TrimStart("\v\u001c"u8);
        var kind = text.StartsWith("MSH"u8) ? LineKind.Message
            : text.StartsWith("FHS"u8) || text.StartsWith("BHS"u8) || text.StartsWith("BTS"u8) || text.StartsWith("FTS"u8) ? LineKind.Batch : LineKind.Other;
        return (kind, end < 0 ? file.Length : at + end + (end + 1 < rest.Length && rest[end] == '\r' && rest[end + 1] == '\n' ? 2 : 1));
    }

    private static ReadOnlyMemory<byte> Trim(ReadOnlyMemory<byte> message) => message.Trim("\v\u001c\r\n"u8);

    private enum LineKind
    {
        Other,
        Message,
        Batch,
    }
}
