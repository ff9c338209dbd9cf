using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using FhirEmr.Conformance.Tests.Hosting;

namespace FhirEmr.Conformance.Tests.Model;

/// <summary>Carries out steps against the real program and compares each answer with the model's.</summary>
/// <param name="mark">Of the ids and tags of this run.</param>
internal sealed class ModelRun(string mark, Func<Task<ServerProcess>> start) : IAsyncDisposable
{
    private readonly RecordModel model = new();
    private readonly List<string> log = [];
    private ServerProcess? server;

    public async Task RunAsync(IEnumerable<ModelStep> steps)
    {
        server = await start();
        foreach (var step in steps)
            await TakeAsync(step);
        await EverythingAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (server is not null)
            await server.DisposeAsync();
    }

    private async Task TakeAsync(ModelStep step)
    {
        log.Add($"-- {step}");
        switch (step)
        {
            case ModelStep.Put put:
                await PutAsync(Id(put.Patient), put.Name, null);
                break;
            case ModelStep.PutSame same: // what is there already: no new version
                await PutAsync(Id(same.Patient), model.NameOf(Id(same.Patient)) ?? same.Name, null);
                break;
            case ModelStep.PutIf put:
                await PutAsync(Id(put.Patient), put.Name, model.VersionOf(Id(put.Patient)) + put.Beyond);
                break;
            case ModelStep.Delete delete:
                await DeleteAsync(Id(delete.Patient));
                break;
            case ModelStep.PutIfNone put:
                await PutIfNoneAsync(Id(put.Patient), put.Name);
                break;
            case ModelStep.Transaction transaction:
                await TransactionAsync(transaction);
                break;
            case ModelStep.Patch patch:
                await PatchAsync(Id(patch.Patient), patch.Name);
                break;
            case ModelStep.ReadOld read:
                await ReadOldAsync(Id(read.Patient), read.Share);
                break;
            case ModelStep.Read read:
                await ReadAsync(Id(read.Patient));
                break;
            case ModelStep.Search:
                await SearchAsync();
                break;
            case ModelStep.Kill kill:
                await KillAsync(Id(kill.Patient), kill.Name, kill.Milliseconds);
                break;
            case ModelStep.Everything:
                await EverythingAsync();
                break;
        }
    }

    private string Id(int patient) => string.Create(CultureInfo.InvariantCulture, $"{mark}-{patient}");

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

    private async Task PatchAsync(string id, string name)
    {
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
    private async Task PutIfNoneAsync(string id, string name)
    {
        var reply = await SendAsync(HttpMethod.Put, $"Patient?identifier=urn:model|{id}", Body(id, name));
        var existed = model.NameOf(id) is not null;
        model.Put(id, name);
        Same(existed ? 200 : 201, reply.Status, $"conditional put {id}");
    }

    /// <summary>With one entry that cannot be, nothing of it may happen.</summary>
    private async Task TransactionAsync(ModelStep.Transaction step)
    {
        string[] ids = [Id(step.First), Id(step.Second), Id(step.Deleted)];
        var reply = await SendAsync(HttpMethod.Post, "", $$$"""
            {"resourceType":"Bundle","type":"transaction","entry":[
             {"resource":{{{Body(ids[0], step.FirstName)}}},"request":{"method":"PUT","url":"Patient/{{{ids[0]}}}"}},
             {"resource":{{{Body(ids[1], step.SecondName)}}},"request":{"method":"PUT","url":"Patient/{{{ids[1]}}}"{{{(step.IsBroken ? ",\"ifMatch\":\"W/\\\"999\\\"\"" : "")}}}}},
             {"request":{"method":"DELETE","url":"Patient/{{{ids[2]}}}"}}]}
            """);
        Same(step.IsBroken ? 412 : 200, reply.Status, $"transaction on {string.Join(' ', ids)}");
        if (step.IsBroken)
            return;
        model.Put(ids[0], step.FirstName);
        model.Put(ids[1], step.SecondName);
        model.Delete(ids[2]);
    }

    private async Task ReadOldAsync(string id, double share)
    {
        if (model.VersionOf(id) == 0)
            return;
        var version = 1 + (int)(share * model.VersionOf(id));
        var name = model.HistoryOf(id)[version - 1];
        var old = await GetAsync($"Patient/{id}/_history/{version}");
        Same(name is null ? 410 : 200, old.Status, $"vread {id} {version}");
        if (name is not null)
            Same(name, Family(old.Json!), $"vread {id} {version}");
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
    private async Task KillAsync(string id, string name, int milliseconds)
    {
        var write = SendAsync(HttpMethod.Put, $"Patient/{id}", Body(id, name));
        await Task.Delay(milliseconds);
        await server!.KillAsync();
        var acknowledged = await write.ContinueWith(w => w.IsCompletedSuccessfully && w.Result.Status is 200 or 201, TaskScheduler.Default);
        await server.DisposeAsync();
        server = null; // it may not start again
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
            Assert.Fail($"{what}: expected {expected}, found {actual}.\n{string.Join('\n', log.TakeLast(40))}\n{server!.Output}");
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
