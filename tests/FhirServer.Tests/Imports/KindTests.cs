using System.Text;
using FhirEmr.FhirServer.Imports.Kinds;
using FhirEmr.FhirServer.Imports.Mapping;
using FhirEmr.FhirServer.Operations.Matching;
using FhirEmr.FhirServer.Resources;
using Hl7.Fhir.Model;
using static Hl7.Fhir.Model.Appointment;
using FhirTask = Hl7.Fhir.Model.Task;

namespace FhirEmr.FhirServer.Tests.Imports;

/// <summary>What rows become, as far as nothing has to be looked up for it.</summary>
public sealed class KindTests
{
    private static readonly AppointmentRows Appointments = new();

    [Fact]
    public void An_appointment_that_is_moved_keeps_its_length_when_the_row_says_none()
    {
        var (from, to) = (new DateTimeOffset(2026, 12, 1, 9, 0, 0, TimeSpan.Zero), new DateTimeOffset(2026, 12, 2, 14, 0, 0, TimeSpan.Zero));
        var there = new Appointment { Status = AppointmentStatus.Booked, Start = from, End = from.AddMinutes(45) };

        Assert.Equal((45, to.AddMinutes(45)), Lengths(Rows.Of(Appointments, 2), there));
        Assert.Equal((20, to.AddMinutes(20)), Lengths(Rows.Of(Appointments, 2, ("minutes", "20")), there));

        (int?, DateTimeOffset?) Lengths(MappedRow row, Appointment stored)
        {
            var after = AppointmentRows.Lay(row, (Appointment)stored.DeepCopy(), Rows.Scope(), to, "Patient/a", null, null);
            return (after.MinutesDuration, after.End);
        }
    }

    [Theory]
    [InlineData(AppointmentStatus.Booked, AppointmentStatus.Booked, true)]
    [InlineData(AppointmentStatus.Cancelled, AppointmentStatus.Booked, false)]
    [InlineData(AppointmentStatus.Cancelled, AppointmentStatus.Cancelled, true)]
    [InlineData(AppointmentStatus.EnteredInError, AppointmentStatus.Booked, false)]
    public void One_that_was_called_off_is_not_the_one_booked_in_its_place(AppointmentStatus there, AppointmentStatus row, bool isSame) =>
        Assert.Equal(isSame, AppointmentRows.Stands(new Appointment { Status = there }, new Appointment { Status = row }));

    [Theory]
    [InlineData("Ann", true)]
    [InlineData("Annette", false)]
    [InlineData("An", false)]
    [InlineData("Marie", true)] // called by the second
    public void A_name_is_the_whole_name(string given, bool isCalled) => Assert.Equal(isCalled, PatientOfRow.IsCalled(
        Traits("""{"resourceType":"Patient","name":[{"family":"O'Brien","given":["Ann","Marie"]}]}"""), Traits($$"""{"resourceType":"Patient","name":[{"family":"OBRIEN","given":["{{given}}"]}]}""").Names[0]));

    [Theory]
    [InlineData(FhirTask.TaskStatus.Requested, true)]
    [InlineData(FhirTask.TaskStatus.InProgress, true)]
    [InlineData(FhirTask.TaskStatus.Completed, false)]
    [InlineData(FhirTask.TaskStatus.Rejected, false)]
    [InlineData(FhirTask.TaskStatus.Cancelled, false)]
    public void A_decided_Task_waits_for_nobody(FhirTask.TaskStatus status, bool isOpen) => Assert.Equal(isOpen, ImportScope.IsOpen(new FhirTask { Status = status }));

    [Fact]
    public void A_thing_said_before_is_known_by_its_line_and_a_line_may_say_it_again()
    {
        var scope = Rows.Scope();

        Assert.Null(scope.LineBefore(2, "a"));
        Assert.Null(scope.LineBefore(3, "b"));
        Assert.Null(scope.LineBefore(2, "a")); // planned once more after a conflict
        Assert.Equal(2, scope.LineBefore(4, "a"));
    }

    [Fact]
    public void Ids_are_of_the_row_or_of_the_thing()
    {
        Assert.Equal(ImportScope.IdOf("a", "b"), ImportScope.IdOf("a", "b"));
        Assert.NotEqual(ImportScope.IdOf("a", "b"), Rows.Scope().IdOfRow("a", "b"));
        Assert.Equal('8', ImportScope.IdOf("a")[14]);
    }

    private static PatientTraits Traits(string json) => PatientTraits.Of(FhirJsonReader.Read(Encoding.UTF8.GetBytes(json), out _)!.Root);
}
