namespace FhirEmr.BillingBridge.EvaluationManagement;

/// <summary>99291 for the first 30 to 74 minutes, 99292 for each further 30 (billing spec 4.4).</summary>
internal static class CriticalCareTime
{
    public const int FirstFrom = 30;

    private const int UnitMinutes = 30;

    /// <summary>CPT counts a further unit once begun; Medicare once it is complete.</summary>
    public static int FurtherFrom(bool isMedicare) => isMedicare ? 104 : 75;

    public static int FurtherUnits(int minutes, bool isMedicare)
    {
        var from = FurtherFrom(isMedicare);
        return minutes < from ? 0 : ((minutes - from) / UnitMinutes) + 1;
    }
}
