using System.Text;
using System.Text.Json.Nodes;

namespace FhirEmr.FhirServer.Tests.Fuzz;

/// <summary>Well-formed JSON with its pieces in the wrong places: properties moved, dropped, doubled and renamed, values of other properties.</summary>
internal static class JsonShuffle
{
    public static IEnumerable<byte[]> Variants(int seed, IReadOnlyList<string> documents, int count)
    {
        var random = new Random(seed);
        var names = documents.SelectMany(d => Objects(JsonNode.Parse(d)!)).SelectMany(o => o.Select(p => p.Key)).Distinct().ToArray();
        for (var i = 0; i < count; i++)
        {
            var document = JsonNode.Parse(documents[random.Next(documents.Count)])!;
            for (var times = random.Next(1, 4); times > 0; times--)
            {
                var objects = Objects(document).Where(o => o.Count > 0).ToArray();
                if (objects.Length == 0)
                    break;
                var target = objects[random.Next(objects.Length)];
                var (name, value) = target.ElementAt(random.Next(target.Count));
                var other = Objects(JsonNode.Parse(documents[random.Next(documents.Count)])!).SelectMany(o => o).ToArray() is var all ? all[random.Next(all.Length)].Value?.DeepClone() : null;
                switch (random.Next(6))
                {
                    case 0:
                        target.Remove(name);
                        break;
                    case 1:
                        target[name] = other;
                        break;
                    case 2:
                        target[names[random.Next(names.Length)]] = other;
                        break;
                    case 3 when value is JsonArray list && list.Count > 0:
                        list.Add(list[random.Next(list.Count)]?.DeepClone());
                        break;
                    case 4:
                        target["extension"] = new JsonArray(new JsonObject { ["url"] = "urn:x", ["valueString"] = "ü\n\u0001"[..random.Next(1, 4)] });
                        break;
                    default:
                        target["_" + name] = new JsonObject { ["id"] = "i" };
                        break;
                }
            }

            yield return Encoding.UTF8.GetBytes(document.ToJsonString());
        }
    }

    private static IEnumerable<JsonObject> Objects(JsonNode node) => node switch
    {
        JsonObject o => o.Select(p => p.Value).OfType<JsonNode>().SelectMany(Objects).Prepend(o),
        JsonArray a => a.OfType<JsonNode>().SelectMany(Objects),
        _ => [],
    };
}
