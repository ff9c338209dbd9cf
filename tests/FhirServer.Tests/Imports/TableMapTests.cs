using System.Text;
using System.Text.Json;
using FhirEmr.FhirServer.Imports.Kinds;
using FhirEmr.FhirServer.Imports.Mapping;
using FhirEmr.FhirServer.Imports.Tables;

namespace FhirEmr.FhirServer.Tests.Imports;

/// <summary>Headers as exports of practice systems have them, and maps that are kept.</summary>
public sealed class TableMapTests
{
    private static readonly PatientRows Patients = new(null!);

    [Theory]
    [InlineData("Chart #,Patient Last Name,Patient First Name,Date of Birth,Gender,Home Phone,ZIP Code", "id,lastName,firstName,birthDate,sex,homePhone,zip")]
    [InlineData("PatNum,LName,FName,Birthdate,Sex,WirelessPhone,Favorite Color", "id,lastName,firstName,birthDate,sex,mobilePhone,")]
    [InlineData("MRN,Patient Name,DOB,Legal Sex,Email Address,St,Preferred Language", "id,fullName,birthDate,sex,email,state,language")]
    public void Guesses_what_columns_say(string headers, string fields) =>
        Assert.Equal(fields, string.Join(',', TableMap.Guess(Table(headers), Patients.Fields).Columns.Select(c => c.Field)));

    [Fact]
    public void A_field_is_taken_once_and_what_is_missing_is_said()
    {
        var map = TableMap.Guess(Table("DOB,Birth Date"), Patients.Fields);

        Assert.Equal(["birthDate", null], map.Columns.Select(c => c.Field));
        Assert.Equal("No column is mapped to lastName or fullName.", Patients.Missing(map));
    }

    [Fact]
    public void A_kept_map_fits_by_header_in_any_order_and_says_why_it_does_not()
    {
        var kept = TableMap.Read(new TableMap([new("Surname", "lastName"), new("Born", "birthDate"), new("Cell", "mobilePhone")], DateOrder.DayFirst).Write());

        Assert.Equal(["birthDate", null, "lastName"], TableMap.Fit(kept, Table("BORN,Other,surname"), Patients.Fields, isAbout: false).Map!.Columns.Select(c => c.Field));
        var faults = TableMap.Fit(kept with { Columns = [new("Nowhere", "lastName"), new("Born", "birthdate"), new("Other", "lastName")] }, Table("Born,Other"), Patients.Fields, isAbout: true).Faults;
        Assert.Equal(3, faults.Count);
        Assert.Contains("no column 'Nowhere'", faults[0], StringComparison.Ordinal);
        Assert.Contains("Did you mean 'birthDate'?", faults[1], StringComparison.Ordinal);
        Assert.Contains("Two columns are mapped to lastName", faults[2], StringComparison.Ordinal);
        Assert.Throws<JsonException>(() => TableMap.Read("{}"));
    }

    private static SourceTable Table(string headers) => TableReader.Read(Encoding.UTF8.GetBytes(headers + "\n"));
}
