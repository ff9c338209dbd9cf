using FhirEmr.BillingBridge.X12;
using FhirEmr.BillingBridge.X12.Envelope;
using FhirEmr.BillingBridge.X12.Syntax;
using FhirEmr.BillingBridge.X12.Transactions;

namespace FhirEmr.BillingBridge.MockPayer;

/// <summary>An 837P as the mock payer read it. Held in memory: this is for tests and demonstrations.</summary>
internal sealed record MockSubmission(
    Isa? Interchange, Gs? Group, IReadOnlyList<MockSet> Sets, IReadOnlyList<MockClaim> Claims, X12Findings Findings, IReadOnlyList<LocatedSegment> Segments)
{
    public static async Task<MockSubmission> ReadAsync(byte[] x12, MockScript script, CancellationToken ct)
    {
        var envelope = new EnvelopeReader(new MemoryStream(x12, writable: false), new X12Findings());
        var segments = new List<LocatedSegment>();
        var sets = new List<MockSet>();
        var claims = new List<MockClaim>();
        (Isa? isa, Gs? gs, Claim837PItem.Set? set) = (null, null, null);
        await foreach (var item in Claim837PReader.ReadAsync(envelope, segments.Add, ct))
        {
            (isa, gs) = (isa ?? envelope.Interchange, gs ?? envelope.Group);
            switch (item)
            {
                case Claim837PItem.Set started:
                    set = started;
                    break;
                case Claim837PItem.Claim claim when set is not null:
                    claims.Add(new MockClaim(
                        claim, set.St.ControlNumber, set.Bht.Reference, script.For(claim.Subscriber.Insured?.Name.Id),
                        $"M{isa?.ControlNumber}{claims.Count + 1:0000}"));
                    break;
                case Claim837PItem.End end when set is not null:
                    sets.Add(new MockSet(set, end.IsRefused));
                    set = null;
                    break;
                default:
                    break;
            }
        }

        return new MockSubmission(isa ?? envelope.Interchange, gs, sets, claims, envelope.Findings, segments);
    }

    /// <summary>Accepted unless the content is refused, a count is wrong, or the script says so.</summary>
    public bool IsAccepted(MockSet set) => !set.IsRefused && !Faults(set).Any() && ScriptedFault(set) is null;

    /// <summary>Findings in this set that a payer rejects; ours are lenient about the count in SE, a payer is not.</summary>
    public IEnumerable<X12Finding> Faults(MockSet set) => Findings.Items.Where(f =>
        f.Place?.SetControlNumber == set.Set.St.ControlNumber && (f.Severity is X12Severity.Refusal || f.Code is "IK5-3" or "IK5-4"));

    /// <summary>The claim that the script rejects in the 999.</summary>
    public MockClaim? ScriptedFault(MockSet set) =>
        Claims.FirstOrDefault(c => c.SetControlNumber == set.Set.St.ControlNumber && c.Scenario.Receipt is MockReceipt.SetRejected);

    /// <summary>The claim that the script notes an error of in the 999.</summary>
    public MockClaim? Noted(MockSet set) =>
        Claims.FirstOrDefault(c => c.SetControlNumber == set.Set.St.ControlNumber && c.Scenario.Receipt is MockReceipt.Noted);

    /// <summary>Whether a claim is rejected in the 277CA, by itself or with its billing provider.</summary>
    public bool IsRejected(MockClaim claim) => claim.Scenario.IsRejected || RejectedProvider(claim) is not null;

    /// <summary>The claim by which all of its billing provider's are rejected.</summary>
    public MockClaim? RejectedProvider(MockClaim claim) =>
        Claims.FirstOrDefault(c => c.SetControlNumber == claim.SetControlNumber && c.BillingNpi == claim.BillingNpi && c.Scenario is { IsOfProvider: true, IsRejected: true });

    /// <summary>The claims of accepted sets.</summary>
    public IEnumerable<MockClaim> AcceptedClaims() =>
        Sets.Where(IsAccepted).SelectMany(s => Claims.Where(c => c.SetControlNumber == s.Set.St.ControlNumber));
}

/// <summary>One transaction set and our reader's verdict.</summary>
internal sealed record MockSet(Claim837PItem.Set Set, bool IsRefused);
