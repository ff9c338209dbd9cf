namespace FhirEmr.BillingBridge.Scrubbing.Edits;

/// <summary>The tables rules look for beside CMS's own files; <c>name.csv</c> in the folder of tables. Columns in brackets; <c>from</c> and <c>to</c> may date any row.</summary>
public static class TableNames
{
    /// <summary>Coverage policies (code, policy, diagnosis): one row for each diagnosis prefix that supports the code.</summary>
    public const string CoveragePolicies = "coverage-policies";

    /// <summary>How often a code is paid (code, months, lifetime): whole months that must lie between, or how many in a lifetime.</summary>
    public const string Frequencies = "frequencies";

    /// <summary>Telehealth list (code, audio, payer): audio yes when it may be by telephone; payer empty for all.</summary>
    public const string Telehealth = "telehealth";

    /// <summary>Anatomy of codes (code, modifiers, required): the anatomical modifiers that fit, blank-separated; required yes when one is needed.</summary>
    public const string Anatomy = "anatomy";

    /// <summary>CLIA certificates (number, type): waiver, ppm, compliance or accreditation.</summary>
    public const string CliaCertificates = "clia-certificates";

    /// <summary>NDC crosswalk (ndc, code): eleven digits to HCPCS.</summary>
    public const string NdcCrosswalk = "ndc-crosswalk";

    /// <summary>Payer enrolment (npi, payer): clinicians by payer id.</summary>
    public const string Enrolment = "enrolment";

    /// <summary>Excluded persons and entities (npi, list): OIG LEIE, SAM.</summary>
    public const string Exclusions = "exclusions";

    /// <summary>Clinicians who may order and refer for Medicare (npi).</summary>
    public const string OrderingProviders = "ordering-providers";

    /// <summary>Contracted amounts (code, payer, modifier, allowed).</summary>
    public const string Contracts = "contracts";

    /// <summary>Contracts by Medicare's physician fee schedule (payer, contractor, locality, percent, qualifying): where no row of the contracts says an amount.</summary>
    public const string MedicareContracts = "medicare-contracts";

    /// <summary>Payers the clearinghouse reaches (payer).</summary>
    public const string Payers = "payers";

    /// <summary>Notes of the ICD-10-CM tabular list (note, code_prefix, other_prefix): excludes1, code-first, use-additional.</summary>
    public const string DiagnosisNotes = "diagnosis-notes";

    /// <summary>Sentences that the practice's templates put into notes (sentence).</summary>
    public const string NoteTemplates = "note-templates";

    /// <summary>Ages of vaccines (code, from_months, to_months, source): completed months of the youngest and the oldest.</summary>
    public const string VaccineAges = "vaccine-ages";

    /// <summary>Medicare's yearly therapy thresholds (discipline, usd, source): PT-SLP or OT.</summary>
    public const string TherapyThresholds = "therapy-thresholds";

    /// <summary>CMS's specialty curve (code, specialty, services): how often each level of the office visit was allowed to a Medicare specialty.</summary>
    public const string OfficeLevels = "office-levels";

    /// <summary>Medicare's specialties of provider taxonomies (taxonomy, specialty).</summary>
    public const string MedicareSpecialties = "medicare-specialties";

    public static IReadOnlyList<string> All { get; } =
    [
        CoveragePolicies, Frequencies, Telehealth, Anatomy, CliaCertificates, NdcCrosswalk, Enrolment, Exclusions, OrderingProviders, Contracts, MedicareContracts, Payers, DiagnosisNotes, NoteTemplates, VaccineAges, TherapyThresholds, OfficeLevels, MedicareSpecialties,
    ];
}
