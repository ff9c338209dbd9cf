using FhirEmr.BillingBridge.X12.Syntax;

namespace FhirEmr.BillingBridge.X12.Segments;

/// <summary>Segment → record. What no record models stays a <see cref="RawSegment"/>.</summary>
internal static class SegmentCatalog
{
    public static IX12Segment Read(Segment s, X12Findings findings) => s.Id switch
    {
        "AAA" => Aaa.Read(s),
        "AMT" => Amt.Read(s, findings),
        "AK1" => Ak1.Read(s),
        "AK2" => Ak2.Read(s),
        "AK9" => Ak9.Read(s),
        "BHT" => Bht.Read(s),
        "BPR" => Bpr.Read(s, findings),
        "CAS" => Cas.Read(s, findings),
        "CLM" => Clm.Read(s, findings),
        "CLP" => Clp.Read(s, findings),
        "CTP" => Ctp.Read(s, findings),
        "CTX" => Ctx.Read(s),
        "DMG" when s[1] is "D8" && s.Count <= 3 => Dmg.Read(s),
        "DTM" when s.Count <= 2 => Dtm.Read(s),
        "DTP" => Dtp.Read(s),
        "EB" when s.Count <= 13 => Eb.Read(s, findings),
        "EQ" when s.Count <= 2 => Eq.Read(s),
        "HCR" when s.Count <= 3 => Hcr.Read(s),
        "HI" => Hi.Read(s),
        "HL" => Hl.Read(s),
        "IK3" => Ik3.Read(s),
        "IK4" => Ik4.Read(s),
        "IK5" => Ik5.Read(s),
        "INS" when s.Count <= 4 => Ins.Read(s),
        "LIN" when s.Count <= 3 => Lin.Read(s),
        "LQ" => Lq.Read(s),
        "LX" => Lx.Read(s),
        "MSG" when s.Count <= 1 => Msg.Read(s),
        "N1" when s.Count <= 4 => N1.Read(s),
        "N3" => N3.Read(s),
        "N4" when s.Count <= 4 => N4.Read(s),
        "NM1" => Nm1.Read(s),
        "NTE" => Nte.Read(s),
        "OI" => Oi.Read(s),
        "PAT" => Pat.Read(s),
        "PER" => Per.Read(s),
        "PLB" => Plb.Read(s, findings),
        "PRV" when s.Count <= 3 => Prv.Read(s),
        "QTY" when s.Count <= 2 => Qty.Read(s, findings),
        "REF" when s.Count <= 3 => Ref.Read(s),
        "SBR" => Sbr.Read(s),
        "STC" => Stc.Read(s, findings),
        "SV1" => Sv1.Read(s, findings),
        "SVC" => Svc.Read(s, findings),
        "SVD" => Svd.Read(s, findings),
        "TRN" => Trn.Read(s),
        "UM" when s.Count <= 4 => Um.Read(s),
        _ => new RawSegment(s),
    };
}
