using System.Text;
using System.Text.Json.Nodes;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Validation;
using FhirEmr.FhirServer.Validation.Schemas;

namespace FhirEmr.FhirServer.Tests.Validation;

/// <summary>Valid US Core examples, each broken in one place in one way: the validator must say so, and say where.</summary>
public sealed class MutationTests(ITestOutputHelper output)
{
    private const string Guide = "hl7.fhir.us.core-6.1.0.tgz";
    private const int MostOfARule = 120;

    private sealed record Mutant(string Rule, string Example, string Path, byte[] Json);

    [Fact]
    public void Nearly_every_broken_example_is_flagged_where_it_is_broken()
    {
        var validator = Packages.Needed();
        Assert.SkipWhen(Packages.Find(Guide) is null, Packages.WhyNoGuides);
        var options = new ValidationOptions();
        var ct = TestContext.Current.CancellationToken;
        var rates = new Dictionary<string, (int Flagged, int All)>();
        var missed = new List<string>();
        foreach (var (name, json) in Packages.Files(Guide, n => n.Contains("/example/", StringComparison.Ordinal)))
        {
            if (FhirJsonReader.Read(json, out _) is not { } tree || ClaimedProfiles.Of(tree.Root).Count == 0 || validator.Validate(new(json, []), options, ct).HasErrors)
                continue;
            foreach (var mutant in Mutants(name, json, tree.Root, validator.Schemas))
            {
                var (flagged, all) = rates.GetValueOrDefault(mutant.Rule);
                if (all == MostOfARule)
                    continue;
                var report = validator.Validate(new(mutant.Json, []), options, ct);
                var isFlagged = report.Issues.Any(i => i.Severity == Severity.Error && IsThere(i.Path, mutant.Path));
                rates[mutant.Rule] = (flagged + (isFlagged ? 1 : 0), all + 1);
                if (!isFlagged)
                    missed.Add($"{mutant.Rule} {mutant.Example} {mutant.Path}: {string.Join("; ", report.Issues.Where(i => i.Severity == Severity.Error).Select(i => $"{i.Id} {i.Path}"))}");
            }
        }

        foreach (var (rule, (flagged, all)) in rates.OrderBy(r => r.Key, StringComparer.Ordinal))
            output.WriteLine($"{rule,-24} {flagged,5} of {all,5}  {100.0 * flagged / all,6:F1} %");
        missed.Take(40).ToList().ForEach(output.WriteLine);
        Assert.True(rates.Count >= 9);
        Assert.True(rates.Values.Average(r => (double)r.Flagged / r.All) >= 0.97);
    }

    /// <summary>At the element itself, at what holds it, or inside of it.</summary>
    private static bool IsThere(string found, string expected)
    {
        found = Plain(found);
        expected = Plain(expected);
        var dot = expected.LastIndexOf('.');
        return found == expected || found.StartsWith(expected, StringComparison.Ordinal) || (dot > 0 && found == expected[..dot]);
    }

    /// <summary>Indices and ofType() say which of several; the names say where.</summary>
    private static string Plain(string path) => System.Text.RegularExpressions.Regex.Replace(path, @"\[\d+\]|\.ofType\(\w+\)", "");

    private static IEnumerable<Mutant> Mutants(string name, byte[] json, FhirNode root, SchemaSet schemas)
    {
        var type = root.Type.Name;
        JsonObject Fresh() => JsonNode.Parse(json)!.AsObject();
        Mutant Of(string rule, string path, JsonNode changed) => new(rule, name, path, Encoding.UTF8.GetBytes(changed.ToJsonString()));

        var unknown = Fresh();
        unknown["nonsense"] = "x";
        yield return Of("unknown element", type, unknown);

        foreach (var schema in ClaimedProfiles.Of(root).Select(schemas.Find).OfType<Schema>())
        {
            foreach (var required in schema.Root.Required)
            {
                var changed = Fresh();
                var names = changed.Select(p => p.Key).Where(k => k.TrimStart('_') is var key && (key == required.Name || (required.IsChoice && key.StartsWith(required.Name, StringComparison.Ordinal)))).ToArray();
                if (names.Length == 0 || changed.Count - names.Length < 1)
                    continue;
                foreach (var key in names)
                    changed.Remove(key);
                yield return Of(required.Min > 0 ? "required element dropped" : "required slice dropped", $"{type}.{required.Name}", changed);
            }

            foreach (var child in schema.Root.Children)
            {
                if (child.Max == 1 && child.IsList && Fresh() is var several && several[child.Name] is JsonArray { Count: 1 } only)
                {
                    only.Add(only[0]!.DeepClone());
                    yield return Of("more than the most", $"{type}.{child.Name}", several);
                }

                if (child.Pattern.Exists && Fresh() is var patterned && patterned[child.Name] is { } value && Break(value))
                    yield return Of("pattern or fixed value", $"{type}.{child.Name}", patterned);
                if (child.Slicing is { } slicing && slicing.Slices.Exists(s => s.Min > 0) && Fresh() is var sliced && sliced[child.Name] is JsonArray items)
                {
                    items.Clear();
                    sliced.Remove(child.Name);
                    yield return Of("required slice dropped", $"{type}.{child.Name}", sliced);
                }

                if (child.Types is [{ Code: "Reference", TargetProfiles.Length: > 0 }] && Fresh() is var referring
                    && (referring[child.Name] is JsonArray { Count: > 0 } list ? list[0] : referring[child.Name]) is JsonObject { } reference && reference["reference"] is JsonValue address && !address.GetValue<string>().StartsWith('#'))
                {
                    if (reference.ContainsKey("type"))
                        continue;
                    reference["reference"] = "ResearchSubject/1";
                    if (child.Types[0].TargetProfiles.All(p => schemas.TypeOf(p) is not ("Resource" or null)))
                        yield return Of("reference to a wrong type", $"{type}.{child.Name}", referring);
                }
            }
        }

        foreach (var (node, path) in Nodes(root))
        {
            if (node.Kind == NodeKind.Text && node.Type.Primitive is PrimitiveKind.Date or PrimitiveKind.DateTime or PrimitiveKind.Instant)
                yield return new("bad date", name, path, Replace(json, node.Start, node.End, "2023-13-45"));
            if (node.Kind == NodeKind.Text && node.Type.Primitive is PrimitiveKind.String)
                yield return new("number for a text", name, path, Replace(json, node.Start - 1, node.End + 1, "17"));
            if (node.Kind is NodeKind.True or NodeKind.False)
                yield return new("text for a boolean", name, path, Replace(json, node.Start, node.End, "\"yes\""));
            if (node.Kind == NodeKind.Text && path == $"{type}.status")
                yield return new("code outside its value set", name, path, Replace(json, node.Start, node.End, "nonsense"));
            if (node is { Kind: NodeKind.Object, Type.Name: "Period" } && node.Child("start").Exists && node.Child("end").Exists)
                yield return new("period in reverse", name, path, Replace(json, node.Child("start").Start, node.Child("start").End, "2999-01-01"));
            if (node is { Kind: NodeKind.Object, Type.Name: "Quantity" } && node.Child("code").Exists && node.Child("system") is { Exists: true } system)
                yield return new("unit code without system", name, path, Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(Replace(json, system.Start, system.End, "REMOVE")).Replace("\"system\":\"REMOVE\",", "", StringComparison.Ordinal)) is var without && without.Length < json.Length - 10 ? without : Replace(json, node.Start, node.End, "{\"value\":1,\"code\":\"mg\"}"));
            if (node is { Kind: NodeKind.Object, Type.Name: "Extension" } && node.Child("extension").Exists)
                yield return new("extension with both", name, path, Replace(json, node.End - 1, node.End, ",\"valueString\":\"x\"}"));
        }
    }

    private static IEnumerable<(FhirNode Node, string Path)> Nodes(FhirNode root)
    {
        for (var i = 1; i < root.Tree.Count; i++)
            if (new FhirNode(root.Tree, i) is { HasValue: true } node && FhirNames.Name(node.NameId) is not ("div" or "profile") && NodePath.Of(root, i) is var path
                && !path.Contains(".text.", StringComparison.Ordinal) && !path.Contains(".contained", StringComparison.Ordinal) && !path.Contains(".resource", StringComparison.Ordinal))
                yield return (node, path);
    }

    /// <summary>Another code in the first coding, or another text.</summary>
    private static bool Break(JsonNode value)
    {
        switch (value)
        {
            case JsonArray { Count: > 0 } list:
                return Break(list[0]!);
            case JsonObject concept when concept["coding"] is JsonArray { Count: > 0 } codings:
                foreach (var coding in codings)
                    coding!["code"] = "nonsense";
                return true;
            case JsonObject coded when coded.ContainsKey("code"):
                coded["code"] = "nonsense";
                return true;
            default:
                return false;
        }
    }

    private static byte[] Replace(byte[] json, int start, int end, string with) => [.. json.AsSpan(0, start), .. Encoding.UTF8.GetBytes(with), .. json.AsSpan(end)];
}
