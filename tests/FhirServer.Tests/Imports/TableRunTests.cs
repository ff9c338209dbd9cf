using FhirEmr.FhirServer.Imports;
using FhirEmr.FhirServer.Imports.Kinds;
using FhirEmr.FhirServer.Imports.Mapping;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Tests.Imports;

/// <summary>How many rows one transaction takes.</summary>
public sealed class TableRunTests
{
    private static readonly PatientRows Patients = new(null!);

    [Fact]
    public void A_row_that_writes_what_one_before_it_writes_waits_for_it()
    {
        var payer = new PlannedWrite(new Organization { Id = "payer" }, 0);

        Assert.Equal(2, TableRun.UpToRepeat([Row(2, Patient("a")), Row(3, Patient("b")), Row(4, Patient("a")), Row(5, Patient("c"))]).Count);
        Assert.Equal(3, TableRun.UpToRepeat([Row(2, Patient("a"), payer), Row(3, Patient("b"), payer), Row(4)]).Count);
        Assert.Single(TableRun.UpToRepeat([Row(2, Patient("a"), Patient("a"))])); // never none: the run would stand still
    }

    private static (MappedRow, RowPlan) Row(int line, params PlannedWrite[] writes) => (Rows.Of(Patients, line), RowPlan.Update(writes));

    private static PlannedWrite Patient(string id) => new(new Patient { Id = id }, 1);
}
