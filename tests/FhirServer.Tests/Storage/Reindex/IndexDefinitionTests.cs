using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Search.Indexing;
using FhirEmr.FhirServer.Search.Parameters;
using FhirEmr.FhirServer.Search.Query;
using FhirEmr.FhirServer.Storage.Reindex;
using FhirEmr.FhirServer.Tests.Search;
using FhirEmr.FhirServer.Tests.Search.Indexing;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Tests.Storage.Reindex;

public sealed class IndexDefinitionTests
{
    /// <summary>
    /// Digests of what the sample is indexed to, by version. When this test fails, stores out there have rows that this program would not
    /// write: raise <see cref="IndexDefinition.Version"/>, say in its changes what was added, and put the new digest here under the new number.
    /// </summary>
    private static readonly Dictionary<int, string> Digests = new() { [2] = "a01f821585b7855ffd83203075e9912a9b683c8c9255a24edba36cd49f1464a8", [3] = "1907fc184478ad90be74d57a9c0de7ce20ebcfd3ed141723760878ca55710793", [4] = "d6506de7291e57b3ebcb74002661e30d0b2b5d090cd4ab90797931ed7afb7a0e" };

    /// <summary>Longer than a row of a text or of an address.</summary>
    private static readonly string Long = string.Concat(Enumerable.Range(0, 100).Select(i => $"street {i} "));

    private static readonly string[] Sample =
    [
        """
        {"resourceType":"Patient","id":"p","meta":{"tag":[{"system":"urn:t","code":"x"}],"profile":["http://example.org/p"]},
         "text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\">A <b>narrative</b> of Zo\u00eb</div>"},
         "identifier":[{"type":{"coding":[{"system":"urn:type","code":"MR"}],"text":"record"},"system":"urn:mrn","value":"1 2"}],
         "name":[{"family":"M\u00fcller-L\u00fcdenscheidt","given":["Zo\u00eb"],"text":"Zo\u00eb"}],"telecom":[{"system":"phone","value":"+1 555"}],
         "gender":"female","birthDate":"1970-02","address":[{"city":"K\u00f6ln","line":["LONG"]}],"generalPractitioner":[{"reference":"Practitioner/1"}]}
        """,
        """
        {"resourceType":"Observation","id":"o","status":"final","subject":{"reference":"Patient/p"},"effectivePeriod":{"start":"2020-01-01T10:00:00+02:00","end":"2020-01-02"},
         "code":{"coding":[{"system":"http://loinc.org","code":"85354-9","display":"Blood pressure"}],"text":"BP"},"valueQuantity":{"value":6.50,"unit":"mmol/l","system":"http://unitsofmeasure.org","code":"mmol/L"},
         "component":[{"code":{"coding":[{"system":"http://loinc.org","code":"8480-6"}]},"valueQuantity":{"value":120,"system":"http://unitsofmeasure.org","code":"mm[Hg]"}}]}
        """,
        """
        {"resourceType":"MedicationRequest","id":"m","status":"active","intent":"order","subject":{"reference":"Patient/p"},
         "contained":[{"resourceType":"Medication","id":"c","code":{"coding":[{"code":"aspirin"}],"text":"Aspirin"}}],"medicationReference":{"reference":"#c"}}
        """,
        """
        {"resourceType":"MolecularSequence","id":"s","coordinateSystem":0,"referenceSeq":{"referenceSeqId":{"coding":[{"code":"NC_1"}]},"windowStart":10,"windowEnd":20}}
        """,
        """
        {"resourceType":"Questionnaire","id":"q","url":"http://example.org/q","status":"draft","title":"Title"}
        """,
        """
        {"resourceType":"QuestionnaireResponse","id":"a","questionnaire":"http://example.org/q","status":"completed"}
        """,
        """
        {"resourceType":"PlanDefinition","id":"d","status":"draft","library":["Library/l"],"relatedArtifact":[{"type":"depends-on","resource":"http://example.org/a|1"}]}
        """,
        """
        {"resourceType":"RiskAssessment","id":"r","status":"final","subject":{"reference":"Patient/p"},"prediction":[{"probabilityDecimal":0.020}],"occurrenceDateTime":"2021"}
        """,
    ];

    [Fact]
    public void The_version_grows_when_a_resource_gets_other_rows_than_before()
    {
        var (text, parameters) = (new StringBuilder(), SearchSamples.Parameters());
        var indexer = new ResourceIndexer(parameters, TimeZoneInfo.Utc);
        foreach (var json in Sample)
        {
            var (root, symbols) = (SearchSamples.Read(json.Replace("LONG", Long, StringComparison.Ordinal)), new FakeSymbols());
            Write(text, indexer.Index(root, symbols, 999), symbols, parameters.Shape(root.Type.Name).Number);
        }

        // What makes rows of every type is part of it: an expression that changes changes rows of resources that are not in the sample.
        foreach (var type in ResourceTypes.All)
            foreach (var p in parameters.Of(type).OrderBy(p => p.Code, StringComparer.Ordinal))
                text.Append(CultureInfo.InvariantCulture, $"{type} {p.Code} {p.Kind} {p.Number > 0} {p.Expression}\n");

        var digest = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
        Assert.True(Digests.GetValueOrDefault(IndexDefinition.Version) == digest, $"Rows are other than those of version {IndexDefinition.Version}: raise it. Their digest is {digest}.");
        Assert.Equal(IndexDefinition.Version, Digests.Keys.Max());
    }

    [Fact]
    public void Each_version_says_what_it_added()
    {
        Assert.Equal(Enumerable.Range(IndexDefinition.First + 1, IndexDefinition.Version - IndexDefinition.First), IndexDefinition.Changes.Select(c => c.Version).Distinct().Order());
    }

    [Fact]
    public void Only_what_looks_into_the_missing_rows_lacks_something_wherever_it_stands()
    {
        var (text, gender) = (new SearchParam(1, "Patient", "_text", SearchParamType.String, "", [], ""), new SearchParam(2, "Patient", "gender", SearchParamType.Token, "", [], ""));
        var (word, token) = (new SearchExpression.Word(text, "x", false), new SearchExpression.Token(gender, 1, null));
        Assert.Empty(IndexDefinition.Lacking(token, 1));
        Assert.Single(IndexDefinition.Lacking(new SearchExpression.And([token, new SearchExpression.Not(new SearchExpression.Or([word, token]))]), 1));
        Assert.Single(IndexDefinition.Lacking(new SearchExpression.Chain(gender, "Patient", word), 1));
        Assert.Single(IndexDefinition.Lacking(new SearchExpression.Token(gender with { IsContained = true }, 1, null), 1));
        Assert.Single(IndexDefinition.Lacking(new SearchExpression.String(text with { Code = "name~" }, StringMatch.Contains, "x"), 1));
        Assert.Single(IndexDefinition.Lacking(new SearchExpression.Missing(gender, true), 1));
        Assert.Empty(IndexDefinition.Lacking(word, IndexDefinition.Version));
    }

    private static void Write(StringBuilder text, IndexRows rows, FakeSymbols symbols, int shape)
    {
        foreach (var row in rows.Tokens)
            text.Append(CultureInfo.InvariantCulture, $"{row} {(row.Param == shape ? string.Join(',', symbols.ShapeOf(row.Hash)) : Token(row.Hash))} {Symbol(row.System)}\n");
        foreach (var row in rows.References)
            text.Append(CultureInfo.InvariantCulture, $"{row} {symbols.TargetText(row.Target)}\n");
        foreach (var row in rows.Quantities)
            text.Append(CultureInfo.InvariantCulture, $"{row} {Symbol(row.Unit)}\n");
        foreach (var row in rows.Composites)
            text.Append(CultureInfo.InvariantCulture, $"{row} {(row.Hash == 0 ? "" : Token(row.Hash) + Symbol(row.System) + Symbol(row.Unit))}\n");
        foreach (var display in symbols.Displays)
            text.Append(CultureInfo.InvariantCulture, $"{display}\n");
        foreach (var row in ((IEnumerable<object>)[.. rows.Dates, .. rows.Strings, .. rows.Numbers, .. rows.Uris, .. rows.Words, .. rows.Owners]))
            text.Append(row).Append('\n');

        // Rows of contained resources bear a shape too, whose number is no token's.
        string Token(long hash)
        {
            try
            {
                return symbols.TokenText(hash);
            }
            catch (ArgumentOutOfRangeException)
            {
                return "";
            }
        }

        string Symbol(int number) => number < 0 ? "" : symbols.SymbolText(number);
    }
}
