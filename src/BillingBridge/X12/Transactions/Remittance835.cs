using FhirEmr.BillingBridge.X12.Envelope;
using FhirEmr.BillingBridge.X12.Segments;
using FhirEmr.BillingBridge.X12.Syntax;

namespace FhirEmr.BillingBridge.X12.Transactions;

/// <summary>What an 835 (005010X221A1) consists of, in stream order: a payment, its claims, its end.</summary>
internal abstract record Remittance835Item
{
    private Remittance835Item()
    {
    }

    /// <summary>Start of a set: everything before the first LX, CLP or PLB.</summary>
    /// <param name="Details">BPR, TRN, REF, DTM, N1, N3, N4, PER … in the order of the file.</param>
    public sealed record Payment(St St, IReadOnlyList<IX12Segment> Details) : Remittance835Item
    {
        public Bpr? Bpr => Details.OfType<Bpr>().FirstOrDefault();

        public Trn? Trn => Details.OfType<Trn>().FirstOrDefault();

        public DateOnly? ProductionDate => Details.OfType<Dtm>().FirstOrDefault(d => d.Qualifier == "405")?.Day;

        public N1? Payer => Details.OfType<N1>().FirstOrDefault(n => n.EntityCode == "PR");

        public N1? Payee => Details.OfType<N1>().FirstOrDefault(n => n.EntityCode == "PE");

        /// <summary>The payer's id: N104, else REF*2U.</summary>
        public string? PayerId => Payer?.Id ?? Details.OfType<Ref>().FirstOrDefault(r => r.Qualifier == "2U")?.Value;

        /// <summary>What was paid; negative when BPR03 is D.</summary>
        public decimal PaidUsd => Bpr is { } bpr ? (bpr.CreditDebit == "D" ? -bpr.AmountUsd : bpr.AmountUsd) : 0m;
    }

    /// <summary>One CLP with its lines.</summary>
    /// <param name="Ordinal">Of the CLP in its set, 1-based.</param>
    /// <param name="Before">LX, TS3, TS2 that stand before it.</param>
    /// <param name="Details">CAS, NM1, MIA, MOA, REF, DTM, PER, AMT, QTY of the claim.</param>
    public sealed record Claim(
        int Ordinal, IReadOnlyList<IX12Segment> Before, Clp Clp, IReadOnlyList<IX12Segment> Details, IReadOnlyList<RemittanceLine> Lines)
        : Remittance835Item
    {
        public bool IsReversal => Clp.Status == Clp.Reversal;

        public IEnumerable<Cas> Adjustments => Details.OfType<Cas>();

        /// <summary>Every CAS of the claim and of its lines.</summary>
        public IEnumerable<Cas> AllAdjustments => Adjustments.Concat(Lines.SelectMany(l => l.Adjustments));

        public Nm1? Party(string entity) => Details.OfType<Nm1>().FirstOrDefault(n => n.EntityCode == entity);

        public string? Reference(string qualifier) => Details.OfType<Ref>().FirstOrDefault(r => r.Qualifier == qualifier && r.Value.Length > 0)?.Value;

        /// <summary>First date of service: of the lines, else DTM*232.</summary>
        public DateOnly? ServiceDate =>
            Lines.Select(l => l.ServiceDate).Where(d => d is not null).Order().FirstOrDefault()
            ?? Details.OfType<Dtm>().FirstOrDefault(d => d.Qualifier == "232")?.Day;
    }

    /// <summary>End of a set: provider-level adjustments and the verdict.</summary>
    /// <param name="Before">What stands before the PLB or SE and belongs to no claim.</param>
    /// <param name="IsRefused">Whether anything in the set, above all its balance, forbids posting.</param>
    public sealed record End(string SetControlNumber, IReadOnlyList<IX12Segment> Before, IReadOnlyList<Plb> ProviderAdjustments, bool IsRefused)
        : Remittance835Item;
}

/// <summary>One SVC with DTM, CAS, REF, AMT, QTY, LQ.</summary>
internal sealed record RemittanceLine(Svc Svc, IReadOnlyList<IX12Segment> Details)
{
    public IEnumerable<Cas> Adjustments => Details.OfType<Cas>();

    public IEnumerable<string> Remarks => Details.OfType<Lq>().Where(l => l is { Qualifier: "HE", Code.Length: > 0 }).Select(l => l.Code);

    public string? Reference(string qualifier) => Details.OfType<Ref>().FirstOrDefault(r => r.Qualifier == qualifier && r.Value.Length > 0)?.Value;

    public decimal? Amount(string qualifier) => Details.OfType<Amt>().FirstOrDefault(a => a.Qualifier == qualifier)?.AmountUsd;

    public DateOnly? ServiceDate => Details.OfType<Dtm>().FirstOrDefault(d => d.Qualifier is "472" or "150")?.Day;
}
