using FhirEmr.FhirServer.Demo;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Tests.Demo;

public sealed class DemoIdentitiesTests
{
    private static readonly DateOnly LastDay = new(2025, 6, 30);

    [Fact]
    public void Clinicians_get_a_valid_NPI_in_place_of_the_invalid_one_and_a_taxonomy()
    {
        foreach (var practitioner in All<Practitioner>(Applied(0)))
        {
            var npi = Assert.Single(practitioner.Identifier, identifier => identifier.System == "http://hl7.org/fhir/sid/us-npi");
            Assert.True(MadeUpNumbers.IsNpi(npi.Value), npi.Value);
            Assert.Contains(practitioner.Qualification, held => held.Code!.Coding[0].System == "http://nucc.org/provider-taxonomy");
        }
    }

    [Fact]
    public void A_valid_NPI_is_kept()
    {
        var bundle = TinyRecord.With();
        All<Practitioner>(bundle).Single().Identifier = [new Identifier("http://hl7.org/fhir/sid/us-npi", "1234567893")];

        var practitioner = All<Practitioner>(DemoIdentities.Apply(bundle)).Single();

        Assert.Equal("1234567893", Assert.Single(practitioner.Identifier).Value);
    }

    [Fact]
    public void A_clinic_gets_everything_a_billing_provider_needs()
    {
        var clinic = All<Organization>(DemoIdentities.Apply(TinyRecord.With())).Single();

        Assert.True(MadeUpNumbers.IsNpi(clinic.Identifier.Single(identifier => identifier.System == "http://hl7.org/fhir/sid/us-npi").Value));
        Assert.True(MadeUpNumbers.IsEin(clinic.Identifier.Single(identifier => identifier.System == "urn:oid:2.16.840.1.113883.4.4").Value));
        Assert.Equal("261QU0200X", clinic.Type.Single().Coding[0].Code);
        Assert.Matches("^01960[0-9]{4}$", clinic.Address[0].PostalCode);
    }

    [Fact]
    public void A_useless_tax_number_is_replaced()
    {
        var bundle = TinyRecord.With();
        All<Organization>(bundle).Single().Identifier = [new Identifier("urn:oid:2.16.840.1.113883.4.4", "123456789")];

        var clinic = All<Organization>(DemoIdentities.Apply(bundle)).Single();

        Assert.True(MadeUpNumbers.IsEin(clinic.Identifier.Single(identifier => identifier.System == "urn:oid:2.16.840.1.113883.4.4").Value));
    }

    [Fact]
    public void A_role_ties_each_clinician_to_the_clinic_of_their_visits()
    {
        var role = Assert.Single(All<PractitionerRole>(DemoIdentities.Apply(TinyRecord.With(("2012-02-08", "private"), ("2013-02-08", "private")))));

        Assert.Equal(("urn:uuid:d1", "urn:uuid:o1"), (role.Practitioner!.Reference, role.Organization!.Reference));
    }

    [Fact]
    public void The_input_is_left_as_it_was()
    {
        var bundle = Generated(1);
        var before = FhirText.Write(bundle);

        DemoIdentities.Apply(bundle);

        Assert.Equal(before, FhirText.Write(bundle));
    }

    [Fact]
    public void Applying_twice_is_applying_once()
    {
        for (var i = 0; i < 8; i++)
        {
            var once = Applied(i);
            Assert.Equal(FhirText.Write(once), FhirText.Write(DemoIdentities.Apply(FhirText.Read(FhirText.Write(once)))));
        }
    }

    [Fact]
    public void The_same_record_gives_the_same_bytes() =>
        Assert.Equal(FhirText.Write(Applied(2)), FhirText.Write(DemoIdentities.Apply(FhirText.Read(FhirText.Write(Generated(2))))));

    [Fact]
    public void Every_reference_resolves_inside_the_bundle()
    {
        for (var i = 0; i < 8; i++)
            Assert.Empty(FhirText.Dangling([Applied(i)]));
    }

    [Fact]
    public void What_was_there_stays_in_place_and_the_additions_follow()
    {
        var (before, after) = (Generated(3), Applied(3));

        Assert.Equal(before.Entry.Select(Key), after.Entry.Take(before.Entry.Count).Select(Key));
        Assert.All(after.Entry.Skip(before.Entry.Count), entry => Assert.Equal((Bundle.HTTPVerb.PUT, Key(entry)), (entry.Request!.Method!.Value, entry.Request.Url!)));
        Assert.All(after.Entry.Skip(before.Entry.Count), entry => Assert.Contains(entry.Resource!.TypeName, (string[])["Organization", "PractitionerRole", "Coverage"]));
    }

    [Fact]
    public void Shared_resources_are_the_same_in_every_bundle()
    {
        var texts = Enumerable.Range(0, 24).SelectMany(i => Applied(i).Entry)
            .Where(entry => entry.Resource is Organization or Practitioner)
            .GroupBy(Key, entry => FhirText.Write(entry.Resource!) + entry.FullUrl);

        Assert.All(texts, group => Assert.Single(group.Distinct()));
    }

    [Fact]
    public void An_entry_that_was_put_by_id_is_referred_to_by_id()
    {
        var bundle = Generated(4);
        foreach (var entry in bundle.Entry)
        {
            entry.FullUrl = $"https://example.org/fhir/{Key(entry)}";
            entry.Request = new Bundle.RequestComponent { Method = Bundle.HTTPVerb.PUT, Url = Key(entry) };
        }

        var byId = FhirText.Read(System.Text.RegularExpressions.Regex.Replace(
            FhirText.Write(bundle),
            "\"reference\":\"urn:uuid:([^\"]+)\"",
            match => $"\"reference\":\"{Key(bundle.Entry.First(entry => entry.Resource!.Id == match.Groups[1].Value))}\""));
        var patient = All<Patient>(byId).Single();

        var enriched = DemoIdentities.Apply(byId);

        Assert.All(All<Coverage>(enriched), coverage => Assert.Equal($"Patient/{patient.Id}", coverage.Beneficiary!.Reference));
        Assert.NotEmpty(All<Coverage>(enriched));
    }

    private static Bundle Generated(int i) => new PracticeGenerator(7, LastDay).Patient(i);

    private static Bundle Applied(int i) => DemoIdentities.Apply(Generated(i));

    private static string Key(Bundle.EntryComponent entry) => $"{entry.Resource!.TypeName}/{entry.Resource.Id}";

    private static IEnumerable<T> All<T>(Bundle bundle)
        where T : Resource => bundle.Entry.Select(entry => entry.Resource).OfType<T>();
}
