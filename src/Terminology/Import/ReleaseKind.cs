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

    /// <summary>CMS order file <c>icd10pcs_order_YYYY.txt</c>.</summary>
    Icd10Pcs,

    /// <summary>Place of service as CSV: code, name and what else it has.</summary>
    PlaceOfService,

    /// <summary>Claim adjustment reason codes, CSV of the list's owner.</summary>
    Carc,

    /// <summary>Remittance advice remark codes, CSV of the list's owner.</summary>
    Rarc,

    /// <summary>Provider taxonomy <c>nucc_taxonomy_VVV.csv</c>.</summary>
    ProviderTaxonomy,

    /// <summary>Vaccines, CDC's <c>cvx.txt</c> with bars between the columns.</summary>
    Cvx,

    /// <summary><c>Loinc.csv</c> of a LOINC release the practice has taken under its licence.</summary>
    Loinc,

    /// <summary><c>RXNCONSO.RRF</c> of an RxNorm release.</summary>
    RxNorm,

    /// <summary>The folder of an RF2 release, its <c>Snapshot</c> files somewhere below; only with an affiliate licence.</summary>
    Snomed,

    /// <summary>RF2 extended map SNOMED CT → ICD-10-CM, <c>der2_iisssccRefset_ExtendedMapSnapshot_*.txt</c>.</summary>
    SnomedToIcd10Cm,

    /// <summary>NCCI procedure-to-procedure edits, <c>ccipra-vNNNrN-fN.txt</c>.</summary>
    NcciPtp,

    /// <summary>Medically unlikely edits, <c>MCR_MUE_*_Eff_MM-DD-YYYY.csv</c>.</summary>
    NcciMue,

    /// <summary>NCCI add-on codes, <c>AOC_VyyyyQn-MCR.txt</c>.</summary>
    NcciAddOns,

    /// <summary>Physician fee schedule, <c>PPRRVUyyyy_MMM*.csv</c>.</summary>
    FeeSchedule,

    /// <summary>Geographic practice cost indices, <c>GPCIyyyy.csv</c>.</summary>
    Gpci,
}
