using System.Text;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Storage;
using FhirEmr.FhirServer.Storage.Bodies;

namespace FhirEmr.FhirServer.Interactions.Jobs;

/// <summary>The answer of a job as it is kept: the contents of large Binaries are named in it, and fetched when somebody reads it.</summary>
internal static class JobAnswer
{
    /// <summary>A colon is no base64: nothing that was sent as data looks like this. Bare quotes cannot stand inside a string.</summary>
    private static ReadOnlySpan<byte> Mark => "\"data\":\"content:"u8;

    public static byte[] Write(ReplyBody answer) => BodyCodec.Shipped.Compress(answer.Join(content => Encoding.ASCII.GetBytes("content:" + content.Text)).Span);

    public static ReplyBody Read(byte[] stored, ISymbols symbols)
    {
        ReadOnlyMemory<byte> json = BodyCodec.Shipped.Decompress(stored);
        var answer = new ReplyBody();
        for (var at = json.Span.IndexOf(Mark); at >= 0; at = json.Span.IndexOf(Mark))
        {
            var name = json.Span[(at + Mark.Length)..];
            name = name[..name.IndexOf((byte)'"')];
            var end = at + Mark.Length + name.Length;
            if (ContentPointer.Parse(Encoding.ASCII.GetString(name)) is { } pointer && ContentSeal.IsGenuine(symbols, pointer))
            {
                answer.Add(json[..(at + Mark.Length - "content:".Length)]);
                answer.AddContent(pointer);
            }
            else
            {
                answer.Add(json[..end]); // SampledData.data is a string: it may say what it likes
            }

            json = json[end..];
        }

        answer.Add(json);
        return answer;
    }
}
