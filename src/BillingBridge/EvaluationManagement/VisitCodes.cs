using static FhirEmr.BillingBridge.EvaluationManagement.MdmLevel;
using static FhirEmr.BillingBridge.EvaluationManagement.VisitSetting;

namespace FhirEmr.BillingBridge.EvaluationManagement;

/// <summary>The codes of each setting, lowest first (billing spec 4.1 and 4.4). Where a setting has three, straightforward and low share the first.</summary>
public static class VisitCodes
{
    /// <summary>Office visits are chosen by MDM or time since this day; before it, by history and examination.</summary>
    public static readonly DateOnly OfficeSince = new(2021, 1, 1);

    /// <summary>The same for every other setting.</summary>
    public static readonly DateOnly OthersSince = new(2023, 1, 1);

    public static IReadOnlyList<VisitCode> All { get; } =
    [
        new("99202", Office, true, Straightforward, 15), new("99203", Office, true, Low, 30), new("99204", Office, true, Moderate, 45), new("99205", Office, true, High, 60),
        new("99212", Office, false, Straightforward, 10), new("99213", Office, false, Low, 20), new("99214", Office, false, Moderate, 30), new("99215", Office, false, High, 40),
        new("99221", HospitalInitial, null, Straightforward, 40), new("99222", HospitalInitial, null, Moderate, 55), new("99223", HospitalInitial, null, High, 75),
        new("99231", HospitalSubsequent, null, Straightforward, 25), new("99232", HospitalSubsequent, null, Moderate, 35), new("99233", HospitalSubsequent, null, High, 50),
        new("99234", HospitalSameDay, null, Straightforward, 45), new("99235", HospitalSameDay, null, Moderate, 70), new("99236", HospitalSameDay, null, High, 85),
        new("99242", OutpatientConsultation, null, Straightforward, 20), new("99243", OutpatientConsultation, null, Low, 30),
        new("99244", OutpatientConsultation, null, Moderate, 40), new("99245", OutpatientConsultation, null, High, 55),
        new("99252", InpatientConsultation, null, Straightforward, 35), new("99253", InpatientConsultation, null, Low, 45),
        new("99254", InpatientConsultation, null, Moderate, 60), new("99255", InpatientConsultation, null, High, 80),
        new("99282", Emergency, null, Straightforward, null), new("99283", Emergency, null, Low, null), new("99284", Emergency, null, Moderate, null), new("99285", Emergency, null, High, null),
        new("99304", NursingFacilityInitial, null, Straightforward, 25), new("99305", NursingFacilityInitial, null, Moderate, 35), new("99306", NursingFacilityInitial, null, High, 50),
        new("99307", NursingFacilitySubsequent, null, Straightforward, 10), new("99308", NursingFacilitySubsequent, null, Low, 20),
        new("99309", NursingFacilitySubsequent, null, Moderate, 30), new("99310", NursingFacilitySubsequent, null, High, 45),
        new("99341", Home, true, Straightforward, 15), new("99342", Home, true, Low, 30), new("99344", Home, true, Moderate, 60), new("99345", Home, true, High, 75),
        new("99347", Home, false, Straightforward, 20), new("99348", Home, false, Low, 30), new("99349", Home, false, Moderate, 40), new("99350", Home, false, High, 60),
    ];

    /// <summary>The codes of one setting for this patient, lowest first; empty for discharge and critical care, which time alone divides.</summary>
    public static IReadOnlyList<VisitCode> Of(VisitSetting setting, bool isNew) => [.. All.Where(c => c.Setting == setting && (c.IsNew is not { } fits || fits == isNew))];

    /// <summary>The highest code whose MDM is reached; null when none is.</summary>
    public static VisitCode? ByMdm(VisitSetting setting, bool isNew, MdmLevel level) => Of(setting, isNew).LastOrDefault(c => level >= c.Level);

    /// <summary>The highest code whose minutes are reached, with no rounding up; null when none is or time does not choose here.</summary>
    public static VisitCode? ByTime(VisitSetting setting, bool isNew, int minutes) => Of(setting, isNew).LastOrDefault(c => c.Minutes is { } least && minutes >= least);

    /// <summary>The setting a visit code says it belongs to; null for codes of other services.</summary>
    public static VisitSetting? SettingOf(string code) => code switch
    {
        "99211" => Office,
        "99238" or "99239" => HospitalDischarge,
        "99281" => Emergency,
        "99291" or "99292" => CriticalCare,
        _ => All.FirstOrDefault(c => c.Code == code)?.Setting,
    };

    /// <summary>How high a code stands among those of its setting and kind of patient, from 0; below it the codes that need no physician. Null for other codes.</summary>
    public static int? Rank(string code) => code switch
    {
        "99211" or "99281" => -1,
        "99238" or "99291" => 0,
        "99239" => 1,
        _ => All.FirstOrDefault(c => c.Code == code) is { } found ? All.Where(c => c.Setting == found.Setting && c.IsNew == found.IsNew).TakeWhile(c => c.Code != code).Count() : null,
    };

    /// <summary>Whether new and established patients have different codes there.</summary>
    public static bool AsksNew(VisitSetting setting) => setting is Office or Home;

    /// <summary>Medicare has no consultation codes: the visit is coded as one of the place where it was.</summary>
    public static VisitSetting ForMedicare(VisitSetting setting) => setting switch
    {
        OutpatientConsultation => Office,
        InpatientConsultation => HospitalInitial,
        _ => setting,
    };
}
