using FhirEmr.FhirServer.Security.Accounts.Pages;

namespace FhirEmr.FhirServer.Tests.Security.Accounts;

[Trait("Requirement", "S-85")]
public sealed class HtmlTests
{
    [Fact]
    public void Texts_are_encoded_and_markup_is_not_encoded_twice()
    {
        var name = "\"><script>alert('x')</script>&";

        var html = Html.Of($"<p title=\"{name}\">{Html.Of($"<b>{name}</b>")}{3}</p>");

        Assert.Equal("<p title=\"&quot;&gt;&lt;script&gt;alert(&#x27;x&#x27;)&lt;/script&gt;&amp;\"><b>&quot;&gt;&lt;script&gt;alert(&#x27;x&#x27;)&lt;/script&gt;&amp;</b>3</p>", html.Markup);
    }
}
