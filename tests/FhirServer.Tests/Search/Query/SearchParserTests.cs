using System.Text;
using FhirEmr.FhirServer.Search.Indexing;
using FhirEmr.FhirServer.Search.Parameters;
using FhirEmr.FhirServer.Search.Query;
using FhirEmr.FhirServer.Tests.Search.Concepts;
using FhirEmr.FhirServer.Tests.Search.Indexing;
using FhirEmr.Terminology;

namespace FhirEmr.FhirServer.Tests.Search.Query;

public class SearchParserTests
{
    private static readonly SearchParameters Parameters = SearchSamples.Parameters();
    private readonly FakeSymbols symbols = new();
    private readonly FakeDefinitions definitions = new();

    [Theory]
    [InlineData("Patient", "_id=a,b", "ids(a b)")]
    [InlineData("Patient", "_id:not=a", "not(ids(a))")]
    [InlineData("Patient", "gender=female", "token(gender female any)")]
    [InlineData("Patient", "gender=female,male", "or(token(gender female any) token(gender male any))")]
    [InlineData("Patient", "gender:not=female,male", "not(or(token(gender female any) token(gender male any)))")]
    [InlineData("Patient", "identifier=urn:mrn|Ä1", "token(identifier Ä1 urn:mrn)")]
    [InlineData("Patient", "identifier=|1", "token(identifier 1 none)")]
    [InlineData("Patient", "identifier=urn:mrn|", "token(identifier * urn:mrn)")]
    [InlineData("Patient", "identifier=urn:never|1", "or()")]
    [InlineData("Patient", @"identifier=urn:mrn|a\|b\,c", "token(identifier a|b,c urn:mrn)")]
    [InlineData("Patient", "email=Ann@Example.ORG", "token(email ann@example.org any)")]
    [InlineData("Patient", "active=true", "token(active true any)")]
    [InlineData("Patient", "_tag=urn:mrn|x", "token(_tag x urn:mrn)")]
    [InlineData("Patient", "name=Núñez", "string(name starts nunez)")]
    [InlineData("Patient", "name:contains=Ñe", "or(string(name contains ne) string(name~ contains ne))")]
    [InlineData("Patient", "name:exact=Núñez", "string(name exact Núñez)")]
    [InlineData("Patient", "name=...", "string(name exact ...)")]
    [InlineData("Patient", "name=Ann&birthdate:missing=true", "and(string(name starts ann) missing(birthdate True))")]
    [InlineData("Patient", "_profile=http://x/p|1.0", "uri(_profile http://x/p|1.0 False)")]
    [InlineData("ValueSet", "url:below=http://x/vs", "uri(url http://x/vs True)")]
    [InlineData("Observation", "subject=Patient/p", "reference(subject Patient/p)")]
    [InlineData("Observation", "subject=Patient/p/_history/3", "reference(subject Patient/p)")]
    [InlineData("Observation", "subject=http://here/fhir/Patient/p", "reference(subject Patient/p)")]
    [InlineData("Observation", "subject=http://there/fhir/Patient/p/_history/2", "reference(subject http://there/fhir/Patient/p)")]
    [InlineData("Observation", "subject=urn:uuid:0b1c", "reference(subject urn:uuid:0b1c)")]
    [InlineData("Observation", "subject:Patient=p", "reference(subject Patient/p)")]
    [InlineData("Observation", "patient=p,q", "reference(patient Patient/p Patient/q)")]
    [InlineData("Observation", "subject:identifier=urn:mrn|7", "token(subject 7 urn:mrn)")]
    [InlineData("Observation", "patient.name=Ann", "or(chain(patient Patient string(name starts ann)) string(>name starts ann))")]
    [InlineData("Observation", "subject:Patient.name:exact=Ann", "or(chain(subject Patient string(name exact Ann)) string(>name exact Ann))")]
    [InlineData("Observation", "patient._id=a", "chain(patient Patient ids(a))")]
    [InlineData("Observation", "patient.gender:not=male",
        "or(chain(patient Patient not(token(gender male any))) and(token(>_shape * any) not(token(>gender male any))))")]
    [InlineData("Patient", "general-practitioner.name=Lee",
        "or(chain(general-practitioner Organization string(name starts lee)) string(>name starts lee) chain(general-practitioner Practitioner string(name starts lee)) string(>name starts lee))")]
    [InlineData("Observation", "patient.general-practitioner:Practitioner.family=Lee",
        "or(chain(patient Patient or(chain(general-practitioner Practitioner string(family starts lee)) string(>family starts lee))) chain(>general-practitioner Practitioner string(family starts lee)) string(>family starts lee))")]
    [InlineData("Patient", "_has:Observation:patient:code=8480-6", "has(Observation.patient token(code 8480-6 any))")]
    [InlineData("Observation", "", "and()")]
    [InlineData("ChargeItem", "factor-override=1.5", "number(factor-override [1.45,1.55))")]
    [InlineData("ChargeItem", "factor-override=ne1", "or(number(factor-override (,0.5)) number(factor-override [1.5,)))")]
    public async Task Reads(string type, string query, string expected)
    {
        symbols.Symbol("urn:mrn"u8);
        Assert.Equal(expected, Shown((await ParseAsync<SearchParse.Parsed>(type, query)).Query.Where));
    }

    [Theory]
    [InlineData("Observation", "code-value-quantity=8480-6$gt5||mg", "and(token(code 8480-6 any) quantity(value-quantity (5,) u:http://unitsofmeasure.org|mg))")]
    [InlineData("Observation", "code-value-concept=a|b$c,d$e", "or(and(or() token(value-concept c any)) and(token(code d any) token(value-concept e any)))")]
    [InlineData("Observation", "code-value-string=a$x", "and(token(code a any) string(value-string starts x))")]
    [InlineData("Observation", @"code-value-string=a$x\$y\,z", "and(token(code a any) string(value-string starts x$y z))")]
    [InlineData("Observation", "component-code-value-quantity=8480-6$gt5||mg", "composite(component-code-value-quantity 8480-6 any (5,) u:http://unitsofmeasure.org|mg)")]
    [InlineData("Observation", "component-code-value-concept=|a$urn:mrn|b", "composite(component-code-value-concept a none b urn:mrn)")]
    [InlineData("Observation", "component-code-value-concept=urn:mrn|$|b", "composite(component-code-value-concept * urn:mrn b none)")]
    [InlineData("Observation", "combo-code-value-concept=a$b", "or(and(token(code a any) token(value-concept b any)) composite(component-code-value-concept a any b any))")]
    [InlineData("Observation", "code-value-concept:missing=false", "and(missing(code False) missing(value-concept False))")]
    [InlineData("ValueSet", "context-type-value:missing=true", "not(missing(context-type-value False))")]
    [InlineData("MolecularSequence", "chromosome-variant-coordinate=1$ge10$lt20", "and(token(chromosome 1 any) integers(chromosome-variant-coordinate 10..2147483647 -2147483648..19))")]
    [InlineData("MolecularSequence", "chromosome-window-coordinate=1$10$20", "and(token(chromosome 1 any) number(window-start [9.5,10.5)) number(window-end [19.5,20.5)))")]
    [InlineData("DocumentReference", "relationship=DocumentReference/a$replaces", "composite(relationship replaces any DocumentReference/a any)")]
    [InlineData("DocumentReference", "relationship=replaces$DocumentReference/a", "composite(relationship replaces any DocumentReference/a any)")]
    [InlineData("Patient", "identifier:of-type=urn:t|MR|1", "token(identifier \u0001urn:t\u0001MR\u00011 OF-TYPE)")]
    [InlineData("Patient", "language=EN-us", "or(token(language EN-us any) token(language en-us urn:ietf:bcp:47))")]
    [InlineData("Patient", "language=urn:ietf:bcp:47|EN-us", "token(language en-us urn:ietf:bcp:47)")]
    [InlineData("Observation", "code:text=Heart  RATE", "body(displayed(code heart rate))")]
    [InlineData("ValueSet", "url:above=http://x/a/b", "or(uri(url http://x/a/b False) uri(url http://x/a/ False) uri(url http://x/a False) uri(url http://x/ False) uri(url http://x False))")]
    [InlineData("ValueSet", "url:above=urn:oid:1.2", "uri(url urn:oid:1.2 False)")]
    [InlineData("ValueSet", "url=http://x/a|2", "and(uri(url http://x/a False) token(version 2 any))")]
    [InlineData("Procedure", "location:below=Location/7", "reference(location Location/7 Location/below)")]
    [InlineData("Procedure", "location:above=7", "reference(location Location/7 Location/above)")]
    public async Task Reads_composites_and_modifiers(string type, string query, string expected)
    {
        foreach (var symbol in new[] { "urn:mrn", "u:http://unitsofmeasure.org|mg", "urn:ietf:bcp:47" })
            symbols.Symbol(Encoding.UTF8.GetBytes(symbol));

        Assert.Equal(expected, Shown((await ParseAsync<SearchParse.Parsed>(type, query)).Query.Where));
    }

    [Theory]
    [InlineData("value-quantity=5.4|http://unitsofmeasure.org|mg", "quantity(value-quantity [0.00535,0.00545) c:g)")]
    [InlineData("value-quantity=gt37|http://unitsofmeasure.org|Cel", "or()")] // no temperature was ever indexed
    [InlineData("value-quantity=5.4||mg", "quantity(value-quantity [5.35,5.45) u:http://unitsofmeasure.org|mg)")]
    [InlineData("value-quantity=5.4||milligram", "quantity(value-quantity [5.35,5.45) u:|milligram)")]
    [InlineData("value-quantity=5.4", "quantity(value-quantity [5.35,5.45) u:http://unitsofmeasure.org|mg u:|milligram u:|drops)")]
    [InlineData("value-quantity=le5.4|urn:other|mg", "or()")]
    public async Task Reads_quantities(string query, string expected)
    {
        foreach (var symbol in new[] { "u:http://unitsofmeasure.org|mg", "u:|milligram", "c:g", "http://loinc.org", "u:|drops" })
            symbols.Symbol(Encoding.UTF8.GetBytes(symbol));

        Assert.Equal(expected, Shown((await ParseAsync<SearchParse.Parsed>("Observation", query)).Query.Where));
    }

    [Theory]
    [InlineData("Patient", "birthday=1980", "not-supported", "Patient has no search parameter 'birthday'. Did you mean 'birthdate'?")]
    [InlineData("Patient", "birthdate=05/01/1980", "value", "'05/01/1980' is no value for 'birthdate'. A date is [prefix]YYYY")]
    [InlineData("Patient", "birthdate=zz1980", "value", "A date is")]
    [InlineData("Patient", "birthdate:exact=1980", "not-supported", "The modifier ':exact' is not supported on 'birthdate' (date); it takes :missing.")]
    [InlineData("Patient", "gender:exact=x", "not-supported", "it takes :not, :text, :in, :not-in, :above, :below, :of-type, :missing")]
    [InlineData("Patient", "name=", "value", "'name' has no value")]
    [InlineData("Patient", "name=a,", "value", "'' is no value for 'name'")]
    [InlineData("Patient", "active=maybe", "value", "a boolean is true or false")]
    [InlineData("Patient", "identifier=|", "value", "A token is")]
    [InlineData("Patient", "identifier=a|b|c", "value", "A token is")]
    [InlineData("Patient", "name:missing=yes", "value", "':missing' takes true or false, not 'yes'.")]
    [InlineData("Patient", "_id=a/b", "value", "'a/b' is no resource id")]
    [InlineData("Patient", "_id:missing=true", "not-supported", "Every resource has '_id'")]
    [InlineData("Patient", "_query=x", "not-supported", "'_query' is not supported yet.")]
    [InlineData("Location", "near=91|2", "value", "A place is latitude|longitude|distance|units")]
    [InlineData("Location", "near=1|2|3|kg", "value", "A place is")]
    [InlineData("Location", "near=1", "value", "A place is")]
    [InlineData("Location", "near:above=1|2", "not-supported", "it takes :missing")]
    [InlineData("Location", "_sort=near", "value", "has no order")]
    [InlineData("Observation", "code-value-quantity=a", "value", "it takes 2 parts joined by '$', code$value-quantity.")]
    [InlineData("Observation", "code-value-quantity=a$b", "value", "'b' is no value for the part 'value-quantity' of 'code-value-quantity'. A quantity is")]
    [InlineData("Observation", @"code-value-quantity=a\$5", "value", "it takes 2 parts")]
    [InlineData("Observation", "code-value-quantity:not=a$5", "not-supported", "(composite); it takes :missing.")]
    [InlineData("Observation", "code-value-quantity:missing=yes", "value", "':missing' takes true or false")]
    [InlineData("Observation", "_sort=code-value-quantity", "value", "has no order")]
    [InlineData("DocumentReference", "relationship=replaces$Pateint/1", "value", "Did you mean 'Patient'?")]
    [InlineData("Observation", "code:in=http://x/nothing", "not-found", "The value set http://x/nothing is not known here")]
    [InlineData("Observation", "code:below=1", "value", "give system|code")]
    [InlineData("Observation", "code:below=urn:nobody|1", "not-supported", "Nothing here knows the hierarchy of urn:nobody")]
    [InlineData("Condition", "code:below=http://hl7.org/fhir/sid/icd-10-cm|nonsense", "not-found", "has no code 'nonsense'")]
    [InlineData("Observation", "code:text=...", "value", "any text with a letter or digit")]
    [InlineData("Observation", "code:of-type=a|b|c", "not-supported", "':of-type' is for identifiers")]
    [InlineData("Patient", "identifier:of-type=b|c", "value", "type-system|type-code|value")]
    [InlineData("Observation", "subject:below=Patient/1", "value", "Give Location/id for 'subject'")]
    [InlineData("Observation", "encounter:sideways=1", "not-supported", ":identifier, :above, :below")]
    [InlineData("Claim", "patient:above=1", "not-supported", "there is no above and below")]
    [InlineData("Observation", "value-quantity=5|mg", "value", "A quantity is [prefix]number")]
    [InlineData("Observation", "subject=Pateint/1", "value", "'Pateint' is not a resource type. Did you mean 'Patient'?")]
    [InlineData("Observation", "subject=Encounter/1", "value", "'subject' of Observation never refers to a Encounter")]
    [InlineData("Observation", "subject:Patient=Group/1", "value", "'Group/1' is a Group, but the modifier asks for a Patient.")]
    [InlineData("Observation", "subject:Patinet=1", "not-supported", "Did you mean ':Patient'?")]
    [InlineData("Observation", "subject=a b", "value", "'a b' is no reference")]
    [InlineData("Observation", "patient.nme=Ann", "not-supported", "has a search parameter 'nme'. Did you mean 'name'?")]
    [InlineData("Observation", "code.name=Ann", "invalid", "'code' is no reference")]
    [InlineData("Provenance", "target._id=1", "too-costly", "say which, as in 'target:Account._id'.")]
    [InlineData("Patient", "_has:Observation:code:x=1", "invalid", "'code' of Observation does not refer to a Patient.")]
    [InlineData("Patient", "_has:Observation=1", "invalid", "'_has' is written _has:Type:reference:parameter")]
    [InlineData("Patient", "_sort=nme", "value", "Patient cannot be sorted by 'nme': there is no such search parameter. Did you mean 'name'?")]
    [InlineData("Patient", "_count=many", "value", "'_count' is a whole number")]
    [InlineData("Patient", "_count=-1", "value", "'_count' is a whole number")]
    [InlineData("Patient", "_total=all", "value", "'_total' takes none, estimate, accurate, not 'all'.")]
    [InlineData("Patient", "_include=Patient", "value", "give Type:parameter")]
    [InlineData("Patient", "_include=Patient:genral-practitioner", "value", "Did you mean 'general-practitioner'?")]
    [InlineData("Patient", "_include=Observation:subject", "value", "would follow nothing")]
    [InlineData("Patient", "_revinclude=Claim:provider", "value", "never refers to a Patient")]
    public async Task Refuses(string type, string query, string code, string text)
    {
        var fault = Assert.Single((await ParseAsync<SearchParse.Refused>(type, query)).Faults);

        Assert.Equal(code, fault.Code);
        Assert.Contains(text, fault.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Refuses_more_values_than_a_statement_carries()
    {
        var fault = Assert.Single((await ParseAsync<SearchParse.Refused>("Patient", "_id=" + string.Join(',', Enumerable.Range(0, 501)))).Faults);

        Assert.Equal("too-costly", fault.Code);
    }

    [Fact]
    public async Task Names_everything_that_is_wrong_at_once() =>
        Assert.Equal(["nmae", "birthdate", "_count"], (await ParseAsync<SearchParse.Refused>("Patient", "nmae=x&birthdate=x&_count=x&gender=male")).Faults.Select(f => f.Parameter));

    [Fact]
    public async Task Lenient_leaves_the_unknown_out_and_says_so()
    {
        var parsed = await ParseAsync<SearchParse.Parsed>("Patient", "nmae=x&gender:exact=y&gender=male", SearchHandling.Lenient);

        Assert.Equal("token(gender male any)", Shown(parsed.Query.Where));
        Assert.Equal(["gender"], parsed.Applied.Select(a => a.Key));
        Assert.Equal(["nmae", "gender:exact"], parsed.Warnings.Select(w => w.Parameter));
    }

    [Fact]
    public async Task Lenient_still_refuses_bad_values() =>
        Assert.Single((await ParseAsync<SearchParse.Refused>("Patient", "birthdate=soon", SearchHandling.Lenient)).Faults);

    [Fact]
    public async Task Reads_result_parameters()
    {
        var parsed = await ParseAsync<SearchParse.Parsed>(
            "Observation", "_sort=-date,code&_count=5000&_total=accurate&_summary=text&_elements=code,value&_pretty=true&_format=json");

        Assert.Equal([("date", true), ("code", false)], parsed.Query.Sort.Select(s => (s.Param.Code, s.Descending)));
        Assert.Equal((1000, TotalMode.Accurate), (parsed.Query.Count, parsed.Query.Total));
        Assert.Equal(("text", "json", true), (parsed.Controls.Summary, parsed.Controls.Format, parsed.Controls.Pretty));
        Assert.Equal(["code", "value"], parsed.Controls.Elements);
        Assert.Contains(KeyValuePair.Create("_count", "1000"), parsed.Applied);
    }

    [Theory]
    [InlineData("_summary=count")]
    [InlineData("_count=0")]
    public async Task Counts_only_when_asked(string query)
    {
        var parsed = await ParseAsync<SearchParse.Parsed>("Observation", query);

        Assert.Equal((0, TotalMode.Accurate), (parsed.Query.Count, parsed.Query.Total));
    }

    [Theory]
    [InlineData("_include=*", "Observation * - False False")]
    [InlineData("_include=Observation:subject", "Observation subject - False False")]
    [InlineData("_include=Observation:subject:Patient", "Observation subject Patient False False")]
    [InlineData("_include:iterate=Patient:organization", "Patient organization - False True")]
    [InlineData("_revinclude=Provenance:target", "Provenance target - True False")]
    [InlineData("_include=Observation:*", "Observation * - False False")]
    public async Task Reads_includes(string query, string expected)
    {
        var include = Assert.Single((await ParseAsync<SearchParse.Parsed>("Observation", query)).Query.Includes);

        Assert.Equal(expected, $"{include.SourceType} {include.Param?.Code ?? "*"} {include.TargetType ?? "-"} {include.IsReverse} {include.Iterate}");
    }

    [Fact]
    public async Task A_bare_id_may_name_several_types()
    {
        symbols.Target("Patient/7");
        symbols.Target("Group/7");

        Assert.Equal("reference(subject Patient/7 Group/7)", Shown((await ParseAsync<SearchParse.Parsed>("Observation", "subject=7")).Query.Where));
    }

    private async Task<T> ParseAsync<T>(string type, string query, SearchHandling handling = SearchHandling.Strict)
        where T : SearchParse
    {
        var parser = new SearchParser(
            Parameters, new ResourceIndexer(Parameters, TimeZoneInfo.Utc), symbols, symbols, new(new TerminologyService(null, TimeProvider.System), definitions, TimeProvider.System), TimeProvider.System, TimeZoneInfo.Utc, new SearchLimits());
        var pairs = query.Split('&', StringSplitOptions.RemoveEmptyEntries).Select(p => p.Split('=', 2)).Select(p => KeyValuePair.Create(p[0], p[1])).ToArray();
        return Assert.IsType<T>(await parser.ParseAsync(type, pairs, handling, "http://here/fhir", TestContext.Current.CancellationToken));
    }

    private string Shown(SearchExpression expression) => expression switch
    {
        SearchExpression.And e => $"and({string.Join(' ', e.Terms.Select(Shown))})",
        SearchExpression.Or e => $"or({string.Join(' ', e.Terms.Select(Shown))})",
        SearchExpression.Not e => $"not({Shown(e.Term)})",
        SearchExpression.Ids e => $"ids({string.Join(' ', e.Values)})",
        SearchExpression.Token e => $"token({Name(e.Param)} {(e.Hash is { } h ? symbols.TokenText(h) : "*")} {e.System switch { null => "any", 0 => "none", TokenRow.OfType => "OF-TYPE", { } s => symbols.SymbolText(s) }})",
        SearchExpression.String e => $"string({Name(e.Param)} {e.Match switch { StringMatch.StartsWith => "starts", StringMatch.Exact => "exact", _ => "contains" }} {e.Value})",
        SearchExpression.Missing e => $"missing({e.Param.Code} {e.IsMissing})",
        SearchExpression.Uri e => $"uri({e.Param.Code} {e.Value} {e.Below})",
        SearchExpression.Reference e => $"reference({e.Param.Code} {string.Join(' ', e.Targets.Select(symbols.TargetText))})",
        SearchExpression.Chain e => $"chain({Name(e.Param)} {e.TargetType} {Shown(e.Target)})",
        SearchExpression.ReverseChain e => $"has({e.Param} {Shown(e.Source)})",
        SearchExpression.Number e => $"number({e.Param.Code} {Interval(e.Low, e.LowInclusive, e.High, e.HighInclusive)})",
        SearchExpression.Quantity e => $"quantity({e.Param.Code} {Interval(e.Low, e.LowInclusive, e.High, e.HighInclusive)} {string.Join(' ', e.Units!.Select(symbols.SymbolText))})",
        SearchExpression.Tokens e => $"tokens({e.Param.Code} {(e.AllBut ? "all but " : "")}{string.Join(' ', e.Hashes.Select(symbols.TokenText))} {e.System switch { null => "any", 0 => "none", { } s => symbols.SymbolText(s) }})",
        SearchExpression.Displayed e => $"displayed({e.Param.Code} {e.Folded})",
        SearchExpression.Body { Candidates: { } candidates } => $"body({Shown(candidates)})",
        SearchExpression.Composite e => $"composite({e.Param.Code} {(e.Hash is { } h ? symbols.TokenText(h) : "*")} {(e.System is { } s ? s == 0 ? "none" : symbols.SymbolText(s) : "any")} {Bounds(e)} {(e.Units is null ? "any" : string.Join(' ', e.Units.Select(u => u == 0 ? "none" : symbols.SymbolText(u))))})",
        SearchExpression.IntegerPair e => $"integers({e.Param.Code} {e.FirstLow}..{e.FirstHigh} {e.SecondLow}..{e.SecondHigh})",
        _ => expression.ToString(),
    };

    /// <summary>A parameter kept for contained resources has another number than the one of its name.</summary>
    private static string Name(SearchParam param) =>
        Parameters.Find(param.Type, param.Code) is { } own && own.Number == param.Number || param.Code.EndsWith('~') ? param.Code : ">" + param.Code;

    private string Bounds(SearchExpression.Composite e) => e.Low == e.High && e.Low is { Length: 16 } hex ? (e.Param.Code == "relationship" ? symbols.TargetText(Convert.ToInt64(hex, 16)) : symbols.TokenText(Convert.ToInt64(hex, 16))) : Interval(e.Low, e.LowInclusive, e.High, e.HighInclusive);

    private static string Interval(string? low, bool lowInclusive, string? high, bool highInclusive) =>
        $"{(lowInclusive ? '[' : '(')}{Decoded(low)},{Decoded(high)}{(highInclusive ? ']' : ')')}";

    // Bounds of these tests have at most five decimals: try them until the key fits.
    private static string Decoded(string? key)
    {
        if (key is null)
            return "";
        for (var scale = 0; scale <= 5; scale++)
            for (var n = 0; n < 1000; n++)
                if (new decimal(n, 0, 0, false, (byte)scale) is var candidate && DecimalKey.Encode(candidate) == key)
                    return candidate.ToString(System.Globalization.CultureInfo.InvariantCulture);
        return key;
    }
}
