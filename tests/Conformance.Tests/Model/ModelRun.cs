using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using FhirEmr.Conformance.Tests.Hosting;

namespace FhirEmr.Conformance.Tests.Model;

/// <summary>One random sequence of requests, the same for the same seed, each answer compared with the model's.</summary>
internal sealed class ModelRun(int seed, Func<Task<ServerProcess>> start) : IAsyncDisposable
{
    private const int Patients = 6;

    private readonly Random random = new(seed);
    private readonly RecordModel model = new();
    private readonly List<string> log = [];
    private readonly string mark = string.Create(CultureInfo.InvariantCulture, $"m{seed}");
    private ServerProcess? server;
    private bool patches;
    private int names;

    public async Task RunAsync(int commands, int restarts)
    {
        server = await start();
        patches = (await GetAsync("metadata")).Json!["rest"]![0]!["resource"]!.AsArray().First(r => r!["type"]!.GetValue<string>() == "Patient")!["interaction"]!.AsArray().Any(i => i!["code"]!.GetValue<string>() == "patch");
        for (var round = 0; round <= restarts; round++)
        {
            for (var i = 0; i < commands; i++)
                await OneAsync();
            if (round < restarts)
                await CrashAsync();
            await EverythingAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (server is not null)
            await server.DisposeAsync();
    }

    private async Task OneAsync()
    {
        var id = $"{mark}-{random.Next(Patients)}";
        switch (random.Next(12))
        {
            case 0 or 1:
                await PutAsync(id, Name(), null);
                break;
            case 2: // what is there already: no new version
                await PutAsync(id, model.NameOf(id) ?? Name(), null);
                break;
            case 3:
                await PutAsync(id, Name(), model.VersionOf(id) + random.Next(2));
                break;
            case 4:
                await DeleteAsync(id);
                break;
            case 5:
                await CreateIfNoneAsync(id);
                break;
            case 6:
                await TransactionAsync();
                break;
            case 7 when patches:
                await PatchAsync(id);
                break;
            case 8 when model.VersionOf(id) > 0:
                var version = random.Next(1, model.VersionOf(id) + 1);
                var name = model.HistoryOf(id)[version - 1];
                var old = await GetAsync($"Patient/{id}/_history/{version}");
                Same(name is null ? 410 : 200, old.Status, $"vread {id} {version}");
                if (name is not null)
                    Same(name, Family(old.Json!), $"vread {id} {version}");
                break;
            case 9:
                await SearchAsync();
                break;
            default:
                await ReadAsync(id);
                break;
        }
    }

    private string Name() => $"N{names++}";

    private string Body(string id, string name) =>
        $$"""{"resourceType":"Patient","id":"{{id}}","meta":{"tag":[{"code":"{{mark}}"}]},"identifier":[{"system":"urn:model","value":"{{id}}"}],"name":[{"family":"{{name}}"}]}""";

    private async Task PutAsync(string id, string name, int? ifMatch)
    {
        var reply = await SendAsync(HttpMethod.Put, $"Patient/{id}", Body(id, name), "application/fhir+json", ifMatch is null ? null : ("If-Match", $"W/\"{ifMatch}\""));
        var before = model.VersionOf(id);
        if (ifMatch is not null && (ifMatch != before || model.NameOf(id) is null))
        {
            Same(412, reply.Status, $"put {id} if {ifMatch}");
            return;
        }

        var existed = model.NameOf(id) is not null;
        model.Put(id, name);
        Same(existed ? 200 : 201, reply.Status, $"put {id}");
        Same(model.VersionOf(id).ToString(CultureInfo.InvariantCulture), reply.Json!["meta"]!["versionId"]!.GetValue<string>(), $"put {id}");
    }

    private async Task PatchAsync(string id)
    {
        var name = Name();
        var reply = await SendAsync(HttpMethod.Patch, $"Patient/{id}", $$"""[{"op":"replace","path":"/name/0/family","value":"{{name}}"}]""", "application/json-patch+json");
        var exists = model.NameOf(id) is not null;
        Same(exists ? 200 : model.VersionOf(id) > 0 ? 410 : 404, reply.Status, $"patch {id}");
        if (exists)
            model.Put(id, name);
    }

    private async Task DeleteAsync(string id)
    {
        var reply = await SendAsync(HttpMethod.Delete, $"Patient/{id}");
        model.Delete(id);
        Same(true, reply.Status is 200 or 204, $"delete {id}: {reply.Status}");
    }

    /// <summary>A conditional update by identifier: finds the patient, or makes it under its id.</summary>
    private async Task CreateIfNoneAsync(string id)
    {
        var name = Name();
        var reply = await SendAsync(HttpMethod.Put, $"Patient?identifier=urn:model|{id}", Body(id, name));
        var existed = model.NameOf(id) is not null;
        model.Put(id, name);
        Same(existed ? 200 : 201, reply.Status, $"conditional put {id}");
    }

    private async Task TransactionAsync()
    {
        var ids = Enumerable.Range(0, Patients).OrderBy(_ => random.Next()).Take(3).Select(i => $"{mark}-{i}").ToArray();
        var (a, b) = (Name(), Name());
        var broken = random.Next(3) == 0; // one entry that cannot be: nothing of it may happen
        var reply = await SendAsync(HttpMethod.Post, "", $$$"""
            {"resourceType":"Bundle","type":"transaction","entry":[
             {"resource":{{{Body(ids[0], a)}}},"request":{"method":"PUT","url":"Patient/{{{ids[0]}}}"}},
             {"resource":{{{Body(ids[1], b)}}},"request":{"method":"PUT","url":"Patient/{{{ids[1]}}}"{{{(broken ? ",\"ifMatch\":\"W/\\\"999\\\"\"" : "")}}}}},
             {"request":{"method":"DELETE","url":"Patient/{{{ids[2]}}}"}}]}
            """);
        Same(broken ? 412 : 200, reply.Status, $"transaction on {string.Join(' ', ids)}");
        if (broken)
            return;
        model.Put(ids[0], a);
        model.Put(ids[1], b);
        model.Delete(ids[2]);
    }

    private async Task ReadAsync(string id)
    {
        var reply = await GetAsync($"Patient/{id}");
        Same(model.NameOf(id) is not null ? 200 : model.VersionOf(id) > 0 ? 410 : 404, reply.Status, $"read {id}");
        if (model.NameOf(id) is { } name)
        {
            Same(name, Family(reply.Json!), $"read {id}");
            Same(model.VersionOf(id).ToString(CultureInfo.InvariantCulture), reply.Json!["meta"]!["versionId"]!.GetValue<string>(), $"read {id}");
        }
    }

    private async Task SearchAsync()
    {
        var found = await GetAsync($"Patient?_tag={mark}&_total=accurate");
        Same(string.Join(' ', model.Living.Select(i => $"{i}={model.NameOf(i)}").Order(StringComparer.Ordinal)),
            string.Join(' ', (found.Json!["entry"]?.AsArray() ?? []).Select(e => $"{e!["resource"]!["id"]}={Family(e["resource"]!)}").Order(StringComparer.Ordinal)), "search");
        Same(model.Living.Count(), found.Json["total"]!.GetValue<int>(), "total");
        if (model.Living.FirstOrDefault() is { } one)
            Same(one, (await GetAsync($"Patient?family:exact={model.NameOf(one)}&_tag={mark}")).Json!["entry"]?[0]?["resource"]!["id"]!.GetValue<string>(), "search by name");
    }

    /// <summary>Kills the server while a write is on its way; it happened wholly or not at all, and all before it is there.</summary>
    private async Task CrashAsync()
    {
        var (id, name) = ($"{mark}-{random.Next(Patients)}", Name());
        log.Add($"kill -9 during put {id} {name}");
        var write = SendAsync(HttpMethod.Put, $"Patient/{id}", Body(id, name));
        await Task.Delay(random.Next(0, 15));
        await server!.KillAsync();
        var acknowledged = await write.ContinueWith(w => w.IsCompletedSuccessfully && w.Result.Status is 200 or 201, TaskScheduler.Default);
        await server.DisposeAsync();
        server = await start();

        var reply = await GetAsync($"Patient/{id}");
        if (acknowledged || (reply.Status == 200 && Family(reply.Json!) == name))
            model.Put(id, name);
    }

    /// <summary>Every patient and every version of each.</summary>
    private async Task EverythingAsync()
    {
        foreach (var id in model.Ids)
        {
            await ReadAsync(id);
            var history = (await GetAsync($"Patient/{id}/_history?_count=500")).Json!["entry"]!.AsArray();
            Same(string.Join(' ', model.HistoryOf(id).Select((n, i) => $"{i + 1}:{n}").Reverse()),
                string.Join(' ', history.Select(e => $"{e!["response"]!["etag"]!.GetValue<string>().Split('"')[1]}:{(e["resource"] is { } r ? Family(r) : "")}")), $"history {id}");
        }

        await SearchAsync();
    }

    private static string Family(JsonNode patient) => patient["name"]![0]!["family"]!.GetValue<string>();

    private void Same<T>(T expected, T actual, string what)
    {
        if (!Equals(expected, actual))
            Assert.Fail($"Seed {seed}, {what}: expected {expected}, found {actual}.\n{string.Join('\n', log.TakeLast(40))}\n{server!.Output}");
    }

    private Task<(int Status, JsonNode? Json)> GetAsync(string path) => SendAsync(HttpMethod.Get, path);

    private async Task<(int Status, JsonNode? Json)> SendAsync(HttpMethod method, string path, string? body = null, string type = "application/fhir+json", (string Name, string Value)? header = null)
    {
        log.Add($"{method} {path} {header} {body}");
        using var request = new HttpRequestMessage(method, $"{server!.BaseUrl}/{path}");
        if (header is var (name, value))
            request.Headers.TryAddWithoutValidation(name, value);
        if (body is not null)
            request.Content = new StringContent(body, Encoding.UTF8) { Headers = { ContentType = new(type) } };
        using var response = await server.Http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        log.Add($"  {(int)response.StatusCode}");
        return ((int)response.StatusCode, response.StatusCode == HttpStatusCode.NoContent || text.Length == 0 ? null : JsonNode.Parse(text));
    }
}
