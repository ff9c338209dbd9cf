using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Validation;

namespace FhirEmr.FhirServer.Tests.Validation;

/// <summary>The examples of implementation guides against the profiles they claim, in the guide's own version.</summary>
public sealed class GuideExamplesTests(ITestOutputHelper output)
{
    /// <summary>Examples that break R4 or their own guide, and what they break.</summary>
    private static readonly Dictionary<string, string> Wrong = new(StringComparer.Ordinal)
    {
        ["ExplanationOfBenefit-EOBInpatient2.json"] = "&reg; in a narrative: HTML, not XHTML",
        ["ExplanationOfBenefit-EOBProfessional2.json"] = "&reg; in a narrative: HTML, not XHTML",
        ["ExplanationOfBenefit-EOBProfessionalTransportation1.json"] = "&reg; in a narrative: HTML, not XHTML",
        ["ExplanationOfBenefit-EOBOutpatient2.json"] = "&reg; in a narrative: HTML, not XHTML",
        ["ExplanationOfBenefit-EOBProfessional1.json"] = "&reg; in a narrative: HTML, not XHTML",
        ["DiagnosticReport-cardiology-report.json"] = "a hash that is no base64",
        ["Bundle-66c8856b-ba11-4876-8aa8-467aad8c11a2.json"] = "a fullUrl that ends in another id than its resource's",
        ["Observation-satO2-fiO2.json"] = "3.1.1 fixes L/min in a component whose units its snapshot binds to a value set without L/min",
        ["Bundle-uscore-mo3.json"] = "a fullUrl that is no absolute address",
        ["Bundle-docref-example-2.json"] = "a fullUrl that ends in another id than its resource's",
    };

    public static TheoryData<string> All => [.. Guides.All.Select(g => g.File)];

    [Theory]
    [MemberData(nameof(All))]
    public void Examples_of_a_guide_meet_its_profiles(string file)
    {
        var validator = Packages.Needed();
        Assert.SkipWhen(Packages.Find(file) is null, Packages.WhyNoGuides);
        var (_, version, canonical) = Guides.All.Single(g => g.File == file);
        var failing = new List<string>();
        foreach (var (name, json) in Packages.Files(file, n => n.Contains("/example/", StringComparison.Ordinal)))
        {
            if (FhirJsonReader.Read(json, out _) is not { } tree)
                continue;
            string[] profiles = [.. ClaimedProfiles.Of(tree.Root).Where(p => p.StartsWith(canonical, StringComparison.Ordinal) && !p.Contains('|', StringComparison.Ordinal)).Select(p => $"{p}|{version}")];
            var report = validator.Validate(new(Unclaimed(json), profiles), new ValidationOptions(), TestContext.Current.CancellationToken);
            if (report.Issues.FirstOrDefault(i => i.Severity == Severity.Error) is { } error && !Wrong.ContainsKey(name))
                failing.Add($"{name}: {error.Id} {error.Path}: {error.Text} [{error.Profile}]");
        }

        failing.ForEach(output.WriteLine);
        Assert.Empty(failing);
    }

    /// <summary>Without the claim, which would mean the newest version of the profile that is here.</summary>
    private static byte[] Unclaimed(byte[] json)
    {
        var resource = System.Text.Json.Nodes.JsonNode.Parse(json)!;
        (resource["meta"] as System.Text.Json.Nodes.JsonObject)?.Remove("profile");
        if (resource["meta"] is System.Text.Json.Nodes.JsonObject { Count: 0 })
            resource.AsObject().Remove("meta");
        return System.Text.Encoding.UTF8.GetBytes(resource.ToJsonString());
    }
}
