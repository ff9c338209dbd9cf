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
