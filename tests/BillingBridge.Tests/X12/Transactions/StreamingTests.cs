using System.Text;
using FhirEmr.BillingBridge.X12.Envelope;
using FhirEmr.BillingBridge.X12.Syntax;
using FhirEmr.BillingBridge.X12.Transactions;

namespace FhirEmr.BillingBridge.Tests.X12.Transactions;

/// <summary>Live memory is the process's: what is measured so runs while nothing else does.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;

/// <summary>Memory does not grow with the file: a large remittance is read with the live memory of a small one.</summary>
[Collection(nameof(Alone))]
public sealed class StreamingTests
{
    private const int Claims = 40_000;

    [Fact]
    public async Task A_remittance_of_any_size_is_read_in_flat_memory()
    {
        var envelope = new EnvelopeReader(new GeneratedRemittance(Claims), new X12Findings());
        var (count, baseline, highest) = (0, 0L, 0L);
        await foreach (var item in Remittance835Reader.ReadAsync(envelope, TestContext.Current.CancellationToken))
        {
            if (item is not Remittance835Item.Claim || ++count % 10_000 != 0)
                continue;
            var live = GC.GetTotalMemory(forceFullCollection: true);
            baseline = baseline == 0 ? live : baseline;
            highest = Math.Max(highest, live);
        }

        Assert.Empty(envelope.Findings.Items);
        Assert.Equal(Claims, count);
        Assert.True(highest - baseline < 4_000_000, $"live memory grew by {highest - baseline:N0} bytes");
    }

    /// <summary>An 835 made while it is read.</summary>
    private sealed class GeneratedRemittance(int claims) : Stream
    {
        private readonly IEnumerator<string> _lines = Lines(claims).GetEnumerator();
        private ReadOnlyMemory<byte> _rest;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (_rest.IsEmpty && _lines.MoveNext())
                _rest = Encoding.ASCII.GetBytes(_lines.Current);
            var read = Math.Min(buffer.Length, _rest.Length);
            _rest[..read].CopyTo(buffer);
            _rest = _rest[read..];
            return ValueTask.FromResult(read);
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush() => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        private static IEnumerable<string> Lines(int claims)
        {
            yield return Fixtures.Isa837 + "\nGS*HP*A*B*20260401*0800*7*X*005010X221A1~\nST*835*0001~\n"
                + $"BPR*I*{claims * 75}*C*ACH************20260420~\nTRN*1*E77*1600000001~\nLX*1~\n";
            var body = Fixtures.Remittance.SkipWhile(l => !l.StartsWith("CLP", StringComparison.Ordinal)).ToList();
            var text = string.Concat(body.Select(l => l + "~\n"));
            for (var n = 0; n < claims; n++)
                yield return text.Replace("HT0001", $"HT{n}", StringComparison.Ordinal);
            yield return $"SE*{5 + (claims * body.Count)}*0001~\nGE*1*7~\nIEA*1*000000007~\n";
        }
    }
}
