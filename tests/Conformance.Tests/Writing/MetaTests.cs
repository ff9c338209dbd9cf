using FhirEmr.Conformance.Tests.Hosting;

namespace FhirEmr.Conformance.Tests.Writing;

/// <summary><c>$meta</c>, <c>$meta-add</c>, <c>$meta-delete</c> over HTTP.</summary>
public abstract class MetaTests(ServerFixture fixture) : OnServer(fixture)
{
    private const string Tag = """{"resourceType":"Parameters","parameter":[{"name":"meta","valueMeta":{"profile":["http://x/profile"],"security":[{"system":"urn:sec","code":"R"}],"tag":[{"system":"urn:tag","code":"a","display":"A"}]}}]}""";

    [Fact]
    public async Task Labels_come_and_go_with_a_version_each_and_the_index_follows()
    {
        await Server.PutAsync("Patient/m1", """{"resourceType":"Patient","id":"m1","meta":{"tag":[{"system":"urn:tag","code":"kept"}]},"multipleBirthInteger":1}""");

        var added = await Server.PostAsync("Patient/m1/$meta-add", Tag);
        Assert.Equal((200, "W/\"2\""), (added.Status, added.ETag));
        var meta = added.Json["parameter"]![0]!["valueMeta"]!;
        Assert.Equal("2", meta["versionId"]!.GetValue<string>());
        Assert.Equal(["kept", "a"], meta["tag"]!.AsArray().Select(t => t!["code"]!.GetValue<string>()));
        foreach (var search in new[] { "_tag=urn:tag|a", "_security=urn:sec|R", "_profile=http://x/profile" })
            Assert.Equal(["m1"], (await Server.GetAsync($"Patient?{search}&_id=m1")).Ids);

        Assert.Equal("W/\"2\"", (await Server.PostAsync("Patient/m1/$meta-add", Tag)).ETag); // they are sets: nothing changes
        var removed = await Server.PostAsync("Patient/m1/$meta-delete", Tag);
        Assert.Equal("W/\"3\"", removed.ETag);
        Assert.Empty((await Server.GetAsync("Patient?_tag=urn:tag|a&_id=m1")).Ids);
        var read = await Server.GetAsync("Patient/m1");
        Assert.Equal(["kept"], read.Json["meta"]!["tag"]!.AsArray().Select(t => t!["code"]!.GetValue<string>()));
        Assert.DoesNotContain("profile", read.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Meta_of_an_instance_of_a_version_of_a_type_and_of_the_system()
    {
        await Server.PutAsync("Device/m2", """{"resourceType":"Device","id":"m2","meta":{"profile":["http://x/device"],"tag":[{"system":"urn:only","code":"device"}]}}""");
        await Server.PutAsync("Device/m2", """{"resourceType":"Device","id":"m2","meta":{"security":[{"code":"nosystem"}]}}""");

        Assert.Contains("nosystem", (await Server.GetAsync("Device/m2/$meta")).Body, StringComparison.Ordinal);
        Assert.Contains("\"code\":\"device\"", (await Server.GetAsync("Device/m2/_history/1/$meta")).Body, StringComparison.Ordinal);
        Assert.Equal(404, (await Server.GetAsync("Device/m2/_history/9/$meta")).Status);
        Assert.Equal(404, (await Server.GetAsync("Device/none/$meta")).Status);

        await Server.PutAsync("Device/m3", """{"resourceType":"Device","id":"m3","meta":{"profile":["http://x/device"],"tag":[{"system":"urn:only","code":"device"}]}}""");
        foreach (var path in new[] { "Device/$meta", "$meta" })
        {
            var reply = await Server.GetAsync(path);
            Assert.Equal(200, reply.Status);
            Assert.Contains("{\"system\":\"urn:only\",\"code\":\"device\"}", reply.Body, StringComparison.Ordinal);
            Assert.Contains("{\"code\":\"nosystem\"}", reply.Body, StringComparison.Ordinal);
            Assert.Contains("http://x/device", reply.Body, StringComparison.Ordinal);
        }

        Assert.DoesNotContain("valueMeta", (await Server.GetAsync("VisionPrescription/$meta")).Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task If_Match_counts_and_past_versions_do_not_change()
    {
        await Server.PutAsync("Patient/m4", """{"resourceType":"Patient","id":"m4"}""");

        Assert.Equal(412, (await Server.PostAsync("Patient/m4/$meta-add", Tag, ("If-Match", "W/\"5\""))).Status);
        var versioned = await Server.PostAsync("Patient/m4/_history/1/$meta-add", Tag);
        Assert.Equal(405, versioned.Status);
        Assert.Contains("current version", versioned.Diagnostics, StringComparison.Ordinal);
        Assert.Equal(405, (await Server.GetAsync("Patient/m4/$meta-add")).Status);
        Assert.Equal(200, (await Server.PostAsync("Patient/m4/$meta-add", Tag, ("If-Match", "W/\"1\""))).Status);
        await Server.DeleteAsync("Patient/m4");
        Assert.Equal(410, (await Server.PostAsync("Patient/m4/$meta-add", Tag)).Status);
    }

    [Theory]
    [InlineData("""{"resourceType":"Parameters"}""", "needs a parameter meta")]
    [InlineData("""{"resourceType":"Patient"}""", "takes a Parameters resource")]
    [InlineData("""{"resourceType":"Parameters","parameter":[{"name":"mta","valueMeta":{"source":"urn:x"}}]}""", "no parameter 'mta'")]
    [InlineData("""{"resourceType":"Parameters","parameter":[{"name":"meta","valueString":"x"}]}""", "as a valueMeta")]
    [InlineData("""{"resourceType":"Parameters","parameter":[{"name":"meta","valueMeta":{"versionId":"7"}}]}""", "names no profile")]
    public async Task What_cannot_be_added_is_refused(string body, string text)
    {
        await Server.PutAsync("Patient/m5", """{"resourceType":"Patient","id":"m5"}""");

        var reply = await Server.PostAsync("Patient/m5/$meta-add", body);

        Assert.Equal(400, reply.Status);
        Assert.Contains(text, reply.Diagnostics, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Repeated_under_a_key_an_addition_gives_its_first_answer()
    {
        await Server.PutAsync("Patient/m6", """{"resourceType":"Patient","id":"m6"}""");

        var first = await Server.PostAsync("Patient/m6/$meta-add", Tag, ("Idempotency-Key", "meta"));
        await Server.PostAsync("Patient/m6/$meta-delete", Tag);
        var second = await Server.PostAsync("Patient/m6/$meta-add", Tag, ("Idempotency-Key", "meta"));

        Assert.Equal((first.Body, first.ETag, "true"), (second.Body, second.ETag, second.Headers["Idempotency-Replayed"]));
        Assert.Equal("W/\"3\"", (await Server.GetAsync("Patient/m6")).ETag);
    }
}

public sealed class SqliteMetaTests(SqliteServer server) : MetaTests(server), IClassFixture<SqliteServer>;

public sealed class PostgresMetaTests(PostgresServer server) : MetaTests(server), IClassFixture<PostgresServer>;
