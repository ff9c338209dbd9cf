using FhirEmr.FhirServer.Resources;

namespace FhirEmr.FhirServer.Search.Indexing;

/// <summary>A stretch of time as the index holds it: half-open in UTC milliseconds and, as written, in local days.</summary>
/// <remarks>search.html#date: "2024-05" is all of May; a Period without end never ends. Open ends are the extreme values.</remarks>
internal readonly record struct DateRange(long Lo, long Hi, int DayLo, int DayHi)
{
    public const long Beginning = long.MinValue;
    public const long Never = long.MaxValue;
    public const int FirstDay = int.MinValue;
    public const int LastDay = int.MaxValue;

    private static readonly long EpochTicks = DateTime.UnixEpoch.Ticks;

    /// <summary>What a date or time covers; without an offset of its own it is read in <paramref name="zone"/>.</summary>
    public static DateRange Covering(FhirDate date, TimeZoneInfo zone)
    {
        var (start, end) = (date.Local, date.LocalEnd);
        var dayLo = Day(start);
        var dayHi = date.HasTime ? dayLo + 1 : Day(end) + (end.TimeOfDay == TimeSpan.Zero ? 0 : 1); // the end of year 9999 is no midnight
        return new(Utc(start, date.Offset, zone), Utc(end, date.Offset, zone), dayLo, dayHi);
    }

    /// <summary>From the start of one to the end of the other; absent ends are open.</summary>
    public static DateRange Between(DateRange? start, DateRange? end)
    {
        var (dayLo, dayHi) = (start?.DayLo ?? FirstDay, end?.DayHi ?? LastDay);
        // Ends written in different zones may be in order as instants and not as days: then it all happened on the first day.
        if (dayHi <= dayLo && start?.Lo < end?.Hi)
            dayHi = dayLo + 1;
        return new(start?.Lo ?? Beginning, end?.Hi ?? Never, dayLo, dayHi);
    }

    private static int Day(DateTime local) => (int)((local.Ticks - EpochTicks - Mod(local.Ticks - EpochTicks, TimeSpan.TicksPerDay)) / TimeSpan.TicksPerDay);

    private static long Utc(DateTime local, TimeSpan? offset, TimeZoneInfo zone)
    {
        var ticks = local.Ticks - EpochTicks - (offset ?? zone.GetUtcOffset(local)).Ticks;
        return (ticks - Mod(ticks, TimeSpan.TicksPerMillisecond)) / TimeSpan.TicksPerMillisecond;
    }

    private static long Mod(long value, long by) => ((value % by) + by) % by;
}
