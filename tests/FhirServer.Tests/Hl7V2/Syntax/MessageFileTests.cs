using System.Text;
using FhirEmr.FhirServer.Hl7V2.Syntax;

namespace FhirEmr.FhirServer.Tests.Hl7V2.Syntax;

public sealed class MessageFileTests
{
    [Fact]
    public void Messages_of_a_batch_are_told_apart_with_their_lines()
    {
        var file = "FHS|^~\\&\r\nBHS|^~\\&\r\nMSH|^~\\&|A\r\nPID|1\r\n\r\nMSH|^~\\&|B\nPID|2\nBTS|2\nFTS|1\n";
        var messages = MessageFile.Split(Encoding.UTF8.GetBytes(file)).Select(m => (m.Line, Encoding.UTF8.GetString(m.Message.Span)));
        Assert.Equal([(3, "MSH|^~\\&|A\r\nPID|1"), (6, "MSH|^~\\&|B\nPID|2")], messages);
    }

    [Fact]
    public void Frames_around_messages_are_taken_off() =>
        Assert.Equal(["MSH|^~\\&|A\rPID|1", "MSH|^~\\&|B"], MessageFile.Split("\vMSH|^~\\&|A\rPID|1\r\u001c\r\vMSH|^~\\&|B\r\u001c\r"u8.ToArray()).Select(m => Encoding.UTF8.GetString(m.Message.Span)));

    [Fact]
    public void A_file_without_messages_has_none() => Assert.Empty(MessageFile.Split("no message\rat all"u8.ToArray()));
}
