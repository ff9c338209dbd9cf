using FhirEmr.FhirServer.Search.Indexing;
using FhirEmr.FhirServer.Search.Query;
using FhirEmr.FhirServer.Security.Access;
using Hl7.Fhir.Model;
using Task = System.Threading.Tasks.Task;

namespace FhirEmr.FhirServer.Tests.Storage;

public abstract partial class StoreSuite
{
    private static readonly SearchExpression.And Anything = new([]);

    [Fact]
    public async Task Tokens_match_by_code_by_system_and_by_both()
    {
        var code = H.Param("Observation", "code");
        await H.CreateAsync("Observation", "loinc", 1, H.Token(code, "1-8", "http://loinc.org"));
        await H.CreateAsync("Observation", "local", 2, H.Token(code, "1-8"));
        await H.CreateAsync("Observation", "other", 3, H.Token(code, "2-8", "http://loinc.org"));
        var loinc = Store.Symbols.Find("http://loinc.org");

        Assert.Equal(["loinc", "local"], await H.IdsAsync("Observation", new SearchExpression.Token(code, H.Hash("1-8"), null)));
        Assert.Equal(["loinc"], await H.IdsAsync("Observation", new SearchExpression.Token(code, H.Hash("1-8"), loinc)));
        Assert.Equal(["local"], await H.IdsAsync("Observation", new SearchExpression.Token(code, H.Hash("1-8"), 0)));
        Assert.Equal(["loinc", "other"], await H.IdsAsync("Observation", new SearchExpression.Token(code, null, loinc)));
    }

    [Fact]
    public async Task Parameters_of_other_types_do_not_answer()
    {
        await H.CreateAsync("Encounter", "e1", 1, H.Token(H.Param("Encounter", "status"), "finished"));
        Assert.Empty(await H.IdsAsync("Observation", new SearchExpression.Token(H.Param("Observation", "status"), H.Hash("finished"), null)));
    }

    [Fact]
    public async Task Strings_match_at_the_start_exactly_or_inside()
    {
        var name = H.Param("Patient", "name", SearchParamType.String);
        await H.CreateAsync("Patient", "a", null, new StringRow(name.Number, "muller", "Müller"));
        await H.CreateAsync("Patient", "b", null, new StringRow(name.Number, "mullerova", "Müllerová"), new StringRow(name.Number, "anna", "Anna"));
        await H.CreateAsync("Patient", "c", null, new StringRow(name.Number, "mulle", "MULLE"));
        await H.CreateAsync("Patient", "d", null, new StringRow(name.Number, "muller\U0001F600", "muller\U0001F600"));

        Assert.Equal(["a", "b", "d"], await Of(StringMatch.StartsWith, "muller"));
        Assert.Equal(["a"], await Of(StringMatch.Exact, "Müller"));
        Assert.Equal(["b"], await Of(StringMatch.Contains, "nn"));
        Assert.Equal(["a", "b", "c", "d"], await Of(StringMatch.StartsWith, ""));
        Assert.Empty(await Of(StringMatch.Contains, "%"));

        Task<string[]> Of(StringMatch match, string value) => H.IdsAsync("Patient", new SearchExpression.String(name, match, value));
    }

    [Fact]
    public async Task Dates_match_when_one_row_satisfies_every_comparison()
    {
        var date = H.Param("Encounter", "date", SearchParamType.Date);
        await H.CreateAsync("Encounter", "day5", 1, new DateRow(date.Number, 5 * Day, 6 * Day, 5, 6));
        await H.CreateAsync("Encounter", "week", 2, new DateRow(date.Number, 3 * Day, 10 * Day, 3, 10));
        await H.CreateAsync("Encounter", "two", 2, new DateRow(date.Number, 1 * Day, 2 * Day, 1, 2), new DateRow(date.Number, 9 * Day, 10 * Day, 9, 10));

        Assert.Equal(["day5"], await Of((DateColumn.Lo, ComparisonOperator.GreaterOrEqual, 5 * Day), (DateColumn.Hi, ComparisonOperator.LessOrEqual, 6 * Day)));
        Assert.Equal(["week", "two"], await Of((DateColumn.Hi, ComparisonOperator.Greater, 6 * Day)));
        Assert.Empty(await Of((DateColumn.Lo, ComparisonOperator.Less, 2 * Day), (DateColumn.Hi, ComparisonOperator.Greater, 8 * Day)));
        Assert.Equal(["day5"], await Of((DateColumn.DayLo, ComparisonOperator.Equal, 5)));
        Assert.Equal(["day5", "two"], await Of((DateColumn.DayLo, ComparisonOperator.GreaterOrEqual, 5)));
        Assert.Equal(["two"], await Of((DateColumn.DayLo, ComparisonOperator.LessOrEqual, 2)));

        Task<string[]> Of(params (DateColumn, ComparisonOperator, long)[] comparisons) =>
            H.IdsAsync("Encounter", new SearchExpression.Date(date, [.. comparisons.Select(c => new DateComparison(c.Item1, c.Item2, c.Item3))]));
    }

    [Fact]
    public async Task Numbers_and_quantities_compare_as_decimals()
    {
        var number = H.Param("RiskAssessment", "probability", SearchParamType.Number);
        var quantity = H.Param("Observation", "value-quantity", SearchParamType.Quantity);
        var (mg, g) = (Store.Symbols.Intern("mg"), Store.Symbols.Intern("g"));
        foreach (var value in (decimal[])[-1.5m, 0.2m, 0.9m, 10m])
            await H.CreateAsync("RiskAssessment", "r" + value.ToString(System.Globalization.CultureInfo.InvariantCulture), 1, new NumberRow(number.Number, DecimalKey.Encode(value)));
        await H.CreateAsync("Observation", "mg5", 1, new QuantityRow(quantity.Number, mg, DecimalKey.Encode(5.4m)));
        await H.CreateAsync("Observation", "g5", 1, new QuantityRow(quantity.Number, g, DecimalKey.Encode(5.4m)));

        Assert.Equal(["r0.9", "r10"], await H.IdsAsync("RiskAssessment", new SearchExpression.Number(number, DecimalKey.Encode(0.2m), false, null, false)));
        Assert.Equal(["r-1.5", "r0.2"], await H.IdsAsync("RiskAssessment", new SearchExpression.Number(number, null, false, DecimalKey.Encode(0.2m), true)));
        Assert.Equal(["mg5"], await Quantity([mg]));
        Assert.Equal(["mg5", "g5"], await Quantity([mg, g]));
        Assert.Equal(["mg5", "g5"], await Quantity(null));
        Assert.Empty(await Quantity([]));

        Task<string[]> Quantity(int[]? units) => H.IdsAsync("Observation",
            new SearchExpression.Quantity(quantity, units, DecimalKey.Encode(5.35m), true, DecimalKey.Encode(5.45m), false));
    }

    [Fact]
    public async Task Uris_match_whole_or_below_on_segments()
    {
        var url = H.Param("ValueSet", "url", SearchParamType.Uri);
        foreach (var (id, value) in ((string, string)[])[("self", "http://x.org/fhir"), ("child", "http://x.org/fhir/a"), ("sibling", "http://x.org/fhirs"), ("dot", "http://x.org/fhir.b")])
            await H.CreateAsync("ValueSet", id, null, new UriRow(url.Number, value));

        Assert.Equal(["self"], await H.IdsAsync("ValueSet", new SearchExpression.Uri(url, "http://x.org/fhir", Below: false)));
        Assert.Equal(["self", "child"], await H.IdsAsync("ValueSet", new SearchExpression.Uri(url, "http://x.org/fhir", Below: true)));
    }

    [Fact]
    public async Task Conditions_combine_by_and_or_and_not()
    {
        var (code, status) = (H.Param("Observation", "code"), H.Param("Observation", "status"));
        await H.CreateAsync("Observation", "a-final", 1, H.Token(code, "a"), H.Token(status, "final"));
        await H.CreateAsync("Observation", "a-draft", 1, H.Token(code, "a"), H.Token(status, "draft"));
        await H.CreateAsync("Observation", "b-final", null, H.Token(code, "b"), H.Token(status, "final"));
        await H.CreateAsync("Observation", "none", null);
        SearchExpression a = new SearchExpression.Token(code, H.Hash("a"), null), b = new SearchExpression.Token(code, H.Hash("b"), null);
        SearchExpression final = new SearchExpression.Token(status, H.Hash("final"), null);

        Assert.Equal(["a-final"], await H.IdsAsync("Observation", new SearchExpression.And([a, final])));
        Assert.Equal(["a-final", "a-draft", "b-final"], await H.IdsAsync("Observation", new SearchExpression.Or([a, b])));
        Assert.Equal(["a-draft"], await H.IdsAsync("Observation", new SearchExpression.And([a, new SearchExpression.Not(final)])));
        Assert.Equal(["a-draft", "none"], await H.IdsAsync("Observation", new SearchExpression.Not(final)));
        Assert.Equal(["none"], await H.IdsAsync("Observation", new SearchExpression.Not(new SearchExpression.Or([a, b]))));
        Assert.Equal(["a-final", "b-final"], await H.IdsAsync("Observation", new SearchExpression.Or([new SearchExpression.And([a, final]), b])));
        Assert.Empty(await H.IdsAsync("Observation", new SearchExpression.Or([])));
        Assert.Equal(4, (await H.IdsAsync("Observation", Anything)).Length);
        Assert.Equal(["a-draft", "b-final"], await H.IdsAsync("Observation", new SearchExpression.And([new SearchExpression.Ids(["b-final", "a-draft", "zz"])])));
        Assert.Equal(["none"], await H.IdsAsync("Observation", new SearchExpression.Ids(["none"])));
    }

    [Fact]
    public async Task Missing_is_answered_by_the_shape()
    {
        var (code, status, shape) = (H.Param("Observation", "code"), H.Param("Observation", "status"), H.Param("Observation", "_shape"));
        var type = FhirServer.Resources.ResourceTypes.NumberOf("Observation");
        await WithShapeAsync("both", 1, code.Number, status.Number);
        await WithShapeAsync("code", null, code.Number);

        Assert.Equal(["code"], await H.IdsAsync("Observation", new SearchExpression.Missing(status, true)));
        Assert.Equal(["both"], await H.IdsAsync("Observation", new SearchExpression.Missing(status, false)));
        Assert.Equal(["both"], await H.IdsAsync("Observation", new SearchExpression.Not(new SearchExpression.Missing(status, true))));
        Assert.True(Store.Symbols.IsShapeStored(type, H.Hash($"{code.Number}")));
        Assert.Contains(Store.Symbols.ShapesOf(type), s => s.Params.SequenceEqual([code.Number, status.Number]));

        async Task WithShapeAsync(string id, long? owner, params int[] numbers)
        {
            var set = string.Join(',', numbers);
            var plan = new FhirServer.Storage.Commit.CommitPlan();
            plan.Writes.Add(H.Write("Observation", id, Store.ReserveSids(1), StoreHarness.Rows(owner, H.Token(shape, set))));
            plan.Shapes.Add((type, H.Hash(set), set));
            await Store.CommitAsync(plan, Ct);
        }
    }

    [Fact]
    public async Task A_patients_search_finds_only_what_is_in_the_compartment()
    {
        var (subject, code, date) = (H.Param("Observation", "subject", SearchParamType.Reference), H.Param("Observation", "code"), H.Param("Observation", "date", SearchParamType.Date));
        var (p1, p2) = (await H.CreateAsync("Patient", "p1"), await H.CreateAsync("Patient", "p2"));
        for (var i = 0; i < 20; i++)
            await H.CreateAsync("Observation", $"o{i}", i % 2 == 0 ? p1 : p2,
                new ReferenceRow(subject.Number, i % 2 == 0 ? p1 : p2), H.Token(code, $"c{i % 3}"), new DateRow(date.Number, i * Day, (i + 1) * Day, i, i + 1));

        var mine = new SearchExpression.Reference(subject, [p1]) { Owner = p1 };
        var c0 = new SearchExpression.Token(code, H.Hash("c0"), null);
        Assert.Equal(["o0", "o6", "o12", "o18"], await H.IdsAsync("Observation", new SearchExpression.And([mine, c0])));
        Assert.Equal(["o18", "o12"], await H.IdsAsync(new("Observation", new SearchExpression.And([mine, c0, new SearchExpression.Date(date, [new(DateColumn.Lo, ComparisonOperator.GreaterOrEqual, 7 * Day)])]))
        {
            Sort = [new(date, Descending: true)],
        }));
        Assert.Equal(10, (await H.IdsAsync("Observation", mine)).Length);
        Assert.Equal(["o2", "o4", "o8", "o10", "o14", "o16"], await H.IdsAsync("Observation", new SearchExpression.And([mine, new SearchExpression.Not(c0)])));
    }

    [Fact]
    public async Task A_resource_of_two_patients_is_found_once_and_with_each()
    {
        var (participant, status) = (H.Param("Appointment", "actor", SearchParamType.Reference), H.Param("Appointment", "status"));
        var (p1, p2) = (await H.CreateAsync("Patient", "p1"), await H.CreateAsync("Patient", "p2"));
        var rows = StoreHarness.Rows(p1, H.Token(status, "booked"), new ReferenceRow(participant.Number, p1), new ReferenceRow(participant.Number, p2));
        rows.Owners.Add(p2);
        await H.CreateAsync("Appointment", "both", rows);
        var booked = new SearchExpression.Token(status, H.Hash("booked"), null);

        foreach (var patient in (long[])[p1, p2])
            Assert.Equal(["both"], await H.IdsAsync("Appointment", new SearchExpression.And([new SearchExpression.Reference(participant, [patient]) { Owner = patient }, booked])));
        var page = await Store.SearchAsync(new("Appointment", booked) { Total = TotalMode.Accurate }, SystemPlans.Work, Ct);
        Assert.Equal((1, 1L), (page.Matches.Count, page.Total));
    }

    [Fact]
    public async Task Chains_follow_references_forwards_and_backwards()
    {
        var (subject, code) = (H.Param("Observation", "subject", SearchParamType.Reference), H.Param("Observation", "code"));
        var name = H.Param("Patient", "name", SearchParamType.String);
        var (anna, bert) = (await H.CreateAsync("Patient", "anna", null, new StringRow(name.Number, "anna", "Anna")), await H.CreateAsync("Patient", "bert", null, new StringRow(name.Number, "bert", "Bert")));
        await H.CreateAsync("Observation", "oa", anna, new ReferenceRow(subject.Number, anna), H.Token(code, "x"));
        await H.CreateAsync("Observation", "ob", bert, new ReferenceRow(subject.Number, bert), H.Token(code, "y"));
        var called = new SearchExpression.String(name, StringMatch.StartsWith, "ann");

        Assert.Equal(["oa"], await H.IdsAsync("Observation", new SearchExpression.Chain(subject, "Patient", called)));
        Assert.Empty(await H.IdsAsync("Observation", new SearchExpression.Chain(subject, "Group", called)));
        Assert.Equal(["bert"], await H.IdsAsync("Patient", new SearchExpression.ReverseChain(subject, new SearchExpression.Token(code, H.Hash("y"), null))));
        Assert.Equal(["anna"], await H.IdsAsync("Patient", new SearchExpression.And([called, new SearchExpression.ReverseChain(subject, Anything)])));
        Assert.Equal(["bert"], await H.IdsAsync("Patient", new SearchExpression.Not(new SearchExpression.ReverseChain(subject, new SearchExpression.Token(code, H.Hash("x"), null)))));
    }

    [Fact]
    public async Task References_to_several_targets_are_one_condition()
    {
        var subject = H.Param("Observation", "subject", SearchParamType.Reference);
        foreach (var target in (long[])[-5, 11, 12])
            await H.CreateAsync("Observation", $"t{target}", null, new ReferenceRow(subject.Number, target));

        Assert.Equal(["t-5", "t12"], await H.IdsAsync("Observation", new SearchExpression.Reference(subject, [12, -5, 99])));
        Assert.Equal(["t11", "t12"], await H.IdsAsync("Observation", new SearchExpression.Or([new SearchExpression.Reference(subject, [11]), new SearchExpression.Reference(subject, [12])])));
        Assert.Empty(await H.IdsAsync("Observation", new SearchExpression.Reference(subject, [])));
    }

    [Fact]
    public async Task Last_updated_is_a_half_open_range()
    {
        await H.CreateAsync("Patient", "a");
        await H.CreateAsync("Patient", "b");
        await H.CreateAsync("Patient", "c");
        var at = (await H.ReadAsync("Patient", "b"))!.LastUpdated.ToUnixTimeMilliseconds();

        Assert.Equal(["b"], await H.IdsAsync("Patient", new SearchExpression.LastUpdated(at, at + 1)));
        Assert.Equal(["b", "c"], await H.IdsAsync("Patient", new SearchExpression.LastUpdated(at, null)));
        Assert.Equal(["a"], await H.IdsAsync("Patient", new SearchExpression.LastUpdated(null, at)));
    }

    private const long Day = 86_400_000;
}
