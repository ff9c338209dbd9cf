namespace FhirEmr.Terminology.Import;

/// <summary>The release files we read (billing.md §8).</summary>
public enum ReleaseKind
{
    /// <summary>CMS order file <c>icd10cm-order-YYYY.txt</c>, or the codes file <c>icd10cm-codes-YYYY.txt</c>.</summary>
    Icd10Cm,

    /// <summary>CMS <c>HCPCyyyy_MMM_ANWEB.txt</c> (320 columns) or the same as CSV with a header row.</summary>
    Hcpcs,

    /// <summary>A practice's licensed <c>LONGULT.txt</c>, <c>MEDU.txt</c> or <c>SHORTU.txt</c>.</summary>
    Cpt,

    /// <summary>A practice's licensed <c>MODUL.txt</c>.</summary>
    CptModifiers,
}
