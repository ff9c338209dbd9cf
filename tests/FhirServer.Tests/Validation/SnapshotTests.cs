using System.Text;
using System.Text.Json.Nodes;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Validation;

namespace FhirEmr.FhirServer.Tests.Validation;

/// <summary>Profiles that come with a differential only.</summary>
public sealed class SnapshotTests(ITestOutputHelper output)
{
    private const string Guide = "hl7.fhir.us.core-6.1.0.tgz";
    private const string Base = """{"id":"Patient.birthDate","path":"Patient.birthDate","min":0,"max":"1"},{"id":"Patient.gender","path":"Patient.gender","min":1,"max":"1"}""";

    [Fact]
    public void What_the_base_asks_for_and_what_the_profile_adds_are_both_checked()
    {
        var validator = Shelf.Of(Shelf.Profile("base", "Patient", Base), Profile("urn:test:base", """{"id":"Patient.birthDate","path":"Patient.birthDate","min":1}"""));

        Assert.Empty(validator.Check("""{"resourceType":"Patient","gender":"male","birthDate":"2000"}""", "urn:test:p").Errors());
        Assert.Equal(["min-cardinality Patient.birthDate", "min-cardinality Patient.gender"], validator.Check("""{"resourceType":"Patient","active":true}""", "urn:test:p").Errors().Order());
    }

    [Fact]
    public void Without_its_base_a_profile_is_unusable_and_the_base_is_named()
    {
        var report = Shelf.Of(Profile("urn:test:nowhere", """{"id":"Patient.birthDate","path":"Patient.birthDate","min":1}""")).Check("""{"resourceType":"Patient","active":true}""", "urn:test:p");

        Assert.Contains("urn:test:nowhere", Assert.Single(report.Issues, i => i.Id == "profile-unusable").Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_base_that_leads_back_to_the_profile_ends_in_a_finding() =>
        Assert.Single(Shelf.Of(Profile("urn:test:p", """{"id":"Patient.birthDate","path":"Patient.birthDate","min":1}""")).Check("""{"resourceType":"Patient","active":true}""", "urn:test:p").Issues, i => i.Id == "profile-unusable");

    /// <summary>The whole of US Core without its snapshots: each of its examples, and each with an element taken away, must get the findings that it gets with the published ones.</summary>
    [Fact]
    public void A_guide_without_its_snapshots_finds_what_it_finds_with_them()
    {
        var published = Packages.Needed();
        Assert.SkipWhen(Packages.Find(Guide) is null, Packages.WhyNoGuides);
        var bare = Packages.With([.. Packages.Files(Guide, n => n.Contains("/StructureDefinition-", StringComparison.Ordinal)).Select(f => (ReadOnlyMemory<byte>)Bare(f.Json))]);
        var (ct, options, compared, different, without) = (TestContext.Current.CancellationToken, new ValidationOptions(), 0, new List<string>(), new HashSet<string>());
        foreach (var (name, json) in Packages.Files(Guide, n => n.Contains("/example/", StringComparison.Ordinal)))
        {
            if (FhirJsonReader.Read(json, out _) is not { } tree || ClaimedProfiles.Of(tree.Root).Count == 0)
                continue;
            foreach (var instance in Without(json).Prepend(json))
            {
                var report = bare.Validate(new(instance, []), options, ct);
                if (report.Issues.FirstOrDefault(i => i.Id == "profile-unusable") is { } unusable)
                {
                    without.Add(unusable.Text);
                    continue;
                }

                compared++;
                var (expected, found) = (Errors(published.Validate(new(instance, []), options, ct)), Errors(report));
                if (!expected.SequenceEqual(found))
                    different.Add($"{name}: {string.Join(", ", expected.Except(found))} | {string.Join(", ", found.Except(expected))}");
            }
        }

        output.WriteLine($"{compared} compared, {different.Count} different");
        different.Take(40).ToList().ForEach(output.WriteLine);
        Assert.True(compared > 500);
        Assert.Empty(different);
        Assert.EndsWith("http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaireresponse", Assert.Single(without).TrimEnd('.'), StringComparison.Ordinal); // SDC is not among the guides here
    }

    private static string[] Errors(ValidationReport report) =>
        [.. report.Issues.Where(i => i.Severity == Severity.Error).Select(i => $"{i.Id} {i.Path}").Distinct().Order(StringComparer.Ordinal)];

    private static string Profile(string from, string element) =>
        $$$"""
        {"resourceType":"StructureDefinition","url":"urn:test:p","version":"1","name":"P","status":"active","kind":"resource","abstract":false,"type":"Patient","derivation":"constraint",
         "baseDefinition":"{{{from}}}","differential":{"element":[{{{element}}}]}}
        """;

    private static byte[] Bare(byte[] definition)
    {
        var json = JsonNode.Parse(definition)!.AsObject();
        json.Remove("snapshot");
        return Encoding.UTF8.GetBytes(json.ToJsonString());
    }

    private static IEnumerable<byte[]> Without(byte[] json)
    {
        foreach (var name in JsonNode.Parse(json)!.AsObject().Select(p => p.Key).Where(k => k is not ("resourceType" or "meta" or "id" or "text")))
        {
            var less = JsonNode.Parse(json)!.AsObject();
            less.Remove(name);
            yield return Encoding.UTF8.GetBytes(less.ToJsonString());
        }
    }
}
