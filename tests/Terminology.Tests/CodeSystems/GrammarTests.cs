using FhirEmr.Terminology.ValueSets;

namespace FhirEmr.Terminology.Tests.CodeSystems;

public sealed class GrammarTests
{
    private static readonly IValueSets Sets = new TerminologyService(null, TimeProvider.System, null).ValueSets;

    [Theory]
    [InlineData("mg/dL")]
    [InlineData("mm[Hg]")]
    [InlineData("10*3/uL")]
    [InlineData("10*-6")]
    [InlineData("/min")]
    [InlineData("{score}")]
    [InlineData("{beats}/min")]
    [InlineData("mL/min/{1.73_m2}")]
    [InlineData("[pH]")]
    [InlineData("B[10.nV]")]
    [InlineData("[degF]")]
    [InlineData("kg/m2")]
    [InlineData("m/(s.s)")]
    [InlineData("k[iU]/mL")]
    [InlineData("'")]
    [InlineData("%{vol}")]
    [InlineData("1")]
    [InlineData("KiBy")]
    public void A_unit(string code) => Assert.Equal(Membership.In, Check("http://unitsofmeasure.org", code));

    [Theory]
    [InlineData("mgs")]
    [InlineData("mg per dL")]
    [InlineData("mg/dl/")]
    [InlineData("{open")]
    [InlineData("k%")]
    [InlineData("kmin")]
    [InlineData("m()")]
    [InlineData("(m")]
    [InlineData("m++2")]
    [InlineData("")]
    public void No_unit(string code) => Assert.Equal(Membership.NotIn, Check("http://unitsofmeasure.org", code));

    [Theory]
    [InlineData("en", true)]
    [InlineData("en-US", true)]
    [InlineData("zh-Hant-TW", true)]
    [InlineData("de-CH-1996", true)]
    [InlineData("x-clinic", true)]
    [InlineData("sl-rozaj-biske-1994", true)]
    [InlineData("english language", false)]
    [InlineData("en_US", false)]
    [InlineData("e", false)]
    [InlineData("en-", false)]
    public void A_language(string code, bool expected) => Assert.Equal(expected ? Membership.In : Membership.NotIn, Check("urn:ietf:bcp:47", code));

    [Theory]
    [InlineData("application/fhir+json", true)]
    [InlineData("text/plain; charset=utf-8", true)]
    [InlineData("""multipart/form-data; boundary="a;b\"c"; x=y""", true)]
    [InlineData("application/hl7-v3+xml;version=1", true)]
    [InlineData("text", false)]
    [InlineData("text/", false)]
    [InlineData("text/plain;", false)]
    [InlineData("text/plain; charset", false)]
    [InlineData("text/pla in", false)]
    public void A_media_type(string code, bool expected) => Assert.Equal(expected ? Membership.In : Membership.NotIn, Check("urn:ietf:bcp:13", code));

    [Theory]
    [InlineData("USD", true)]
    [InlineData("EUR", true)]
    [InlineData("XYZ", false)]
    public void A_currency(string code, bool expected) => Assert.Equal(expected ? Membership.In : Membership.NotIn, Check("urn:iso:std:iso:4217", code));

    private static Membership Check(string system, string code) => Sets.Check(system + "?fhir_vs", system, code, null, new(2026, 1, 1)).Membership;
}
