using System.Globalization;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Search.Indexing;
using FhirEmr.FhirServer.Search.Parameters;
using FhirEmr.FhirServer.Search.Query;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Storage.Scan;
using Hl7.Fhir.Model;
using Task = System.Threading.Tasks.Task;

namespace FhirEmr.FhirServer.Tests.Storage;

/// <summary>Terms that only the bodies decide, anywhere in an expression.</summary>
public abstract partial class StoreSuite
{
    [Fact]
    public async Task A_body_test_answers_alone_under_and_or_not_and_beside_index_terms()
    {
        var status = H.Param("Basic", "status");
        for (var i = 0; i < 12; i++)
            await H.CreateAsync("Basic", $"b{i:D2}", StoreHarness.Rows(null, H.Token(status, i % 2 == 0 ? "even" : "odd")), more: Language(i % 3));
        var even = new SearchExpression.Token(status, H.Hash("even"), null);
        SearchExpression zero = Is("l0"), one = Is("l1");

        Assert.Equal(["b00", "b03", "b06", "b09"], await H.IdsAsync("Basic", zero));
        Assert.Equal(["b00", "b06"], await H.IdsAsync("Basic", new SearchExpression.And([even, zero])));
        Assert.Equal(["b00", "b02", "b03", "b04", "b06", "b08", "b09", "b10"], await H.IdsAsync("Basic", new SearchExpression.Or([even, zero])));
        Assert.Equal(["b01", "b05", "b07", "b11"], await H.IdsAsync("Basic", new SearchExpression.Not(new SearchExpression.Or([even, zero]))));
        Assert.Equal(["b02", "b03", "b04", "b08", "b09", "b10"],
            await H.IdsAsync("Basic", new SearchExpression.And([new SearchExpression.Or([even, zero]), new SearchExpression.Not(new SearchExpression.And([even, zero]))])));
        Assert.Empty(await H.IdsAsync("Basic", new SearchExpression.And([zero, one])));
        Assert.Equal(["b00", "b06"], await H.IdsAsync("Basic", new SearchExpression.Body(new LanguageTest("l0")) { Candidates = even }));
        Assert.Equal(["b01", "b02"], await H.IdsAsync("Basic", new SearchExpression.And([new SearchExpression.Ids(["b00", "b01", "b02"]), new SearchExpression.Not(zero)])));
    }

    [Fact]
    public async Task Pages_of_a_body_test_end_early_with_their_bytes()
    {
        for (var i = 0; i < 14; i++)
            await H.CreateAsync("Basic", $"s{i:D2}", more: Language(i % 2) + Large);
        var query = new SearchQuery("Basic", Is("l1")) { Count = 5, MaxBytes = 15_000, Total = TotalMode.Accurate };

        var (seen, sizes) = (new List<string>(), new List<int>());
        for (var next = query; next is not null;)
        {
            var page = await Store.SearchAsync(next, SystemPlans.Work, Ct);
            Assert.Equal(7, page.Total);
            seen.AddRange(page.Matches.Select(m => m.Key.Id));
            sizes.Add(page.Matches.Count);
            next = page.Next is { } position ? query with { After = position } : null;
        }

        Assert.Equal(["s01", "s03", "s05", "s07", "s09", "s11", "s13"], seen);
        Assert.Equal([2, 2, 2, 1], sizes);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Pages_of_a_body_test_are_full_sorted_and_counted(bool descending)
    {
        var name = H.Param("Basic", "name", SearchParamType.String);
        for (var i = 0; i < 200; i++)
            await H.CreateAsync("Basic", $"p{i:D3}", i % 10 == 9 ? StoreHarness.Rows() : StoreHarness.Rows(null, new StringRow(name.Number, Folded(i), Folded(i))), more: Language(i % 4));
        var query = new SearchQuery("Basic", Is("l1")) { Count = 7, Sort = [new(name, descending)], Total = TotalMode.Accurate };

        var plain = new SearchQuery("Basic", Anything) { Count = 1000, Sort = query.Sort };
        var expected = (await H.IdsAsync(plain)).Where(id => int.Parse(id[1..], CultureInfo.InvariantCulture) % 4 == 1).ToList();

        Assert.Equal(50, expected.Count);
        Assert.Equal(expected, await H.WalkAsync(query));
        var first = await Store.SearchAsync(query, SystemPlans.Work, Ct);
        Assert.Equal(50, first.Total);
        Assert.Equal(50, (await Store.SearchAsync(query with { After = first.Next }, SystemPlans.Work, Ct)).Total);
        Assert.Equal(50, (await Store.SearchAsync(query with { Count = 0 }, SystemPlans.Work, Ct)).Total);

        static string Folded(int i) => ((char)('a' + (i * 7 % 26))).ToString();
    }

    [Fact]
    public async Task A_body_test_at_the_end_of_chains_is_resolved_first()
    {
        var (subject, link) = (H.Param("Observation", "subject", SearchParamType.Reference), H.Param("Patient", "link", SearchParamType.Reference));
        var a = await H.CreateAsync("Patient", "a", more: Language(0));
        var b = await H.CreateAsync("Patient", "b", StoreHarness.Rows(null, new ReferenceRow(link.Number, a)), more: Language(1));
        await H.CreateAsync("Observation", "oa", StoreHarness.Rows(null, new ReferenceRow(subject.Number, a)), more: Language(2));
        await H.CreateAsync("Observation", "ob", StoreHarness.Rows(null, new ReferenceRow(subject.Number, b)), more: Language(3));

        Assert.Equal(["oa"], await H.IdsAsync("Observation", new SearchExpression.Chain(subject, "Patient", Is("l0"))));
        Assert.Equal(["ob"], await H.IdsAsync("Observation", new SearchExpression.Not(new SearchExpression.Chain(subject, "Patient", Is("l0")))));
        Assert.Equal(["b"], await H.IdsAsync("Patient", new SearchExpression.ReverseChain(subject, Is("l3"))));
        Assert.Equal(["ob"], await H.IdsAsync("Observation", new SearchExpression.Chain(subject, "Patient", new SearchExpression.Chain(link, "Patient", Is("l0")))));
        Assert.Equal(["oa", "ob"], await H.IdsAsync("Observation", new SearchExpression.Or([new SearchExpression.Chain(subject, "Patient", Is("l0")), Is("l3")])));
        Assert.Empty(await H.IdsAsync("Observation", new SearchExpression.Chain(subject, "Patient", Is("l9"))));
    }

    [Fact]
    public async Task A_search_that_would_read_too_many_bodies_is_refused_and_one_within_is_not()
    {
        for (var i = 0; i < 100; i++)
            await H.CreateAsync("Observation", $"n{i:D3}", more: Language(i == 99 ? 1 : 0));
        var query = new SearchQuery("Observation", new SearchExpression.Body(new LanguageTest("l1")) { Parameter = "_content" }) { MaxScanned = 99 };

        var refusal = await Assert.ThrowsAsync<SearchTooCostlyException>(() => Store.SearchAsync(query, SystemPlans.Work, Ct));
        Assert.Contains("'_content'", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("subject=", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(["n099"], await H.IdsAsync(query with { MaxScanned = 100 }));
        Assert.Equal(3, (await H.IdsAsync(query with { Where = Is("l0"), Count = 3, MaxScanned = 4 })).Length);
    }

    private static SearchExpression.Body Is(string language) => new(new LanguageTest(language));

    private static string Language(int i) => string.Create(CultureInfo.InvariantCulture, $",\"language\":\"l{i}\"");

    private sealed class LanguageTest(string language) : IBodyTest
    {
        public IEnumerable<SearchParam> Parameters => [];

        public bool Matches(FhirNode resource) => resource.TextOf("language") == language;
    }
}
