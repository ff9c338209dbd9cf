using FhirEmr.FhirServer.Search.Indexing;
using FhirEmr.FhirServer.Search.Query;
using FhirEmr.FhirServer.Storage.Commit;
using Hl7.Fhir.Model;
using Task = System.Threading.Tasks.Task;

namespace FhirEmr.FhirServer.Tests.Storage;

public abstract partial class StoreSuite
{
    [Fact]
    public async Task Many_tokens_are_one_list_within_a_system_or_all_but_some()
    {
        var code = H.Param("Observation", "code");
        for (var i = 0; i < 8; i++)
            await H.CreateAsync("Observation", $"t{i}", i, H.Token(code, $"c{i}", i % 2 == 0 ? "urn:even" : null));
        var even = Store.Symbols.Find("urn:even");
        long[] hashes = [.. Enumerable.Range(0, 6).Select(i => H.Hash($"c{i}"))];

        Assert.Equal(["t0", "t1", "t2", "t3", "t4", "t5"], await H.IdsAsync("Observation", new SearchExpression.Tokens(code, hashes, null)));
        Assert.Equal(["t0", "t2", "t4"], await H.IdsAsync("Observation", new SearchExpression.Tokens(code, hashes, even)));
        Assert.Equal(["t1", "t3", "t5"], await H.IdsAsync("Observation", new SearchExpression.Tokens(code, hashes, 0)));
        Assert.Equal(["t6"], await H.IdsAsync("Observation", new SearchExpression.Tokens(code, hashes, even) { AllBut = true }));
        Assert.Equal(["t6", "t7"], await H.IdsAsync("Observation", new SearchExpression.Not(new SearchExpression.Tokens(code, hashes, null))));
        Assert.Empty(await H.IdsAsync("Observation", new SearchExpression.Tokens(code, [], even)));
        Assert.Equal(["t0", "t1", "t2", "t3", "t4", "t5"],
            await H.IdsAsync("Observation", new SearchExpression.Or([.. hashes.Select(h => new SearchExpression.Token(code, h, null))])));
    }

    [Fact]
    public async Task Texts_lead_to_the_tokens_they_stand_beside()
    {
        var (code, other) = (H.Param("Observation", "code"), H.Param("Observation", "other"));
        await H.CreateAsync("Observation", "heart", 1, H.Token(code, "hr", "urn:s"));
        await H.CreateAsync("Observation", "same-code", 2, H.Token(code, "hr"));
        await H.CreateAsync("Observation", "elsewhere", 3, H.Token(other, "hr", "urn:s"));
        var plan = new CommitPlan();
        plan.Writes.Add(H.Write("Observation", "bring", Store.ReserveSids(1), StoreHarness.Rows()));
        plan.Displays.Add(new(77, code.Number, "heart rate", H.Hash("hr"), Store.Symbols.Find("urn:s")!.Value));
        plan.Displays.Add(new(77, code.Number, "heart rate", H.Hash("hr"), Store.Symbols.Find("urn:s")!.Value));
        Assert.IsType<CommitResult.Committed>(await Store.CommitAsync(plan, Ct));

        Assert.True(Store.Symbols.IsDisplayStored(77));
        Assert.Equal(["heart"], await H.IdsAsync("Observation", new SearchExpression.Displayed(code, "heart r")));
        Assert.Empty(await H.IdsAsync("Observation", new SearchExpression.Displayed(code, "rate")));
        Assert.Equal(["same-code", "elsewhere", "bring"], await H.IdsAsync("Observation", new SearchExpression.Not(new SearchExpression.Displayed(code, "heart"))));
        Assert.Equal(["elsewhere"], await H.IdsAsync("Observation", new SearchExpression.Displayed(other, "heart") { TextsOf = code.Number }));
    }

    [Fact]
    public async Task A_text_that_comes_again_is_stored_once_and_no_conflict()
    {
        var code = H.Param("Observation", "code");
        foreach (var key in (long[])[1, 2])
        {
            var plan = new CommitPlan();
            plan.Writes.Add(H.Write("Observation", $"o{key}", Store.ReserveSids(1), StoreHarness.Rows(null, H.Token(code, "a"))));
            plan.Displays.Add(new(key, code.Number, "again", H.Hash("a"), 0));
            Assert.IsType<CommitResult.Committed>(await Store.CommitAsync(plan, Ct));
        }

        Assert.Equal(["o1", "o2"], await H.IdsAsync("Observation", new SearchExpression.Displayed(code, "again")));
    }

    [Fact]
    public async Task Composites_match_within_one_row()
    {
        var param = H.Param("Observation", "component-code-value-quantity", SearchParamType.Composite);
        var (mmHg, kPa) = (Store.Symbols.Intern("u:mmHg"), Store.Symbols.Intern("c:kPa"));
        await H.CreateAsync("Observation", "a", 1, Row("sys", mmHg, 120), Row("dia", mmHg, 80));
        await H.CreateAsync("Observation", "b", 2, Row("sys", mmHg, 80), Row("dia", kPa, 120));

        Assert.Equal(["a"], await Of("sys", [mmHg], 100));
        Assert.Empty(await Of("dia", [mmHg], 100));
        Assert.Equal(["b"], await Of("dia", [mmHg, kPa], 100));
        Assert.Equal(["b"], await Of("dia", null, 100));
        Assert.Equal(["a", "b"], await Of(null, null, 100));
        Assert.Empty(await Of("sys", [], 0));
        Assert.Equal(["b"], await H.IdsAsync("Observation", new SearchExpression.Not(Above("sys", [mmHg], 100))));

        CompositeRow Row(string code, int unit, decimal value) => new(param.Number, H.Hash(code), 0, unit, DecimalKey.Encode(value));
        SearchExpression.Composite Above(string? code, int[]? units, decimal low) =>
            new(param, code is null ? null : H.Hash(code), 0) { Units = units, Low = DecimalKey.Encode(low) };
        Task<string[]> Of(string? code, int[]? units, decimal low) => H.IdsAsync("Observation", Above(code, units, low));
    }

    [Fact]
    public async Task Composite_rows_follow_their_resource()
    {
        var param = H.Param("Observation", "component-code-value-concept", SearchParamType.Composite);
        var before = StoreHarness.Rows(5, new CompositeRow(param.Number, 1, 0, 0, "a"), new CompositeRow(param.Number, 1, 0, 0, "b"));
        var sid = await H.CreateAsync("Observation", "o", before);
        var after = StoreHarness.Rows(5, new CompositeRow(param.Number, 1, 0, 0, "b"), new CompositeRow(param.Number, 1, 0, 0, "c"));
        Assert.IsType<CommitResult.Committed>(await H.CommitAsync(H.Write("Observation", "o", sid, after, expected: 1, before: before)));

        Assert.Empty(await Of("a"));
        Assert.Equal(["o"], await Of("b"));
        Assert.Equal(["o"], await Of("c"));

        Task<string[]> Of(string value) => H.IdsAsync("Observation", new SearchExpression.Composite(param, 1, null) { Low = value, LowInclusive = true, High = value, HighInclusive = true });
    }

    [Fact]
    public async Task Two_whole_numbers_match_within_one_row()
    {
        var param = H.Param("MolecularSequence", "chromosome-variant-coordinate", SearchParamType.Composite);
        await H.CreateAsync("MolecularSequence", "m", null, new CompositeRow(param.Number, 0, 20, 10, ""), new CompositeRow(param.Number, 0, 40, 30, ""));

        Assert.Equal(["m"], await Of(10, 20));
        Assert.Empty(await Of(10, 40));
        Assert.Equal(["m"], await H.IdsAsync("MolecularSequence", new SearchExpression.IntegerPair(param, 25, int.MaxValue, int.MinValue, 40)));

        Task<string[]> Of(int first, int second) => H.IdsAsync("MolecularSequence", new SearchExpression.IntegerPair(param, first, first, second, second));
    }

    [Fact]
    public async Task Missing_can_be_asked_of_another_shape()
    {
        var (own, within) = (H.Param("Medication", "status"), H.Param("MedicationRequest", "medication>Medication._shape"));
        var plan = new CommitPlan();
        plan.Shapes.Add((FhirServer.Resources.ResourceTypes.NumberOf("Medication"), 4711, $"{own.Number}"));
        plan.Writes.Add(H.Write("MedicationRequest", "r", Store.ReserveSids(1), StoreHarness.Rows(null, new TokenRow(within.Number, 4711, 0))));
        Assert.IsType<CommitResult.Committed>(await Store.CommitAsync(plan, Ct));

        Assert.Equal(["r"], await H.IdsAsync("MedicationRequest", new SearchExpression.Missing(own, false) { Shape = within.Number }));
        Assert.Empty(await H.IdsAsync("MedicationRequest", new SearchExpression.Missing(own, true) { Shape = within.Number }));
    }
}
