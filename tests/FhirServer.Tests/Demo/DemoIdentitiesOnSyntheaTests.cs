using System.Globalization;
using FhirEmr.FhirServer.Demo;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Tests.Demo;

/// <summary>The real thing, where the synthetic records lie beside the repository.</summary>
public sealed class DemoIdentitiesOnSyntheaTests
{
    [Fact]
    public void The_given_records_become_billable_and_stay_whole()
    {
        var files = Files();
        Assert.SkipWhen(files.Count == 0, "shared/data/synthea is not beside this repository.");

        var shared = new Dictionary<string, string>();
        foreach (var file in files)
        {
            var before = FhirText.Read(File.ReadAllText(file));
            var after = DemoIdentities.Apply(before);
            var added = after.Entry.Skip(before.Entry.Count).Select(entry => entry.Resource!).ToList();

            Assert.Equal(before.Entry.Select(entry => entry.FullUrl), after.Entry.Take(before.Entry.Count).Select(entry => entry.FullUrl));
            Assert.All(added, resource => Assert.True(resource is Coverage or PractitionerRole or Location || (resource is Organization { Id: var id } && DemoPayers.All.Any(payer => payer.Id == id))));
            Assert.Empty(FhirText.Dangling([after]));
            Assert.Equal(FhirText.Write(after), FhirText.Write(DemoIdentities.Apply(after)));

            CheckProviders(after);
            CheckCoverage(after);

            // The records themselves disagree on some extensions of a shared provider; what we give it must not differ.
            foreach (var given in after.Entry.Select(entry => Given(entry.Resource!)).OfType<(string Id, string Identity)>())
                Assert.Equal(given.Identity, shared[given.Id] = shared.GetValueOrDefault(given.Id, given.Identity));
        }
    }

    private static (string Id, string Identity)? Given(Resource resource) => resource switch
    {
        Organization organization => (organization.Id!, FhirText.Write(new Organization { Identifier = organization.Identifier, Type = organization.Type, Address = organization.Address })),
        Practitioner practitioner => (practitioner.Id!, FhirText.Write(new Practitioner { Identifier = practitioner.Identifier, Qualification = practitioner.Qualification })),
        Location location => (location.Id!, FhirText.Write(location)),
        _ => null,
    };

    private static void CheckProviders(Bundle bundle)
    {
        foreach (var practitioner in All<Practitioner>(bundle))
            Assert.True(MadeUpNumbers.IsNpi(Value(practitioner.Identifier, "http://hl7.org/fhir/sid/us-npi")));
        foreach (var organization in All<Organization>(bundle).Where(organization => organization.Type[0].Coding[0].Code == "prov"))
        {
            Assert.True(MadeUpNumbers.IsNpi(Value(organization.Identifier, "http://hl7.org/fhir/sid/us-npi")));
            Assert.True(MadeUpNumbers.IsEin(Value(organization.Identifier, "urn:oid:2.16.840.1.113883.4.4")));
            Assert.Matches("^0[12][0-9]{7}$", organization.Address[0].PostalCode);
            Assert.DoesNotContain("BOX", string.Join(' ', organization.Address[0].Line), StringComparison.Ordinal);
        }
    }

    /// <summary>Each insured visit lies in exactly one primary coverage, each uninsured one in none.</summary>
    private static void CheckCoverage(Bundle bundle)
    {
        var encounters = bundle.Entry.Where(entry => entry.Resource is Encounter).ToDictionary(entry => entry.FullUrl!, entry => (Encounter)entry.Resource!);
        foreach (var eob in All<ExplanationOfBenefit>(bundle))
        {
            var day = encounters[eob.Item.SelectMany(item => item.Encounter).First().Reference!].Period!.Start![..10];
            var insured = eob.Contained.OfType<Coverage>().Single().Payor[0].Display != "no_insurance";
            var primary = All<Coverage>(bundle).Where(coverage =>
                coverage.Beneficiary!.Reference == eob.Patient!.Reference && coverage.Order == 1
                && string.CompareOrdinal(coverage.Period!.Start, day) <= 0 && (coverage.Period.End is null || string.CompareOrdinal(day, coverage.Period.End) <= 0));
            Assert.Equal(insured ? 1 : 0, primary.Count());
        }

        Assert.All(All<Coverage>(bundle).Where(coverage => coverage.Period!.End is not null), coverage => Assert.True(
            DateOnly.Parse(coverage.Period!.Start!, CultureInfo.InvariantCulture) <= DateOnly.Parse(coverage.Period.End!, CultureInfo.InvariantCulture)));
    }

    private static List<string> Files()
    {
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (root is not null && !File.Exists(Path.Combine(root.FullName, "FhirEmr.sln")))
            root = root.Parent;

        var folder = Path.Combine(root?.Parent?.FullName ?? "", "shared", "data", "synthea");
        return Directory.Exists(folder) ? [.. Directory.EnumerateFiles(folder, "*.json").Order()] : [];
    }

    private static string? Value(IEnumerable<Identifier> identifiers, string system) =>
        identifiers.SingleOrDefault(identifier => identifier.System == system)?.Value;

    private static IEnumerable<T> All<T>(Bundle bundle)
        where T : Resource => bundle.Entry.Select(entry => entry.Resource).OfType<T>();
}
