using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using FhirEmr.BillingBridge.Ports;

namespace FhirEmr.BillingBridge.Channels;

/// <summary>The parts of a CAQH CORE message (HTTP MIME multipart), written and read.</summary>
internal static class CoreEnvelope
{
    private const string RuleVersion = "4.0.0";

    /// <summary>What is asked for answers at once; claims are answered later.</summary>
    public static bool IsRealTime(string fileName) => Kind(fileName) is "270" or "276" or "278";

    public static MultipartFormDataContent Write(string fileName, ReadOnlyMemory<byte> x12, string senderId, string receiverId, DateTimeOffset now)
    {
        var form = new MultipartFormDataContent
        {
            { Text(PayloadType(fileName)), "PayloadType" },
            { Text(IsRealTime(fileName) ? "RealTime" : "Batch"), "ProcessingMode" },
            { Text(PayloadId(fileName, x12)), "PayloadID" },
            { Text(now.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture)), "TimeStamp" },
            { Text(senderId), "SenderID" },
            { Text(receiverId), "ReceiverID" },
            { Text(RuleVersion), "CORERuleVersion" },
        };
        var payload = new ReadOnlyMemoryContent(x12);
        payload.Headers.ContentType = new MediaTypeHeaderValue("text/plain");
        form.Add(payload, "Payload", fileName);
        return form;
    }

    /// <summary>The same file has the same id however often it is posted: by it the other side knows a repeat.</summary>
    public static string PayloadId(string fileName, ReadOnlyMemory<byte> x12) =>
        BillingKey.Uuid($"payload|{fileName}|{Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(x12.Span))}");

    /// <summary>Part name → content of a multipart answer (RFC 2046); the lines of the X12 stay as they are.</summary>
    public static Dictionary<string, byte[]> Read(ReadOnlySpan<byte> body, string boundary)
    {
        var parts = new Dictionary<string, byte[]>(StringComparer.OrdinalIgnoreCase);
        var delimiter = Encoding.ASCII.GetBytes($"--{boundary.Trim('"')}");
        var at = body.IndexOf(delimiter);
        while (at >= 0)
        {
            var rest = body[(at + delimiter.Length)..];
            if (rest.StartsWith("--"u8))
                break;
            var next = rest.IndexOf(delimiter);
            if (next < 0)
                break;
            var part = rest[..next];
            var (head, gap) = part.IndexOf("\r\n\r\n"u8) is >= 0 and var crlf ? (crlf, 4) : (part.IndexOf("\n\n"u8), 2);
            if (head >= 0 && NameOf(Encoding.ASCII.GetString(part[..head])) is { } name)
                parts[name] = TrimEnd(part[(head + gap)..]).ToArray();
            at += delimiter.Length + next;
        }

        return parts;
    }

    // The line break before a delimiter belongs to the delimiter.
    private static ReadOnlySpan<byte> TrimEnd(ReadOnlySpan<byte> content) => content.EndsWith("\r\n"u8) ? content[..^2] : content.EndsWith("\n"u8) ? content[..^1] : content;

    private static string? NameOf(string head)
    {
        foreach (var line in head.Split('\n').Select(l => l.Trim()))
        {
            if (line.StartsWith("Content-Disposition:", StringComparison.OrdinalIgnoreCase) && ContentDispositionHeaderValue.TryParse(line["Content-Disposition:".Length..].Trim(), out var disposition))
                return disposition.Name?.Trim('"');
        }

        return null;
    }

    private static string PayloadType(string fileName) => Kind(fileName) switch
    {
        "270" => "X12_270_Request_005010X279A1",
        "276" => "X12_276_Request_005010X212",
        "278" => "X12_278_Request_005010X217E1_2",
        "837I" => "X12_837_Request_005010X223A2",
        "999" => "X12_999_SubmissionRequest_005010X231A1",
        _ => "X12_837_Request_005010X222A1",
    };

    // Our files are named by what they are: 270-000000012.x12.
    private static string Kind(string fileName) => fileName.IndexOf('-', StringComparison.Ordinal) is > 0 and var dash ? fileName[..dash] : "";

    private static StringContent Text(string value)
    {
        var content = new StringContent(value, Encoding.UTF8);
        content.Headers.ContentType = null;
        return content;
    }
}
