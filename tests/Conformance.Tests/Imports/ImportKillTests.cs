using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using FhirEmr.Conformance.Tests.Hosting;

namespace FhirEmr.Conformance.Tests.Imports;

/// <summary>kill -9 in the middle of an import: it goes on where it was, and each row is there once. Then the same at the command line, and back.</summary>
[Trait("Requirement", "R-32")]
public sealed class ImportKillTests : IDisposable
{
    private const int Rows = 400;

    private readonly string folder = Directory.CreateTempSubdirectory("fhir-emr-import-kill-").FullName;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_row_is_stored_once_whenever_the_server_was_killed_and_the_command_takes_all_back()
    {
        var table = new StringBuilder("MRN,Last Name,First Name,DOB,Remark\n");
        for (var i = 0; i < Rows; i++)
            table.Append(CultureInfo.InvariantCulture, $"K{i},{Word(i)},{Word(-i - 1)},{new DateOnly(1940, 1, 1).AddDays(i * 17):M/d/yyyy},{new string('-', 180)}\n"); // beyond 64 KiB a Binary's content stands elsewhere
        var file = Path.Combine(folder, "patients.csv");
        await File.WriteAllTextAsync(file, table.ToString(), Ct);
        var settings = new[] { "--Storage:DataFolder", Path.Combine(folder, "store") };
        var patience = Stopwatch.StartNew();
        string task;
        await using (var server = await ServerProcess.ServeAsync(settings))
        {
            var staged = await PostAsync(server, "$import-table", new JsonObject
            {
                ["resourceType"] = "Parameters",
                ["parameter"] = new JsonArray(new JsonObject { ["name"] = "kind", ["valueCode"] = "patients" }, new JsonObject { ["name"] = "content", ["valueBase64Binary"] = Convert.ToBase64String(Encoding.UTF8.GetBytes(table.ToString())) }),
            }.ToJsonString());
            task = staged["parameter"]!.AsArray().Single(p => p!["name"]!.GetValue<string>() == "import")!["valueReference"]!["reference"]!.GetValue<string>();
            using var begin = new HttpRequestMessage(HttpMethod.Post, $"{server.BaseUrl}/{task}/$import-commit") { Headers = { { "Prefer", "respond-async" } } };
            using var accepted = await server.Http.SendAsync(begin, Ct);
            Assert.Equal(202, (int)accepted.StatusCode);
            while (await AtAsync(server, task) == 0 && patience.Elapsed < TimeSpan.FromMinutes(1))
                await Task.Delay(5, Ct);
            await server.KillAsync();
        }

        await using (var again = await ServerProcess.ServeAsync(settings))
        {
            var left = Rows - await AtAsync(again, task);
            Assert.InRange(left, 1, Rows - 1);

            // On a busy machine the time of a request may be over first: what is committed by then is, and the next goes on.
            while (await AtAsync(again, task) < Rows && patience.Elapsed < TimeSpan.FromMinutes(3))
                using (await again.Http.PostAsync($"{again.BaseUrl}/{task}/$import-commit", null, Ct))
                {
                }

            Assert.Equal(Rows, Number(await PostAsync(again, $"{task}/$import-commit", ""), "stored"));
            Assert.Equal(Rows, await again.CountAsync("Patient"));
            Assert.Equal(Rows, await again.CountAsync("Patient?identifier=urn:fhiremr:imported-patient|"));
            await again.KillAsync();
        }

        var (dry, preview) = await ServerProcess.RunAsync("import", "csv", file, "--kind", "patients", "--dry-run", "--Storage:DataFolder", settings[1]);
        Assert.True(dry == 0, preview);
        Assert.Contains($"rows     {Rows} = 0 stored + 0 updated + {Rows} skipped (0 for review) + 0 rejected", preview, StringComparison.Ordinal);
        var (code, undone) = await ServerProcess.RunAsync("import", "csv", task["Task/".Length..], "--undo", "--Storage:DataFolder", settings[1]);
        Assert.True(code == 0, undone);
        Assert.Contains($"removed {Rows}, restored 0, taken back 0, kept 0", undone, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    /// <summary>A name like no other: names that are alike wait for a person.</summary>
    private static string Word(int seed) => string.Concat(SHA256.HashData(BitConverter.GetBytes(seed)).Take(9).Select(b => (char)('a' + (b % 26))));

    private static async Task<int> AtAsync(ServerProcess server, string task) =>
        JsonNode.Parse(await server.Http.GetStringAsync($"{server.BaseUrl}/{task}", Ct))!["output"]!.AsArray()
            .Single(o => o!["type"]!["coding"]![0]!["code"]!.GetValue<string>() == "at")!["valueInteger"]!.GetValue<int>();

    private static async Task<JsonNode> PostAsync(ServerProcess server, string path, string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/fhir+json");
        using var response = await server.Http.PostAsync($"{server.BaseUrl}/{path}", content, Ct);
        var text = await response.Content.ReadAsStringAsync(Ct);
        Assert.True(response.IsSuccessStatusCode, text);
        return JsonNode.Parse(text)!;
    }

    private static int Number(JsonNode report, string name) => report["parameter"]!.AsArray().Single(p => p!["name"]!.GetValue<string>() == name)!["valueInteger"]!.GetValue<int>();
}
