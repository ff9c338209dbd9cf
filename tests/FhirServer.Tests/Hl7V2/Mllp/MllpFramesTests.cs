using System.Buffers;
using System.Text;
using CsCheck;
using FhirEmr.FhirServer.Hl7V2.Mllp;

namespace FhirEmr.FhirServer.Tests.Hl7V2.Mllp;

public sealed class MllpFramesTests
{
    /// <summary>However the bytes are cut, the same frames come out.</summary>
    [Fact]
    public void Frames_are_the_same_however_they_are_cut() =>
        Gen.Select(Gen.String[Gen.Char["MSH|a\r"], 0, 30].List[0, 5], Gen.Int[1, 7]).Sample((messages, size) =>
        {
            var bytes = messages.SelectMany(m => MllpFrames.Wrap(Encoding.UTF8.GetBytes(m))).ToArray();
            var frames = new MllpFrames(100);
            Assert.Equal(messages, Feed(frames, bytes, size).Messages);
            Assert.Equal(0, frames.Torn);
        }, iter: 300);

    [Fact]
    public void A_torn_frame_is_dropped_and_the_next_one_is_whole()
    {
        var frames = new MllpFrames(100);
        Assert.Equal(["second"], Feed(frames, "\vfirst is to\vsecond\u001c\r"u8.ToArray(), 5).Messages);
        Assert.Equal(1, frames.Torn);
    }

    [Fact]
    public void CR_behind_FS_may_be_missing() => Assert.Equal(["a", "b"], Feed(new(100), "\va\u001c\vb\u001c"u8.ToArray(), 100).Messages);

    [Theory]
    [InlineData(4)]
    [InlineData(1000)]
    public void A_frame_that_is_too_large_is_told_before_it_ends(int size)
    {
        var (messages, end) = Feed(new(20), Encoding.UTF8.GetBytes("\vok\u001c\r\v" + new string('x', 200)), size);
        Assert.Equal(["ok"], messages);
        Assert.Equal(MllpRead.TooLarge, end);
    }

    [Fact]
    public void What_is_no_MLLP_is_borne_up_to_a_bound()
    {
        Assert.Equal(MllpRead.NeedsMore, Feed(new(100), Encoding.UTF8.GetBytes("GET / HTTP/1.1\r\n\r\n"), 3).End);
        Assert.Equal(MllpRead.Noise, Feed(new(100), new byte[70_000], 4096).End);
    }

    private static (List<string> Messages, MllpRead End) Feed(MllpFrames frames, byte[] bytes, int size)
    {
        var (messages, rest) = (new List<string>(), Array.Empty<byte>());
        foreach (var chunk in bytes.Chunk(size))
        {
            rest = [.. rest, .. chunk];
            var buffer = new ReadOnlySequence<byte>(rest);
            while (true)
            {
                var read = frames.Next(ref buffer, out var message);
                if (read is not MllpRead.Message)
                {
                    if (read is not MllpRead.NeedsMore)
                        return (messages, read);
                    break;
                }

                messages.Add(Encoding.UTF8.GetString(message));
            }

            rest = buffer.ToArray();
        }

        return (messages, MllpRead.NeedsMore);
    }
}
