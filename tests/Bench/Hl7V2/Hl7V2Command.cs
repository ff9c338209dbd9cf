using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using FhirEmr.Bench.Load;
using FhirEmr.Bench.Report;
using FhirEmr.Bench.Spawn;

namespace FhirEmr.Bench.Hl7V2;

/// <summary><c>bench hl7v2</c>: laboratories on N connections send results over MLLP, each waiting for its answer before the next: what is acknowledged is durable.</summary>
internal static class Hl7V2Command
{
    private const int Patients = 500;

    public static async Task<int> RunAsync(BenchOptions options, CancellationToken ct)
    {
        var program = options.Required("server");
        if (!File.Exists(program))
            throw new BenchException($"--server {program}: no such file.");
        var connections = options.Number("connections", 32);
        var seconds = options.Number("seconds", 10);
        var warmUp = options.Number("warm-up", 5);
        var values = options.Number("values", 3);
        var rounds = options.Number("rounds", 3);
        var output = options.Find("out");
        var settings = RunSettings.Read(options, new Uri("http://127.0.0.1/fhir"));
        options.RefuseUnknown();

        var machine = Machine.Measure(Path.GetTempPath());
        var port = FreePort.Next();
        await using var stage = await Stage.SetAsync(program, settings.Engine,
        [
            $"--Hl7V2:Listeners:0:Port={port}", "--Hl7V2:Listeners:0:Sender=LAB", "--Hl7V2:Listeners:0:Client=demo-administrator", "--Hl7V2:Listeners:0:MaxConnections=1000", .. options.Rest,
        ], ct);
        var run = new Run(new IPEndPoint(IPAddress.Loopback, port), values);
        await run.AdmitAsync(ct);
        await run.SendAsync(connections, TimeSpan.FromSeconds(warmUp), ct);

        var table = new Markdown().Table("round", "connections", "messages", "messages/s", "resources/s", "server CPU ms/message", "p50 ms", "p95 ms", "not AA");
        for (var round = 1; round <= rounds; round++)
        {
            var before = ProcessUsage.CpuSeconds(stage.Server.Pid);
            var start = Stopwatch.GetTimestamp();
            var (took, wrong) = await run.SendAsync(connections, TimeSpan.FromSeconds(seconds), ct);
            var elapsed = Stopwatch.GetElapsedTime(start).TotalSeconds;
            var cpu = (ProcessUsage.CpuSeconds(stage.Server.Pid) - before) * 1000 / Math.Max(1, took.Count);
            took.Sort();
            table.Row(Markdown.Number(round), Markdown.Number(connections), Markdown.Number(took.Count), Markdown.Number(took.Count / elapsed), Markdown.Number(took.Count * (values + 3) / elapsed), Markdown.Number(cpu, "0.00"),
                Markdown.Number(took[took.Count / 2].TotalMilliseconds, "0.0"), Markdown.Number(took[took.Count * 95 / 100].TotalMilliseconds, "0.0"), Markdown.Number(wrong));
        }

        var text = $"{MachineTable.Markdown(machine)}ORU^R01 with {values} values over MLLP, {Patients} patients. Each message stores {values + 3} resources: DiagnosticReport, {values} Observations, the original, a Provenance. Engine: {settings.Engine}.{Environment.NewLine}{Environment.NewLine}{table.End()}";
        Console.Out.WriteLine(text);
        if (output is not null)
            await File.WriteAllTextAsync(output, text, ct);
        return 0;
    }

    private sealed class Run(IPEndPoint port, int values)
    {
        private int next;

        public async Task AdmitAsync(CancellationToken ct)
        {
            using var client = await ConnectAsync(ct);
            for (var p = 0; p < Patients; p++)
                if (await ExchangeAsync(client, Admission(p), ct) != "AA")
                    throw new BenchException($"The admission of patient {p} was not accepted.");
        }

        public async Task<(List<TimeSpan> Took, int Wrong)> SendAsync(int connections, TimeSpan time, CancellationToken ct)
        {
            var (took, wrong, start) = (new ConcurrentBag<TimeSpan>(), 0, Stopwatch.GetTimestamp());
            await Task.WhenAll(Enumerable.Range(0, connections).Select(_ => Task.Run(async () =>
            {
                using var client = await ConnectAsync(ct);
                while (Stopwatch.GetElapsedTime(start) < time)
                {
                    var message = Result(Interlocked.Increment(ref next));
                    var sent = Stopwatch.GetTimestamp();
                    if (await ExchangeAsync(client, message, ct) != "AA")
                        Interlocked.Increment(ref wrong);
                    took.Add(Stopwatch.GetElapsedTime(sent));
                }
            }, ct)));
            return ([.. took], wrong);
        }

        private async Task<TcpClient> ConnectAsync(CancellationToken ct)
        {
            var client = new TcpClient { NoDelay = true };
            await client.ConnectAsync(port, ct);
            return client;
        }

        /// <summary>MSA-1 of the answer.</summary>
        private static async Task<string> ExchangeAsync(TcpClient client, string message, CancellationToken ct)
        {
            var stream = client.GetStream();
            await stream.WriteAsync(Encoding.UTF8.GetBytes($"\v{message}\u001c\r"), ct);
            var buffer = new byte[4096];
            var length = 0;
            while (length < 2 || buffer[length - 1] != 0x0D || buffer[length - 2] != 0x1C)
            {
                var read = await stream.ReadAsync(buffer.AsMemory(length), ct);
                if (read == 0)
                    throw new BenchException("The server closed the connection.");
                length += read;
            }

            var text = Encoding.UTF8.GetString(buffer, 0, length);
            var msa = text.IndexOf("\rMSA|", StringComparison.Ordinal);
            return text.Substring(msa + 5, 2);
        }

        private static string Pid(int p)
        {
            var random = new Random(p);
            string Word() => (char)('A' + random.Next(26)) + string.Concat(Enumerable.Range(0, 8).Select(_ => (char)('a' + random.Next(26))));
            return string.Create(CultureInfo.InvariantCulture, $"PID|1||{100_000 + p}^^^HOSP^MR||{Word()}^{Word()}||{new DateOnly(1930, 1, 1).AddDays(random.Next(30_000)):yyyyMMdd}|F|||{random.Next(900)} {Word()} St^^Springfield^IL^62701\r");
        }

        private static string Admission(int p) => string.Create(CultureInfo.InvariantCulture, $@"MSH|^~\&|LABSYS|LAB|EMR|CLINIC|20260301120000||ADT^A04|a{p}|P|2.5.1") + "\rEVN|A04|20260301120000\r" + Pid(p);

        private string Result(int n)
        {
            var text = new StringBuilder();
            text.Append(CultureInfo.InvariantCulture, $@"MSH|^~\&|LABSYS|LAB|EMR|CLINIC|20260301120000||ORU^R01^ORU_R01|m{n}|P|2.5.1").Append('\r').Append(Pid(n % Patients));
            text.Append(CultureInfo.InvariantCulture, $"ORC|RE||f{n}\rOBR|1||f{n}|24323-8^Comprehensive metabolic panel^LN|||20260301080000|||||||||||||||20260301113000||LAB|F\r");
            for (var v = 0; v < values; v++)
                text.Append(CultureInfo.InvariantCulture, $"OBX|{v + 1}|NM|{2345 + v}-7^Value {v}^LN||{90 + (n % 40)}|mg/dL|70-105|N|||F|||20260301080000\r");
            return text.ToString();
        }
    }
}
