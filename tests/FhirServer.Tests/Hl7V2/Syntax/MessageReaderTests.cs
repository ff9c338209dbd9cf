using System.Text;
using CsCheck;
using FhirEmr.FhirServer.Hl7V2.Syntax;

namespace FhirEmr.FhirServer.Tests.Hl7V2.Syntax;

public sealed class MessageReaderTests
{
    private const string Msh = @"MSH|^~\&|LAB|A|EMR|B|20260101120000||ORU^R01^ORU_R01|1|P|2.5.1";

    [Theory]
    [InlineData("\r")]
    [InlineData("\r\n")]
    [InlineData("\n")]
    public void Segments_end_with_CR_LF_or_both(string end)
    {
        var message = Read($"{Msh}{end}PID|1||7^^^H^MR{end}ZZZ|what we do not know|{end}{end}");
        Assert.Equal(["MSH", "PID", "ZZZ"], message.Segments.Select(s => s.Id));
        Assert.Equal("what we do not know", message.First("ZZZ")![1].Text);
    }

    [Fact]
    public void MSH_1_is_the_separator_itself()
    {
        var msh = Read(Msh).Header;
        Assert.Equal(("|", @"^~\&", "LAB", "1", "2.5.1"), (msh[1].Raw, msh[2].Raw, msh[3].Text, msh[10].Text, msh[12].Text));
    }

    [Fact]
    public void Separators_are_those_of_the_message()
    {
        var message = Read("MSH#*!?%#LAB\rPID#1##7***H*MR!8***H%1?S?2?E?3*MR");
        var pid3 = message.First("PID")![3];
        Assert.Equal(["7", "8"], pid3.Repetitions.Select(r => r[1]));
        Assert.Equal("1*2?3", pid3.Repetitions.Last()[4, 2]);
        Assert.Equal("PID^1^3^2^4", pid3.Repetitions.Last().Component(4).ToString());
    }

    [Theory]
    [InlineData("", "100", "MSH^1")]
    [InlineData("PID|1", "100", "MSH^1")]
    [InlineData(@"MSH|^^\&|LAB", "102", "MSH^1^2")]
    [InlineData("MSH|^~\\&|LAB\rPI", "100", "MSH^1")]
    [InlineData("MSH|^~\\&|LAB\rPID|1\rOBX|1\rtorn line", "100", "OBX^1")]
    [InlineData("MSH|^~\\&|LAB\rPID|1\rMSH|^~\\&|LAB", "100", "MSH^2")]
    [InlineData("MSH|^~\\&|LAB\rPID|1\rOBX|1|ST\rOBX|2|ST|\0", "102", "OBX^2")]
    [InlineData("MSH|^~\\&|LAB|||||||||||||||KLINGON", "103", "MSH^1^18")]
    public void What_cannot_be_read_is_told_with_its_place(string text, string code, string at)
    {
        var (message, fault) = MessageReader.Read(Encoding.UTF8.GetBytes(text), new(), Charsets.Utf8);
        Assert.Null(message);
        Assert.Equal((code, at), (fault!.Code, fault.At!.ToString()));
    }

    [Theory]
    [InlineData("8859/1", "iso-8859-1")]
    [InlineData("WINDOWS-1252", "windows-1252")]
    [InlineData("UNICODE UTF-8", "utf-8")]
    [InlineData("8859/15", "iso-8859-15")]
    public void Names_keep_their_accents_in_every_character_set(string msh18, string encoding)
    {
        var bytes = CodePagesEncodingProvider.Instance.GetEncoding(encoding) ?? Encoding.GetEncoding(encoding);
        var (message, _) = MessageReader.Read(bytes.GetBytes($"{Msh}||||||{msh18}\rPID|1||7||Müller^Zoë"), new(), Charsets.Utf8);
        Assert.Equal(("Müller", "Zoë"), (message!.First("PID")![5].First[1], message.First("PID")![5].First[2]));
    }

    [Fact]
    public void Bytes_of_another_character_set_are_refused_at_their_segment_and_not_replaced()
    {
        var (message, fault) = MessageReader.Read(Encoding.Latin1.GetBytes($"{Msh}||||||UNICODE UTF-8\rPID|1||7||Müller"), new(), Charsets.Utf8);
        Assert.Null(message);
        Assert.Equal(("102", "PID^1"), (fault!.Code, fault.At!.ToString()));
        (_, fault) = MessageReader.Read(Encoding.UTF8.GetBytes($"{Msh}||||||ASCII\rPID|1||7||Müller"), new(), Charsets.Utf8);
        Assert.Equal("102", fault!.Code);
    }

    [Fact]
    public void Limits_hold()
    {
        var limits = new MessageLimits(Bytes: 4000, Segments: 3, Fields: 30, SegmentCharacters: 200);
        Assert.Equal("104", Fault(new string('x', 4001)));
        Assert.Equal("104", Fault(Msh + "\rPID\rPV1\rOBR"));
        Assert.Equal("104", Fault(Msh + "\rPID" + new string('|', 31)));
        Assert.Equal("104", Fault(Msh + "\rPID|" + new string('x', 200)));
        Assert.Null(Fault(Msh + "\rOBX|" + new string('x', 2000)));

        string? Fault(string text) => MessageReader.Read(Encoding.UTF8.GetBytes(text), limits, Charsets.Utf8).Fault?.Code;
    }

    /// <summary>What is read is written as it stood, and read again the same, whatever stands in it.</summary>
    [Fact]
    public void Reading_and_writing_change_nothing() =>
        Gen.String[Gen.Char["abcÄ€ |^~\\&\".XF1"], 0, 60].List[1, 6].Sample(lines =>
        {
            var text = Msh + "\r" + string.Concat(lines.Select(l => $"ZZ1|{l}\r"));
            var once = Read(text);
            var twice = Read(once.ToString());
            Assert.Equal(text, once.ToString());
            foreach (var (a, b) in once.Segments.Zip(twice.Segments))
                for (var i = 0; i <= a.Last; i++)
                    Assert.Equal((a[i].Raw, a[i].Whole), (b[i].Raw, b[i].Whole));
        }, iter: 300);

    /// <summary>No bytes make the reader throw.</summary>
    [Fact]
    public void Any_bytes_are_a_message_or_a_fault() =>
        Gen.Byte.Array[0, 200].Sample(tail =>
        {
            var (message, fault) = MessageReader.Read([.. "MSH"u8, .. tail], new(), Charsets.Utf8);
            Assert.True(message is null != fault is null);
            if (message is not null)
                foreach (var segment in message.Segments)
                    for (var i = 0; i <= segment.Last; i++)
                        _ = segment[i].Repetitions.Select(r => r[1] + r[2, 2] + r.Whole).ToList();
        }, iter: 2000);

    private static Message Read(string text)
    {
        var (message, fault) = MessageReader.Read(Encoding.UTF8.GetBytes(text), new(), Charsets.Utf8);
        Assert.Null(fault);
        return message!;
    }
}
