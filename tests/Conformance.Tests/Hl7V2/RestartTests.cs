using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using FhirEmr.Conformance.Tests.Hosting;
using FhirEmr.FhirServer.Hosting.Cli;

namespace FhirEmr.Conformance.Tests.Hl7V2;

/// <summary>Results with repeats, out of order, and a server that is killed meanwhile: each once, each answer right (reliability F9).</summary>
[Trait("Requirement", "R-1")]
public sealed class RestartTests
{
    private const int Results = 120;
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

        // The patients come from a file of the command line: a batch, in which one message stands twice and one is no message for us.
        var file = Path.Combine(folder.Path, "adt.hl7");
        await File.WriteAllTextAsync(file, "FHS|^~\\&\r" + string.Concat(Enumerable.Range(0, Patients).Append(3).Select(p => Made.Adt("A04", $"adt{p}", $"mrn{p}", visit: $"v{p}"))) + Made.Msh("ZZZ^Z01", "z") + "FTS|1\r", TestContext.Current.CancellationToken);
        var (code, output) = await ServerProcess.RunAsync("import", "hl7v2", file, "--sender", "LAB", "--Storage:DataFolder", folder.Path);
        Assert.Equal(5, code);
        Assert.Contains($"{Patients + 2} messages from 1 files", output, StringComparison.Ordinal);
        Assert.Contains($"{Patients} applied, 1 were here, 0 parked for a person, 1 refused", output, StringComparison.Ordinal);

        var server = await ServerProcess.ServeAsync(settings);
        try
        {
            using (var stranger = new HttpClient())
            using (var unsigned = await stranger.PostAsync(new Uri(new Uri(server.BaseUrl), "/hl7v2"), new StringContent(Made.Adt("A04", "x", "x"), System.Text.Encoding.UTF8, "application/hl7-v2"), TestContext.Current.CancellationToken))
                Assert.Equal(HttpStatusCode.Unauthorized, unsigned.StatusCode);

            var senders = Task.WhenAll(Enumerable.Range(0, Connections).Select(_ => SendAllAsync(port, queue, answers)));
            while (answers.Count < Results / 2)
                await Task.Delay(5, TestContext.Current.CancellationToken);
            await server.KillAsync();
            await server.DisposeAsync();
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
            await server.DisposeAsync();
        }
    }

    /// <summary>As a sender does: one message at a time, the same one again until it is answered.</summary>
    private static async Task SendAllAsync(IPEndPoint port, ConcurrentQueue<(int N, string Status, int Hour)> queue, ConcurrentDictionary<string, string> answers)
    {
        MllpSender? sender = null;
        while (queue.TryDequeue(out var work))
        {
            var id = string.Create(CultureInfo.InvariantCulture, $"{work.N}-{work.Status}");
            var message = Made.Oru(id, $"mrn{work.N % Patients}", $"f{work.N}", work.Status == "C" ? (1000 + work.N).ToString(CultureInfo.InvariantCulture) : work.N.ToString(CultureInfo.InvariantCulture), work.Status,
                string.Create(CultureInfo.InvariantCulture, $"202603011{work.Hour}0000"));
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
