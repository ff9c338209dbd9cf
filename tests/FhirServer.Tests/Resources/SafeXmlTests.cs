using System.Text;
using System.Xml;
using FhirEmr.FhirServer.Resources;

namespace FhirEmr.FhirServer.Tests.Resources;

/// <summary>The one XML reader (security S-70).</summary>
[Trait("Requirement", "S-70")]
public sealed class SafeXmlTests
{
    [Theory]
    [InlineData("<?xml version='1.0'?><!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/hostname'>]><a>&x;</a>")]
    [InlineData("<!DOCTYPE a [<!ENTITY x 'y'><!ENTITY z '&x;&x;&x;'>]><a>&z;</a>")]
    [InlineData("<!DOCTYPE a SYSTEM 'http://127.0.0.1:1/x.dtd'><a/>")]
    [InlineData("<a>&undefined;</a>")]
    public void A_document_type_and_its_entities_are_refused(string xml) => Assert.Throws<XmlException>(() => ReadAll(Encoding.UTF8.GetBytes(xml)));

    [Fact]
    public void Nesting_is_measured_before_anybody_follows_it()
    {
        ReadAll(Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("<a>", 64)) + string.Concat(Enumerable.Repeat("</a>", 64))));

        var e = Assert.Throws<XmlException>(() => ReadAll(Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("<a>", 100_000)))));
        Assert.Contains("63 deep at line 1", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("utf-16")]
    [InlineData("ISO-8859-1")]
    public void Another_encoding_is_refused(string encoding) =>
        Assert.Contains("UTF-8", Assert.Throws<XmlException>(() => ReadAll(Encoding.UTF8.GetBytes($"<?xml version='1.0' encoding='{encoding}'?><a/>"))).Message, StringComparison.Ordinal);

    [Fact]
    public void Bytes_that_are_no_UTF_8_are_refused()
    {
        Assert.Throws<XmlException>(() => ReadAll([.. "<a>"u8, 0xC3, 0x28, .. "</a>"u8]));
        Assert.Throws<XmlException>(() => ReadAll(Encoding.Unicode.GetBytes("<a/>")));
    }

    [Fact]
    public void What_is_XML_is_read_with_or_without_a_byte_order_mark()
    {
        Assert.Equal("x & y", ReadAll("<?xml version='1.0' encoding='UTF-8'?><a>x &amp; y</a>"u8.ToArray()));
        Assert.Equal("ü", ReadAll([0xEF, 0xBB, 0xBF, .. Encoding.UTF8.GetBytes("<a>ü</a>")]));
    }

    private static string ReadAll(byte[] xml)
    {
        var text = new StringBuilder();
        using var reader = SafeXml.Read(xml, 63);
        while (reader.Read())
            if (reader.NodeType == XmlNodeType.Text)
                text.Append(reader.Value);
        return text.ToString();
    }
}
