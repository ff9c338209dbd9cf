using System.IO.Compression;
using System.Text;
using FhirEmr.FhirServer.Documents.Xdm;

namespace FhirEmr.FhirServer.Tests.Documents;

/// <summary>Packages for Direct: read, written, and refused when they mean harm (security S-75).</summary>
[Trait("Requirement", "S-75")]
public sealed class XdmPackageTests
{
    private static readonly XdmDescription Description =
        new("2.25.1", "9001^^^&1.2.3&ISO", "Ferreira^Lucia^^^", "19620714", "F", "Summary <of> care", "2.25.2", new(2025, 3, 1, 10, 0, 0, TimeSpan.Zero), "N");

    [Fact]
    public void A_package_written_is_read_again()
    {
        var zip = XdmWriter.Write(CcdFixture.Ccd(), Description);
        Assert.True(XdmPackage.Looks(zip));

        var (package, fault) = XdmPackage.Read(zip);
        Assert.True(package is not null, fault);
        var document = Assert.Single(package.Documents);
        Assert.Equal(("DOC00001.XML", "text/xml"), (document.Name, document.MediaType));
        Assert.Equal(CcdFixture.Ccd(), document.Content.ToArray());
    }

    [Theory]
    [InlineData("../evil.xml", "leads out")]
    [InlineData("IHE_XDM/../../evil.xml", "leads out")]
    [InlineData("/etc/passwd", "absolute")]
    [InlineData("C:/evil.xml", "absolute")]
    [InlineData("IHE_XDM\\evil.xml", "absolute")]
    public void A_name_that_leads_elsewhere_refuses_the_whole_package(string name, string why) => Refused(a => Add(a, name, "x"), why);

    [Fact]
    public void A_link_refuses_the_whole_package() => Refused(a => Add(a, "IHE_XDM/SUBSET01/link", "/etc/passwd").ExternalAttributes = unchecked((int)0xA1FF0000), "is a link");

    [Fact]
    public void A_document_that_was_changed_on_its_way_is_refused() => Refused(a => Change(a, "DOC00001.XML", CcdFixture.Ccd(glucose: "999")), "another hash");

    [Fact]
    public void A_document_that_unpacks_to_too_much_is_refused() => Refused(a => Change(a, "DOC00001.XML", new byte[30 * 1024 * 1024]), "more than it may");

    [Fact]
    public void Too_many_entries_are_refused() => Refused(a =>
    {
        for (var i = 0; i < XdmPackage.MaxEntries; i++)
            a.CreateEntry($"x{i}");
    }, "at most");

    [Fact]
    public void A_dtd_in_the_metadata_is_refused() => Refused(a => Change(a, "METADATA.XML", Encoding.UTF8.GetBytes("<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>")), "DTD");

    [Theory]
    [InlineData(5 * 1024 * 1024, 1, "more than it may")]
    [InlineData(1, 100_001, "more than 100000 elements")]
    public void Metadata_that_would_fill_the_memory_is_refused(int blanks, int elements, string why) => Refused(a => Change(a, "METADATA.XML", Encoding.UTF8.GetBytes(
        $"<a>{string.Concat(Enumerable.Range(0, elements).Select(i => "<b/>"))}{Convert.ToHexString(System.Security.Cryptography.SHA512.HashData([1]))}{new string(' ', blanks)}</a>")), why);

    [Theory]
    [InlineData("N", "normal")]
    [InlineData("R", "restricted")]
    [InlineData("V", "very restricted")]
    public void A_package_says_how_confidential_it_is(string code, string words)
    {
        using var archive = new ZipArchive(new MemoryStream(XdmWriter.Write(CcdFixture.Ccd(), Description with { Confidentiality = code })));
        using var metadata = new StreamReader(archive.GetEntry("IHE_XDM/SUBSET01/METADATA.XML")!.Open());
        var written = metadata.ReadToEnd();

        Assert.Contains($"nodeRepresentation=\"{code}\"", written, StringComparison.Ordinal);
        Assert.Contains($"value=\"{words}\"", written, StringComparison.Ordinal);
    }

    [Fact]
    public void A_zip_that_is_no_package_is_refused() => Refused(a => a.GetEntry("IHE_XDM/SUBSET01/METADATA.XML")!.Delete(), "no XDM package");

    [Fact]
    public void Bytes_that_are_no_zip_are_refused() => Assert.Contains("cannot be read", XdmPackage.Read("PK\u0003\u0004 and nothing more"u8.ToArray()).Fault, StringComparison.Ordinal);

    private static void Refused(Action<ZipArchive> harm, string why)
    {
        using var stream = new MemoryStream();
        stream.Write(XdmWriter.Write(CcdFixture.Ccd(), Description));
        using (var archive = new ZipArchive(stream, ZipArchiveMode.Update, leaveOpen: true))
            harm(archive);

        var (package, fault) = XdmPackage.Read(stream.ToArray());
        Assert.Null(package);
        Assert.Contains(why, fault, StringComparison.Ordinal);
    }

    private static ZipArchiveEntry Add(ZipArchive archive, string name, string content)
    {
        var entry = archive.CreateEntry(name);
        using (var stream = entry.Open())
            stream.Write(Encoding.UTF8.GetBytes(content));
        return entry;
    }

    private static void Change(ZipArchive archive, string name, byte[] content)
    {
        archive.GetEntry("IHE_XDM/SUBSET01/" + name)!.Delete();
        using var stream = archive.CreateEntry("IHE_XDM/SUBSET01/" + name).Open();
        stream.Write(content);
    }
}
