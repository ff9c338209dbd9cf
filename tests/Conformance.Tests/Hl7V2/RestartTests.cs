using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using FhirEmr.Conformance.Tests.Hosting;
using FhirEmr.FhirServer.Hosting.Cli;

namespace FhirEmr.Conformance.Tests.Hl7V2;

/// <summary>Results with repeats, out of order, and a server that is killed meanwhile: each once, each answer right (reliability F9).</summary>
[Trait("Requirement", "R-1")]
public sealed class RestartTests
{
    private const int Results = 400;
    private const int Patients = 20;
    private const int Connections = 4;

    [Fact]
    public async Task Results_are_there_once_after_repeats_reordering_and_a_kill()
    {
        using var folder = new Scratch();
        string[] settings =
        [
            "--Storage:DataFolder", folder.Path, "--Hl7V2:Listeners:0:Sender", "LAB", "--Hl7V2:Listeners:0:Client", DemoToken.ClientId,
            "--Hl7V2:Listeners:0:Port", FreePort().ToString(CultureInfo.InvariantCulture),
        ];
        var port = new IPEndPoint(IPAddress.Loopback, int.Parse(settings[^1], CultureInfo.InvariantCulture));
        var answers = new ConcurrentDictionary<string, string>();
        var random = new Random(7);

        // Each result in two versions, each message up to twice, in an order of its own; a correction may come before what it corrects.
        var work = Enumerable.Range(0, Results).SelectMany(n => new[] { (n, "F", 1), (n, "C", 2) }).SelectMany(w => Enumerable.Repeat(w, random.Next(3) == 0 ? 2 : 1)).ToArray();
        random.Shuffle(work);
        var queue = new ConcurrentQueue<(int N, string Status, int Hour)>(work);

        ServerProcess? server = await ServerProcess.ServeAsync(settings);
        try
        {
            using (var stranger = new HttpClient())
            using (var unsigned = await stranger.PostAsync(new Uri(new Uri(server.BaseUrl), "/hl7v2"), new StringContent(Made.Adt("A04", "x", "x"), System.Text.Encoding.UTF8, "application/hl7-v2"), TestContext.Current.CancellationToken))
                Assert.Equal(HttpStatusCode.Unauthorized, unsigned.StatusCode);

            await using (var sender = await MllpSender.ConnectAsync(port))
                for (var p = 0; p < Patients; p++)
                    Assert.Equal("AA", Hl7V2Server.Field(await sender.SendAsync(Made.Adt("A04", $"adt{p}", $"mrn{p}", visit: $"v{p}")), "MSA", 1));

            var senders = Task.WhenAll(Enumerable.Range(0, Connections).Select(_ => SendAllAsync(port, queue, answers)));
            while (answers.Count < Results && !senders.IsCompleted)
                await Task.Delay(5, TestContext.Current.CancellationToken);
            await server.KillAsync();
            await server.DisposeAsync();
            server = null;
            await ImportAsync(folder.Path);
            server = await ServerProcess.ServeAsync(settings);
            await senders;

            Assert.Equal(2 * Results, answers.Count);
            Assert.Equal(Results, await server.CountAsync("DiagnosticReport"));
            Assert.Equal(2 * Results, await server.CountAsync("Observation"));
            Assert.Equal((2 * Results) + Patients, await server.CountAsync("Basic?code=urn:fhiremr:hl7v2-state|applied"));
            Assert.Equal(Results, await server.CountAsync("Observation?status=corrected&value-quantity=gt999"));
        }
        finally
        {
            if (server is not null)
                await server.DisposeAsync();
        }
    }

    /// <summary>While the server is down some of the same results come from a file, a batch: those that are here already, and those that are not, are there once.</summary>
    private static async Task ImportAsync(string folder)
    {
        var file = Path.Combine(folder, "results.hl7");
        await File.WriteAllTextAsync(file, "FHS|^~\\&\r" + string.Concat(Enumerable.Range(0, 20).Append(3).Select(n => Result(n, "F", 1).Message)) + Made.Msh("ZZZ^Z01", "z") + "FTS|1\r", TestContext.Current.CancellationToken);
        var (code, output) = await ServerProcess.RunAsync("import", "hl7v2", file, "--sender", "LAB", "--Storage:DataFolder", folder);
        Assert.Equal(5, code);
        var counts = Regex.Match(output, @"22 messages from 1 files in [\d.,]+ s: (?<applied>\d+) applied, (?<known>\d+) were here, 0 parked for a person, 1 refused");
        Assert.True(counts.Success, output);
        Assert.Equal(21, int.Parse(counts.Groups["applied"].Value, CultureInfo.InvariantCulture) + int.Parse(counts.Groups["known"].Value, CultureInfo.InvariantCulture));
    }

    private static (string Id, string Message) Result(int n, string status, int hour)
    {
        var id = string.Create(CultureInfo.InvariantCulture, $"{n}-{status}");
        return (id, Made.Oru(id, string.Create(CultureInfo.InvariantCulture, $"mrn{n % Patients}"), string.Create(CultureInfo.InvariantCulture, $"f{n}"), ((status == "C" ? 1000 : 0) + n).ToString(CultureInfo.InvariantCulture), status,
            string.Create(CultureInfo.InvariantCulture, $"202603011{hour}0000")));
    }

    /// <summary>As a sender does: one message at a time, the same one again until it is answered.</summary>
    private static async Task SendAllAsync(IPEndPoint port, ConcurrentQueue<(int N, string Status, int Hour)> queue, ConcurrentDictionary<string, string> answers)
    {
        MllpSender? sender = null;
        while (queue.TryDequeue(out var work))
        {
            var (id, message) = Result(work.N, work.Status, work.Hour);
            string? ack = null;
            while (ack is null)
            {
                try
                {
                    sender ??= await MllpSender.ConnectAsync(port);
                    ack = await sender.SendAsync(message);
                }
                catch (Exception e) when (e is IOException or System.Net.Sockets.SocketException)
                {
                    if (sender is not null)
                        await sender.DisposeAsync();
                    sender = null;
                    await Task.Delay(20, TestContext.Current.CancellationToken); // the server is being started again
                }
            }

            Assert.Equal(("AA", id), (Hl7V2Server.Field(ack, "MSA", 1), Hl7V2Server.Field(ack, "MSA", 2)));
            var known = answers.GetOrAdd(id, ack);
            Assert.Equal(known, ack); // whoever asks again gets the first answer
        }

        if (sender is not null)
            await sender.DisposeAsync();
    }

    private static int FreePort()
    {
        using var listener = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private sealed class Scratch : IDisposable
    {
        public string Path { get; } = Directory.CreateTempSubdirectory("fhir-emr-test-").FullName;

        public void Dispose() => Directory.Delete(Path, recursive: true);
    }
}
