using CsCheck;
using FhirEmr.FhirServer.Security.Audit;

namespace FhirEmr.FhirServer.Tests.Security.Audit;

public sealed class AuditChainTests
{
    [Fact]
    public void Keys_come_out_of_a_seal_as_they_went_in() =>
        Gen.Long[0, long.MaxValue].Array[0, 50].Sample(numbers => Assert.Equal(numbers, AuditChain.Unpack(AuditChain.Pack(numbers))));

    [Fact]
    public void Damaged_keys_are_told_and_do_not_throw() =>
        Gen.Byte.Array[0, 60].Sample(bytes => { _ = AuditChain.Unpack(bytes); });

    [Fact]
    public void Numbers_ascend_on_each_node_even_when_the_clock_goes_back()
    {
        var clock = new BackwardClock();
        var numbers = new AuditNumbers(7, AuditNumbers.From(clock.GetUtcNow()) + 5, clock);
        var last = AuditNumbers.From(clock.GetUtcNow()) + 5;
        for (var i = 0; i < 10_000; i++)
        {
            var next = numbers.Next();
            Assert.True(next > last);
            Assert.Equal(7, AuditNumbers.NodeOf(next));
            Assert.Equal(next, AuditNumbers.Parse(AuditNumbers.IdOf(next)));
            last = next;
        }
    }

    [Fact]
    public void A_record_is_read_back_as_it_was_written()
    {
        var record = new AuditRecord
        {
            Type = "rest",
            Subtype = "search-type",
            Action = 'E',
            Outcome = 4,
            Reason = "not-found",
            Status = 404,
            Address = "::1",
            RequestId = "r-1",
            Entry = 3,
            Entity = "Observation/1",
            Version = 2,
            Patients = ["a", "b"],
            MorePatients = 5,
            Results = 7,
            Query = "name=Müller&x=\"",
            Purpose = "BTG",
            Text = "t",
            Agent = new() { UserId = "u", FhirUser = "Practitioner/1", ClientId = "c", TokenId = "h", Roles = ["clinician"], Name = "n" },
        };
        Assert.Equivalent(record, AuditCodec.Read(AuditCodec.Write(record)), strict: true);
        Assert.Null(AuditCodec.Read("{\"type\":7}"u8));
        Assert.Null(AuditCodec.Read([1, 2, 3]));
    }

    [Fact]
    public void Records_stored_together_are_read_back_together_and_one_by_one()
    {
        var secret = AuditSecret.New("audit-1");
        var numbers = new AuditNumbers(3, 0, TimeProvider.System);
        (AuditTagged, byte[])[] records = [.. Enumerable.Range(0, 300)
            .Select(i => (new AuditTagged(numbers.Next(), [i]), AuditCodec.Write(new() { Type = "rest", Subtype = "read", Action = 'R', Entity = $"Patient/{i}" })))];
        var rows = AuditPack.Pack(records, secret);

        Assert.Equal(records.Select(r => r.Item1.Number), rows.SelectMany(r => AuditPack.NumbersOf(r.Number, r.Body)!));
        Assert.Equal(Enumerable.Range(0, 300).Select(i => $"Patient/{i}"), rows.SelectMany(r => AuditPack.Read(r.Number, r.Body)!).Select(i => i.Record.Entity));
        Assert.All(rows, r => Assert.InRange(r.Items.Count, 1, AuditPack.Most));
        Assert.All(rows, r => Assert.True(secret.IsMac(r.Number, r.Body, r.Mac)));
        foreach (var row in rows)
            Assert.Equal($"Patient/{row.Items[^1].Terms[0]}", AuditPack.Read(row.Number, row.Body, [row.Items[^1].Number, 7])[0]?.Entity);
        Assert.Null(AuditPack.Read(rows[0].Number, rows[0].Body, [7])[0]);
        Assert.True(rows.Sum(r => r.Body.Length) < records.Sum(r => r.Item2.Length) / 4);
    }

    [Fact]
    public void Rows_of_another_second_or_node_are_not_stored_together()
    {
        var second = AuditNumbers.From(new DateTimeOffset(2026, 3, 1, 8, 0, 0, TimeSpan.Zero));
        long[] keys = [second, second | (1 << 11), AuditNumbers.From(new DateTimeOffset(2026, 3, 1, 8, 0, 0, 999, TimeSpan.Zero)), AuditNumbers.From(new DateTimeOffset(2026, 3, 1, 8, 0, 1, TimeSpan.Zero))];
        var rows = AuditPack.Pack([.. keys.Select(k => (new AuditTagged(k, []), "{}"u8.ToArray()))], AuditSecret.New("audit-1"));
        Assert.Equal(keys, rows.Select(r => r.Number));
        Assert.Equal(second, AuditPack.EarliestRow(keys[2]));
    }

    [Fact]
    public void A_row_of_today_is_read_for_ever() // with the dictionary it was made with: that may only be followed by another
    {
        var body = Convert.FromHexString("01020228B52FFD20A48D010088376170702230484E4142433A3131225D7D0A0026E3A5B420C0260EB09BAD71DE043B05269271B7B549B04C0315150104");
        Assert.Equal("Patient/1", Assert.Single(AuditPack.Read(42, body)!).Record.Entity);
    }

    [Fact]
    public void Damaged_rows_are_told_and_do_not_throw()
    {
        var whole = AuditPack.Pack([.. Enumerable.Range(1, 20).Select(i => (new AuditTagged(i, []), AuditCodec.Write(new() { Type = "rest", Subtype = "read", Action = 'R' })))], AuditSecret.New("audit-1"))[0].Body;
        for (var at = 0; at < whole.Length; at++)
        {
            byte[] damaged = [.. whole];
            damaged[at] ^= 0x41;
            _ = AuditPack.Read(1, damaged);
            _ = AuditPack.Read(1, whole.AsSpan(0, at));
        }
    }

    [Fact]
    public void Positions_come_out_as_they_went_in() =>
        Gen.Int[0, AuditSegment.Most - 1].HashSet[1, 600].Sample(some =>
        {
            var bits = AuditPositions.None();
            AuditPositions.Unpack(AuditPositions.Pack([.. some.Order()]), bits);
            Assert.Equal(some.Order(), Enumerable.Range(0, AuditSegment.Most).Where(i => (bits[i / 64] >> (i % 64) & 1) != 0));
        });

    [Fact]
    public void Any_bytes_are_taken_for_positions_without_harm() =>
        Gen.Byte.Array[0, 700].Sample(bytes => AuditPositions.Unpack(bytes, AuditPositions.None()));

    [Fact]
    public void A_code_fits_one_row_and_no_other()
    {
        var secret = AuditSecret.New("audit-1");
        var body = AuditCodec.Write(new() { Type = "rest", Subtype = "read", Action = 'R' });
        var mac = secret.MacOf(42, body);
        Assert.True(secret.IsMac(42, body, mac));
        Assert.False(secret.IsMac(43, body, mac));
        Assert.False(secret.IsMac(42, [.. body, 0], mac));
        Assert.False(AuditSecret.New("audit-1").IsMac(42, body, mac));
    }

    private sealed class BackwardClock : TimeProvider
    {
        private DateTimeOffset now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

        public override DateTimeOffset GetUtcNow() => now -= TimeSpan.FromMilliseconds(0.3);
    }
}
