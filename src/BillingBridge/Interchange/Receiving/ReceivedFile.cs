using System.Security.Cryptography;
using System.Text;
using FhirEmr.BillingBridge.X12;
using FhirEmr.BillingBridge.X12.Envelope;
using FhirEmr.BillingBridge.X12.Segments;
using FhirEmr.BillingBridge.X12.Syntax;

namespace FhirEmr.BillingBridge.Interchange.Receiving;

/// <summary>The envelopes of a received file: one reading that looks at nothing inside the sets, in memory that does not grow with them.</summary>
/// <param name="Findings">What stands outside every interchange.</param>
internal sealed record ReceivedFile(IReadOnlyList<ReceivedInterchange> Interchanges, IReadOnlyList<X12Finding> Findings)
{
    public static Task<ReceivedFile> ReadAsync(Stream file, CancellationToken ct) => new Reader(file).ReadAsync(ct);

    /// <summary>What an interchange or a part of it holds, on its own: the file itself when it is all there is.</summary>
    public Stream Open(Stream file, ReceivedInterchange interchange, ReceivedGroup? group)
    {
        if (Findings.Count == 0 && Interchanges.Count == 1 && interchange.Groups.Count + (interchange.Answers is null ? 0 : 1) == 1)
        {
            file.Position = 0;
            return file;
        }

        var part = group?.Part ?? interchange.Answers!.Value;
        return new PartStream(file, [interchange.Header, part], Encoding.Latin1.GetBytes(interchange.Trailer));
    }

    private sealed class Reader(Stream file)
    {
        private readonly EnvelopeReader _envelope = new(file, new X12Findings());
        private readonly List<ReceivedInterchange> _interchanges = [];
        private readonly List<X12Finding> _outside = [];
        private readonly byte[] _bytes = new byte[(SegmentReader.LongestSegment * 2) + 2];
        private IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        private OpenInterchange? _open;
        private int _findings;

        public async Task<ReceivedFile> ReadAsync(CancellationToken ct)
        {
            while (await _envelope.ReadAsync(ct) is { } next)
            {
                var (part, segment) = next;
                if (part is EnvelopePart.InterchangeStart)
                    Start(segment);
                TakeFindings();
                Add(part, segment);
            }

            TakeFindings();
            Finish(_envelope.Syntax.Offset);
            _hash.Dispose();
            return new ReceivedFile(_interchanges, _outside);
        }

        private void Start(Segment segment)
        {
            TakeFindings(newIsa: segment.Ordinal);
            Finish(segment.Offset);
            _open = new OpenInterchange(_envelope.Interchange!, segment, _envelope.Syntax.Offset, _envelope.Syntax.Separators);
        }

        private void Add(EnvelopePart part, Segment segment)
        {
            if (_open is not { } open)
                return;
            Hash(segment);
            var end = _envelope.Syntax.Offset;
            switch (part)
            {
                case EnvelopePart.InterchangeAck:
                    open.Answers = FilePart.Between(open.Answers?.Offset ?? segment.Offset, end);
                    break;
                case EnvelopePart.GroupStart:
                    open.Group = new OpenGroup(_envelope.Group!, segment.Offset, segment.Ordinal, [], [.. open.Findings.Where(f => f.Code.StartsWith("AK9-", StringComparison.Ordinal) && f.Place?.Segment == segment.Ordinal)]);
                    break;
                case EnvelopePart.SetStart:
                    open.Group?.Sets.Add(new ReceivedSet(_envelope.Set!, segment.Ordinal - open.Group.Ordinal + 2));
                    break;
                case EnvelopePart.GroupEnd when open.Group is { } group:
                    open.Groups.Add(new ReceivedGroup(group.Gs, FilePart.Between(group.Offset, end), segment[1], group.Sets, group.Findings));
                    open.Group = null;
                    break;
                case EnvelopePart.InterchangeEnd:
                    Finish(end);
                    break;
                default:
                    break;
            }
        }

        // Of the segment just read; at a new ISA only what it shows to be missing or odd before it.
        private void TakeFindings(long newIsa = long.MaxValue)
        {
            var items = _envelope.Findings.Items;
            for (; _findings < items.Count; _findings++)
            {
                var finding = items[_findings];
                if (finding.Place?.Segment >= newIsa && finding.Code != "SYN-TRUNCATED")
                    return;
                if (finding.Place?.SetControlNumber is not null && !finding.RefusesEnvelope)
                    continue; // the reader of the set tells it again
                (_open?.Findings ?? _outside).Add(finding);
            }
        }

        private void Hash(Segment segment)
        {
            var text = segment.ToString();
            var length = Encoding.UTF8.GetMaxByteCount(text.Length + 1);
            var bytes = length <= _bytes.Length ? _bytes : new byte[length];
            var written = Encoding.UTF8.GetBytes(text, bytes);
            bytes[written++] = (byte)'\n';
            _hash.AppendData(bytes, 0, written);
        }

        private void Finish(long end)
        {
            if (_open is not { } open)
                return;
            _open = null;
            var hash = Convert.ToHexStringLower(_hash.GetHashAndReset());
            var s = open.Separators;
            var trailer = $"IEA{s.Element}{(open.Groups.Count == 0 ? 0 : 1)}{s.Element}{open.Isa.ControlNumber}{s.Terminator}";
            _interchanges.Add(new ReceivedInterchange(
                open.Isa, hash, FilePart.Between(open.Start, open.HeaderEnd), FilePart.Between(open.Start, end), open.Answers, trailer, open.Groups, open.Findings));
        }
    }

    private sealed class OpenInterchange(Isa isa, Segment segment, long headerEnd, Separators separators)
    {
        public Isa Isa => isa;

        public long Start => segment.Offset;

        public long HeaderEnd => headerEnd;

        public Separators Separators => separators;

        public FilePart? Answers { get; set; }

        public OpenGroup? Group { get; set; }

        public List<ReceivedGroup> Groups { get; } = [];

        public List<X12Finding> Findings { get; } = [];
    }

    private sealed record OpenGroup(Gs Gs, long Offset, long Ordinal, List<ReceivedSet> Sets, IReadOnlyList<X12Finding> Findings);
}
