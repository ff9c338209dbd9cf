using FhirEmr.BillingBridge.X12;
using FhirEmr.BillingBridge.X12.Envelope;

namespace FhirEmr.BillingBridge.Interchange.Receiving;

/// <summary>One ISA to IEA of a received file.</summary>
/// <param name="Hash">SHA-256 of its segments, line ends left out.</param>
/// <param name="Header">Its ISA.</param>
/// <param name="Whole">From ISA to behind IEA.</param>
/// <param name="Answers">The TA1s in it; null when there are none.</param>
/// <param name="Trailer">An IEA for one group on its own.</param>
/// <param name="Findings">What is wrong between ISA and IEA outside the sets.</param>
internal sealed record ReceivedInterchange(
    Isa Isa, string Hash, FilePart Header, FilePart Whole, FilePart? Answers, string Trailer, IReadOnlyList<ReceivedGroup> Groups, IReadOnlyList<X12Finding> Findings)
{
    /// <summary>What is wrong with the interchange itself; what is wrong with one group is told in its 999.</summary>
    public IEnumerable<X12Finding> OwnFindings => Findings.Where(f => !f.Code.StartsWith("AK9-", StringComparison.Ordinal));

    /// <summary>Whether everybody would have to guess what is missing.</summary>
    public bool IsRefused => OwnFindings.Any(f => f.Severity is X12Severity.Refusal);

    /// <summary>For a sentence: the number and who sent it.</summary>
    public string Name => $"Interchange {Isa.ControlNumber} from {Isa.SenderQualifier}/{Isa.SenderId}";
}

/// <summary>One GS to GE.</summary>
/// <param name="Part">From GS to behind GE.</param>
/// <param name="Included">GE01, the number of sets its sender counted.</param>
/// <param name="Sets">Every ST.</param>
/// <param name="Findings">What forbids the whole group and shows only beside the others: its number.</param>
internal sealed record ReceivedGroup(Gs Gs, FilePart Part, string Included, IReadOnlyList<ReceivedSet> Sets, IReadOnlyList<X12Finding> Findings)
{
    public InboundKind Kind => InboundKinds.Of(Gs);
}

/// <summary>One ST.</summary>
/// <param name="Ordinal">Of the ST when its group is read on its own, behind its ISA: what findings count.</param>
internal sealed record ReceivedSet(St St, long Ordinal);
