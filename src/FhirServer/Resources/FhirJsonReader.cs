using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace FhirEmr.FhirServer.Resources;

/// <summary>Reads FHIR JSON in one pass: syntax, structure against R4, and the node tree, together.</summary>
/// <remarks>
/// https://hl7.org/fhir/R4/json.html. Reports unknown properties, wrong JSON types, lists where none may be (and the reverse), malformed
/// primitives, repeated properties, absent mandatory elements and codes outside enumerated required bindings. Invariants, profiles and
/// other bindings are the validator's.
/// </remarks>
internal static class FhirJsonReader
{
    private static readonly JsonReaderOptions Options = new() { MaxDepth = FhirJsonParse.MaxDepth, CommentHandling = JsonCommentHandling.Disallow };

    /// <summary>The tree, or null with the issues that stopped it. Issues may also come with a tree: then it must not be stored.</summary>
    public static ResourceTree? Read(ReadOnlyMemory<byte> json, out IReadOnlyList<StructureIssue> issues)
    {
        var bytes = json;
        if (bytes.Span.StartsWith("\uFEFF"u8))
            bytes = bytes[3..];

        var reader = new Utf8JsonReader(bytes.Span, Options);
        var parse = new FhirJsonParse(bytes);
        if (!Utf8.IsValid(bytes.Span))
        {
            // The reader looks no closer than it must, and what is stored is handed out as it came.
            parse.Fail(FirstInvalid(bytes.Span), "structure", "The body is not UTF-8 here: FHIR JSON is always UTF-8.");
            issues = parse.Issues;
            return null;
        }

        try
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                parse.Fail(0, "structure", "A FHIR resource is a JSON object: the body must begin with '{'.");
            }
            else
            {
                parse.Resource(ref reader, nameId: 0);
                if (!parse.Stopped)
                    reader.Read(); // anything after the object is an error the reader itself reports
            }
        }
        catch (JsonException e)
        {
            issues = [SyntaxError(bytes.Span, e)];
            return null;
        }

        issues = parse.Issues;
        return parse.Stopped ? null : parse.Tree;
    }

    private static int FirstInvalid(ReadOnlySpan<byte> bytes)
    {
        var at = 0;
        while (Rune.DecodeFromUtf8(bytes[at..], out _, out var length) == OperationStatus.Done)
            at += length;
        return at;
    }

    private static StructureIssue SyntaxError(ReadOnlySpan<byte> bytes, JsonException e)
    {
        var line = (int)(e.LineNumber ?? 0) + 1;
        var column = (int)(e.BytePositionInLine ?? 0) + 1;
        var text = bytes.IsEmpty ? "The body is empty." : e.Message;
        var cut = text.IndexOf(" LineNumber:", StringComparison.Ordinal);
        return new("structure", "", line, column, $"Not well-formed JSON at line {line}, column {column}: {(cut > 0 ? text[..cut] : text)}");
    }
}
