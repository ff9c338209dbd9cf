using FhirEmr.BillingBridge.Scrubbing.Edits;
using FhirEmr.FhirServer.Billing.Kpis;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Tests.Billing;

public sealed class SpecialtyTablesTests
{
    // Invented counts in the columns of the table.
    private const string Levels = """
        code,specialty,services,from,to
        99213,8,"1,000",2026-01-01,2026-12-31
        99214,08,3000,2026-01-01,2026-12-31
        99214,08,9,,2025-12-31
        99214,C0,5,,
        99215,C0,none,,
        """;

    [Fact]
    public void Rows_make_a_curve_for_each_specialty_and_year()
    {
        var curves = SpecialtyTables.CurvesOf(ReferenceTable.Read(TableNames.OfficeLevels, "office-levels of 2026-05-01", new StringReader(Levels)));
        Assert.Equal([("08", 4000m), ("08", 9m), ("C0", 5m)], curves.Select(c => (c.Specialty, c.Services.Values.Sum())));
        Assert.Equal("office-levels of 2026-05-01", curves[0].Edition);
        Assert.Equal((new DateOnly(2026, 1, 1), new DateOnly(2026, 12, 31)), (curves[0].From, curves[0].To));
    }

    [Fact]
    public void A_provider_has_the_specialty_of_the_taxonomy_of_a_role_that_is_in_use()
    {
        var crosswalk = ReferenceTable.Read(TableNames.MedicareSpecialties, "x", new StringReader("taxonomy,specialty\n207Q00000X,8\n207R00000X,11\n"));
        var roles = new[] { Role("r1", "ada", "207q00000x"), Role("r2", "bo", "207R00000X"), Role("r3", "cy", "363L00000X"), Role("r4", "di", "207R00000X") };
        roles[3].Active = false;
        Assert.Equal(
            [("Practitioner/ada", "08"), ("PractitionerRole/r1", "08"), ("Practitioner/bo", "11"), ("PractitionerRole/r2", "11")],
            SpecialtyTables.SpecialtiesOf(roles, crosswalk, new DateOnly(2026, 5, 1)));
        Assert.Empty(SpecialtyTables.SpecialtiesOf(roles, null, new DateOnly(2026, 5, 1)));
    }

    private static PractitionerRole Role(string id, string who, string taxonomy) => new()
    {
        Id = id,
        Practitioner = new ResourceReference($"Practitioner/{who}"),
        Specialty = [new CodeableConcept("http://nucc.org/provider-taxonomy", taxonomy)],
    };
}
