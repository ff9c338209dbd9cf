namespace FhirEmr.Terminology;

/// <summary>Canonical URLs of the code systems a US practice bills with (FHIR and HL7 THO names).</summary>
public static class CodeSystemUrls
{
    public const string Icd10Cm = "http://hl7.org/fhir/sid/icd-10-cm";
    public const string Cpt = "http://www.ama-assn.org/go/cpt";
    public const string Hcpcs = "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets";
    public const string PlaceOfService = "https://www.cms.gov/Medicare/Coding/place-of-service-codes/Place_of_Service_Code_Set";
    public const string Ndc = "http://hl7.org/fhir/sid/ndc";
    public const string ProviderTaxonomy = "http://nucc.org/provider-taxonomy";
    public const string Snomed = "http://snomed.info/sct";
    public const string Loinc = "http://loinc.org";
    public const string RxNorm = "http://www.nlm.nih.gov/research/umls/rxnorm";
    public const string Cvx = "http://hl7.org/fhir/sid/cvx";
    public const string Carc = "https://x12.org/codes/claim-adjustment-reason-codes";
    public const string Rarc = "https://x12.org/codes/remittance-advice-remark-codes";
    public const string Cagc = "https://x12.org/codes/claim-adjustment-group-codes";

    public const string Icd10Pcs = "http://www.cms.gov/Medicare/Coding/ICD10";
    public const string Currencies = "urn:iso:std:iso:4217";

    /// <summary>The map of the US edition from SNOMED CT to ICD-10-CM, as FHIR names reference sets that are maps.</summary>
    public const string SnomedToIcd10Cm = "http://snomed.info/sct?fhir_cm=6011000124106";

    // Tables about codes that are no code systems: kept as editions, with the dates and the care that go with them.
    public const string NcciPtp = "urn:fhiremr:table:ncci-ptp";
    public const string NcciMue = "urn:fhiremr:table:ncci-mue";
    public const string NcciAddOns = "urn:fhiremr:table:ncci-add-ons";
    public const string FeeSchedule = "urn:fhiremr:table:fee-schedule";
    public const string Gpci = "urn:fhiremr:table:gpci";

    /// <summary>Our own wording for the few CPT codes the demo needs; not CPT content, never sent with ISA15=P.</summary>
    public const string DemoProcedures = "urn:fhiremr:demo-procedures";

    /// <summary>Whether the editions under this name are codes, not a map or a table about codes.</summary>
    public static bool IsCodeSystem(string url) => url != SnomedToIcd10Cm && !url.StartsWith("urn:fhiremr:table:", StringComparison.Ordinal);

    /// <summary>What people call a system; null for those we do not know by name.</summary>
    public static string? NameOf(string system) => system switch
    {
        Icd10Cm => "ICD-10-CM",
        Icd10Pcs => "ICD-10-PCS",
        Cpt => "CPT",
        Hcpcs => "HCPCS Level II",
        PlaceOfService => "CMS place of service codes",
        Ndc => "National Drug Code",
        ProviderTaxonomy => "NUCC provider taxonomy",
        Snomed => "SNOMED CT",
        Loinc => "LOINC",
        RxNorm => "RxNorm",
        Cvx => "CVX vaccine codes",
        Carc => "Claim adjustment reason codes",
        Rarc => "Remittance advice remark codes",
        Cagc => "Claim adjustment group codes",
        Currencies => "ISO 4217 currencies",
        DemoProcedures => "FhirEmr demonstration procedures",
        SnomedToIcd10Cm => "SNOMED CT to ICD-10-CM map",
        NcciPtp => "NCCI procedure-to-procedure edits",
        NcciMue => "Medically unlikely edits",
        NcciAddOns => "NCCI add-on codes",
        FeeSchedule => "Medicare physician fee schedule",
        Gpci => "Geographic practice cost indices",
        _ => null,
    };

    /// <summary>Brings the aliases seen on input to the canonical URL.</summary>
    public static string Canonical(string system) => system switch
    {
        "urn:oid:2.16.840.1.113883.6.285" or "https://bluebutton.cms.gov/resources/codesystem/hcpcs" => Hcpcs,
        "urn:oid:2.16.840.1.113883.6.90" => Icd10Cm,
        "urn:oid:2.16.840.1.113883.6.12" => Cpt,
        "urn:oid:2.16.840.1.113883.6.96" => Snomed,
        "urn:oid:2.16.840.1.113883.6.1" => Loinc,
        "urn:oid:2.16.840.1.113883.6.88" => RxNorm,
        "urn:oid:2.16.840.1.113883.12.292" => Cvx,
        "urn:oid:2.16.840.1.113883.6.4" or "http://hl7.org/fhir/sid/icd-10-pcs" => Icd10Pcs,
        _ => system,
    };
}
