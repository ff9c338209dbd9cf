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

    /// <summary>Our own wording for the few CPT codes the demo needs; not CPT content, never sent with ISA15=P.</summary>
    public const string DemoProcedures = "urn:fhiremr:demo-procedures";

    /// <summary>Brings the aliases seen on input to the canonical URL.</summary>
    public static string Canonical(string system) => system switch
    {
        "urn:oid:2.16.840.1.113883.6.285" or "https://bluebutton.cms.gov/resources/codesystem/hcpcs" => Hcpcs,
        "urn:oid:2.16.840.1.113883.6.90" => Icd10Cm,
        "urn:oid:2.16.840.1.113883.6.12" => Cpt,
        "urn:oid:2.16.840.1.113883.6.96" => Snomed,
        _ => system,
    };
}
