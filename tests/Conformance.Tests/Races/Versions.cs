using System.Globalization;
using FhirEmr.Conformance.Tests.Hosting;

namespace FhirEmr.Conformance.Tests.Races;

/// <summary>What must hold of the versions of any resource, whatever happened to it (reliability R-10).</summary>
internal static class Versions
{
    /// <summary>The version an answer speaks of, by its ETag.</summary>
    public static int Of(Reply reply) => int.Parse(reply.ETag!.Split('"')[1], CultureInfo.InvariantCulture);

    /// <summary>Versions 1 to n without a gap, newest first, each later than the one before; reading gives the last.</summary>
    public static async Task CheckAsync(ServerFixture server, string key, int count)
    {
        var versions = new List<(int Version, DateTimeOffset At)>();
        var deleted = false;
        for (var next = $"{key}/_history?_count=20"; next is not null;)
        {
            var page = await server.GetAsync(next);
            Assert.True(page.Status == 200, page.Body);
            foreach (var entry in page.Entries)
            {
                var response = entry["response"]!;
                if (versions.Count == 0)
                    deleted = entry["request"]!["method"]!.GetValue<string>() == "DELETE";
                versions.Add((int.Parse(response["etag"]!.GetValue<string>().Split('"')[1], CultureInfo.InvariantCulture),
                    DateTimeOffset.Parse(response["lastModified"]!.GetValue<string>(), CultureInfo.InvariantCulture)));
            }

            next = page.Next;
        }

        Assert.Equal(Enumerable.Range(1, count).Reverse(), versions.Select(v => v.Version));
        Assert.All(versions.Zip(versions.Skip(1)), pair => Assert.True(pair.First.At > pair.Second.At, $"{key}: {pair.First} does not come after {pair.Second}."));
        var current = await server.GetAsync(key);
        Assert.Equal(deleted ? 410 : 200, current.Status);
        if (!deleted)
            Assert.Equal(count, Of(current));
    }
}
