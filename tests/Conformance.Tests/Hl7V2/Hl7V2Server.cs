using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using FhirEmr.Conformance.Tests.Hosting;
using FhirEmr.FhirServer.Hl7V2.Mllp;
using FhirEmr.FhirServer.Hosting;
using FhirEmr.FhirServer.Hosting.Cli;
using FhirEmr.FhirServer.Tests.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace FhirEmr.Conformance.Tests.Hl7V2;

/// <summary>A server with one MLLP listener, whose messages are stored as the demo's administrator.</summary>
public abstract class Hl7V2Server(PostgresCluster? cluster) : ServerFixture(cluster)
{
    private readonly string tables = Path.GetTempFileName();

    protected override IReadOnlyDictionary<string, string?> Settings
    {
        get
        {
            File.WriteAllLines(tables, ["kind,from,to,display", "code,GLU,http://loinc.org|2345-7,\"Glucose, serum\"", "unit,mgs,mg/dL", "authority,HOSP,http://hospital.example.org/mrn"]);
            return new Dictionary<string, string?>
            {
                ["Hl7V2:Listeners:0:Sender"] = "LAB",
                ["Hl7V2:Listeners:0:Client"] = DemoToken.ClientId,
                ["Hl7V2:Listeners:0:MaxConnections"] = "8",
                ["Hl7V2:Senders:LAB:Tables"] = tables,
                ["Hl7V2:Senders:LAB:Clients:0"] = "somebody",
                ["Hl7V2:Senders:LAB:TimeZone"] = "America/Chicago",
                ["Hl7V2:MaxMessageBytes"] = "200000",
                ["Hl7V2:Listeners:1:Sender"] = "STRANGER",
                ["Hl7V2:Listeners:1:Client"] = "not-registered",
                ["Hl7V2:Destinations:REF:Host"] = "127.0.0.1",
                ["Hl7V2:Destinations:REF:Port"] = ReferenceLab.Port.ToString(CultureInfo.InvariantCulture),
                ["Hl7V2:Destinations:REF:Application"] = "REFLAB",
            };
        }
    }

    /// <summary>A laboratory that takes our orders.</summary>
    internal OrderReceiver ReferenceLab { get; } = new();

    public IPEndPoint MllpOfStranger => Services.GetRequiredService<MllpListeners>().All[1].EndPoint!;

    public IPEndPoint Mllp => Services.GetRequiredService<MllpListeners>().All[0].EndPoint!;

    protected override async Task SeedAsync() => await DemoToken.WriteAsync(Services, CancellationToken.None);

    /// <summary>Sends one message by HTTP.</summary>
    public async Task<(HttpStatusCode Status, string Ack)> PostMessageAsync(string message)
    {
        using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(message));
        content.Headers.ContentType = new("application/hl7-v2");
        using var response = await Http.PostAsync(new Uri(new Uri(BaseUrl), Hl7V2Endpoint.Path), content);
        return (response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    public async Task<IReadOnlyList<JsonNode>> SearchAsync(string query)
    {
        var reply = await GetAsync(query);
        Assert.True(reply.Status == 200, reply.Body);
        return [.. reply.Entries.Select(e => e["resource"]!)];
    }

    /// <summary>The field of the answer: <c>MSA-1</c>, <c>ERR-2</c>.</summary>
    public static string Field(string ack, string segment, int field) =>
        ack.Split('\r').FirstOrDefault(s => s.StartsWith(segment + "|", StringComparison.Ordinal))?.Split('|') is { } fields && fields.Length > field ? fields[field] : "";
}

public sealed class Hl7V2Sqlite() : Hl7V2Server(null);

public sealed class Hl7V2Postgres(PostgresCluster cluster) : Hl7V2Server(cluster);

/// <summary>Takes orders over MLLP and answers each as it is told to; the first connection it closes without a word.</summary>
internal sealed class OrderReceiver : IDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly List<string> received = [];
    private int connections;

    public OrderReceiver()
    {
        listener.Start();
        _ = TakeAsync();
    }

    public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    public IReadOnlyList<string> Received
    {
        get
        {
            lock (received)
                return [.. received];
        }
    }

    public void Dispose() => listener.Dispose();

    private async Task TakeAsync()
    {
        while (true)
        {
            using var client = await listener.AcceptTcpClientAsync();
            if (connections++ == 0)
                continue;
            var (bytes, buffer) = (new List<byte>(), new byte[4096]);
            while (!bytes.Contains(MllpFrames.End))
                bytes.AddRange(buffer.AsSpan(0, await client.GetStream().ReadAsync(buffer)));
            var text = Encoding.UTF8.GetString([.. bytes]).Trim('\v', '\r', (char)MllpFrames.End);
            lock (received)
                received.Add(text);
            var code = text.Contains("Refuse me", StringComparison.Ordinal) ? "AE" : "AA";
            await client.GetStream().WriteAsync(MllpFrames.Wrap(Encoding.UTF8.GetBytes($@"MSH|^~\&|REFLAB||||2026||ACK|1|P|2.5.1" + $"\rMSA|{code}|{Hl7V2Server.Field(text, "MSH", 9)}\r")));
        }
    }
}

/// <summary>A sender's side of MLLP.</summary>
internal sealed class MllpSender : IAsyncDisposable
{
    private readonly TcpClient client = new() { NoDelay = true };
    private readonly List<byte> received = [];

    public static async Task<MllpSender> ConnectAsync(IPEndPoint to)
    {
        var sender = new MllpSender();
        await sender.client.ConnectAsync(to);
        return sender;
    }

    public Task WriteAsync(ReadOnlyMemory<byte> bytes) => client.GetStream().WriteAsync(bytes).AsTask();

    public async Task<string> SendAsync(string message)
    {
        await WriteAsync(MllpFrames.Wrap(Encoding.UTF8.GetBytes(message)));
        return await ReadAsync() ?? throw new IOException("The connection was closed without an answer.");
    }

    /// <summary>The next answer; null when the server closed.</summary>
    public async Task<string?> ReadAsync()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var buffer = new byte[4096];
        while (true)
        {
            var end = received.IndexOf(MllpFrames.End);
            if (end >= 0)
            {
                var text = Encoding.UTF8.GetString([.. received.Take(end)]).TrimStart('\v', '\r');
                received.RemoveRange(0, end + 1);
                return text;
            }

            int read;
            try
            {
                read = await client.GetStream().ReadAsync(buffer, patience.Token);
            }
            catch (IOException)
            {
                return null;
            }

            if (read == 0)
                return null;
            received.AddRange(buffer.AsSpan(0, read));
        }
    }

    public ValueTask DisposeAsync()
    {
        client.Dispose();
        return ValueTask.CompletedTask;
    }
}

/// <summary>Made-up messages.</summary>
internal static class Made
{
    public static string Msh(string type, string id, string at = "20260301120000", string version = "2.5.1", string more = "") => $@"MSH|^~\&|LABSYS|LAB|EMR|CLINIC|{at}||{type}|{id}|P|{version}{more}" + "\r";

    /// <summary>The person whom a number is of: nobody like anybody else, or the server would ask who they are.</summary>
    public static string Pid(string mrn, string? family = null, string? given = null, string? born = null, string gender = "F")
    {
        var seed = SHA256.HashData(Encoding.UTF8.GetBytes(mrn));
        return $"PID|1||{mrn}^^^HOSP^MR||{family ?? Family(mrn)}^{given ?? Letters(seed[10..18])}||{born ?? Born(mrn)}|{gender}|||{seed[0]} {Letters(seed[20..28])} St^^Springfield^IL^62701||(217)555{seed[1] * 39 % 10000:0000}\r";
    }

    public static string Family(string mrn) => Letters(SHA256.HashData(Encoding.UTF8.GetBytes(mrn))[..9]);

    public static string Born(string mrn) => new DateOnly(1930, 1, 1).AddDays(BitConverter.ToUInt16(SHA256.HashData(Encoding.UTF8.GetBytes(mrn)), 12) % 30_000).ToString("yyyyMMdd", CultureInfo.InvariantCulture);

    private static string Letters(byte[] bytes) => string.Concat(bytes.Select((b, i) => (char)((i == 0 ? 'A' : 'a') + (b % 26))));

    public static string Adt(string trigger, string id, string mrn, string at = "20260301120000", string visit = "", string pid = "", string more = "") =>
        Msh($"ADT^{trigger}", id, at) + $"EVN|{trigger}|{at}\r" + (pid.Length > 0 ? pid : Pid(mrn)) + Pv1(visit.Length > 0 ? visit : "V-" + mrn) + more;

    private static string Pv1(string visit)
    {
        var fields = new string[45];
        (fields[0], fields[1], fields[2], fields[3], fields[19], fields[44]) = ("PV1", "1", "I", "4W^401^2", visit, "20260228080000");
        return string.Join('|', fields) + "\r";
    }

    public static string Oru(string id, string mrn, string filler, string value = "97", string status = "F", string at = "20260301120000", string pid = "", string placer = "") =>
        Msh("ORU^R01", id, at) + (pid.Length > 0 ? pid : Pid(mrn))
        + $"ORC|RE|{placer}|{filler}\rOBR|1|{placer}|{filler}|GLUP^Glucose panel^L|||20260301080000|||||||||||||||{at}||LAB|{status}\r"
        + string.Create(CultureInfo.InvariantCulture, $"OBX|1|NM|GLU^Glucose^L||{value}|mgs|70-105|N|||{status}|||20260301080000\r")
        + $"OBX|2|ST|NOTE^Remark^L||fasting|||N|||{status}\r";
}
