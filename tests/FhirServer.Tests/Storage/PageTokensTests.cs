using System.Text;
using FhirEmr.FhirServer.Storage.Query;
using FhirEmr.FhirServer.Storage.Symbols;

namespace FhirEmr.FhirServer.Tests.Storage;

public sealed class PageTokensTests
{
    private readonly MovedClock clock = new();
    private readonly KeyedHash hash = KeyedHash.Parse(KeyedHash.NewKey());

    [Fact]
    public void A_token_reads_back_for_its_own_scope_only()
    {
        var token = Tokens(hash).Write("content", "caller\nquery");

        Assert.Equal(new PageToken("content", false), Tokens(hash).Read(token, "caller\nquery"));
        Assert.Equal(PageToken.Foreign, Tokens(hash).Read(token, "other\nquery"));
        Assert.Equal(PageToken.Foreign, Tokens(KeyedHash.Parse(KeyedHash.NewKey())).Read(token, "caller\nquery"));
    }

    [Fact]
    public void Nothing_of_the_content_can_be_seen_in_a_token_and_no_two_are_alike()
    {
        var (one, other) = (Tokens(hash).Write("Müller-Lüdenscheidt", "s"), Tokens(hash).Write("Müller-Lüdenscheidt", "s"));

        Assert.NotEqual(one, other);
        Assert.DoesNotContain("denscheidt", Encoding.UTF8.GetString(System.Buffers.Text.Base64Url.DecodeFromChars(one)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_token_ends_with_its_lifetime_and_says_so()
    {
        var token = Tokens(hash).Write("content", "s");

        clock.Now += PageTokens.Lifetime - TimeSpan.FromMinutes(1);
        Assert.Equal("content", Tokens(hash).Read(token, "s").Content);
        clock.Now += TimeSpan.FromMinutes(2);
        Assert.Equal(PageToken.Old, Tokens(hash).Read(token, "s"));
    }

    [Fact]
    public void Altered_and_cut_tokens_are_foreign()
    {
        var token = Tokens(hash).Write("content", "s");

        for (var i = 0; i < token.Length; i += 5)
            Assert.Null(Tokens(hash).Read(token[..i] + (token[i] == 'A' ? 'B' : 'A') + token[(i + 1)..], "s").Content);
        Assert.All(new[] { "", "A", token[..10], token[..^2], "?", new string('A', 20_000) }, t => Assert.Equal(PageToken.Foreign, Tokens(hash).Read(t, "s")));
    }

    private PageTokens Tokens(KeyedHash secret) => new(secret.Of, clock);

    private sealed class MovedClock : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
