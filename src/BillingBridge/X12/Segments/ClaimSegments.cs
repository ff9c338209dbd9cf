using FhirEmr.BillingBridge.X12.Syntax;
using static FhirEmr.BillingBridge.X12.Syntax.Element;

namespace FhirEmr.BillingBridge.X12.Segments;

/// <summary>SBR, subscriber: whose turn it is to pay, and how.</summary>
/// <param name="Responsibility">SBR01: P, S, T, A…</param>
/// <param name="Relationship">SBR02: 18 only when the patient is the subscriber.</param>
/// <param name="Group">SBR03 group number.</param>
/// <param name="GroupName">SBR04, when there is no number.</param>
/// <param name="InsuranceType">SBR05, only when Medicare is not primary.</param>
/// <param name="Filing">SBR09 filing indicator.</param>
internal sealed record Sbr(string Responsibility, string? Relationship, string? Group, string? GroupName, string? InsuranceType, string? Filing)
    : IX12Segment
{
    public static Sbr Read(Segment s) => new(s[1], s.Text(2), s.Text(3), s.Text(4), s.Text(5), s.Text(9));

    public void WriteTo(SegmentWriter x12) => x12.Write(
        "SBR", Responsibility, Relationship, Group, GroupName, InsuranceType, NotUsed, NotUsed, NotUsed, Filing);
}

/// <summary>PAT, patient: relationship to the subscriber (2000C), death date, weight in pounds, pregnancy.</summary>
internal sealed record Pat(string? Relationship, string? DeathDate, string? WeightPounds, string? Pregnant) : IX12Segment
{
    public static Pat Read(Segment s) => new(s.Text(1), s.Text(6), s.Text(8), s.Text(9));

    public void WriteTo(SegmentWriter x12) => x12.Write(
        "PAT", Relationship, NotUsed, NotUsed, NotUsed, DeathDate is null ? null : "D8", DeathDate, WeightPounds is null ? null : "01", WeightPounds, Pregnant);
}

/// <summary>CLM, claim information (loop 2300).</summary>
/// <param name="ControlNumber">CLM01, patient control number, at most 20 characters.</param>
/// <param name="Frequency">CLM05-3: 1 original, 7 replacement, 8 void.</param>
/// <param name="SignatureOnFile">CLM06 provider signature.</param>
/// <param name="Assignment">CLM07: A assigned, B lab only, C not assigned.</param>
/// <param name="BenefitsAssigned">CLM08.</param>
/// <param name="Release">CLM09: I informed consent, Y signed.</param>
internal sealed record Clm(
    string ControlNumber,
    decimal ChargeUsd,
    string PlaceOfService,
    string Frequency,
    string? SignatureOnFile,
    string? Assignment,
    string? BenefitsAssigned,
    string? Release) : IX12Segment
{
    /// <summary>CLM05-2, B = place of service codes.</summary>
    public string FacilityQualifier { get; init; } = "B";

    /// <summary>CLM10: P when the provider signed for the patient.</summary>
    public string? SignatureSource { get; init; }

    /// <summary>CLM11: AA, EM, OA, then state and country.</summary>
    public IReadOnlyList<string> Causes { get; init; } = [];

    /// <summary>CLM12 special program.</summary>
    public string? SpecialProgram { get; init; }

    /// <summary>CLM20 delay reason.</summary>
    public string? DelayReason { get; init; }

    public static Clm Read(Segment s, X12Findings findings)
    {
        var place = s.Components(5);
        string At(int n) => n < place.Length ? place[n] : "";
        return new Clm(s[1], s.RequiredNumber(2, findings), At(0), At(2), s.Text(6), s.Text(7), s.Text(8), s.Text(9))
        {
            FacilityQualifier = At(1),
            SignatureSource = s.Text(10),
            Causes = s.Components(11),
            SpecialProgram = s.Text(12),
            DelayReason = s.Text(20),
        };
    }

    public void WriteTo(SegmentWriter x12) => x12.Write(
        "CLM", ControlNumber, ChargeUsd, NotUsed, NotUsed, Composite(PlaceOfService, FacilityQualifier, Frequency),
        SignatureOnFile, Assignment, BenefitsAssigned, Release, SignatureSource, Composite([.. Causes]), SpecialProgram,
        NotUsed, NotUsed, NotUsed, NotUsed, NotUsed, NotUsed, NotUsed, DelayReason);
}

/// <summary>HI, health care codes: diagnoses (ABK principal, ABF other), condition and procedure codes; at most twelve.</summary>
internal sealed record Hi(IReadOnlyList<HiCode> Codes) : IX12Segment
{
    public bool IsDiagnoses => Codes.Count > 0 && Codes[0].Qualifier is "ABK" or "BK";

    public static Hi Read(Segment s) => new([.. Enumerable.Range(1, s.Count).Select(s.Components).Where(c => c.Length > 0).Select(HiCode.Read)]);

    public void WriteTo(SegmentWriter x12) => x12.Write("HI", [.. Codes.Select(c => Composite([c.Qualifier, c.Code, .. c.Rest]))]);
}

/// <summary>One code of a <see cref="Hi"/>; diagnoses without their dot.</summary>
internal sealed record HiCode(string Qualifier, string Code)
{
    /// <summary>Date, amount and other components that follow the code.</summary>
    public IReadOnlyList<string> Rest { get; init; } = [];

    public static HiCode Read(string[] parts) => new(parts[0], parts.Length > 1 ? parts[1] : "") { Rest = parts.Skip(2).ToArray() };
}

/// <summary>SV1, professional service: one line of an 837P claim (loop 2400, required, once).</summary>
/// <param name="Unit">SV103: UN units, MJ minutes.</param>
/// <param name="Place">SV105, only when it differs from CLM05-1.</param>
/// <param name="Pointers">SV107, 1-based into HI, at most four, first = primary.</param>
internal sealed record Sv1(Procedure Procedure, decimal ChargeUsd, string Unit, decimal Units, string? Place, IReadOnlyList<string> Pointers)
    : IX12Segment
{
    /// <summary>SV109: Y.</summary>
    public string? Emergency { get; init; }

    /// <summary>SV111: Y.</summary>
    public string? Epsdt { get; init; }

    /// <summary>SV112: Y.</summary>
    public string? FamilyPlanning { get; init; }

    /// <summary>SV115: 0 = exempt from copay.</summary>
    public string? CopayStatus { get; init; }

    public static Sv1 Read(Segment s, X12Findings findings) =>
        new(Procedure.Read(s, 1), s.RequiredNumber(2, findings), s[3], s.RequiredNumber(4, findings), s.Text(5), s.Components(7))
        {
            Emergency = s.Text(9),
            Epsdt = s.Text(11),
            FamilyPlanning = s.Text(12),
            CopayStatus = s.Text(15),
        };

    public void WriteTo(SegmentWriter x12) => x12.Write(
        "SV1", Procedure.ToElement(), ChargeUsd, Unit, Units, Place, NotUsed, Composite([.. Pointers]), NotUsed,
        Emergency, NotUsed, Epsdt, FamilyPlanning, NotUsed, NotUsed, CopayStatus);
}

/// <summary>NTE, note of at most 80 characters.</summary>
internal sealed record Nte(string Code, string Text) : IX12Segment
{
    public static Nte Read(Segment s) => new(s[1], s[2]);

    public void WriteTo(SegmentWriter x12) => x12.Write("NTE", Code, Text);
}

/// <summary>LIN, drug: N4 and the eleven-digit NDC (loop 2410).</summary>
internal sealed record Lin(string Qualifier, string Code) : IX12Segment
{
    public static Lin Read(Segment s) => new(s[2], s[3]);

    public void WriteTo(SegmentWriter x12) => x12.Write("LIN", NotUsed, Qualifier, Code);
}

/// <summary>CTP, drug quantity and unit (F2, GR, ME, ML, UN).</summary>
internal sealed record Ctp(decimal Quantity, string Unit) : IX12Segment
{
    public static Ctp Read(Segment s, X12Findings findings) => new(s.RequiredNumber(4, findings), s[5]);

    public void WriteTo(SegmentWriter x12) => x12.Write("CTP", NotUsed, NotUsed, NotUsed, Quantity, Unit);
}

/// <summary>OI, other insurance: benefits assigned, signature source, release.</summary>
internal sealed record Oi(string? BenefitsAssigned, string? SignatureSource, string? Release) : IX12Segment
{
    public static Oi Read(Segment s) => new(s.Text(3), s.Text(4), s.Text(6));

    public void WriteTo(SegmentWriter x12) => x12.Write("OI", NotUsed, NotUsed, BenefitsAssigned, SignatureSource, NotUsed, Release);
}

/// <summary>SVD, what a prior payer did with the line (loop 2430).</summary>
/// <param name="Payer">SVD01 = NM109 of 2330B.</param>
internal sealed record Svd(string Payer, decimal PaidUsd, Procedure Procedure, decimal? Units, string? BundledLine) : IX12Segment
{
    public static Svd Read(Segment s, X12Findings findings) =>
        new(s[1], s.RequiredNumber(2, findings), Procedure.Read(s, 3), s.Number(5, findings), s.Text(6));

    public void WriteTo(SegmentWriter x12) => x12.Write("SVD", Payer, PaidUsd, Procedure.ToElement(), NotUsed, Units, BundledLine);
}

/// <summary>MOA, remark codes of an earlier payer's answer (loop 2320): MOA03 to MOA07. Written only; one that is read stays as it came.</summary>
internal sealed record Moa(IReadOnlyList<string> Remarks) : IX12Segment
{
    public void WriteTo(SegmentWriter x12) => x12.Write("MOA", [NotUsed, NotUsed, .. Remarks.Take(5).Select(r => (Element)r)]);
}

/// <summary>PWK, paperwork: report type, transmission (EL electronic, AA available, BM mail, FX fax), and its control number.</summary>
internal sealed record Pwk(string ReportType, string Transmission, string ControlNumber) : IX12Segment
{
    public void WriteTo(SegmentWriter x12) =>
        x12.Write("PWK", ReportType, Transmission, NotUsed, NotUsed, "AC", ControlNumber);
}
