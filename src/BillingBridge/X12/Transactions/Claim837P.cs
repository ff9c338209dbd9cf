using FhirEmr.BillingBridge.X12.Envelope;
using FhirEmr.BillingBridge.X12.Segments;
using FhirEmr.BillingBridge.X12.Syntax;

namespace FhirEmr.BillingBridge.X12.Transactions;

/// <summary>What an 837P (005010X222A1) consists of, in stream order: a set, then its claims.</summary>
/// <remarks>
/// Each loop keeps its segments in the order of the file, so that reading and writing is lossless also for segments no record
/// models. Claims share the loop objects above them: same object, same HL.
/// </remarks>
internal abstract record Claim837PItem
{
    private Claim837PItem()
    {
    }

    /// <summary>Start of a transaction set: header, 1000A, 1000B.</summary>
    public sealed record Set(St St, Bht Bht, IReadOnlyList<PartyLoop> Parties) : Claim837PItem
    {
        /// <summary>REF after BHT, in old files; normally empty.</summary>
        public IReadOnlyList<IX12Segment> Details { get; init; } = [];

        public PartyLoop? Submitter => Parties.FirstOrDefault(p => p.Name.EntityCode == "41");

        public PartyLoop? Receiver => Parties.FirstOrDefault(p => p.Name.EntityCode == "40");
    }

    /// <summary>One claim with the loops it hangs under.</summary>
    /// <param name="Patient">2000C; null when the subscriber is the patient.</param>
    public sealed record Claim(BillingLoop Billing, SubscriberLoop Subscriber, PatientLoop? Patient, ClaimLoop Body) : Claim837PItem
    {
        public PartyLoop? PatientParty => Patient is null ? Subscriber.Insured : Patient.Parties is [var party, ..] ? party : null;
    }

    /// <summary>End of the set.</summary>
    /// <param name="IsRefused">Whether anything in the set forbids its use.</param>
    public sealed record End(string SetControlNumber, bool IsRefused) : Claim837PItem;
}

/// <summary>A named party and what follows its NM1 (N3, N4, REF, PER, DMG, PRV, DTP).</summary>
internal sealed record PartyLoop(Nm1 Name, IReadOnlyList<IX12Segment> Details)
{
    public T? Find<T>()
        where T : class, IX12Segment => Details.OfType<T>().FirstOrDefault();

    public string? Reference(string qualifier) => Details.OfType<Ref>().FirstOrDefault(r => r.Qualifier == qualifier && r.Value.Length > 0)?.Value;

    public void WriteTo(SegmentWriter x12)
    {
        Name.WriteTo(x12);
        foreach (var detail in Details)
            detail.WriteTo(x12);
    }
}

/// <summary>Loop 2000A, billing provider: PRV, then 2010AA, AB, AC.</summary>
internal sealed record BillingLoop(IReadOnlyList<IX12Segment> Details, IReadOnlyList<PartyLoop> Parties)
{
    public PartyLoop? Provider => Parties.FirstOrDefault(p => p.Name.EntityCode == "85");
}

/// <summary>Loop 2000B, subscriber: SBR, PAT, then 2010BA and 2010BB.</summary>
/// <param name="HasDependents">HL04 = 1: claims of dependents follow.</param>
internal sealed record SubscriberLoop(IReadOnlyList<IX12Segment> Details, IReadOnlyList<PartyLoop> Parties, bool HasDependents)
{
    public Sbr? Sbr => Details.OfType<Sbr>().FirstOrDefault();

    public PartyLoop? Insured => Parties.FirstOrDefault(p => p.Name.EntityCode == "IL");

    public PartyLoop? Payer => Parties.FirstOrDefault(p => p.Name.EntityCode == "PR");
}

/// <summary>Loop 2000C, patient other than the subscriber: PAT, then 2010CA.</summary>
internal sealed record PatientLoop(IReadOnlyList<IX12Segment> Details, IReadOnlyList<PartyLoop> Parties);

/// <summary>Loop 2300 with everything below it.</summary>
/// <param name="Details">DTP, PWK, AMT, REF, NTE, CR1, CRC, HI … in the order of the guide.</param>
/// <param name="Providers">2310A-F.</param>
/// <param name="OtherPayers">2320.</param>
/// <param name="Lines">2400.</param>
internal sealed record ClaimLoop(
    Clm Clm,
    IReadOnlyList<IX12Segment> Details,
    IReadOnlyList<PartyLoop> Providers,
    IReadOnlyList<OtherPayerLoop> OtherPayers,
    IReadOnlyList<LineLoop> Lines)
{
    public IReadOnlyList<HiCode> Diagnoses => Details.OfType<Hi>().FirstOrDefault(h => h.IsDiagnoses)?.Codes ?? [];

    public string? Reference(string qualifier) => Details.OfType<Ref>().FirstOrDefault(r => r.Qualifier == qualifier && r.Value.Length > 0)?.Value;
}

/// <summary>Loop 2320, another payer of the same claim: SBR, CAS, AMT, OI, MOA, then 2330A-G.</summary>
internal sealed record OtherPayerLoop(IReadOnlyList<IX12Segment> Details, IReadOnlyList<PartyLoop> Parties)
{
    public Sbr? Sbr => Details.OfType<Sbr>().FirstOrDefault();

    /// <summary>2330A.</summary>
    public PartyLoop? Insured => Parties.FirstOrDefault(p => p.Name.EntityCode == "IL");

    /// <summary>2330B.</summary>
    public PartyLoop? Payer => Parties.FirstOrDefault(p => p.Name.EntityCode == "PR");

    public string? PayerId => Payer?.Name.Id;

    /// <summary>Adjustments of the claim as a whole; those of lines are in 2430.</summary>
    public IEnumerable<Cas> Adjustments => Details.OfType<Cas>();

    /// <summary>AMT*D.</summary>
    public decimal? PaidUsd => Amount("D");

    /// <summary>AMT*A8: this payer was not asked, for it covers none of it.</summary>
    public decimal? NotCoveredUsd => Amount("A8");

    /// <summary>AMT*EAF: what the payer left to the patient, where it answered for the claim as a whole.</summary>
    public decimal? PatientUsd => Amount("EAF");

    /// <summary>DTP*573 of 2330B: when the payer answered, where the lines do not say it.</summary>
    public DateOnly? PaidOn => Payer?.Details.OfType<Dtp>().FirstOrDefault(d => d.Qualifier == "573")?.Start;

    /// <summary>REF*F8 of 2330B: the payer's number of the claim.</summary>
    public string? PayerControlNumber => Payer?.Reference("F8");

    private decimal? Amount(string qualifier) => Details.OfType<Amt>().FirstOrDefault(a => a.Qualifier == qualifier)?.AmountUsd;
}

/// <summary>Loop 2400, one service line, with 2410 (in Details), 2420, 2430 and 2440.</summary>
internal sealed record LineLoop(
    Lx Lx, IReadOnlyList<IX12Segment> Details, IReadOnlyList<PartyLoop> Providers, IReadOnlyList<LineAdjudicationLoop> Adjudications)
{
    /// <summary>2440: each LQ followed by the answers (FRM) of its form.</summary>
    public IReadOnlyList<IX12Segment> Forms { get; init; } = [];

    public Sv1? Sv1 => Details.OfType<Sv1>().FirstOrDefault();

    public Dtp? ServiceDate => Details.OfType<Dtp>().FirstOrDefault(d => d.Qualifier == "472");

    public string? Reference(string qualifier) => Details.OfType<Ref>().FirstOrDefault(r => r.Qualifier == qualifier && r.Value.Length > 0)?.Value;
}

/// <summary>Loop 2430, what a prior payer did with the line: SVD, CAS, DTP*573, AMT*EAF.</summary>
internal sealed record LineAdjudicationLoop(Svd Svd, IReadOnlyList<IX12Segment> Details)
{
    public IEnumerable<Cas> Adjustments => Details.OfType<Cas>();

    /// <summary>DTP*573.</summary>
    public DateOnly? PaidOn => Details.OfType<Dtp>().FirstOrDefault(d => d.Qualifier == "573")?.Start;

    /// <summary>AMT*EAF, else the adjustments of group PR: what the payer left to the patient.</summary>
    public decimal PatientUsd => Details.OfType<Amt>().FirstOrDefault(a => a.Qualifier == "EAF")?.AmountUsd
        ?? Adjustments.Where(c => c.Group == "PR").Sum(c => c.TotalUsd);
}
