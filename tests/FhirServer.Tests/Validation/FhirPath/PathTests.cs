using System.Text;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Validation.FhirPath;

namespace FhirEmr.FhirServer.Tests.Validation.FhirPath;

public sealed class PathTests
{
    private const string Patient = """
        {"resourceType":"Patient","id":"p","active":true,"birthDate":"1990-05","_birthDate":{"extension":[{"url":"urn:e","valueInteger":7}]},
         "name":[{"use":"official","family":"Chalmers","given":["Peter","James"]},{"use":"usual","given":["Jim"]}],
         "multipleBirthInteger":2,"telecom":[{"system":"phone","value":"555","rank":1}],"contained":[{"resourceType":"Organization","id":"o","name":"Org"}],"managingOrganization":{"reference":"#o"}}
        """;

    [Theory]
    [InlineData("Patient.name.given.count()", "3")]
    [InlineData("name.where(use = 'usual').given", "Jim")]
    [InlineData("name.given.first() & '-' & name.family", "Peter-Chalmers")]
    [InlineData("name.all(given.exists())", "true")]
    [InlineData("name.exists(use = 'old')", "false")]
    [InlineData("name.family.empty() or name.given.count() > 2", "true")]
    [InlineData("active implies birthDate.exists()", "true")]
    [InlineData("active xor active", "false")]
    [InlineData("telecom.rank * 2 + 1 = 3", "true")]
    [InlineData("(telecom.rank + 24) mod 10 = 5", "true")]
    [InlineData("multipleBirth is integer", "true")]
    [InlineData("(multipleBirth as integer) < 3", "true")]
    [InlineData("multiplebirth.exists()", "false")]
    [InlineData("birthDate < @1991", "true")]
    [InlineData("birthDate = @1990-05-01", "")]
    [InlineData("birthDate.extension('urn:e').value", "7")]
    [InlineData("name.given.isDistinct()", "true")]
    [InlineData("name.use.combine(name.use).isDistinct()", "false")]
    [InlineData("name.given.select(length())", "5,5,3")]
    [InlineData("name[1].given[0]", "Jim")]
    [InlineData("'official' in name.use", "true")]
    [InlineData("name.use contains 'old'", "false")]
    [InlineData("(name.use | name.use).count()", "2")]
    [InlineData("name.family.matches('^[A-Z][a-z]+$')", "true")]
    [InlineData("name.family.substring(0,4).lower()", "chal")]
    [InlineData("managingOrganization.resolve().name", "Org")]
    [InlineData("managingOrganization.resolve() is Organization", "true")]
    [InlineData("{}.iif(empty(), 'none', 'some')", "none")]
    [InlineData("descendants().where($this = 'Jim').count()", "1")]
    [InlineData("%resource.id = id and %ucum = 'http://unitsofmeasure.org'", "true")]
    [InlineData("name.given.repeat(children()).count()", "0")]
    [InlineData("telecom.value.toInteger() >= 555", "true")]
    [InlineData("name.given.intersect('Jim' | 'Joe')", "Jim")]
    [InlineData("name.first().given.join(' ')", "Peter James")]
    [InlineData("active.not()", "false")]
    [InlineData("contained.where('#' + id = %resource.managingOrganization.reference).exists()", "true")]
    public void An_expression_gives_what_the_specification_says(string expression, string expected)
    {
        var root = FhirJsonReader.Read(Encoding.UTF8.GetBytes(Patient), out _)!.Root;
        var context = new PathContext
        {
            Resource = PathValue.Of(root),
            Root = PathValue.Of(root),
            Now = DateTimeOffset.UnixEpoch,
            MemberOf = (_, _) => null,
            ConformsTo = (_, _) => null,
            Resolve = _ => root.Child("contained"),
        };

        Assert.Equal(expected, string.Join(',', PathParser.Parse(expression).Evaluate(context, PathValue.Of(root), -1).Select(v => v.Text)));
    }

    [Theory]
    [InlineData("name.")]
    [InlineData("name..given")]
    [InlineData("nonsense()")]
    [InlineData("'open")]
    [InlineData("(name")]
    public void What_is_no_expression_is_refused(string expression) => Assert.Throws<FormatException>(() => PathParser.Parse(expression));

    /// <summary>All constraints of R4 and the guides can be read: none is left unchecked for its syntax.</summary>
    [Fact]
    public void Every_published_constraint_can_be_read()
    {
        var validator = Packages.Needed();
        foreach (var type in ResourceTypes.All)
        {
            var schema = validator.Schemas.Find("http://hl7.org/fhir/StructureDefinition/" + type);
            Assert.NotNull(schema);
            var pending = new Stack<FhirServer.Validation.Schemas.ElementRule>([schema.Root]);
            while (pending.TryPop(out var rule))
            {
                Assert.All(rule.Invariants, i => Assert.True(i.ByHand is not null || i.Fault is null, $"{i.Key}: {i.Fault}"));
                foreach (var child in rule.Children)
                    pending.Push(child);
            }
        }
    }
}
