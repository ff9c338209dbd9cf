using System.Text;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Search.Indexing;
using FhirEmr.FhirServer.Search.Indexing.Extraction;
using FhirEmr.FhirServer.Search.Indexing.Units;
using FhirEmr.FhirServer.Search.Parameters;
using FhirEmr.FhirServer.Search.Query;
using FhirEmr.FhirServer.Tests.Search;
using FhirEmr.FhirServer.Tests.Search.Concepts;
using FhirEmr.FhirServer.Tests.Search.Indexing;
using FhirEmr.Terminology;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Tests.Fuzz;

/// <summary>Spoilt queries, dates, paths and units: refused in words or read, never an exception.</summary>
[Trait("Requirement", "S-72")]
public class QueryFuzzTests
{
    private static readonly string[] Queries =
    [
        "name=Ann&birthdate=ge1980-02&_sort=-birthdate,family&_count=10&_total=accurate", "identifier=urn:mrn|A1,|x,y|&gender:not=male", "general-practitioner:Practitioner.name:contains=a%20b",
        "_has:Observation:patient:_has:AuditEvent:entity:agent=x", "_include=Patient:organization:Organization&_revinclude:iterate=Observation:patient", "_lastUpdated=gt2024-01-01T00:00:00%2B02:00&_elements=id,name",
        "_tag=a\\,b|c\\|d$e&_profile:below=http://x/y&_summary=count", "value-quantity=ge5.4|http://unitsofmeasure.org|mg,5e-3||g&code:missing=true", "factor-override=ap1.50&occurrence=sa2024", "subject=Patient/p/_history/3&subject:identifier=a|b",
        "_filter=name eq \"x\" and birthdate ge 1980&_content=a&_text=b&_list=c&near=1|2|3|km&_type=Patient",
    ];

    private static readonly string[] Words = ["%", "%zz", "%00", "&&", "=", ":", ".", "_has:", ":not", ":missing=", "eq", "sa", "9999-12-31", "0001-01-01", "1e9999", "99999999999999999999999999999", "|", ",", "$", "\\", "+", "[degF]", "http://unitsofmeasure.org", "-", "\uD83D\uDE00"];

    private static readonly SearchParameters Parameters = SearchSamples.Parameters();
    private static readonly ResourceIndexer Indexer = new(Parameters, TimeZoneInfo.Utc);

    [Theory]
    [InlineData("Patient")]
    [InlineData("Observation")]
    [InlineData("ChargeItem")]
    public void Searches_are_read_or_refused_in_words(string type)
    {
        var symbols = new FakeSymbols();
        var parser = new SearchParser(Parameters, Indexer, symbols, symbols, new(new TerminologyService(null, TimeProvider.System), new FakeDefinitions(), TimeProvider.System), TimeProvider.System, TimeZoneInfo.Utc, new SearchLimits());
        var read = FuzzRun.Try(10, 6_000, FuzzRun.Corpus(Queries), Words, input =>
        {
            var query = QueryString.Parse(Encoding.UTF8.GetString(input));
            foreach (var handling in new[] { SearchHandling.Strict, SearchHandling.Lenient })
            {
                var parsed = parser.ParseAsync(type, query, handling, "http://here/fhir", TestContext.Current.CancellationToken).AsTask().GetAwaiter().GetResult();
                if (parsed is SearchParse.Refused refused)
                {
                    Assert.NotEmpty(refused.Faults);
                    Assert.All(refused.Faults, f => Assert.False(string.IsNullOrWhiteSpace(f.Text)));
                    continue;
                }

                // The self link says what was applied: reading it gives the same again.
                var applied = ((SearchParse.Parsed)parsed).Applied;
                Assert.Equal(applied, QueryString.Parse(QueryString.Format(applied)));
            }

            return query.Count > 1;
        });

        Assert.True(read > 1000);
    }

    [Fact]
    public void Dates_are_read_or_not_and_cover_what_they_say() => Assert.True(FuzzRun.Try(11, 40_000,
        FuzzRun.Corpus("2024", "2024-02", "2024-02-29", "2024-02-29T23:59:60.123456789-05:00", "9999-12-31T23:59:59.9999999Z", "0001-01-01T00:00:00+14:00", "1969-12-31T23:59Z"), Words, input =>
        {
            _ = (FhirDate.IsDate(input), FhirDate.IsDateTime(input), FhirDate.IsInstant(input), FhirDate.IsTime(input));
            if (!FhirDate.TryParse(input, out var date))
                return false;
            var range = DateRange.Covering(date, TimeZoneInfo.Utc);
            Assert.True(range.Lo < range.Hi || date.Local.Year == 9999, $"{range} is empty");
            Assert.True(range.DayLo < range.DayHi);
            return true;
        }) > 1000);

    [Fact]
    public void Expressions_of_search_parameters_are_compiled_or_left_to_the_SDK() => Assert.True(FuzzRun.Try(12, 20_000,
        FuzzRun.Corpus(ModelInfo.SearchParameters.Select(p => p.Expression).OfType<string>().Distinct().Take(400)), ["(", ")", ".", "|", " as ", ".where(", "'", "[0]", "resolve()"], input => PathParser.Parse(Encoding.UTF8.GetString(input)) is not null) > 500);

    [Fact]
    public void Units_are_known_or_not() => Assert.True(FuzzRun.Try(13, 30_000,
        FuzzRun.Corpus("mg/dL", "m2.kg/s3", "10*3/uL", "[degF]", "{score}", "(mg.m)/(s2)", "mm[Hg]", "ug/kg/min"), ["(", ")", ".", "/", "-1", "99", "[", "]", "{x}", "da"], input =>
        {
            var unit = Ucum.Canonical(input);
            return unit is not null && unit.Key(5.4m) is not null;
        }) > 500);

    [Fact]
    public void Addresses_are_read_or_refused_in_words() => Assert.True(FuzzRun.Try(14, 20_000,
        FuzzRun.Corpus("Patient/p1/_history/3", "Patient/_search", "Claim/c1/$scrub", "metadata", "$convert", "Patient/p1/Observation", "_history"), ["/", "$", "_history", "..", "%2F"], input =>
        {
            var target = FhirTarget.Parse(Encoding.UTF8.GetString(input), out var fault);
            Assert.True(target is null != fault is null);
            return target is not null;
        }) > 500);
}
