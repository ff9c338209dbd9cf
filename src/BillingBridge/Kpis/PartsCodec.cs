using FhirEmr.BillingBridge.Ledger;

namespace FhirEmr.BillingBridge.Kpis;

/// <summary>Parts of a claim and facts of an encounter as bytes: a third of their JSON, and read ten times as fast, which counts when a million are read at a start.</summary>
/// <remarks>Whoever keeps the bytes keeps <see cref="Version"/> with them: others are read again from the records.</remarks>
public static class PartsCodec
{
    /// <summary>Changes with every change of the layout, and of what the reader reads.</summary>
    public const int Version = 2;

    public static byte[] Write(ClaimParts parts)
    {
        ArgumentNullException.ThrowIfNull(parts);
        using var bytes = new MemoryStream(512);
        using var to = new BinaryWriter(bytes);
        to.Write(parts.Header is not null);
        if (parts.Header is { } header)
            Write(to, header);
        All(to, parts.Steps.Values, s =>
        {
            Text(to, s.Id);
            to.Write(s.At.UtcTicks);
            Day(to, s.On);
            Text(to, s.From);
            Text(to, s.To);
        });
        All(to, parts.Answers.Values, a => Write(to, a));
        All(to, parts.Journal, e =>
        {
            Text(to, e.Key);
            Write(to, e.Value);
        });
        to.Flush();
        return bytes.ToArray();
    }

    public static ClaimParts ReadClaim(byte[] bytes)
    {
        using var from = new BinaryReader(new MemoryStream(bytes, writable: false));
        var parts = new ClaimParts { Header = from.ReadBoolean() ? Header(from) : null };
        for (var n = from.Read7BitEncodedInt(); n > 0; n--)
        {
            var step = new StageStep(Text(from)!, new DateTimeOffset(from.ReadInt64(), TimeSpan.Zero), Day(from)!.Value, Text(from)!, Text(from)!);
            parts.Steps[step.Id] = step;
        }

        for (var n = from.Read7BitEncodedInt(); n > 0; n--)
        {
            var answer = Answer(from);
            parts.Answers[answer.Id] = answer;
        }

        for (var n = from.Read7BitEncodedInt(); n > 0; n--)
            parts.Journal[Text(from)!] = Entry(from);
        return parts;
    }

    public static byte[] Write(EncounterFacts facts)
    {
        ArgumentNullException.ThrowIfNull(facts);
        using var bytes = new MemoryStream(128);
        using var to = new BinaryWriter(bytes);
        Text(to, facts.Id);
        Day(to, facts.Day);
        Day(to, facts.EndDay);
        to.Write(facts.IsFinished);
        Text(to, facts.Provider);
        Text(to, facts.Location);
        All(to, facts.Charges, c =>
        {
            Text(to, c.Key);
            Day(to, c.Value.EnteredOn);
            to.Write7BitEncodedInt64(c.Value.Cents);
        });
        to.Flush();
        return bytes.ToArray();
    }

    public static EncounterFacts ReadEncounter(byte[] bytes)
    {
        using var from = new BinaryReader(new MemoryStream(bytes, writable: false));
        return new()
        {
            Id = Text(from)!,
            Day = Day(from),
            EndDay = Day(from),
            IsFinished = from.ReadBoolean(),
            Provider = Text(from),
            Location = Text(from),
            Charges = All(from, () => KeyValuePair.Create(Text(from)!, new EnteredCharge(Day(from), from.Read7BitEncodedInt64()))).ToDictionary(StringComparer.Ordinal),
        };
    }

    public static byte[] Write(VisitFacts facts)
    {
        ArgumentNullException.ThrowIfNull(facts);
        using var bytes = new MemoryStream(64);
        using var to = new BinaryWriter(bytes);
        Text(to, facts.Id);
        Day(to, facts.Day);
        to.Write(facts.IsScheduled);
        to.Write(facts.IsNoShow);
        Text(to, facts.Patient);
        Text(to, facts.Provider);
        Text(to, facts.Location);
        to.Flush();
        return bytes.ToArray();
    }

    public static VisitFacts ReadVisit(byte[] bytes)
    {
        using var from = new BinaryReader(new MemoryStream(bytes, writable: false));
        return new(Text(from)!, Day(from)!.Value, from.ReadBoolean(), from.ReadBoolean(), Text(from), Text(from), Text(from));
    }

    /// <summary>Days of the 271s of a patient, by the id of the response.</summary>
    public static byte[] Write(IReadOnlyDictionary<string, DateOnly> eligibility)
    {
        ArgumentNullException.ThrowIfNull(eligibility);
        using var bytes = new MemoryStream(64);
        using var to = new BinaryWriter(bytes);
        All(to, eligibility, e =>
        {
            Text(to, e.Key);
            Day(to, e.Value);
        });
        to.Flush();
        return bytes.ToArray();
    }

    public static Dictionary<string, DateOnly> ReadEligibility(byte[] bytes)
    {
        using var from = new BinaryReader(new MemoryStream(bytes, writable: false));
        return All(from, () => KeyValuePair.Create(Text(from)!, Day(from)!.Value)).ToDictionary(StringComparer.Ordinal);
    }

    private static void Write(BinaryWriter to, ClaimHeader header)
    {
        Text(to, header.Id);
        Text(to, header.Patient);
        Text(to, header.Encounter);
        Text(to, header.Payer);
        Text(to, header.PayerId);
        Text(to, header.PayerClass);
        Text(to, header.Provider);
        Text(to, header.Location);
        Day(to, header.Created);
        Text(to, header.Frequency);
        to.Write7BitEncodedInt(header.Rank);
        to.Write(header.IsChargedBefore);
        to.Write(header.IsCancelled);
        to.Write(header.IsAuthorised);
        All(to, header.Lines, l =>
        {
            to.Write7BitEncodedInt(l.Number);
            Text(to, l.Code);
            All(to, l.Modifiers, m => Text(to, m));
            to.Write(l.Units);
            to.Write7BitEncodedInt64(l.ChargeCents);
            Day(to, l.Day);
            Text(to, l.Place);
        });
        All(to, header.Diagnoses, d => Text(to, d));
    }

    private static ClaimHeader Header(BinaryReader from) => new()
    {
        Id = Text(from)!,
        Patient = Text(from),
        Encounter = Text(from),
        Payer = Text(from),
        PayerId = Text(from),
        PayerClass = Text(from)!,
        Provider = Text(from),
        Location = Text(from),
        Created = Day(from),
        Frequency = Text(from)!,
        Rank = from.Read7BitEncodedInt(),
        IsChargedBefore = from.ReadBoolean(),
        IsCancelled = from.ReadBoolean(),
        IsAuthorised = from.ReadBoolean(),
        Lines = All(from, () => new LineFacts(from.Read7BitEncodedInt(), Text(from)!, All(from, () => Text(from)!), from.ReadDecimal(), from.Read7BitEncodedInt64(), Day(from), Text(from))),
        Diagnoses = All(from, () => Text(from)!),
    };

    private static void Write(BinaryWriter to, AnswerFacts answer)
    {
        Text(to, answer.Id);
        to.Write(answer.At.UtcTicks);
        Day(to, answer.PaidOn);
        Text(to, answer.Trace);
        Text(to, answer.Status);
        to.Write7BitEncodedInt64(answer.ChargeCents);
        to.Write7BitEncodedInt64(answer.PaidCents);
        All(to, answer.Lines, l =>
        {
            to.Write7BitEncodedInt(l.Number);
            to.Write7BitEncodedInt64(l.ChargeCents);
            to.Write7BitEncodedInt64(l.AllowedCents);
            to.Write7BitEncodedInt64(l.PaidCents);
            All(to, l.Remarks, r => Text(to, r));
            All(to, l.Adjustments, a =>
            {
                Text(to, a.Group);
                Text(to, a.Carc);
                to.Write7BitEncodedInt64(a.Cents);
            });
        });
    }

    private static AnswerFacts Answer(BinaryReader from) => new(
        Text(from)!, new DateTimeOffset(from.ReadInt64(), TimeSpan.Zero), Day(from)!.Value, Text(from), Text(from)!, from.Read7BitEncodedInt64(), from.Read7BitEncodedInt64(),
        All(from, () => new AnswerLine(
            from.Read7BitEncodedInt(), from.Read7BitEncodedInt64(), from.Read7BitEncodedInt64(), from.Read7BitEncodedInt64(), All(from, () => Text(from)!),
            All(from, () => new AnswerAdjustment(Text(from)!, Text(from)!, from.Read7BitEncodedInt64())))));

    private static void Write(BinaryWriter to, JournalEntry entry)
    {
        Text(to, entry.Key);
        to.Write((byte)entry.Event);
        Day(to, entry.PostedOn);
        Text(to, entry.Claim);
        Text(to, entry.Patient);
        Text(to, entry.Source);
        All(to, entry.Lines, l =>
        {
            to.Write((byte)l.Account);
            to.Write(l.AmountUsd);
            to.Write7BitEncodedInt(l.Item ?? 0);
            Text(to, l.Reason);
        });
    }

    private static JournalEntry Entry(BinaryReader from) => new()
    {
        Key = Text(from)!,
        Event = (JournalEvent)from.ReadByte(),
        PostedOn = Day(from)!.Value,
        Claim = Text(from),
        Patient = Text(from),
        Source = Text(from),
        Lines = All(from, () => new JournalLine((LedgerAccount)from.ReadByte(), from.ReadDecimal(), from.Read7BitEncodedInt() is var item and not 0 ? item : null, Text(from))),
    };

    private static void All<T>(BinaryWriter to, IReadOnlyCollection<T> values, Action<T> write)
    {
        to.Write7BitEncodedInt(values.Count);
        foreach (var value in values)
            write(value);
    }

    private static List<T> All<T>(BinaryReader from, Func<T> read)
    {
        var count = from.Read7BitEncodedInt();
        var values = new List<T>(count);
        for (var i = 0; i < count; i++)
            values.Add(read());
        return values;
    }

    private static void Text(BinaryWriter to, string? text)
    {
        to.Write(text is not null);
        if (text is not null)
            to.Write(text);
    }

    private static string? Text(BinaryReader from) => from.ReadBoolean() ? from.ReadString() : null;

    private static void Day(BinaryWriter to, DateOnly? day) => to.Write7BitEncodedInt(day?.DayNumber ?? 0);

    private static DateOnly? Day(BinaryReader from) => from.Read7BitEncodedInt() is var day and not 0 ? DateOnly.FromDayNumber(day) : null;
}
