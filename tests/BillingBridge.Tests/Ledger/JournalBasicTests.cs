using FhirEmr.BillingBridge.Ledger;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Tests.Ledger;

public sealed class JournalBasicTests
{
    private static JournalEntry Entry => new()
    {
        Key = "journal/charge/a1",
        Event = JournalEvent.Charge,
        PostedOn = new DateOnly(2026, 4, 1),
        Claim = "Claim/a1",
        Patient = "Patient/p",
        Source = "Claim/a1",
        EnteredBy = "ann",
        Note = "said so",
        Lines = [new(LedgerAccount.InsuranceReceivable, 120.5m, 1, "CO-45"), new(LedgerAccount.Revenue, -120.5m, 1), new(LedgerAccount.Cash, 0.01m), new(LedgerAccount.Revenue, -0.01m)],
    };

    [Fact]
    public void What_is_written_is_read()
    {
        var read = JournalBasic.Parse(JournalBasic.ToBasic(Entry));
        Assert.Equal(Entry.Lines, read.Lines);
        Assert.Equal(Entry with { Lines = read.Lines }, read);
    }

    [Theory]
    [InlineData(100, -99.99, "sum to 0.01")]
    [InlineData(0, 0, "at least one")]
    [InlineData(0.001, -0.001, "whole cents")]
    public void Lines_that_do_not_sum_to_zero_are_no_entry(double one, double other, string because)
    {
        JournalLine[] lines = [new(LedgerAccount.Cash, (decimal)one), new(LedgerAccount.Revenue, (decimal)other)];
        Assert.Contains(because, Assert.Throws<ArgumentException>(() => Entry with { Lines = lines }).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void One_line_is_no_entry() => Assert.Throws<ArgumentException>(() => Entry with { Lines = [new(LedgerAccount.Cash, 1m)] });

    [Fact]
    public void A_Basic_that_was_altered_is_an_error_and_not_silence()
    {
        var altered = JournalBasic.ToBasic(Entry);
        altered.Extension.First(e => e.Url == LedgerUrls.Line).SetExtension("amount", new Money { Value = 120m, Currency = Money.Currencies.USD });
        Assert.Contains("sum to -0.50", Assert.Throws<InvalidDataException>(() => JournalBasic.Parse(altered)).Message, StringComparison.Ordinal);
        Assert.Contains("code", JournalBasic.Fault(new Basic()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(LedgerAccount.InsuranceReceivable, "insurance-receivable")]
    [InlineData(LedgerAccount.Cash, "cash")]
    [InlineData(LedgerAccount.BadDebtWriteOff, "bad-debt-write-off")]
    public void Accounts_have_codes(LedgerAccount account, string code)
    {
        Assert.Equal(code, LedgerCodes.Code(account));
        Assert.Equal(account, LedgerCodes.Account(code));
    }
}
