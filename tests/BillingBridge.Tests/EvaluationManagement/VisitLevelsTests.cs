using FhirEmr.BillingBridge.EvaluationManagement;

namespace FhirEmr.BillingBridge.Tests.EvaluationManagement;

/// <summary>From facts to codes: every threshold from both sides.</summary>
public sealed class VisitLevelsTests
{
    private static readonly Support Here = new("Encounter/visit", "");

    [Theory]
    [InlineData(VisitSetting.Office, true, 14, null)]
    [InlineData(VisitSetting.Office, true, 15, "99202")]
    [InlineData(VisitSetting.Office, true, 29, "99202")]
    [InlineData(VisitSetting.Office, true, 30, "99203")]
    [InlineData(VisitSetting.Office, true, 44, "99203")]
    [InlineData(VisitSetting.Office, true, 45, "99204")]
    [InlineData(VisitSetting.Office, true, 59, "99204")]
    [InlineData(VisitSetting.Office, true, 60, "99205")]
    [InlineData(VisitSetting.Office, false, 9, null)]
    [InlineData(VisitSetting.Office, false, 10, "99212")]
    [InlineData(VisitSetting.Office, false, 19, "99212")]
    [InlineData(VisitSetting.Office, false, 20, "99213")]
    [InlineData(VisitSetting.Office, false, 29, "99213")]
    [InlineData(VisitSetting.Office, false, 30, "99214")]
    [InlineData(VisitSetting.Office, false, 39, "99214")]
    [InlineData(VisitSetting.Office, false, 40, "99215")]
    [InlineData(VisitSetting.HospitalInitial, true, 39, null)]
    [InlineData(VisitSetting.HospitalInitial, true, 40, "99221")]
    [InlineData(VisitSetting.HospitalInitial, false, 75, "99223")]
    [InlineData(VisitSetting.HospitalSubsequent, false, 34, "99231")]
    [InlineData(VisitSetting.HospitalSubsequent, false, 35, "99232")]
    [InlineData(VisitSetting.HospitalSameDay, false, 70, "99235")]
    [InlineData(VisitSetting.HospitalDischarge, false, 30, "99238")]
    [InlineData(VisitSetting.HospitalDischarge, false, 31, "99239")]
    [InlineData(VisitSetting.OutpatientConsultation, true, 54, "99244")]
    [InlineData(VisitSetting.InpatientConsultation, true, 45, "99253")]
    [InlineData(VisitSetting.Emergency, true, 300, null)]
    [InlineData(VisitSetting.NursingFacilityInitial, false, 50, "99306")]
    [InlineData(VisitSetting.NursingFacilitySubsequent, false, 10, "99307")]
    [InlineData(VisitSetting.Home, true, 59, "99342")]
    [InlineData(VisitSetting.Home, true, 60, "99344")]
    [InlineData(VisitSetting.Home, false, 60, "99350")]
    [InlineData(VisitSetting.CriticalCare, false, 29, null)]
    [InlineData(VisitSetting.CriticalCare, false, 30, "99291")]
    public void Time_alone_chooses_the_highest_code_whose_minutes_are_reached(VisitSetting setting, bool isNew, int minutes, string? code) =>
        Assert.Equal(code, VisitLevels.Of(Facts(setting, isNew, minutes)).CodeByTime);

    [Theory]
    [InlineData(VisitSetting.Office, MdmLevel.None, null)]
    [InlineData(VisitSetting.HospitalInitial, MdmLevel.Straightforward, "99221")]
    [InlineData(VisitSetting.HospitalInitial, MdmLevel.Low, "99221")]
    [InlineData(VisitSetting.HospitalInitial, MdmLevel.Moderate, "99222")]
    [InlineData(VisitSetting.HospitalSubsequent, MdmLevel.High, "99233")]
    [InlineData(VisitSetting.Emergency, MdmLevel.Straightforward, "99282")]
    [InlineData(VisitSetting.Emergency, MdmLevel.High, "99285")]
    [InlineData(VisitSetting.OutpatientConsultation, MdmLevel.Low, "99243")]
    [InlineData(VisitSetting.NursingFacilitySubsequent, MdmLevel.Moderate, "99309")]
    [InlineData(VisitSetting.Home, MdmLevel.Moderate, "99349")]
    public void Mdm_alone_chooses_the_highest_code_it_reaches(VisitSetting setting, MdmLevel level, string? code)
    {
        var result = VisitLevels.Of(Facts(setting, isNew: false, null) with { Problems = Problem(level), Risks = Risk(level) });

        Assert.Equal((level, code, code), (result.Mdm, result.CodeByMdm, result.Code));
    }

    [Theory]
    [InlineData(VisitSetting.OutpatientConsultation, true, MdmLevel.Moderate, "99204")]
    [InlineData(VisitSetting.OutpatientConsultation, false, MdmLevel.Moderate, "99214")]
    [InlineData(VisitSetting.InpatientConsultation, false, MdmLevel.Low, "99221")]
    public void Medicare_takes_no_consultations(VisitSetting setting, bool isNew, MdmLevel level, string code) =>
        Assert.Equal(code, VisitLevels.Of(Facts(setting, isNew, null) with { IsMedicare = true, Problems = Problem(level), Risks = Risk(level) }).Code);

    [Theory]
    [InlineData(7.9, true, "99222")]
    [InlineData(8.0, true, "99235")]
    [InlineData(null, true, "99222")]
    [InlineData(7.9, false, "99235")]
    public void A_stay_of_one_day_needs_eight_hours_for_Medicare(double? hours, bool isMedicare, string code) =>
        Assert.Equal(code, VisitLevels.Of(Facts(VisitSetting.HospitalSameDay, false, null) with
        {
            HoursOfStay = hours,
            IsMedicare = isMedicare,
            Problems = Problem(MdmLevel.Moderate),
            Risks = Risk(MdmLevel.Moderate),
        }).Code);

    [Theory]
    [InlineData(VisitSetting.Office, true, false, 74, null, 0)]
    [InlineData(VisitSetting.Office, true, false, 75, "99417", 1)]
    [InlineData(VisitSetting.Office, true, false, 89, "99417", 1)]
    [InlineData(VisitSetting.Office, true, false, 90, "99417", 2)]
    [InlineData(VisitSetting.Office, false, false, 54, null, 0)]
    [InlineData(VisitSetting.Office, false, false, 55, "99417", 1)]
    [InlineData(VisitSetting.Office, false, false, 70, "99417", 2)]
    [InlineData(VisitSetting.Office, true, true, 88, null, 0)]
    [InlineData(VisitSetting.Office, true, true, 89, "G2212", 1)]
    [InlineData(VisitSetting.Office, true, true, 104, "G2212", 2)]
    [InlineData(VisitSetting.Office, false, true, 68, null, 0)]
    [InlineData(VisitSetting.Office, false, true, 69, "G2212", 1)]
    [InlineData(VisitSetting.Office, false, true, 84, "G2212", 2)]
    [InlineData(VisitSetting.HospitalInitial, false, false, 89, null, 0)]
    [InlineData(VisitSetting.HospitalInitial, false, false, 90, "99418", 1)]
    [InlineData(VisitSetting.HospitalSameDay, false, true, 109, null, 0)]
    [InlineData(VisitSetting.HospitalSameDay, false, true, 110, "G0316", 1)]
    [InlineData(VisitSetting.CriticalCare, false, false, 74, null, 0)]
    [InlineData(VisitSetting.CriticalCare, false, false, 75, "99292", 1)]
    [InlineData(VisitSetting.CriticalCare, false, false, 105, "99292", 2)]
    [InlineData(VisitSetting.CriticalCare, false, true, 103, null, 0)]
    [InlineData(VisitSetting.CriticalCare, false, true, 104, "99292", 1)]
    public void Prolonged_services_begin_at_their_threshold(VisitSetting setting, bool isNew, bool isMedicare, int minutes, string? code, int units)
    {
        var level = VisitLevels.Of(Facts(setting, isNew, minutes) with { IsMedicare = isMedicare, HoursOfStay = 10 });

        Assert.Equal((code, units), level.AddOns is [var addOn] ? (addOn.Code, addOn.Units) : (null, 0));
    }

    [Fact]
    public void Prolonged_services_need_the_highest_level_by_time_whatever_mdm_says()
    {
        var high = VisitLevels.Of(Facts(VisitSetting.Office, false, 56) with { Problems = Problem(MdmLevel.High), Risks = Risk(MdmLevel.High) });
        var shorter = VisitLevels.Of(Facts(VisitSetting.Office, false, 39) with { Problems = Problem(MdmLevel.High), Risks = Risk(MdmLevel.High) });

        Assert.Equal((LevelBasis.TotalTime, "99417"), (high.Basis, Assert.Single(high.AddOns).Code));
        Assert.Equal(LevelBasis.MedicalDecisionMaking, shorter.Basis);
        Assert.Empty(shorter.AddOns);
    }

    [Theory]
    [InlineData(true, "2024-01-01", false, false, true)]
    [InlineData(false, "2024-01-01", false, false, false)]
    [InlineData(true, "2023-12-31", false, false, false)]
    [InlineData(true, "2024-01-01", true, false, false)]
    [InlineData(true, "2024-01-01", true, true, true)]
    public void The_complexity_add_on_is_Medicares_and_not_beside_other_services_save_preventive_ones(bool isMedicare, string day, bool hasOther, bool isPreventive, bool expected)
    {
        var level = VisitLevels.Of(Facts(VisitSetting.Office, false, 20) with
        {
            Day = DateOnly.Parse(day, System.Globalization.CultureInfo.InvariantCulture),
            IsMedicare = isMedicare,
            Longitudinal = Here,
            OtherService = hasOther ? Here : null,
            OtherServiceIsPreventive = isPreventive,
        });

        Assert.Equal(expected, level.AddOns.Any(a => a.Code == "G2211"));
    }

    [Theory]
    [InlineData("2021-01-01")]
    [InlineData("2023-12-31")]
    [InlineData("2024-01-01")]
    public void The_ranges_of_before_2024_begin_where_the_minimum_of_today_does(string day)
    {
        var date = DateOnly.Parse(day, System.Globalization.CultureInfo.InvariantCulture);

        Assert.Equal("99204", VisitLevels.Of(Facts(VisitSetting.Office, true, 59) with { Day = date }).Code);
        var beyond = VisitLevels.Of(Facts(VisitSetting.Office, true, 75) with { Day = date });
        Assert.Equal(("99205", "99417"), (beyond.Code, Assert.Single(beyond.AddOns).Code));
    }

    [Fact]
    public void Without_a_fact_there_is_no_level_and_what_is_missing_is_told()
    {
        var level = VisitLevels.Of(Facts(VisitSetting.Office, false, null));

        Assert.Equal((null, null, null, null), (level.Code, level.Basis, level.CodeByMdm, level.CodeByTime));
        Assert.Contains(level.Missing, m => m.StartsWith("99212 by MDM: 2 of problems", StringComparison.Ordinal));
        Assert.Contains("99212 by time: a statement of at least 10 minutes of the clinician's own time on the day.", level.Missing);
    }

    [Fact]
    public void What_is_missing_names_the_elements_that_fall_short_of_the_next_code()
    {
        var level = VisitLevels.Of(Facts(VisitSetting.Office, false, 25) with { Problems = Problem(MdmLevel.Moderate), Risks = Risk(MdmLevel.Low) });

        Assert.Equal("99213", level.Code);
        Assert.Contains(level.Missing, m => m.StartsWith("99214 by MDM: one of data (", StringComparison.Ordinal) && m.Contains("; risk (", StringComparison.Ordinal) && !m.Contains("problems", StringComparison.Ordinal));
        Assert.Contains("99214 by time: 5 more minutes (25 of 30).", level.Missing);
    }

    [Fact]
    public void A_visit_of_staff_is_99211_for_established_patients_only()
    {
        Assert.Equal(("99211", LevelBasis.Service), (VisitLevels.Of(Facts(VisitSetting.Office, false, null) with { StaffVisit = Here }).Code, VisitLevels.Of(Facts(VisitSetting.Office, false, null) with { StaffVisit = Here }).Basis));
        Assert.Null(VisitLevels.Of(Facts(VisitSetting.Office, true, null) with { StaffVisit = Here }).Code);
    }

    [Theory]
    [InlineData(VisitSetting.Office, "2020-12-31", false)]
    [InlineData(VisitSetting.Office, "2021-01-01", true)]
    [InlineData(VisitSetting.HospitalInitial, "2022-12-31", false)]
    [InlineData(VisitSetting.HospitalInitial, "2023-01-01", true)]
    public void Older_days_were_judged_otherwise(VisitSetting setting, string day, bool applies) =>
        Assert.Equal(applies, VisitLevels.NotApplicable(setting, DateOnly.Parse(day, System.Globalization.CultureInfo.InvariantCulture)) is null);

    private static ProblemFact[] Problem(MdmLevel level) => level == MdmLevel.None ? [] :
        [new(Enum.GetValues<ProblemKind>().First(k => ProblemKinds.LevelOf(k) == level), null, "x", Here)];

    private static RiskFact[] Risk(MdmLevel level) => level == MdmLevel.None ? [] :
        [new(Enum.GetValues<RiskKind>().First(k => RiskKinds.LevelOf(k) == level), "x", Confidence.Documented, Here)];

    private static VisitFacts Facts(VisitSetting setting, bool isNew, int? minutes) => new()
    {
        Encounter = "Encounter/visit",
        Day = new DateOnly(2026, 3, 2),
        Setting = setting,
        SettingSupport = Here,
        IsNewPatient = isNew,
        PatientSupport = Here,
        Times = minutes is { } m ? [new(m, Confidence.Documented, Here)] : [],
    };
}
