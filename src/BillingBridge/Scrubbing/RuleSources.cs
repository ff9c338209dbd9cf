namespace FhirEmr.BillingBridge.Scrubbing;

/// <summary>Where each rule comes from: the table, code set or guide that a biller can look it up in.</summary>
internal static class RuleSources
{
    private const string Guide = "837P implementation guide 005010X222A1";
    private const string Icd = "ICD-10-CM release";
    private const string Notes = "ICD-10-CM tabular list notes (table diagnosis-notes)";
    private const string Guidelines = "ICD-10-CM guidelines for coding and reporting";
    private const string Cpt = "CPT and HCPCS releases";
    private const string Layout = "CPT code ranges";
    private const string Mue = "CMS NCCI medically unlikely edits";
    private const string Ptp = "CMS NCCI procedure-to-procedure edits";
    private const string AddOns = "CMS NCCI add-on codes";
    private const string Fees = "CMS physician fee schedule";
    private const string Global = "CMS physician fee schedule, global days";
    private const string Payer = "payer row";
    private const string Record = "patient record";
    private const string Answers = "eligibility answers (271)";

    private static readonly Dictionary<string, string> Own = new()
    {
        ["PAT-006"] = "USPS ZIP prefixes by state", ["PAT-007"] = "USPS state codes", ["PAT-008"] = Record, ["PAT-009"] = Record, ["PAT-010"] = Record, ["PAT-011"] = Answers, ["PAT-013"] = Record,
        ["COV-002"] = Record, ["COV-003"] = Record, ["COV-005"] = Payer, ["COV-006"] = "clearinghouse payer list (table payers)", ["COV-010"] = Answers, ["COV-011"] = Answers, ["COV-012"] = Answers,
        ["COV-015"] = "Medicare secondary payer rules", ["COV-016"] = "Medicaid third-party liability rules", ["COV-018"] = Payer,
        ["PRV-005"] = "NUCC provider taxonomy", ["PRV-009"] = "payer enrolment (table enrolment)", ["PRV-010"] = Record, ["PRV-012"] = Record, ["PRV-013"] = "42 CFR 410.26", ["PRV-014"] = "OIG LEIE and SAM (table exclusions)",
        ["HDR-005"] = Payer, ["HDR-006"] = Record, ["HDR-007"] = Record, ["HDR-008"] = Record,
        ["DAT-002"] = Record, ["DAT-003"] = Payer, ["DAT-004"] = Payer, ["DAT-007"] = "release dates of the code sets", ["DAT-008"] = "billing policy",
        ["AMT-004"] = "practice fee schedule", ["AMT-009"] = "practice fee schedule", ["AMT-005"] = "payer contracts (table contracts)", ["AMT-006"] = Fees,
        ["DX-001"] = Guide, ["DX-002"] = Guide, ["DX-006"] = Guide, ["DX-003"] = Icd, ["DX-004"] = Icd, ["DX-005"] = Icd, ["DX-007"] = Icd, ["DX-008"] = Icd, ["DX-009"] = Icd,
        ["DX-012"] = Notes, ["DX-013"] = "ICD-10-CM titles and tabular list notes", ["DX-014"] = Notes, ["DX-016"] = Payer, ["DX-018"] = Notes, ["DX-023"] = Record, ["DX-025"] = "SNOMED CT to ICD-10-CM map",
        ["PROC-001"] = Cpt, ["PROC-002"] = Fees, ["PROC-003"] = Guide, ["PROC-004"] = Guide, ["PROC-008"] = Record, ["PROC-009"] = Record, ["PROC-010"] = AddOns, ["PROC-011"] = AddOns,
        ["PROC-014"] = Mue, ["PROC-015"] = Mue, ["PROC-016"] = Mue, ["PROC-017"] = "CMS claims processing manual, chapter 5, timed units", ["PROC-018"] = "procedure traits and the record's times",
        ["PROC-019"] = Record, ["PROC-020"] = Record, ["PROC-022"] = "deleted codes and their successors", ["PROC-023"] = "42 CFR 410.15 and 410.16, or table frequencies", ["PROC-024"] = "coverage policies (table coverage-policies)",
        ["PROC-025"] = Record, ["PROC-026"] = Record, ["PROC-029"] = "CMS physician fee schedule rule 2025, G2211",
        ["MOD-001"] = "CPT and HCPCS modifier lists", ["MOD-002"] = Guide, ["MOD-004"] = Global, ["MOD-005"] = Global, ["MOD-006"] = Global, ["MOD-008"] = Payer, ["MOD-009"] = Fees, ["MOD-010"] = Fees, ["MOD-011"] = Fees,
        ["MOD-012"] = "anatomy of codes (table anatomy)", ["MOD-014"] = Payer, ["MOD-015"] = "telehealth list (table telehealth)", ["MOD-016"] = Global, ["MOD-017"] = Fees, ["MOD-019"] = Global,
        ["MOD-020"] = "CLIA waived tests and table clia-certificates", ["MOD-022"] = "CMS JW and JZ policy", ["MOD-023"] = "45 CFR 147.130",
        ["POS-001"] = "CMS place of service list", ["POS-007"] = "practice fee schedule", ["POS-008"] = Payer, ["POS-003"] = Record, ["POS-004"] = Record, ["POS-005"] = Record, ["POS-006"] = Record,
        ["AUT-001"] = "payer row and eligibility answers", ["AUT-002"] = "authorisation answers (278)", ["AUT-003"] = "authorisation answers (278)", ["AUT-004"] = Payer, ["AUT-005"] = Guide, ["AUT-006"] = "Medicare ordering providers (table ordering-providers)",
        ["DRG-004"] = "NDC crosswalk (table ndc-crosswalk)", ["DRG-005"] = "HCPCS release", ["DRG-006"] = "the record's expiry dates and table ndc-crosswalk",
        ["LAB-002"] = "CLIA certificates (table clia-certificates)", ["LAB-004"] = "CPT organ and disease panels",
    };

    private static readonly Dictionary<string, string> OfGroup = new()
    {
        ["PAT"] = Guide, ["COV"] = Guide, ["PRV"] = Guide, ["HDR"] = Guide, ["DAT"] = Guide, ["AMT"] = Guide, ["DX"] = Guidelines, ["PROC"] = Layout, ["MOD"] = "CPT and CMS modifier rules",
        ["NCCI"] = Ptp, ["GLB"] = Global, ["POS"] = "CMS place of service list and CPT code ranges", ["AUT"] = Payer, ["DRG"] = Guide, ["LAB"] = "CLIA regulations, 42 CFR 493", ["DOC"] = Record,
        ["COB"] = "earlier payer's remittance (835)", ["PAY"] = Payer, ["HIS"] = "payer's answers of the last 180 days", ["X12"] = Guide,
    };

    /// <summary>The source of a rule; a payer's own row is its payer's.</summary>
    public static string Of(string ruleId) => Own.GetValueOrDefault(ruleId) ?? OfGroup.GetValueOrDefault(ruleId.Split('-')[0]) ?? Payer;
}
