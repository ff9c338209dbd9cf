using FhirEmr.FhirServer.Imports.Mapping;

namespace FhirEmr.FhirServer.Tests.Imports;

/// <summary>Values as spreadsheets have them.</summary>
public sealed class ValueReaderTests
{
    private static readonly DateOnly Today = new(2026, 11, 29);

    [Theory]
    [InlineData(nameof(FieldForm.Date), "3/7/1961", "1961-03-07")]
    [InlineData(nameof(FieldForm.Date), "03-07-61", "1961-03-07")]
    [InlineData(nameof(FieldForm.Date), "3/7/26", "2026-03-07")]
    [InlineData(nameof(FieldForm.Date), "1961-03-07 00:00:00.000", "1961-03-07")]
    [InlineData(nameof(FieldForm.Date), "7-Mar-1961", "1961-03-07")]
    [InlineData(nameof(FieldForm.Date), "March 7, 1961", "1961-03-07")]
    [InlineData(nameof(FieldForm.Date), "19610307", "1961-03-07")]
    [InlineData(nameof(FieldForm.Date), "2026-03-07T00:00:00Z", "2026-03-07")]
    [InlineData(nameof(FieldForm.Date), "3/7/31", "2031-03-07")]
    [InlineData(nameof(FieldForm.Date), "3/7/32", "1932-03-07")]
    [InlineData(nameof(FieldForm.BirthDate), "11/29/26", "2026-11-29")]
    [InlineData(nameof(FieldForm.BirthDate), "11/30/26", "1926-11-30")]
    [InlineData(nameof(FieldForm.BirthDate), "3/7/31", "1931-03-07")]
    [InlineData(nameof(FieldForm.DateAndTime), "2026-03-07 09:05:00.000", "2026-03-07T09:05")]
    [InlineData(nameof(FieldForm.DateAndTime), "3/7/2026 2:30 PM", "2026-03-07T14:30")]
    [InlineData(nameof(FieldForm.DateAndTime), "2026-03-07T09:05:00", "2026-03-07T09:05")]
    [InlineData(nameof(FieldForm.DateAndTime), "Mar 7, 2026 9:05a", "2026-03-07T09:05")]
    [InlineData(nameof(FieldForm.Time), "9:30 a.m.", "09:30")]
    [InlineData(nameof(FieldForm.Sex), "F", "female")]
    [InlineData(nameof(FieldForm.Phone), "1 (617) 555-0123 ext. 9", "(617) 555-0123 x9")]
    [InlineData(nameof(FieldForm.State), "new york", "NY")]
    [InlineData(nameof(FieldForm.Zip), "2139", "02139")]
    [InlineData(nameof(FieldForm.Zip), "021391234", "02139-1234")]
    [InlineData(nameof(FieldForm.Usd), "($1,234.50)", "-1234.50")]
    [InlineData(nameof(FieldForm.Usd), "12.00-", "-12.00")]
    [InlineData(nameof(FieldForm.Npi), "1234567893", "1234567893")]
    [InlineData(nameof(FieldForm.Procedure), "g0438", "G0438")]
    [InlineData(nameof(FieldForm.Rank), "Secondary", "2")]
    [InlineData(nameof(FieldForm.AppointmentStatus), "No Show", "noshow")]
    public void Reads(string form, string text, string value) => Assert.Equal((value, null), new ValueReader(DateOrder.MonthFirst, Today).Read(Enum.Parse<FieldForm>(form), text));

    [Theory]
    [InlineData(nameof(FieldForm.Date), "2/30/1990", "a date such as 12/31/1990")]
    [InlineData(nameof(FieldForm.Date), "31/12/1990", "a date such as 12/31/1990")]
    [InlineData(nameof(FieldForm.Date), "soon", "a date such as")]
    [InlineData(nameof(FieldForm.Date), "2026-03-07T09:00:00Z", "a date such as")]
    [InlineData(nameof(FieldForm.BirthDate), "11/30/2026", "no later than today")]
    [InlineData(nameof(FieldForm.DateAndTime), "2026-03-07T09:05:00Z", "without a Z")]
    [InlineData(nameof(FieldForm.Time), "09:05:00Z", "a local time")]
    [InlineData(nameof(FieldForm.Phone), "555-0123", "ten digits")]
    [InlineData(nameof(FieldForm.State), "ZZ", "a state")]
    [InlineData(nameof(FieldForm.Zip), "12", "five or nine")]
    [InlineData(nameof(FieldForm.Usd), "1,23", "an amount")]
    [InlineData(nameof(FieldForm.Usd), "1.005", "an amount")]
    [InlineData(nameof(FieldForm.Npi), "1234567890", "check digit")]
    [InlineData(nameof(FieldForm.Ssn), "000-12-3456", "nine digits")]
    [InlineData(nameof(FieldForm.Email), "x@y", "e-mail")]
    [InlineData(nameof(FieldForm.Procedure), "9921", "five characters")]
    public void Says_what_was_expected(string form, string text, string expected)
    {
        var (value, said) = new ValueReader(DateOrder.MonthFirst, Today).Read(Enum.Parse<FieldForm>(form), text);

        Assert.Null(value);
        Assert.Contains(expected, said, StringComparison.Ordinal);
    }

    [Fact]
    public void Days_above_twelve_tell_the_order_of_all()
    {
        Assert.Equal(DateOrder.DayFirst, ValueReader.OrderOf(["03/07/1961", "25/12/1990"]));
        Assert.Equal(DateOrder.MonthFirst, ValueReader.OrderOf(["03/07/1961", "12/25/1990"]));
        Assert.Equal(DateOrder.MonthFirst, ValueReader.OrderOf(["25/12/1990", "12/25/1990", "12/26/1990"])); // one slip
        Assert.Equal(DateOrder.DayFirst, ValueReader.OrderOf(["12/25/1990", "25/12/1990", "26/12/1990"]));
        Assert.Equal(DateOrder.MonthFirst, ValueReader.OrderOf(["12/25/1990", "25/12/1990"]));
        Assert.Equal(("1961-07-03", null), new ValueReader(DateOrder.DayFirst, Today).Read(FieldForm.Date, "03/07/1961"));
    }
}
