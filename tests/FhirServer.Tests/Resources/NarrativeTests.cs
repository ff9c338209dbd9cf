using System.Text;
using FhirEmr.FhirServer.Resources;

namespace FhirEmr.FhirServer.Tests.Resources;

/// <summary>What a narrative may have and what not (narrative.html, txt-1; security S-79).</summary>
[Trait("Requirement", "S-79")]
public sealed class NarrativeTests
{
    private const string Open = "<div xmlns=\"http://www.w3.org/1999/xhtml\"";

    [Theory]
    [InlineData("text")]
    [InlineData("<p>text</p>")]
    [InlineData("a<br/>b &amp; c &#160; &#xA0;")]
    [InlineData("<table class='grid' border=\"1\" cellpadding='2'><tbody><tr><td colspan='2' style='color: red; border: 1px'>x</td></tr></tbody></table>")]
    [InlineData("<a href='http://example.org/?a=1&amp;b=2'>x</a>")]
    [InlineData("<a href='mailto:x@example.org'>x</a><a href='tel:+1'>y</a><a href='#part'>z</a><a name='part'/><a href='Patient/1'>r</a><a href='urn:uuid:0'>u</a>")]
    [InlineData("<img src='#pic' alt='x'/>")]
    [InlineData("<img src='data:image/png;base64,AAAA' alt='x'/>")]
    [InlineData("<img src='http://imaging.example.org/x.png' alt='x'/>")]
    [InlineData("<p style='background-image: url(tbl_bck1.png); color: red'>x</p>")]
    [InlineData("<p style='background: url(data:image/png;base64,AAAA)'>x</p>")]
    [InlineData("<a href='ftp://ftp.example.org/x'>x</a>")]
    [InlineData("<p style='color: RGB(0, 0, 0); background: hsla(1, 2%, 3%, 0.5)'>x</p>")]
    [InlineData("<a href='http://example.org/javascript:x'>x</a><a href='?q=javascript:x'>y</a><a href='./a:b'>z</a>")]
    [InlineData("<p>javascript:alert(1) onclick=x &lt;script&gt;</p>")]
    [InlineData("<!---->text<!-- a > b - > c -->")]
    [InlineData("<!-- a comment -->text")]
    [InlineData("<p lang='de' xml:lang='de' dir='ltr' id='a'>Grüße</p>")]
    [InlineData("<pre>\n  kept\n</pre>")]
    public void What_HTML_chapters_7_to_11_and_15_have_is_stored(string inner) => Assert.Null(Fault($"{Open}>{inner}</div>"));

    [Theory]
    [InlineData("<script>alert(1)</script>", "<script>")]
    [InlineData("<SCRIPT>alert(1)</SCRIPT>", "<SCRIPT>")]
    [InlineData("<form action='x'><input/></form>", "<form>")]
    [InlineData("<iframe src='http://x'/>", "<iframe>")]
    [InlineData("<object data='x'/>", "<object>")]
    [InlineData("<style>p { color: red }</style>", "<style>")]
    [InlineData("<link rel='stylesheet' href='x'/>", "<link>")]
    [InlineData("<base href='http://x'/>", "<base>")]
    [InlineData("<svg xmlns='http://www.w3.org/2000/svg'/>", "<svg>")]
    [InlineData("<p onclick='alert(1)'>x</p>", "onclick")]
    [InlineData("<img src='#x' onerror='alert(1)'/>", "onerror")]
    [InlineData("<a href='javascript:alert(1)'>x</a>", "javascript")]
    [InlineData("<a href=' java&#10;script:alert(1)'>x</a>", "javascript")]
    [InlineData("<a href='&#1;javascript:alert(1)'>x</a>", "&#1;")]
    [InlineData("<a href='&#106;avascript:alert(1)'>x</a>", "javascript")]
    [InlineData("<a href='vbscript:x'>x</a>", "vbscript")]
    [InlineData("<a href='data:text/html,x'>x</a>", "data")]
    [InlineData("<img src='//tracker.example/x.png'/>", "image")]
    [InlineData("<img src='data:image/svg+xml,x'/>", "image")]
    [InlineData("<p style='background: url(http://x)'>x</p>", "style")]
    [InlineData("<p style='background: url( &quot;//x&quot; )'>x</p>", "style")]
    [InlineData("<p style='background: url(data:image/svg+xml,x)'>x</p>", "style")]
    [InlineData("<p style='width: expr&#101;ssion(alert(1))'>x</p>", "style")]
    [InlineData("<p style='background: \\75rl(http://x)'>x</p>", "style")]
    [InlineData("<p href='http://x'>x</p>", "href")]
    [InlineData("<a href='\tJaVaScRiPt&#x3A;alert(1)'>x</a>", "javascript")]
    [InlineData("<a href='&#9;&#10;&#13;javascript:alert(1)'>x</a>", "javascript")]
    [InlineData("<a href='j a v a s c r i p t:alert(1)'>x</a>", "javascript")]
    [InlineData("<a href='&#x6a;&#x61;vascript:alert(1)'>x</a>", "javascript")]
    [InlineData("<a href='&#X6A;avascript:alert(1)'>x</a>", "&#X6A;")]
    [InlineData("<a href='javascript&colon;alert(1)'>x</a>", "&colon;")]
    [InlineData("<a href='&#0000000106;avascript:alert(1)'>x</a>", "entity")]
    [InlineData("<a xlink:href='javascript:alert(1)'>x</a>", "xlink:href")]
    [InlineData("<a xmlns:h='http://www.w3.org/1999/xhtml'>x</a>", "xmlns:h")]
    [InlineData("<h:script>alert(1)</h:script>", "<h:script>")]
    [InlineData("<a target='_top' href='http://x'>x</a>", "target")]
    [InlineData("<math href='javascript:alert(1)'/>", "<math>")]
    [InlineData("<img src='javascript:alert(1)'/>", "image")]
    [InlineData("<img src='data:text/html,x'/>", "image")]
    [InlineData("<img src='\\\\tracker.example/x.png'/>", "image")]
    [InlineData("<img srcset='http://x 1x' src='#x'/>", "srcset")]
    [InlineData("<img src='#x'/onerror='alert(1)'/>", "well-formed")]
    [InlineData("<p class='a'onclick='alert(1)'>x</p>", "well-formed")]
    [InlineData("<p ONCLICK='alert(1)'>x</p>", "ONCLICK")]
    [InlineData("<meta http-equiv='refresh' content='0'/>", "<meta>")]
    [InlineData("<embed src='x'/>", "<embed>")]
    [InlineData("<noscript><p title='&lt;/noscript>'>x</p></noscript>", "<noscript>")]
    [InlineData("<p style='background: image-set(&quot;http://x&quot; 1x)'>x</p>", "image-set")]
    [InlineData("<p style='background: src(&quot;//x&quot;)'>x</p>", "src")]
    [InlineData("<p style='width: exp/**/ression(alert(1))'>x</p>", "ression")]
    [InlineData("<p style='@import &quot;http://x&quot;'>x</p>", "style")]
    [InlineData("<p style='background: URL(JavaScript:alert(1))'>x</p>", "style")]
    [InlineData("<!--><img src='#x' onerror='alert(1)'/>-->", "comment")]
    [InlineData("<!---><script>alert(1)</script>-->", "comment")]
    [InlineData("<!-- --!><script>alert(1)</script>-->", "comment")]
    public void What_runs_or_fetches_is_refused_and_named(string inner, string named) =>
        Assert.Contains(named, Fault($"{Open}>{inner}</div>"), StringComparison.Ordinal);

    [Theory]
    [InlineData("<p>x")]
    [InlineData("<p>x</b></p>")]
    [InlineData("<p>x</div>")]
    [InlineData("a < b")]
    [InlineData("a & b")]
    [InlineData("&nbsp;")]
    [InlineData("&#0;")]
    [InlineData("&#xD800;")]
    [InlineData("<p class=x>x</p>")]
    [InlineData("<p class>x</p>")]
    [InlineData("<p class='a' class='b'>x</p>")]
    [InlineData("<p title='a<b'>x</p>")]
    [InlineData("<p title='a''>x</p>")]
    [InlineData("<!-- a -- b -->x")]
    [InlineData("<!-- a")]
    [InlineData("<![CDATA[x]]>")]
    [InlineData("<![CDATA[<![CDATA[x]]>]]>")]
    [InlineData("<p><![CDATA[</p><script>]]></p>")]
    [InlineData("<!ENTITY x 'y'>")]
    [InlineData("<?xml-stylesheet href='x'?>")]
    [InlineData("<?php x ?>")]
    [InlineData("<!DOCTYPE html>")]
    [InlineData("]]>")]
    [InlineData("<")]
    [InlineData("</")]
    [InlineData("<p")]
    [InlineData("<p ")]
    [InlineData("<p title")]
    [InlineData("<p title=")]
    [InlineData("<p title='")]
    [InlineData("<p/")]
    public void What_is_not_well_formed_is_refused(string inner)
    {
        Assert.NotNull(Fault($"{Open}>{inner}</div>"));
        Assert.NotNull(Fault($"{Open}>{inner}"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("   \n ")]
    [InlineData("<p> </p><br/>")]
    [InlineData("<!-- text -->")]
    public void An_empty_one_is_stored_as_R4s_own_examples_are(string inner) => Assert.Null(Fault($"{Open}>{inner}</div>"));

    [Theory]
    [InlineData("<div>no namespace</div>")]
    [InlineData("<div xmlns='http://example.org'>other namespace</div>")]
    [InlineData("<p xmlns='http://www.w3.org/1999/xhtml'>no div</p>")]
    [InlineData("just text")]
    [InlineData(Open + ">one</div><div>two</div>")]
    [InlineData(Open + ">one</div>text")]
    [InlineData(Open)]
    public void It_is_one_div_of_XHTML(string html) => Assert.NotNull(Fault(html));

    [Fact]
    public void The_place_is_named()
    {
        var fault = Fault($"{Open}>\n<p>one</p>\n  <blink>two</blink></div>");

        Assert.Contains("line 3, column 3", fault, StringComparison.Ordinal);
        Assert.Contains("<blink>two", fault, StringComparison.Ordinal);
    }

    [Fact]
    public void Nesting_has_an_end()
    {
        Assert.Null(Fault($"{Open}>{string.Concat(Enumerable.Repeat("<span>", 63))}x{string.Concat(Enumerable.Repeat("</span>", 63))}</div>"));
        Assert.Contains("64 deep", Fault($"{Open}>{string.Concat(Enumerable.Repeat("<span>", 100_000))}"), StringComparison.Ordinal);
    }

    [Fact]
    public void Whatever_is_cut_off_or_replaced_ends_in_an_answer()
    {
        var whole = Encoding.UTF8.GetBytes($"{Open}><!-- c --><p class='a' title=\"b &amp; c\">x &#160; <a href='http://x'>y</a><br/></p></div>");
        Assert.Null(Narrative.Fault(whole));
        for (var i = 0; i < whole.Length; i++)
        {
            Assert.NotNull(Narrative.Fault(whole.AsSpan(0, i)));
            foreach (var b in "<>&'\"/=; \0x"u8)
            {
                var changed = (byte[])whole.Clone();
                changed[i] = b;
                _ = Narrative.Fault(changed); // must not throw
            }
        }
    }

    [Fact]
    public void What_passes_is_XML_to_others_too()
    {
        var html = $"{Open}><p class='a' title=\"b &amp; c\">x &#160;&lt; <img src='#x'/></p></div>";
        Assert.Null(Fault(html));

        using var reader = SafeXml.Read(Encoding.UTF8.GetBytes(html), 64);
        while (reader.Read())
        {
        }
    }

    private static string? Fault(string html) => Narrative.Fault(Encoding.UTF8.GetBytes(html));
}
