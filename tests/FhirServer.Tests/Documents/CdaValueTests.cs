using System.Text;
using FhirEmr.FhirServer.Documents.Ccda;
using FhirEmr.FhirServer.Documents.Ccda.Import;
using FhirEmr.FhirServer.Resources;

namespace FhirEmr.FhirServer.Tests.Documents;

/// <summary>Times, ids and narratives of CDA, and documents that mean harm.</summary>
public sealed class CdaValueTests
{
    [Theory]
    [InlineData("2025", "2025")]
    [InlineData("202503", "2025-03")]
    [InlineData("20250301", "2025-03-01")]
    [InlineData("2025030110", "2025-03-01")] // an hour alone is no FHIR time
    [InlineData("202503011030-0500", "2025-03-01T10:30:00-05:00")]
    [InlineData("20250301103015-0500", "2025-03-01T10:30:15-05:00")]
    [InlineData("20250301103015.1234+0100", "2025-03-01T10:30:15.123+01:00")]
    [InlineData("20250301103015Z", "2025-03-01T10:30:15+00:00")]
    [InlineData("20250301103015", "2025-03-01T10:30:15-05:00")] // the practice's zone, winter
    [InlineData("20250701103015", "2025-07-01T10:30:15-04:00")] // and summer
    [InlineData("20250301-0500", "2025-03-01")]
    [InlineData("20251301", null)]
    [InlineData("20250230", null)]
    [InlineData("20250301250000", null)]
    [InlineData("today", null)]
    [InlineData("", null)]
    public void Times_keep_their_precision_and_offset(string ts, string? expected) => Assert.Equal(expected, CdaTime.ToFhir(ts, Converted.NewYork));

    [Theory]
    [InlineData("2025")]
    [InlineData("2025-03")]
    [InlineData("2025-03-01")]
    [InlineData("2025-03-01T10:30:15-05:00")]
    [InlineData("2025-03-01T10:30:15.123+05:30")]
    public void Times_written_and_read_again_are_the_same(string fhir) => Assert.Equal(fhir, CdaTime.ToFhir(CdaTime.ToCda(fhir), TimeZoneInfo.Utc));

    [Theory]
    [InlineData("2.16.840.1.113883.6.1", "http://loinc.org")]
    [InlineData("2.16.840.1.113883.4.6", "http://hl7.org/fhir/sid/us-npi")]
    [InlineData("1.2.3.4", "urn:oid:1.2.3.4")]
    [InlineData("6f1d0b86-36f6-4ba6-9a2f-0d2b8b3a1c11", "urn:uuid:6f1d0b86-36f6-4ba6-9a2f-0d2b8b3a1c11")]
    [InlineData("1.02.3", null)]
    [InlineData("javascript:alert(1)", null)]
    public void Roots_and_systems_are_named_both_ways(string root, string? url)
    {
        Assert.Equal(url, OidSystems.UrlOf(root));
        if (url is not null)
            Assert.Equal(root, OidSystems.RootOf(url));
    }

    [Theory]
    [Trait("Requirement", "S-79")]
    [InlineData("<paragraph>a &lt;script&gt;alert(1)&lt;/script&gt;</paragraph>", "<p>a &lt;script&gt;alert(1)&lt;/script&gt;</p>")]
    [InlineData("<linkHtml href=\"java&#9;script:alert(1)\">x</linkHtml>", "x")]
    [InlineData("<linkHtml href=\"https://example.org/?a=1&amp;b=2\">x</linkHtml>", "<a href=\"https://example.org/?a=1&amp;b=2\">x</a>")]
    [InlineData("<script>alert(1)</script>", "alert(1)")]
    [InlineData("<content onclick=\"alert(1)\" style=\"position:fixed\" styleCode=\"Bold\">x</content>", "<b>x</b>")]
    [InlineData("<table onload=\"x\"><caption>C</caption><tbody><tr><td colspan=\"2\" background=\"http://x\">1</td></tr></tbody></table>", "<p>C</p><table><tbody><tr><td colspan=\"2\">1</td></tr></tbody></table>")]
    [InlineData("<list listType=\"ordered\"><item>1</item><junk>2</junk></list>", "<ol><li>1</li><li>2</li></ol>")]
    [InlineData("<list><caption>C</caption>loose<item>1</item></list>", "<p>C</p><ul><li>loose</li><li>1</li></ul>")]
    [InlineData("<table><tbody><tr>loose<td>1</td></tr>between<junk>more</junk></tbody></table>", "<table><tbody><tr><td>loose</td><td>1</td></tr><tr><td>between</td></tr><tr><td>more</td></tr></tbody></table>")]
    [InlineData("<renderMultiMedia referencedObject=\"x\"><caption>Left hand</caption></renderMultiMedia>", "[image]<p>Left hand</p>")]
    public void Narratives_are_written_anew_from_what_may_stand_in_one(string text, string expected)
    {
        var document = Converted.Read(Converted.Document(CcdFixture.Section("1", "S", "1.2", text)));
        var html = NarrativeText.ToXhtml(document.Sections[0].Element.One("text"))!;

        Assert.Equal($"<div xmlns=\"http://www.w3.org/1999/xhtml\">{expected}</div>", html);
        Assert.Null(Narrative.Fault(Encoding.UTF8.GetBytes(html)));
    }

    [Fact]
    public void A_narrative_nested_without_end_keeps_its_words()
    {
        var text = string.Concat(Enumerable.Repeat("<content>", 70)) + "deep" + string.Concat(Enumerable.Repeat("</content>", 70));
        var html = NarrativeText.ToXhtml(Converted.Read(Converted.Document(CcdFixture.Section("1", "S", "1.2", text))).Sections[0].Element.One("text"))!;

        Assert.Contains("deep", html, StringComparison.Ordinal);
        Assert.Null(Narrative.Fault(Encoding.UTF8.GetBytes(html)));
    }

    [Theory]
    [Trait("Requirement", "S-70")]
    [InlineData("<!DOCTYPE ClinicalDocument [<!ENTITY a \"b\">]><ClinicalDocument xmlns=\"urn:hl7-org:v3\">&a;</ClinicalDocument>", "DTD")]
    [InlineData("<!DOCTYPE x SYSTEM \"file:///etc/passwd\"><ClinicalDocument xmlns=\"urn:hl7-org:v3\"/>", "DTD")]
    [InlineData("<ClinicalDocument xmlns=\"urn:hl7-org:v3\">&nbsp;</ClinicalDocument>", "cannot be read")]
    [InlineData("<ClinicalDocument>", "cannot be read")]
    [InlineData("<html/>", "a CDA document begins with")]
    [InlineData("", "cannot be read")]
    public void Documents_that_are_none_or_mean_harm_are_refused(string xml, string why)
    {
        var (document, fault) = CdaDocument.Read(Encoding.UTF8.GetBytes(xml));

        Assert.Null(document);
        Assert.Contains(why, fault, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Requirement", "S-70")]
    public void Elements_nested_too_deep_refuse_the_document() =>
        Assert.Contains("nested more than", CdaDocument.Read(Encoding.UTF8.GetBytes("<ClinicalDocument xmlns=\"urn:hl7-org:v3\">" + string.Concat(Enumerable.Repeat("<a>", 200)) + string.Concat(Enumerable.Repeat("</a>", 200)) + "</ClinicalDocument>")).Fault, StringComparison.Ordinal);

    [Theory]
    [Trait("Requirement", "S-70")]
    [InlineData("<a/>", 600_001, "more than 600000 elements")]
    [InlineData("<!---->", 2_400_001, "too many attributes and other nodes")]
    public void Too_many_parts_refuse_the_document_before_it_is_built(string part, int count, string why) =>
        Assert.Contains(why, CdaDocument.Read(Encoding.UTF8.GetBytes("<ClinicalDocument xmlns=\"urn:hl7-org:v3\">" + string.Concat(Enumerable.Repeat(part, count)) + "</ClinicalDocument>")).Fault, StringComparison.Ordinal);

    [Fact]
    public void Many_references_to_one_long_text_are_refused()
    {
        var entries = Enumerable.Range(0, 80).Select(i => $"<act classCode=\"ACT\"><templateId root=\"2.16.840.1.113883.10.20.22.4.202\"/><id root=\"1.2\" extension=\"{i}\"/><text><reference value=\"#big\"/></text></act>");
        var xml = Converted.Document(CcdFixture.Section("34109-9", "Notes", "1.2", $"<paragraph ID=\"big\">{new string('x', 1_000_000)}</paragraph>", [.. entries]));

        Assert.Contains("more than 64 MiB", Assert.Throws<InvalidDataException>(() => Converted.Of(xml)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("utf-16")]
    [InlineData("iso-8859-1")]
    public void Documents_of_older_systems_are_read_in_their_encoding(string name)
    {
        var encoding = Encoding.GetEncoding(name);
        var xml = $"<?xml version=\"1.0\" encoding=\"{name}\"?>" + Encoding.UTF8.GetString(Converted.Document("")).Replace("<effectiveTime", "<title>Übersicht</title><effectiveTime", StringComparison.Ordinal);

        Assert.Equal("Übersicht", Converted.Of([.. encoding.GetPreamble(), .. encoding.GetBytes(xml)]).Composition.Title);
    }
}
