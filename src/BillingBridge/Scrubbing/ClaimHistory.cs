using FhirEmr.BillingBridge.Charges;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Scrubbing;

/// <summary>What the patient's record holds besides this encounter, gathered before the rules run.</summary>
/// <param name="Encounters">Other encounters of the patient.</param>
/// <param name="Claims">Our claims for the patient's other encounters, void ones left out.</param>
/// <param name="SameControlNumber">Other claims that carry this claim's control number.</param>
/// <param name="Responses">ClaimResponses that this claim's insurance names (earlier payers).</param>
public sealed record ClaimHistory(
    IReadOnlyList<Encounter> Encounters, IReadOnlyList<Claim> Claims, IReadOnlyList<Claim> SameControlNumber, IReadOnlyList<ClaimResponse> Responses)
{
    public static ClaimHistory Empty { get; } = new([], [], [], []);

    /// <summary>The three years before, as new against established is decided on: claims of any origin and the roles of the people.</summary>
    public EarlierServices Before { get; init; } = new(Encounters);

    /// <summary>Patients with the same family name and birth date, this one left out.</summary>
    public IReadOnlyList<Patient> Namesakes { get; init; } = [];

    /// <summary>Answers to eligibility questions about the patient (271).</summary>
    public IReadOnlyList<CoverageEligibilityResponse> Eligibility { get; init; } = [];

    /// <summary>Active consents of the patient.</summary>
    public IReadOnlyList<Consent> Consents { get; init; } = [];

    /// <summary>Answers to the patient's requests for authorisation (278): ClaimResponses of use preauthorization.</summary>
    public IReadOnlyList<ClaimResponse> Authorisations { get; init; } = [];

    /// <summary>The claim that this one replaces or voids; null when it is not known here.</summary>
    public Claim? Original { get; init; }

    /// <summary>What the payers answered to <see cref="Original"/>.</summary>
    public IReadOnlyList<ClaimResponse> OriginalAnswers { get; init; } = [];

    /// <summary>Signed advance notices of the patient (ABN) that are kept as documents.</summary>
    public IReadOnlyList<DocumentReference> AdvanceNotices { get; init; } = [];

    /// <summary>The patient's prescriptions in force.</summary>
    public IReadOnlyList<MedicationRequest> Prescriptions { get; init; } = [];

    /// <summary>Whether the rendering clinician has an appointment, a visit or a schedule on the day; null when that was not asked.</summary>
    public bool? IsRenderingIn { get; init; }

    /// <summary>What the record's documented facts support for each visit code of the claim; null when that was not judged.</summary>
    public IReadOnlyList<SupportedLevel>? Levels { get; init; }

    /// <summary>Earlier notes: of the patient within a year, and of the note's author about others within a week.</summary>
    public IReadOnlyList<Composition> Notes { get; init; } = [];

    /// <summary>What this payer answered lately, by code and reason; null when it was not counted.</summary>
    public IReadOnlyList<DenialRate>? Denials { get; init; }

    /// <summary>Rules that the practice made for this payer, beside those of its row.</summary>
    public IReadOnlyList<PayerRuleRow> PayerRules { get; init; } = [];

    /// <summary>Why the claim could not be written as an 837P; null when that was not tried.</summary>
    public IReadOnlyList<WireProblem>? WireProblems { get; init; }

    /// <summary>Warnings that a person looked at and let stand.</summary>
    public IReadOnlyList<Acknowledgement> Acknowledgements { get; init; } = [];
}

/// <summary>How often a payer denied a code for one reason in the last 180 days.</summary>
/// <param name="Reason">CARC.</param>
/// <param name="Denied">Lines denied for it.</param>
/// <param name="Answered">Lines of the code the payer answered.</param>
public sealed record DenialRate(string Code, string Reason, int Denied, int Answered);

/// <summary>What kept a claim from being written as an 837P.</summary>
/// <param name="Expression">FHIRPath of the element.</param>
public sealed record WireProblem(string Expression, string Message);

/// <summary>A warning a person let stand, with the reason.</summary>
/// <param name="Message">The warning as it read then: another value is another warning.</param>
public sealed record Acknowledgement(string RuleId, string Message, string Reason, string By, DateOnly On);
