namespace FhirEmr.FhirServer.Resources;

/// <summary>How much of a date was given.</summary>
internal enum DatePrecision : byte
{
    Year,
    Month,
    Day,
    Minute,
    Second,
    Millisecond,
}

/// <summary>A FHIR date, dateTime or instant read from text: the local wall clock, its precision and, with a time, its offset.</summary>
/// <remarks>Ticks keep seven decimals of a second. A leap second (:60) counts as the following second's start.</remarks>
internal readonly record struct FhirDate(DateTime Local, DatePrecision Precision, TimeSpan? Offset)
{
    /// <summary>First local moment after what was given: the next year, month, day, minute, second or millisecond.</summary>
    public DateTime LocalEnd => Precision switch
    {
        DatePrecision.Year => Local.Year == 9999 ? DateTime.MaxValue : Local.AddYears(1),
        DatePrecision.Month => Local is { Year: 9999, Month: 12 } ? DateTime.MaxValue : Local.AddMonths(1),
        DatePrecision.Day => Local.Date == DateTime.MaxValue.Date ? DateTime.MaxValue : Local.AddDays(1),
        DatePrecision.Minute => Plus(TimeSpan.TicksPerMinute),
        DatePrecision.Second => Plus(TimeSpan.TicksPerSecond),
        _ => Plus(TimeSpan.TicksPerMillisecond),
    };

    public bool HasTime => Precision >= DatePrecision.Minute;

    private DateTime Plus(long ticks) => Local.Ticks > DateTime.MaxValue.Ticks - ticks ? DateTime.MaxValue : Local.AddTicks(ticks);

    public static bool IsDate(ReadOnlySpan<byte> text) => TryParse(text, out var d) && !d.HasTime;

    public static bool IsDateTime(ReadOnlySpan<byte> text) =>
        TryParse(text, out var d) && (!d.HasTime || (d.Precision >= DatePrecision.Second && d.Offset is not null));

    public static bool IsInstant(ReadOnlySpan<byte> text) =>
        TryParse(text, out var d) && d is { Precision: >= DatePrecision.Second, Offset: not null };

    public static bool IsTime(ReadOnlySpan<byte> text)
    {
        var at = 0;
        return TryTime(text, ref at, out _, out var precision) && at == text.Length && precision >= DatePrecision.Second;
    }

    /// <summary>Reads any precision; minutes without seconds and a missing zone are accepted (search values allow them).</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out FhirDate date)
    {
        date = default;
        if (text.Length < 4 || !Digits(text[..4], out var year) || year == 0)
            return false;
        if (text.Length == 4)
            return Done(new(new DateTime(year, 1, 1), DatePrecision.Year, null), out date);

        if (text.Length < 7 || text[4] != '-' || !Digits(text.Slice(5, 2), out var month) || month is < 1 or > 12)
            return false;
        if (text.Length == 7)
            return Done(new(new DateTime(year, month, 1), DatePrecision.Month, null), out date);

        if (text.Length < 10 || text[7] != '-' || !Digits(text.Slice(8, 2), out var day) || day < 1 || day > DateTime.DaysInMonth(year, month))
            return false;
        var local = new DateTime(year, month, day);
        if (text.Length == 10)
            return Done(new(local, DatePrecision.Day, null), out date);

        var at = 11;
        if (text[10] != 'T' || !TryTime(text, ref at, out var time, out var precision) || !TryOffset(text[at..], out var offset))
            return false;

        return Done(new(time.Ticks > DateTime.MaxValue.Ticks - local.Ticks ? DateTime.MaxValue : local + time, precision, offset), out date);
    }

    private static bool Done(FhirDate value, out FhirDate date)
    {
        date = value;
        return true;
    }

    private static bool TryTime(ReadOnlySpan<byte> text, ref int at, out TimeSpan time, out DatePrecision precision)
    {
        (time, precision) = (default, DatePrecision.Minute);
        if (text.Length < at + 5 || !Digits(text.Slice(at, 2), out var hour) || text[at + 2] != ':' || !Digits(text.Slice(at + 3, 2), out var minute)
            || hour > 23 || minute > 59)
            return false;

        at += 5;
        long ticks = ((hour * 60L) + minute) * TimeSpan.TicksPerMinute;
        if (at < text.Length && text[at] == ':')
        {
            if (text.Length < at + 3 || !Digits(text.Slice(at + 1, 2), out var second) || second > 60)
                return false;
            at += 3;
            ticks += second * TimeSpan.TicksPerSecond;
            precision = DatePrecision.Second;
            if (at < text.Length && text[at] == '.')
            {
                at++;
                var first = at;
                for (var unit = TimeSpan.TicksPerSecond / 10; at < text.Length && char.IsAsciiDigit((char)text[at]); at++, unit /= 10)
                    ticks += unit * (text[at] - '0');
                if (at == first)
                    return false;
                precision = DatePrecision.Millisecond;
            }
        }

        time = new TimeSpan(ticks);
        return true;
    }

    private static bool TryOffset(ReadOnlySpan<byte> text, out TimeSpan? offset)
    {
        offset = null;
        if (text.IsEmpty)
            return true;
        if (text is [(byte)'Z'])
        {
            offset = TimeSpan.Zero;
            return true;
        }

        if (text.Length != 6 || text[0] is not ((byte)'+' or (byte)'-') || text[3] != ':'
            || !Digits(text.Slice(1, 2), out var hours) || !Digits(text.Slice(4, 2), out var minutes) || hours > 14 || minutes > 59 || (hours == 14 && minutes > 0))
            return false;

        var span = new TimeSpan(hours, minutes, 0);
        offset = text[0] == '-' ? -span : span;
        return true;
    }

    private static bool Digits(ReadOnlySpan<byte> text, out int value)
    {
        value = 0;
        foreach (var b in text)
        {
            if (b is < (byte)'0' or > (byte)'9')
                return false;
            value = (value * 10) + b - '0';
        }

        return true;
    }
}
