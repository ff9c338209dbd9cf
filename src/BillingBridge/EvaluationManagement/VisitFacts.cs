namespace FhirEmr.BillingBridge.EvaluationManagement;

/// <summary>Everything the level of one visit is decided on, each with the resource behind it (billing spec 4.2).</summary>
public sealed record VisitFacts
{
    /// <summary><c>Encounter/12</c>.</summary>
    public required string Encounter { get; init; }

    public required DateOnly Day { get; init; }

    public required VisitSetting Setting { get; init; }

    /// <summary>What the setting was read from.</summary>
    public required Support SettingSupport { get; init; }

    public required bool IsNewPatient { get; init; }

    /// <summary>The earlier service that makes the patient established, or where none was found.</summary>
    public required Support PatientSupport { get; init; }

    /// <summary>The first payer is Medicare, which has prolonged codes of its own and no consultations.</summary>
    public bool IsMedicare { get; init; }

    public IReadOnlyList<ProblemFact> Problems { get; init; } = [];

    public IReadOnlyList<DataFact> Data { get; init; } = [];

    public IReadOnlyList<RiskFact> Risks { get; init; } = [];

    /// <summary>All statements of total time; when documented ones differ, the least counts.</summary>
    public IReadOnlyList<TimeFact> Times { get; init; } = [];

    /// <summary>What was looked at and does not count.</summary>
    public IReadOnlyList<Support> NotCounted { get; init; } = [];

    /// <summary>What a clinician should settle: statements that contradict each other, a course that is not recorded.</summary>
    public IReadOnlyList<Support> Questions { get; init; } = [];

    /// <summary>The clinician says that the visit is part of a continuing relationship (G2211); null when nothing does.</summary>
    public Support? Longitudinal { get; init; }

    /// <summary>Another service of the day by which the visit would carry modifier 25; null when there is none.</summary>
    public Support? OtherService { get; init; }

    /// <summary>The other service is a Part B preventive service or vaccine, beside which G2211 is paid.</summary>
    public bool OtherServiceIsPreventive { get; init; }

    /// <summary>A visit of clinical staff: who saw the patient; null when a clinician did or nothing says so.</summary>
    public Support? StaffVisit { get; init; }

    /// <summary>Hours between admission and discharge, for stays of one day; null when not recorded.</summary>
    public double? HoursOfStay { get; init; }
}
